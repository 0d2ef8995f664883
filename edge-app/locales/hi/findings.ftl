# Hindi. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } से मिलता-जुलता
finding-resembles-2 = { $first } या { $second } से मिलता-जुलता
finding-resembles-3 = { $first }, { $second } या { $third } से मिलता-जुलता
finding-not-clear = साफ़ नहीं: चिंता हो तो डॉक्टर के पास भेजें
finding-no-match = इन 12 में से किसी से मेल नहीं
finding-retake = फ़ोटो फिर से लें: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = चेहरा नहीं मिला
reason-several_faces = एक से ज़्यादा चेहरे
reason-too_small = चेहरा बहुत छोटा है
reason-cut_off = सिर का कुछ हिस्सा कट गया है
reason-too_dark = बहुत अँधेरा
reason-too_bright = बहुत तेज़ रोशनी
reason-blurred = धुँधला
reason-turned_away = चेहरा दूसरी ओर मुड़ा है

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = कैमरा चेहरे की ओर करें, ताकि पूरा सिर दिखे।
remedy-several_faces = बाकी लोगों को हटने को कहें: सिर्फ़ एक व्यक्ति।
remedy-too_small = पास आएँ।
remedy-cut_off = थोड़ा पीछे हटें, ताकि कान और गर्दन के साथ पूरा सिर दिखे।
remedy-too_dark = खिड़की की ओर मुड़ें या रोशनी में जाएँ।
remedy-too_bright = छाया में जाएँ या धूप से मुँह मोड़ें।
remedy-blurred = स्थिर रहें, लेंस पोंछें और फिर कोशिश करें।
remedy-turned_away = व्यक्ति से कहें कि सीधे कैमरे में देखे।

# How much the face resembles a class.
band-strong = बहुत मिलता-जुलता
band-moderate = कुछ मिलता-जुलता
band-weak = थोड़ा मिलता-जुलता

next-resembles = डॉक्टर के पास भेजें। बच्चों का डॉक्टर या जेनेटिक क्लिनिक सबसे अच्छा। कहें: “चेहरे में कुछ बातें हैं जो डॉक्टर को देखनी चाहिए।” पक्का सिर्फ़ जाँच और जेनेटिक टेस्ट से पता चलेगा।
next-not-clear = आपको या परिवार को चिंता हो तो डॉक्टर के पास भेजें। अच्छी रोशनी में एक और फ़ोटो भी ले सकते हैं।
next-no-match = इससे कोई बीमारी खारिज नहीं होती। आपको या परिवार को चिंता हो तो डॉक्टर के पास भेजें।

red-flags = दिल, साँस, दूध पीने की तकलीफ़ या दौरे? तुरंत भेजें, स्क्रीन कुछ भी कहे।
disclaimer = यह संकेत है, बीमारी की पहचान नहीं।
notice-synthetic = नकली चेहरों पर जाँच; इलाज के लिए सही होने का दावा नहीं
