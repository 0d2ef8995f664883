# Telugu. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = దీనిలా కనిపిస్తోంది
screen-also-similar = వీటిలా కూడా కనిపిస్తోంది
screen-what-to-do = ఏం చేయాలి
screen-not-clear = స్పష్టంగా లేదు
screen-not-clear-detail = ఆందోళన ఉంటే డాక్టర్ దగ్గరకు పంపండి
screen-no-match = ఈ 12 తో సరిపోలేదు
screen-no-match-detail = అయినా వేరే ఏదైనా కావచ్చు
screen-retake = ఫోటో మళ్ళీ తీయండి
screen-all-title = అన్ని 12 పోలికలు
screen-all-note = ముఖం వీటిలో ఒకటైతే, ప్రతిదానితో ఎంత పోలిక ఉంది.
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = వెనక్కి
button-menu = మెనూ
button-next = తర్వాత
button-choose = ఎంచుకోండి
button-take = ఫోటో తీయండి
button-stop = ఆపండి
button-more = ఇంకా
button-again = మళ్ళీ
button-ok = సరే

start-title = మొదలవుతోంది …
start-done = పరికరం పరీక్ష అయింది
check-passed = బాగుంది
check-warned = చూడండి
check-failed = చెడింది
check-skipped = చూడలేదు
part-bundle = మోడల్
part-known_photograph = పరీక్ష ఫోటో
part-camera = కెమెరా
part-screen = తెర
part-buttons = బటన్లు
part-light = దీపం
part-memory = మెమరీ
part-temperature = వేడి
part-disk = నిల్వ
part-clock = గడియారం

language-title = భాష
consent-title = మేము ముఖం చూడవచ్చా?
consent-ask = రోగిని, లేదా పిల్లల తల్లిదండ్రులను, సంరక్షకుడిని అడగండి.
consent-say = చెప్పండి: “ఈ పరికరం ముఖం చూసి ఒక సూచన ఇస్తుంది, రోగ నిర్ధారణ చేయదు. ఏ ఫోటో దాచదు. మీరు వద్దనవచ్చు: వైద్యం ముందులాగే కొనసాగుతుంది.”
consent-yes = అవును, ఒప్పుకున్నారు
consent-no = కాదు

# One instruction at a time, as short as can be.
guidance-no_face = ముఖం మొత్తం చూపండి
guidance-come_closer = దగ్గరకు రండి
guidance-move_back = వెనక్కి వెళ్ళండి
guidance-hold_still = కదలకండి
guidance-more_light = వెలుతురు పెంచండి
guidance-less_light = నీడలోకి వెళ్ళండి
guidance-turn_to_light = వెలుతురు వైపు తిరగండి
guidance-look_straight = నేరుగా ఇటు చూడండి
guidance-one_person_only = ఒక్కరే ఉండాలి
guidance-good = బాగుంది. కదలకండి!
capture-title = కదలకండి!
working-title = ముఖం చూస్తోంది
working-wait = కొంచెం ఆగండి.

doctors-title = డాక్టర్లు చూసేవి
doctors-note = ఇది సిండ్రోమ్ గురించి, ఈ ముఖం గురించి కాదు. మూలం: (Human Phenotype Ontology)
often-very = చాలా తరచుగా
often-often = తరచుగా
often-sometimes = కొన్నిసార్లు

red-flags-title = వెంటనే పంపండి, పరికరం ఏమి చెప్పినా సరే
red-flag-heart = గుండె ఇబ్బంది, నీలి పెదవులు
red-flag-breath = శ్వాస ఇబ్బంది
red-flag-fits = మూర్ఛ
red-flag-feeding = తినలేరు లేదా తాగలేరు
red-flags-note = ముఖం చూసి గుండె జబ్బు లేదని చెప్పలేము.

menu-language = భాష
menu-red_flags = ప్రమాద సూచనలు
menu-all_classes = అన్ని 12 పోలికలు
menu-about = సమాచారం
menu-self_test = పరికరం పరీక్ష
menu-next_patient = తర్వాతి రోగి
menu-save_register = రిజిస్టర్ దాచండి
menu-power_off = ఆపివేయండి

about-title = ఈ పరికరం గురించి
about-program = ప్రోగ్రామ్
about-bundle = మోడల్
about-data = దేని నుంచి నేర్చుకుంది
about-camera = కెమెరా
about-none = ఏదీ లేదు

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = కెమెరా ఊడిపోయింది
fault-camera_lost-do = దాని ప్లగ్ పెట్టండి. చిత్రం దానంతట అదే వస్తుంది.
fault-camera_missing = కెమెరా కనబడలేదు
fault-camera_missing-do = కెమెరా పెట్టి, మళ్ళీ ప్రయత్నించండి.
fault-bundle_refused = మోడల్ వాడలేము
fault-bundle_refused-do = పరికరం వాడవద్దు. మీ ఇంజనీర్‌ను పిలవండి.
fault-self_test_failed = పరికరం పరీక్షలో విఫలమైంది
fault-self_test_failed-do = ఆపి మళ్ళీ ఆన్ చేయండి. మళ్ళీ ఇలాగే అయితే ఇంజనీర్‌ను పిలవండి.
fault-low_memory = మెమరీ తక్కువగా ఉంది
fault-low_memory-do = ఆపి మళ్ళీ ఆన్ చేయండి. మళ్ళీ ఇలాగే అయితే ఇంజనీర్‌ను పిలవండి.
fault-storage = ఏదీ దాచలేకపోతోంది
fault-storage-do = మీరు పని కొనసాగించవచ్చు. ఇంజనీర్‌కు చెప్పండి.
fault-internal = ఏదో తప్పు జరిగింది
fault-internal-do = ఆపి మళ్ళీ ఆన్ చేయండి. మళ్ళీ ఇలాగే అయితే ఇంజనీర్‌ను పిలవండి.
fault-details = ఇంజనీర్ కోసం

# USB sticks: updates, and the register that is saved to one.
update-title = అప్‌డేట్ దొరికింది
update-bundle = కొత్త మోడల్
update-program = కొత్త ప్రోగ్రామ్
update-signed = సంతకం చేసినవారు
update-ask = ఇప్పుడు అమర్చాలా?
update-yes = అవును, అమర్చండి
update-no = వద్దు, ఇప్పుడు కాదు
installing-title = అమర్చుతోంది
installing-copy = స్టిక్‌ను అలాగే ఉంచండి.
installing-test = స్టిక్‌ను తీయవచ్చు. అప్‌డేట్ పరీక్ష జరుగుతోంది.
installed-title = అమర్చబడింది
installed-do = స్టిక్‌ను తీయవచ్చు. సరే నొక్కండి: పరికరం దీనితో మళ్ళీ మొదలవుతుంది.
refused-title = అమర్చలేదు
refused-do = పరికరం మునుపటిలా పనిచేస్తుంది. ఇంజనీర్‌కు చెప్పండి.
refused-unsigned = ఈ అప్‌డేట్‌పై ఎవరి సంతకం లేదు.
refused-untrusted = సంతకం చేసినవారిని ఈ పరికరం నమ్మదు.
refused-changed = సంతకం తర్వాత దీన్ని మార్చారు.
refused-damaged = స్టిక్‌లోని ఫైళ్ళు పాడయ్యాయి.
refused-unfit = ఇది ఈ పరికరం కోసం కాదు.
refused-older = ఇది లేదా కొత్తది ఇప్పటికే వచ్చింది.
refused-no_room = దీనికి చోటు చాలదు.
refused-self_test = ఇది పరీక్షలో విఫలమైంది.
refused-pulled = స్టిక్‌ను చాలా త్వరగా తీశారు.
refused-stick = స్టిక్‌పై రాయలేము.
refused-device = పరికరం దీన్ని చేయలేదు.

saving-title = రిజిస్టర్ దాస్తోంది
saved-title = దాచబడింది
saved-do = { $rows } వరుసలు స్టిక్‌పై ఉన్నాయి. దాన్ని తీయవచ్చు.
not-saved-title = దాచలేదు
not-saved-do = ఏదీ పోలేదు. వేరే స్టిక్ ప్రయత్నించండి, లేదా ఇంజనీర్‌కు చెప్పండి.
