# Tamil. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = இதைப் போல் உள்ளது
screen-also-similar = இவற்றைப் போலும் உள்ளது
screen-what-to-do = என்ன செய்வது
screen-not-clear = தெளிவாக இல்லை
screen-not-clear-detail = கவலை இருந்தால் மருத்துவரிடம் அனுப்பவும்
screen-no-match = இந்த 12-உடன் பொருந்தவில்லை
screen-no-match-detail = ஆனாலும் வேறு ஏதாவது இருக்கலாம்
screen-retake = மீண்டும் படம் எடுக்கவும்
screen-all-title = அனைத்து 12 ஒப்பீடு
screen-all-note = முகம் இவற்றில் ஒன்றாக இருந்தால், ஒவ்வொன்றுடனும் எவ்வளவு ஒத்துள்ளது.
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = பின்
button-menu = மெனு
button-next = அடுத்து
button-choose = தேர்வு
button-take = படம் எடு
button-stop = நிறுத்து
button-more = மேலும்
button-again = மீண்டும்
button-ok = சரி

start-title = தொடங்குகிறது …
start-done = கருவி சோதிக்கப்பட்டது
check-passed = சரி
check-warned = கவனிக்கவும்
check-failed = பழுது
check-skipped = பார்க்கவில்லை
part-bundle = மாதிரி
part-known_photograph = சோதனைப் படம்
part-camera = கேமரா
part-screen = திரை
part-buttons = பொத்தான்கள்
part-light = விளக்கு
part-memory = நினைவகம்
part-temperature = வெப்பம்
part-disk = சேமிப்பு
part-clock = கடிகாரம்

language-title = மொழி
consent-title = முகத்தைப் பார்க்கலாமா?
consent-ask = நோயாளியை, அல்லது குழந்தையின் பெற்றோரை, பாதுகாவலரைக் கேட்கவும்.
consent-say = சொல்லவும்: “இந்தக் கருவி முகத்தைப் பார்த்து ஓர் அறிகுறி காட்டும், நோயைக் கண்டறியாது. எந்தப் படமும் வைக்கப்படாது. வேண்டாம் என்று சொல்லலாம்: சிகிச்சை முன்பு போலவே தொடரும்.”
consent-yes = ஆம், சம்மதம்
consent-no = இல்லை

# One instruction at a time, as short as can be.
guidance-no_face = முழு முகத்தைக் காட்டவும்
guidance-come_closer = அருகில் வரவும்
guidance-move_back = பின்னால் செல்லவும்
guidance-hold_still = அசைய வேண்டாம்
guidance-more_light = வெளிச்சம் தேவை
guidance-less_light = நிழலுக்குச் செல்லவும்
guidance-turn_to_light = ஒளியை நோக்கித் திரும்பவும்
guidance-look_straight = நேராக இங்கே பார்க்கவும்
guidance-one_person_only = ஒருவர் மட்டும்
guidance-good = நன்று. அசைய வேண்டாம்!
capture-title = அசைய வேண்டாம்!
working-title = முகம் பார்க்கப்படுகிறது
working-wait = சற்று காத்திருக்கவும்.

doctors-title = மருத்துவர்கள் பார்ப்பவை
doctors-note = இது சிண்ட்ரோம் பற்றியது, இந்த முகம் பற்றியது அல்ல. ஆதாரம்: (Human Phenotype Ontology)
often-very = பெரும்பாலும்
often-often = அடிக்கடி
often-sometimes = சில நேரம்

red-flags-title = கருவி என்ன சொன்னாலும் உடனே அனுப்பவும்
red-flag-heart = இதயக் கோளாறு, நீல உதடுகள்
red-flag-breath = மூச்சுத் திணறல்
red-flag-fits = வலிப்பு
red-flag-feeding = உண்ணவோ குடிக்கவோ முடியாது
red-flags-note = முகத்தைப் பார்த்து இதய நோய் இல்லை எனக் கூற முடியாது.

menu-language = மொழி
menu-red_flags = ஆபத்து அறிகுறிகள்
menu-all_classes = அனைத்து 12 ஒப்பீடு
menu-about = தகவல்
menu-self_test = கருவி சோதனை
menu-next_patient = அடுத்த நோயாளி
menu-save_register = பதிவேட்டைச் சேமி
menu-power_off = அணைக்கவும்

about-title = இந்தக் கருவி பற்றி
about-program = நிரல்
about-bundle = மாதிரி
about-data = எதிலிருந்து கற்றது
about-camera = கேமரா
about-none = எதுவும் இல்லை

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = கேமரா கழன்றுவிட்டது
fault-camera_lost-do = அதன் பிளக்கைச் செருகவும். படம் தானாகவே திரும்ப வரும்.
fault-camera_missing = கேமரா இல்லை
fault-camera_missing-do = கேமராவைச் செருகி, மீண்டும் முயலவும்.
fault-bundle_refused = மாதிரியைப் பயன்படுத்த முடியாது
fault-bundle_refused-do = கருவியைப் பயன்படுத்த வேண்டாம். பொறியாளரை அழைக்கவும்.
fault-self_test_failed = கருவி சோதனையில் தோல்வி
fault-self_test_failed-do = அணைத்து மீண்டும் இயக்கவும். மீண்டும் இப்படி ஆனால் பொறியாளரை அழைக்கவும்.
fault-low_memory = நினைவகம் போதவில்லை
fault-low_memory-do = அணைத்து மீண்டும் இயக்கவும். மீண்டும் இப்படி ஆனால் பொறியாளரை அழைக்கவும்.
fault-storage = எதையும் சேமிக்க முடியவில்லை
fault-storage-do = நீங்கள் தொடரலாம். பொறியாளரிடம் சொல்லவும்.
fault-internal = ஏதோ தவறு நடந்தது
fault-internal-do = அணைத்து மீண்டும் இயக்கவும். மீண்டும் இப்படி ஆனால் பொறியாளரை அழைக்கவும்.
fault-details = பொறியாளருக்கு

# USB sticks: updates, and the register that is saved to one.
update-title = புதுப்பிப்பு உள்ளது
update-bundle = புதிய மாதிரி
update-program = புதிய நிரல்
update-signed = கையொப்பமிட்டவர்
update-ask = இப்போது நிறுவவா?
update-yes = ஆம், நிறுவு
update-no = இல்லை, பிறகு
installing-title = நிறுவுகிறது
installing-copy = ஸ்டிக்கை எடுக்காதீர்கள்.
installing-test = ஸ்டிக்கை எடுக்கலாம். புதுப்பிப்பு சோதிக்கப்படுகிறது.
installed-title = நிறுவப்பட்டது
installed-do = ஸ்டிக்கை எடுக்கலாம். சரி அழுத்தவும்: கருவி இதனுடன் மீண்டும் தொடங்கும்.
refused-title = நிறுவப்படவில்லை
refused-do = கருவி முன்பு போல் இயங்கும். பொறியாளரிடம் சொல்லுங்கள்.
refused-unsigned = இதில் யாரும் கையொப்பமிடவில்லை.
refused-untrusted = கையொப்பமிட்டவரை இந்தக் கருவி நம்பாது.
refused-changed = கையொப்பத்துக்குப் பின் மாற்றப்பட்டது.
refused-damaged = ஸ்டிக்கில் உள்ள கோப்புகள் சேதம்.
refused-unfit = இது இந்தக் கருவிக்கானது அல்ல.
refused-older = இது அல்லது புதியது ஏற்கெனவே வந்துள்ளது.
refused-no_room = இதற்கு இடம் போதாது.
refused-self_test = இது சோதனையில் தோல்வி.
refused-pulled = ஸ்டிக் சீக்கிரம் எடுக்கப்பட்டது.
refused-stick = ஸ்டிக்கில் எழுத முடியவில்லை.
refused-device = கருவியால் இதைச் செய்ய முடியவில்லை.

saving-title = பதிவேடு சேமிக்கப்படுகிறது
saved-title = சேமிக்கப்பட்டது
saved-do = { $rows } வரிகள் ஸ்டிக்கில் உள்ளன. அதை எடுக்கலாம்.
not-saved-title = சேமிக்கப்படவில்லை
not-saved-do = எதுவும் இழக்கவில்லை. வேறு ஸ்டிக்கை முயலவும், அல்லது பொறியாளரிடம் சொல்லவும்.
