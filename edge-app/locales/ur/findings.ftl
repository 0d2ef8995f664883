# Urdu. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } سے ملتا جلتا
finding-resembles-2 = { $first } یا { $second } سے ملتا جلتا
finding-resembles-3 = { $first }، { $second } یا { $third } سے ملتا جلتا
finding-not-clear = واضح نہیں: فکر ہو تو ڈاکٹر کے پاس بھیجیں
finding-no-match = ان 12 میں سے کسی سے میل نہیں
finding-retake = براہ کرم تصویر دوبارہ لیں: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = چہرہ نہیں ملا
reason-several_faces = ایک سے زیادہ چہرے
reason-too_small = چہرہ بہت چھوٹا ہے
reason-cut_off = سر کا کچھ حصہ کٹ گیا ہے
reason-too_dark = بہت اندھیرا
reason-too_bright = بہت تیز روشنی
reason-blurred = دھندلا
reason-turned_away = چہرہ دوسری طرف مڑا ہے

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = کیمرا چہرے کی طرف کریں تاکہ پورا سر نظر آئے۔
remedy-several_faces = باقی لوگوں سے ہٹنے کو کہیں: صرف ایک شخص۔
remedy-too_small = قریب آئیں۔
remedy-cut_off = تھوڑا پیچھے ہٹیں تاکہ کان اور گردن سمیت پورا سر نظر آئے۔
remedy-too_dark = کھڑکی کی طرف مڑیں یا روشنی میں جائیں۔
remedy-too_bright = سائے میں جائیں یا دھوپ سے منہ موڑ لیں۔
remedy-blurred = ساکن رہیں، لینس صاف کریں اور پھر کوشش کریں۔
remedy-turned_away = اس شخص سے کہیں کہ سیدھا کیمرے میں دیکھے۔

# How much the face resembles a class.
band-strong = بہت ملتا جلتا
band-moderate = کچھ ملتا جلتا
band-weak = تھوڑا ملتا جلتا

next-resembles = ڈاکٹر کے پاس بھیجیں۔ بہتر ہے بچوں کا ڈاکٹر یا جینیاتی کلینک۔ کہیں: ”چہرے میں کچھ باتیں ہیں جو ڈاکٹر کو دیکھنی چاہئیں۔“ پکا صرف معائنے اور جینیاتی ٹیسٹ سے معلوم ہوگا۔
next-not-clear = آپ کو یا خاندان کو فکر ہو تو ڈاکٹر کے پاس بھیجیں۔ اچھی روشنی میں ایک اور تصویر بھی لے سکتے ہیں۔
next-no-match = اس سے کوئی بیماری خارج نہیں ہوتی۔ آپ کو یا خاندان کو فکر ہو تو ڈاکٹر کے پاس بھیجیں۔

red-flags = دل، سانس، دودھ پینے کی تکلیف یا دورے؟ فوراً بھیجیں، اسکرین کچھ بھی کہے۔
disclaimer = یہ ایک اشارہ ہے، بیماری کی تشخیص نہیں۔
notice-synthetic = نقلی چہروں پر آزمائش؛ طبی درستی کا کوئی دعویٰ نہیں
