# Urdu. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 ڈیلیشن سنڈروم
class-angelman = اینجل مین سنڈروم
class-apert = ایپرٹ سنڈروم
class-cdl = کورنیلیا ڈی لانگے سنڈروم
class-down = ڈاؤن سنڈروم
class-hgps = ہچنسن گلفورڈ پروجیریا سنڈروم
class-marfan = مارفن سنڈروم
class-fragile_x = فریجائل ایکس سنڈروم
class-sotos = سوٹوس سنڈروم
class-treacher_collins = ٹریچر کولنز سنڈروم
class-turner = ٹرنر سنڈروم
class-williams = ولیمز سنڈروم
