# Marathi. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = याच्यासारखे दिसते
screen-also-similar = यांच्यासारखेही दिसते
screen-what-to-do = काय करावे
screen-not-clear = स्पष्ट नाही
screen-not-clear-detail = काळजी वाटत असेल तर डॉक्टरांकडे पाठवा
screen-no-match = या 12 पैकी कशाशीही जुळत नाही
screen-no-match-detail = तरीही दुसरे काही असू शकते
screen-retake = कृपया फोटो पुन्हा घ्या
screen-all-title = सर्व 12 ची तुलना
screen-all-note = चेहरा यापैकी एकाचा असेल, तर प्रत्येकाशी किती जुळतो.
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = मागे
button-menu = मेनू
button-next = पुढील
button-choose = निवडा
button-take = फोटो घ्या
button-stop = थांबवा
button-more = आणखी
button-again = पुन्हा
button-ok = ठीक

start-title = सुरू होत आहे …
start-done = यंत्राची चाचणी झाली
check-passed = चांगले
check-warned = लक्ष द्या
check-failed = बिघाड
check-skipped = तपासले नाही
part-bundle = मॉडेल
part-known_photograph = चाचणी फोटो
part-camera = कॅमेरा
part-screen = स्क्रीन
part-buttons = बटणे
part-light = दिवा
part-memory = मेमरी
part-temperature = उष्णता
part-disk = साठवण
part-clock = घड्याळ

language-title = भाषा
consent-title = आम्ही चेहरा पाहू शकतो का?
consent-ask = रुग्णाला, किंवा मुलाच्या आई-वडिलांना वा पालकांना विचारा.
consent-say = सांगा: “हे यंत्र चेहरा पाहून एक लक्षण दाखवते, निदान करत नाही. कोणताही फोटो ठेवला जात नाही. तुम्ही नाही म्हणू शकता: उपचार आधीसारखेच चालू राहतील.”
consent-yes = होय, मान्य आहे
consent-no = नाही

# One instruction at a time, as short as can be.
guidance-no_face = पूर्ण चेहरा दाखवा
guidance-come_closer = जवळ या
guidance-move_back = मागे जा
guidance-hold_still = हलू नका
guidance-more_light = उजेड वाढवा
guidance-less_light = सावलीत जा
guidance-turn_to_light = उजेडाकडे वळा
guidance-look_straight = सरळ इकडे पाहा
guidance-one_person_only = फक्त एक व्यक्ती
guidance-good = छान. हलू नका!
capture-title = हलू नका!
working-title = चेहरा पाहत आहे
working-wait = कृपया थोडे थांबा.

doctors-title = डॉक्टर हे पाहतात
doctors-note = हे सिंड्रोमबद्दल आहे, या चेहऱ्याबद्दल नाही. स्रोत: (Human Phenotype Ontology)
often-very = बहुतेक वेळा
often-often = बऱ्याचदा
often-sometimes = कधी कधी

red-flags-title = लगेच पाठवा, यंत्र काहीही म्हणो
red-flag-heart = हृदयाचा त्रास, निळे ओठ
red-flag-breath = श्वासाचा त्रास
red-flag-fits = झटके
red-flag-feeding = खाऊ किंवा पिऊ शकत नाही
red-flags-note = चेहरा पाहून हृदयाचा आजार नाही असे म्हणता येत नाही.

menu-language = भाषा
menu-red_flags = धोक्याची लक्षणे
menu-all_classes = सर्व 12 ची तुलना
menu-about = माहिती
menu-self_test = यंत्र तपासा
menu-next_patient = पुढील रुग्ण
menu-save_register = नोंदवही जतन करा
menu-power_off = बंद करा

about-title = या यंत्राबद्दल
about-program = प्रोग्राम
about-bundle = मॉडेल
about-data = कशावरून शिकले
about-camera = कॅमेरा
about-none = काही नाही

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = कॅमेरा निघाला आहे
fault-camera_lost-do = त्याचा प्लग लावा. चित्र आपोआप परत येईल.
fault-camera_missing = कॅमेरा सापडला नाही
fault-camera_missing-do = कॅमेरा लावा आणि पुन्हा प्रयत्न करा.
fault-bundle_refused = मॉडेल वापरता येत नाही
fault-bundle_refused-do = यंत्र वापरू नका. तुमच्या अभियंत्याला बोलवा.
fault-self_test_failed = यंत्र चाचणीत नापास झाले
fault-self_test_failed-do = बंद करून पुन्हा सुरू करा. पुन्हा असे झाले तर अभियंत्याला बोलवा.
fault-low_memory = मेमरी कमी आहे
fault-low_memory-do = बंद करून पुन्हा सुरू करा. पुन्हा असे झाले तर अभियंत्याला बोलवा.
fault-storage = काहीही साठवता येत नाही
fault-storage-do = तुम्ही काम चालू ठेवू शकता. अभियंत्याला सांगा.
fault-internal = काहीतरी चुकले
fault-internal-do = बंद करून पुन्हा सुरू करा. पुन्हा असे झाले तर अभियंत्याला बोलवा.
fault-details = अभियंत्यासाठी

# USB sticks: updates, and the register that is saved to one.
update-title = अपडेट सापडले
update-bundle = नवीन मॉडेल
update-program = नवीन प्रोग्राम
update-signed = स्वाक्षरी कोणाची
update-ask = आता बसवायचे?
update-yes = हो, बसवा
update-no = नाही, आता नको
installing-title = बसवत आहे
installing-copy = स्टिक तशीच राहू द्या.
installing-test = स्टिक काढू शकता. अपडेट तपासले जात आहे.
installed-title = बसवले
installed-do = स्टिक काढू शकता. ठीक आहे दाबा: यंत्र यासह पुन्हा सुरू होईल.
refused-title = बसवले नाही
refused-do = यंत्र पूर्वीप्रमाणे चालते. आपल्या इंजिनिअरला सांगा.
refused-unsigned = या अपडेटवर कोणाचीही स्वाक्षरी नाही.
refused-untrusted = स्वाक्षरी करणाऱ्यावर हे यंत्र विश्वास ठेवत नाही.
refused-changed = स्वाक्षरीनंतर ते बदलले गेले.
refused-damaged = स्टिकवरील फाइल खराब आहेत.
refused-unfit = हे या यंत्रासाठी नाही.
refused-older = या यंत्रात हे किंवा याहून नवीन आलेले आहे.
refused-no_room = यासाठी जागा कमी आहे.
refused-self_test = ते तपासणीत नापास झाले.
refused-pulled = स्टिक खूप लवकर काढली.
refused-stick = स्टिकवर लिहिता येत नाही.
refused-device = यंत्र हे करू शकत नाही.

saving-title = नोंदवही जतन होत आहे
saved-title = जतन झाली
saved-do = { $rows } ओळी स्टिकवर आहेत. ती काढू शकता.
not-saved-title = जतन झाली नाही
not-saved-do = काहीही गेलेले नाही. दुसरी स्टिक वापरून पाहा, किंवा इंजिनिअरला सांगा.
