# Gujarati. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 ડિલીશન સિન્ડ્રોમ
class-angelman = એન્જલમેન સિન્ડ્રોમ
class-apert = એપર્ટ સિન્ડ્રોમ
class-cdl = કોર્નેલિયા ડી લેંગ સિન્ડ્રોમ
class-down = ડાઉન સિન્ડ્રોમ
class-hgps = હચિન્સન-ગિલફોર્ડ પ્રોજેરિયા સિન્ડ્રોમ
class-marfan = માર્ફન સિન્ડ્રોમ
class-fragile_x = ફ્રેજાઇલ એક્સ સિન્ડ્રોમ
class-sotos = સોટોસ સિન્ડ્રોમ
class-treacher_collins = ટ્રેચર કોલિન્સ સિન્ડ્રોમ
class-turner = ટર્નર સિન્ડ્રોમ
class-williams = વિલિયમ્સ સિન્ડ્રોમ
