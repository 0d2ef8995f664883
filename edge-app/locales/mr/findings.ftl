# Marathi. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } सारखे दिसते
finding-resembles-2 = { $first } किंवा { $second } सारखे दिसते
finding-resembles-3 = { $first }, { $second } किंवा { $third } सारखे दिसते
finding-not-clear = स्पष्ट नाही: काळजी वाटत असेल तर डॉक्टरांकडे पाठवा
finding-no-match = या 12 पैकी कशाशीही जुळत नाही
finding-retake = कृपया फोटो पुन्हा घ्या: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = चेहरा सापडला नाही
reason-several_faces = एकापेक्षा जास्त चेहरे
reason-too_small = चेहरा खूप लहान आहे
reason-cut_off = डोक्याचा काही भाग कापला गेला आहे
reason-too_dark = खूप अंधार
reason-too_bright = खूप प्रकाश
reason-blurred = अस्पष्ट
reason-turned_away = चेहरा दुसरीकडे वळलेला आहे

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = कॅमेरा चेहऱ्याकडे धरा, म्हणजे पूर्ण डोके दिसेल.
remedy-several_faces = इतरांना बाजूला व्हायला सांगा: फक्त एक व्यक्ती.
remedy-too_small = जवळ या.
remedy-cut_off = थोडे मागे जा, म्हणजे कान आणि मानेसह पूर्ण डोके दिसेल.
remedy-too_dark = खिडकीकडे वळा किंवा उजेडात जा.
remedy-too_bright = सावलीत जा किंवा उन्हाकडे पाठ करा.
remedy-blurred = हलू नका, लेन्स पुसा आणि पुन्हा प्रयत्न करा.
remedy-turned_away = त्या व्यक्तीला सरळ कॅमेऱ्याकडे पाहायला सांगा.

# How much the face resembles a class.
band-strong = खूप सारखे
band-moderate = काहीसे सारखे
band-weak = थोडे सारखे

next-resembles = डॉक्टरांकडे पाठवा. बालरोगतज्ज्ञ किंवा जनुकीय क्लिनिक उत्तम. सांगा: “चेहऱ्यावर काही गोष्टी आहेत, ज्या डॉक्टरांनी पाहायला हव्यात.” नक्की फक्त तपासणी आणि जनुकीय चाचणीनेच कळेल.
next-not-clear = तुम्हाला किंवा कुटुंबाला काळजी वाटत असेल तर डॉक्टरांकडे पाठवा. चांगल्या उजेडात आणखी एक फोटोही घेऊ शकता.
next-no-match = यामुळे कोणताही आजार नाही असे ठरत नाही. तुम्हाला किंवा कुटुंबाला काळजी वाटत असेल तर डॉक्टरांकडे पाठवा.

red-flags = हृदय, श्वास, दूध पिण्याचा त्रास किंवा झटके? लगेच पाठवा, स्क्रीन काहीही म्हणो.
disclaimer = हे एक लक्षण आहे, आजाराचे निदान नाही.
notice-synthetic = कृत्रिम चेहऱ्यांवर चाचणी; वैद्यकीय अचूकतेचा दावा नाही
