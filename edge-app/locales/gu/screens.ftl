# Gujarati. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = આના જેવું દેખાય છે
screen-also-similar = આના જેવું પણ દેખાય છે
screen-what-to-do = શું કરવું
screen-not-clear = સ્પષ્ટ નથી
screen-not-clear-detail = ચિંતા હોય તો ડૉક્ટર પાસે મોકલો
screen-no-match = આ 12 સાથે મેળ નથી
screen-no-match-detail = છતાં બીજું કંઈ હોઈ શકે
screen-retake = ફોટો ફરી લો
screen-all-title = બધા 12 ની સરખામણી
screen-all-note = જો ચહેરો આમાંથી એકનો હોય, તો દરેક સાથે કેટલો મળે છે.
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = પાછળ
button-menu = મેનુ
button-next = આગળ
button-choose = પસંદ કરો
button-take = ફોટો લો
button-stop = રોકો
button-more = વધુ
button-again = ફરી
button-ok = બરાબર

start-title = શરૂ થાય છે …
start-done = સાધન તપાસાઈ ગયું
check-passed = સારું
check-warned = ધ્યાન આપો
check-failed = ખરાબ
check-skipped = તપાસ્યું નથી
part-bundle = મૉડલ
part-known_photograph = તપાસ ફોટો
part-camera = કૅમેરો
part-screen = સ્ક્રીન
part-buttons = બટન
part-light = બત્તી
part-memory = મેમરી
part-temperature = ગરમી
part-disk = સંગ્રહ
part-clock = ઘડિયાળ

language-title = ભાષા
consent-title = શું અમે ચહેરો જોઈ શકીએ?
consent-ask = દર્દીને, અથવા બાળકનાં માતા-પિતા કે વાલીને પૂછો.
consent-say = કહો: “આ સાધન ચહેરો જોઈને એક સંકેત બતાવે છે, નિદાન કરતું નથી. કોઈ ફોટો રખાતો નથી. તમે ના પાડી શકો: સારવાર પહેલાં જેવી જ ચાલશે.”
consent-yes = હા, સંમત છે
consent-no = ના

# One instruction at a time, as short as can be.
guidance-no_face = આખો ચહેરો બતાવો
guidance-come_closer = નજીક આવો
guidance-move_back = પાછળ જાઓ
guidance-hold_still = હલશો નહીં
guidance-more_light = અજવાળું વધારો
guidance-less_light = છાંયડામાં જાઓ
guidance-turn_to_light = અજવાળા તરફ ફરો
guidance-look_straight = સીધું અહીં જુઓ
guidance-one_person_only = ફક્ત એક વ્યક્તિ
guidance-good = સરસ. હલશો નહીં!
capture-title = હલશો નહીં!
working-title = ચહેરો જોવાય છે
working-wait = થોડી રાહ જુઓ.

doctors-title = ડૉક્ટર આ જુએ છે
doctors-note = આ સિન્ડ્રોમ વિશે છે, આ ચહેરા વિશે નહીં. સ્રોત: (Human Phenotype Ontology)
often-very = મોટે ભાગે
often-often = ઘણી વાર
often-sometimes = ક્યારેક

red-flags-title = તરત મોકલો, સાધન ગમે તે કહે
red-flag-heart = હૃદયની તકલીફ, વાદળી હોઠ
red-flag-breath = શ્વાસની તકલીફ
red-flag-fits = આંચકી
red-flag-feeding = ખાઈ કે પી ન શકે
red-flags-note = ચહેરો જોઈને હૃદયરોગ નથી એમ ન કહેવાય.

menu-language = ભાષા
menu-red_flags = જોખમનાં ચિહ્નો
menu-all_classes = બધા 12 ની સરખામણી
menu-about = માહિતી
menu-self_test = સાધન તપાસો
menu-next_patient = આગળનો દર્દી
menu-save_register = રજિસ્ટર સાચવો
menu-power_off = બંધ કરો

about-title = આ સાધન વિશે
about-program = પ્રોગ્રામ
about-bundle = મૉડલ
about-data = શેમાંથી શીખ્યું
about-camera = કૅમેરો
about-none = કંઈ નહીં

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = કૅમેરો નીકળી ગયો છે
fault-camera_lost-do = તેનો પ્લગ લગાવો. ચિત્ર આપોઆપ પાછું આવશે.
fault-camera_missing = કૅમેરો મળ્યો નથી
fault-camera_missing-do = કૅમેરો લગાવો, પછી ફરી પ્રયત્ન કરો.
fault-bundle_refused = મૉડલ વાપરી શકાતું નથી
fault-bundle_refused-do = સાધન વાપરશો નહીં. તમારા ઇજનેરને બોલાવો.
fault-self_test_failed = સાધન તપાસમાં નિષ્ફળ ગયું
fault-self_test_failed-do = બંધ કરીને ફરી ચાલુ કરો. ફરી આવું થાય તો ઇજનેરને બોલાવો.
fault-low_memory = મેમરી ઓછી છે
fault-low_memory-do = બંધ કરીને ફરી ચાલુ કરો. ફરી આવું થાય તો ઇજનેરને બોલાવો.
fault-storage = કંઈ સાચવી શકાતું નથી
fault-storage-do = તમે કામ ચાલુ રાખી શકો. ઇજનેરને કહો.
fault-internal = કંઈક ખોટું થયું
fault-internal-do = બંધ કરીને ફરી ચાલુ કરો. ફરી આવું થાય તો ઇજનેરને બોલાવો.
fault-details = ઇજનેર માટે

# USB sticks: updates, and the register that is saved to one.
update-title = અપડેટ મળ્યું
update-bundle = નવું મોડેલ
update-program = નવો પ્રોગ્રામ
update-signed = સહી કોની છે
update-ask = હમણાં મૂકવું?
update-yes = હા, મૂકો
update-no = ના, હમણાં નહીં
installing-title = મુકાઈ રહ્યું છે
installing-copy = સ્ટિક લગાવેલી રાખો.
installing-test = સ્ટિક કાઢી શકો છો. અપડેટની ચકાસણી ચાલે છે.
installed-title = મુકાઈ ગયું
installed-do = સ્ટિક કાઢી શકો છો. ઠીક છે દબાવો: યંત્ર તેની સાથે ફરી શરૂ થશે.
refused-title = મુકાયું નથી
refused-do = યંત્ર પહેલાંની જેમ ચાલે છે. તમારા એન્જિનિયરને કહો.
refused-unsigned = આ અપડેટ પર કોઈની સહી નથી.
refused-untrusted = સહી કરનાર પર આ યંત્રને ભરોસો નથી.
refused-changed = સહી પછી તેને બદલવામાં આવ્યું.
refused-damaged = સ્ટિકની ફાઇલો બગડેલી છે.
refused-unfit = તે આ યંત્ર માટે નથી.
refused-older = આ યંત્રમાં તે કે તેથી નવું આવી ગયું છે.
refused-no_room = તેના માટે જગ્યા ઓછી છે.
refused-self_test = તે ચકાસણીમાં નાપાસ થયું.
refused-pulled = સ્ટિક બહુ વહેલી કાઢી લીધી.
refused-stick = સ્ટિક પર લખી શકાતું નથી.
refused-device = યંત્ર તે કરી શકતું નથી.

saving-title = રજિસ્ટર સચવાઈ રહ્યું છે
saved-title = સચવાઈ ગયું
saved-do = { $rows } હરોળ સ્ટિક પર છે. તેને કાઢી શકો છો.
not-saved-title = સચવાયું નથી
not-saved-do = કંઈ ખોવાયું નથી. બીજી સ્ટિક અજમાવો, અથવા એન્જિનિયરને કહો.
