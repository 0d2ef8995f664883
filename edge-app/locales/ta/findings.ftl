# Tamil. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } போல் உள்ளது
finding-resembles-2 = { $first } அல்லது { $second } போல் உள்ளது
finding-resembles-3 = { $first }, { $second } அல்லது { $third } போல் உள்ளது
finding-not-clear = தெளிவாக இல்லை: கவலை இருந்தால் மருத்துவரிடம் அனுப்பவும்
finding-no-match = இந்த 12-ல் எதனுடனும் பொருந்தவில்லை
finding-retake = மீண்டும் படம் எடுக்கவும்: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = முகம் தெரியவில்லை
reason-several_faces = ஒன்றுக்கு மேற்பட்ட முகங்கள்
reason-too_small = முகம் மிகச் சிறியது
reason-cut_off = தலையின் ஒரு பகுதி தெரியவில்லை
reason-too_dark = மிகவும் இருட்டு
reason-too_bright = மிகவும் வெளிச்சம்
reason-blurred = மங்கலாக உள்ளது
reason-turned_away = முகம் வேறு பக்கம் திரும்பி உள்ளது

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = முழுத் தலையும் தெரியும்படி கேமராவை முகத்தை நோக்கி வைக்கவும்.
remedy-several_faces = மற்றவர்களை விலகச் சொல்லவும்: ஒருவர் மட்டும்.
remedy-too_small = அருகில் வரவும்.
remedy-cut_off = காது, கழுத்துடன் முழுத் தலையும் தெரிய சற்று பின்னால் செல்லவும்.
remedy-too_dark = ஜன்னல் பக்கம் திரும்பவும் அல்லது வெளிச்சத்திற்குச் செல்லவும்.
remedy-too_bright = நிழலுக்குச் செல்லவும் அல்லது வெயிலில் இருந்து திரும்பவும்.
remedy-blurred = அசையாமல் இருந்து, லென்ஸைத் துடைத்து, மீண்டும் முயலவும்.
remedy-turned_away = அந்த நபரை நேராக கேமராவைப் பார்க்கச் சொல்லவும்.

# How much the face resembles a class.
band-strong = மிகவும் ஒத்துள்ளது
band-moderate = ஓரளவு ஒத்துள்ளது
band-weak = சிறிது ஒத்துள்ளது

next-resembles = மருத்துவரிடம் அனுப்பவும்: குழந்தை மருத்துவர், மரபணு மையம். சொல்லவும்: “முகத்தில் மருத்துவர் பார்க்க வேண்டியவை உள்ளன.” பரிசோதனையும் மரபணு சோதனையுமே உறுதி.
next-not-clear = உங்களுக்கோ குடும்பத்துக்கோ கவலை இருந்தால் மருத்துவரிடம் அனுப்பவும். நல்ல வெளிச்சத்தில் இன்னொரு படமும் எடுக்கலாம்.
next-no-match = இதனால் எந்த நோயும் இல்லை என்று ஆகாது. உங்களுக்கோ குடும்பத்துக்கோ கவலை இருந்தால் மருத்துவரிடம் அனுப்பவும்.

red-flags = இதயம், மூச்சு, பால் குடிப்பதில் சிரமம், வலிப்பு? திரை என்ன சொன்னாலும் உடனே அனுப்பவும்.
disclaimer = இது ஓர் அறிகுறி, நோய் கண்டறிதல் அல்ல.
notice-synthetic = செயற்கை முகச் சோதனை; மருத்துவத் துல்லியம் இல்லை
