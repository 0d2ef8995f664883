# Kannada. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 ಡಿಲೀಷನ್ ಸಿಂಡ್ರೋಮ್
class-angelman = ಏಂಜಲ್‌ಮನ್ ಸಿಂಡ್ರೋಮ್
class-apert = ಎಪರ್ಟ್ ಸಿಂಡ್ರೋಮ್
class-cdl = ಕಾರ್ನೆಲಿಯಾ ಡಿ ಲಾಂಗ್ ಸಿಂಡ್ರೋಮ್
class-down = ಡೌನ್ ಸಿಂಡ್ರೋಮ್
class-hgps = ಹಚಿನ್ಸನ್-ಗಿಲ್ಫೋರ್ಡ್ ಪ್ರೊಜೀರಿಯಾ ಸಿಂಡ್ರೋಮ್
class-marfan = ಮಾರ್ಫಾನ್ ಸಿಂಡ್ರೋಮ್
class-fragile_x = ಫ್ರಾಜೈಲ್ ಎಕ್ಸ್ ಸಿಂಡ್ರೋಮ್
class-sotos = ಸೋಟೋಸ್ ಸಿಂಡ್ರೋಮ್
class-treacher_collins = ಟ್ರೆಚರ್ ಕಾಲಿನ್ಸ್ ಸಿಂಡ್ರೋಮ್
class-turner = ಟರ್ನರ್ ಸಿಂಡ್ರೋಮ್
class-williams = ವಿಲಿಯಮ್ಸ್ ಸಿಂಡ್ರೋಮ್
