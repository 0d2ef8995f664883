# Tamil. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 டெலீஷன் சிண்ட்ரோம்
class-angelman = ஏஞ்சல்மேன் சிண்ட்ரோம்
class-apert = ஏபர்ட் சிண்ட்ரோம்
class-cdl = கார்னீலியா டி லாங்கே சிண்ட்ரோம்
class-down = டவுன் சிண்ட்ரோம்
class-hgps = ஹட்சின்சன்-கில்ஃபோர்ட் புரோஜீரியா
class-marfan = மார்ஃபான் சிண்ட்ரோம்
class-fragile_x = ஃப்ராஜைல் எக்ஸ் சிண்ட்ரோம்
class-sotos = சோட்டோஸ் சிண்ட்ரோம்
class-treacher_collins = ட்ரெச்சர் காலின்ஸ் சிண்ட்ரோம்
class-turner = டர்னர் சிண்ட்ரோம்
class-williams = வில்லியம்ஸ் சிண்ட்ரோம்
