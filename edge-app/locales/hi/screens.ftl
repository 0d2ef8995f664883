# Hindi. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = मिलता-जुलता है
screen-also-similar = इनसे भी मिलता है
screen-what-to-do = क्या करें
screen-not-clear = साफ़ नहीं
screen-not-clear-detail = चिंता हो तो डॉक्टर के पास भेजें
screen-no-match = इन 12 से मेल नहीं
screen-no-match-detail = फिर भी कुछ और हो सकता है
screen-retake = कृपया फ़ोटो फिर से लें
screen-all-title = सभी 12 की तुलना
screen-all-note = अगर चेहरा इनमें से एक का है, तो हर एक से कितना मिलता है।
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = वापस
button-menu = मेन्यू
button-next = अगला
button-choose = चुनें
button-take = फ़ोटो लें
button-stop = रोकें
button-more = और देखें
button-again = फिर से
button-ok = ठीक है

start-title = शुरू हो रहा है …
start-done = यंत्र की जाँच हो गई
check-passed = ठीक
check-warned = ध्यान दें
check-failed = ख़राब
check-skipped = जाँचा नहीं
part-bundle = मॉडल
part-known_photograph = जाँच फ़ोटो
part-camera = कैमरा
part-screen = स्क्रीन
part-buttons = बटन
part-light = बत्ती
part-memory = मेमोरी
part-temperature = गर्मी
part-disk = भंडारण
part-clock = घड़ी

language-title = भाषा
consent-title = क्या हम चेहरा देख सकते हैं?
consent-ask = मरीज़ से, या बच्चे के माता-पिता या अभिभावक से पूछें।
consent-say = कहें: “यह यंत्र चेहरा देखकर एक संकेत बताता है, बीमारी की पहचान नहीं करता। कोई फ़ोटो रखी नहीं जाती। आप मना कर सकते हैं: देखभाल पहले जैसी चलेगी।”
consent-yes = हाँ, सहमत हैं
consent-no = नहीं

# One instruction at a time, as short as can be.
guidance-no_face = पूरा चेहरा दिखाएँ
guidance-come_closer = पास आएँ
guidance-move_back = पीछे हटें
guidance-hold_still = हिलें नहीं
guidance-more_light = रोशनी बढ़ाएँ
guidance-less_light = छाया में जाएँ
guidance-turn_to_light = रोशनी की ओर मुड़ें
guidance-look_straight = सीधे यहाँ देखें
guidance-one_person_only = सिर्फ़ एक व्यक्ति
guidance-good = अच्छा। हिलें नहीं!
capture-title = हिलें नहीं!
working-title = चेहरा देखा जा रहा है
working-wait = कृपया थोड़ा रुकें।

doctors-title = डॉक्टर ये देखते हैं
doctors-note = यह सिंड्रोम के बारे में है, इस चेहरे के बारे में नहीं। स्रोत: (Human Phenotype Ontology)
often-very = ज़्यादातर
often-often = अक्सर
often-sometimes = कभी-कभी

red-flags-title = तुरंत भेजें, यंत्र कुछ भी कहे
red-flag-heart = दिल की तकलीफ़, नीले होंठ
red-flag-breath = साँस की तकलीफ़
red-flag-fits = दौरे
red-flag-feeding = खा या पी न सके
red-flags-note = चेहरा देखकर दिल की बीमारी खारिज नहीं हो सकती।

menu-language = भाषा
menu-red_flags = ख़तरे के लक्षण
menu-all_classes = सभी 12 की तुलना
menu-about = जानकारी
menu-self_test = यंत्र की जाँच
menu-next_patient = अगला मरीज़
menu-save_register = रजिस्टर सहेजें
menu-power_off = बंद करें

about-title = इस यंत्र के बारे में
about-program = प्रोग्राम
about-bundle = मॉडल
about-data = किससे सीखा
about-camera = कैमरा
about-none = कोई नहीं

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = कैमरा निकल गया है
fault-camera_lost-do = उसका प्लग लगाएँ। तस्वीर अपने आप लौट आएगी।
fault-camera_missing = कैमरा नहीं मिला
fault-camera_missing-do = कैमरा लगाएँ, फिर दोबारा कोशिश करें।
fault-bundle_refused = मॉडल इस्तेमाल नहीं हो सकता
fault-bundle_refused-do = यंत्र का उपयोग न करें। अपने इंजीनियर को बुलाएँ।
fault-self_test_failed = यंत्र जाँच में फ़ेल हुआ
fault-self_test_failed-do = बंद करके फिर चालू करें। फिर भी ऐसा हो तो इंजीनियर को बुलाएँ।
fault-low_memory = मेमोरी कम है
fault-low_memory-do = बंद करके फिर चालू करें। फिर भी ऐसा हो तो इंजीनियर को बुलाएँ।
fault-storage = कुछ भी सहेजा नहीं जा सकता
fault-storage-do = आप काम जारी रख सकते हैं। इंजीनियर को बताएँ।
fault-internal = कुछ गड़बड़ हो गई
fault-internal-do = बंद करके फिर चालू करें। फिर भी ऐसा हो तो इंजीनियर को बुलाएँ।
fault-details = इंजीनियर के लिए

# USB sticks: updates, and the register that is saved to one.
update-title = अपडेट मिला
update-bundle = नया मॉडल
update-program = नया प्रोग्राम
update-signed = हस्ताक्षर किसका है
update-ask = अभी लगाएँ?
update-yes = हाँ, लगाएँ
update-no = नहीं, अभी नहीं
installing-title = लगाया जा रहा है
installing-copy = स्टिक लगी रहने दें।
installing-test = आप स्टिक निकाल सकते हैं। अपडेट की जाँच हो रही है।
installed-title = लग गया
installed-do = आप स्टिक निकाल सकते हैं। ठीक है दबाएँ: यंत्र इसके साथ फिर से शुरू होगा।
refused-title = नहीं लगाया गया
refused-do = यंत्र पहले जैसा काम करता है। अपने इंजीनियर को बताएँ।
refused-unsigned = इस अपडेट पर किसी का हस्ताक्षर नहीं है।
refused-untrusted = यह यंत्र हस्ताक्षर करने वाले पर भरोसा नहीं करता।
refused-changed = हस्ताक्षर के बाद इसे बदला गया।
refused-damaged = स्टिक की फ़ाइलें ख़राब हैं।
refused-unfit = यह इस यंत्र के लिए नहीं बना है।
refused-older = इस यंत्र में यह या इससे नया आ चुका है।
refused-no_room = इसके लिए जगह कम है।
refused-self_test = यह अपनी जाँच में फ़ेल हुआ।
refused-pulled = स्टिक बहुत जल्दी निकाल ली गई।
refused-stick = स्टिक पर लिखा नहीं जा सकता।
refused-device = यंत्र यह नहीं कर सकता।

saving-title = रजिस्टर सहेजा जा रहा है
saved-title = सहेजा गया
saved-do = { $rows } पंक्तियाँ स्टिक पर हैं। आप उसे निकाल सकते हैं।
not-saved-title = नहीं सहेजा गया
not-saved-do = कुछ खोया नहीं। दूसरी स्टिक आज़माएँ, या इंजीनियर को बताएँ।
