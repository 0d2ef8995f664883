# Hindi. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 डिलीशन सिंड्रोम
class-angelman = एंजेलमैन सिंड्रोम
class-apert = एपर्ट सिंड्रोम
class-cdl = कॉर्नेलिया डी लैंग सिंड्रोम
class-down = डाउन सिंड्रोम
class-hgps = हचिंसन-गिलफोर्ड प्रोजेरिया सिंड्रोम
class-marfan = मार्फन सिंड्रोम
class-fragile_x = फ्रैजाइल एक्स सिंड्रोम
class-sotos = सोटोस सिंड्रोम
class-treacher_collins = ट्रेचर कॉलिन्स सिंड्रोम
class-turner = टर्नर सिंड्रोम
class-williams = विलियम्स सिंड्रोम
