# Telugu. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } లాగా కనిపిస్తోంది
finding-resembles-2 = { $first } లేదా { $second } లాగా కనిపిస్తోంది
finding-resembles-3 = { $first }, { $second } లేదా { $third } లాగా కనిపిస్తోంది
finding-not-clear = స్పష్టంగా లేదు: ఆందోళన ఉంటే డాక్టర్ దగ్గరకు పంపండి
finding-no-match = ఈ 12 లో దేనితోనూ సరిపోలేదు
finding-retake = ఫోటో మళ్ళీ తీయండి: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = ముఖం కనబడలేదు
reason-several_faces = ఒకటి కంటే ఎక్కువ ముఖాలు
reason-too_small = ముఖం చాలా చిన్నగా ఉంది
reason-cut_off = తలలో కొంత భాగం కత్తిరించబడింది
reason-too_dark = చాలా చీకటి
reason-too_bright = చాలా వెలుతురు
reason-blurred = మసకగా ఉంది
reason-turned_away = ముఖం పక్కకు తిరిగి ఉంది

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = తల మొత్తం కనిపించేలా కెమెరాను ముఖం వైపు పెట్టండి.
remedy-several_faces = మిగతా వారిని పక్కకు జరగమనండి: ఒక్కరే.
remedy-too_small = దగ్గరకు రండి.
remedy-cut_off = చెవులు, మెడతో సహా తల మొత్తం కనిపించేలా కొంచెం వెనక్కి వెళ్ళండి.
remedy-too_dark = కిటికీ వైపు తిరగండి లేదా వెలుతురులోకి వెళ్ళండి.
remedy-too_bright = నీడలోకి వెళ్ళండి లేదా ఎండ నుంచి పక్కకు తిరగండి.
remedy-blurred = కదలకండి, లెన్స్ తుడిచి మళ్ళీ ప్రయత్నించండి.
remedy-turned_away = ఆ వ్యక్తిని నేరుగా కెమెరా వైపు చూడమనండి.

# How much the face resembles a class.
band-strong = బాగా పోలిక ఉంది
band-moderate = కొంత పోలిక ఉంది
band-weak = కొద్దిగా పోలిక ఉంది

next-resembles = డాక్టర్ దగ్గరకు పంపండి. పిల్లల డాక్టర్ లేదా జన్యు క్లినిక్ మంచిది. చెప్పండి: “ముఖంలో డాక్టర్ చూడాల్సిన లక్షణాలు ఉన్నాయి.” పరీక్ష, జన్యు పరీక్షతోనే ఖచ్చితంగా తెలుస్తుంది.
next-not-clear = మీకు లేదా కుటుంబానికి ఆందోళన ఉంటే డాక్టర్ దగ్గరకు పంపండి. మంచి వెలుతురులో ఇంకో ఫోటో కూడా తీయవచ్చు.
next-no-match = దీనితో ఏ జబ్బూ లేదని కాదు. మీకు లేదా కుటుంబానికి ఆందోళన ఉంటే డాక్టర్ దగ్గరకు పంపండి.

red-flags = గుండె, శ్వాస, పాలు తాగే ఇబ్బంది లేదా మూర్ఛ? వెంటనే పంపండి, తెర ఏమి చెప్పినా సరే.
disclaimer = ఇది ఒక సూచన, రోగ నిర్ధారణ కాదు.
notice-synthetic = కృత్రిమ ముఖాలపై పరీక్ష; వైద్య ఖచ్చితత్వం చెప్పడం లేదు
