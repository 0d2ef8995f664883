# Urdu. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = اس سے ملتا جلتا ہے
screen-also-similar = ان سے بھی ملتا ہے
screen-what-to-do = کیا کریں
screen-not-clear = واضح نہیں
screen-not-clear-detail = فکر ہو تو ڈاکٹر کے پاس بھیجیں
screen-no-match = ان 12 سے میل نہیں
screen-no-match-detail = پھر بھی کچھ اور ہو سکتا ہے
screen-retake = براہ کرم تصویر دوبارہ لیں
screen-all-title = تمام 12 کا موازنہ
screen-all-note = اگر چہرہ ان میں سے ایک کا ہے تو ہر ایک سے کتنا ملتا ہے۔
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = واپس
button-menu = مینو
button-next = اگلا
button-choose = چنیں
button-take = تصویر لیں
button-stop = روکیں
button-more = مزید
button-again = دوبارہ
button-ok = ٹھیک ہے

start-title = شروع ہو رہا ہے …
start-done = آلے کی جانچ ہو گئی
check-passed = ٹھیک
check-warned = دھیان دیں
check-failed = خراب
check-skipped = جانچ نہیں ہوئی
part-bundle = ماڈل
part-known_photograph = جانچ کی تصویر
part-camera = کیمرا
part-screen = اسکرین
part-buttons = بٹن
part-light = بتی
part-memory = میموری
part-temperature = گرمی
part-disk = ذخیرہ
part-clock = گھڑی

language-title = زبان
consent-title = کیا ہم چہرہ دیکھ سکتے ہیں؟
consent-ask = مریض سے، یا بچے کے والدین یا سرپرست سے پوچھیں۔
consent-say = کہیں: ”یہ آلہ چہرہ دیکھ کر ایک اشارہ دیتا ہے، تشخیص نہیں کرتا۔ کوئی تصویر رکھی نہیں جاتی۔ آپ انکار کر سکتے ہیں: دیکھ بھال پہلے جیسی رہے گی۔“
consent-yes = ہاں، راضی ہیں
consent-no = نہیں

# One instruction at a time, as short as can be.
guidance-no_face = پورا چہرہ دکھائیں
guidance-come_closer = قریب آئیں
guidance-move_back = پیچھے ہٹیں
guidance-hold_still = ہلیں نہیں
guidance-more_light = روشنی بڑھائیں
guidance-less_light = سائے میں جائیں
guidance-turn_to_light = روشنی کی طرف مڑیں
guidance-look_straight = سیدھا یہاں دیکھیں
guidance-one_person_only = صرف ایک شخص
guidance-good = اچھا۔ ہلیں نہیں!
capture-title = ہلیں نہیں!
working-title = چہرہ دیکھا جا رہا ہے
working-wait = براہ کرم ذرا انتظار کریں۔

doctors-title = ڈاکٹر یہ دیکھتے ہیں
doctors-note = یہ سنڈروم کے بارے میں ہے، اس چہرے کے بارے میں نہیں۔ ماخذ: (Human Phenotype Ontology)
often-very = زیادہ تر
often-often = اکثر
often-sometimes = کبھی کبھی

red-flags-title = فوراً بھیجیں، آلہ کچھ بھی کہے
red-flag-heart = دل کی تکلیف، نیلے ہونٹ
red-flag-breath = سانس کی تکلیف
red-flag-fits = دورے
red-flag-feeding = کھا یا پی نہ سکے
red-flags-note = چہرہ دیکھ کر دل کی بیماری خارج نہیں کی جا سکتی۔

menu-language = زبان
menu-red_flags = خطرے کی علامتیں
menu-all_classes = تمام 12 کا موازنہ
menu-about = معلومات
menu-self_test = آلے کی جانچ
menu-next_patient = اگلا مریض
menu-save_register = رجسٹر محفوظ کریں
menu-power_off = بند کریں

about-title = اس آلے کے بارے میں
about-program = پروگرام
about-bundle = ماڈل
about-data = کس سے سیکھا
about-camera = کیمرا
about-none = کوئی نہیں

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = کیمرا نکل گیا ہے
fault-camera_lost-do = اس کا پلگ لگائیں۔ تصویر خود واپس آ جائے گی۔
fault-camera_missing = کیمرا نہیں ملا
fault-camera_missing-do = کیمرا لگائیں، پھر دوبارہ کوشش کریں۔
fault-bundle_refused = ماڈل استعمال نہیں ہو سکتا
fault-bundle_refused-do = آلہ استعمال نہ کریں۔ اپنے انجینئر کو بلائیں۔
fault-self_test_failed = آلہ جانچ میں ناکام رہا
fault-self_test_failed-do = بند کر کے پھر چلائیں۔ پھر بھی ایسا ہو تو انجینئر کو بلائیں۔
fault-low_memory = میموری کم ہے
fault-low_memory-do = بند کر کے پھر چلائیں۔ پھر بھی ایسا ہو تو انجینئر کو بلائیں۔
fault-storage = کچھ محفوظ نہیں ہو سکتا
fault-storage-do = آپ کام جاری رکھ سکتے ہیں۔ انجینئر کو بتائیں۔
fault-internal = کچھ خرابی ہو گئی
fault-internal-do = بند کر کے پھر چلائیں۔ پھر بھی ایسا ہو تو انجینئر کو بلائیں۔
fault-details = انجینئر کے لیے

# USB sticks: updates, and the register that is saved to one.
update-title = اپڈیٹ ملا
update-bundle = نیا ماڈل
update-program = نیا پروگرام
update-signed = دستخط کس کے ہیں
update-ask = ابھی لگائیں؟
update-yes = ہاں، لگائیں
update-no = نہیں، ابھی نہیں
installing-title = لگایا جا رہا ہے
installing-copy = اسٹک لگی رہنے دیں۔
installing-test = آپ اسٹک نکال سکتے ہیں۔ اپڈیٹ کی جانچ ہو رہی ہے۔
installed-title = لگ گیا
installed-do = آپ اسٹک نکال سکتے ہیں۔ ٹھیک ہے دبائیں: آلہ اس کے ساتھ دوبارہ شروع ہوگا۔
refused-title = نہیں لگایا گیا
refused-do = آلہ پہلے کی طرح کام کرتا ہے۔ اپنے انجینئر کو بتائیں۔
refused-unsigned = اس اپڈیٹ پر کسی کے دستخط نہیں ہیں۔
refused-untrusted = یہ آلہ دستخط کرنے والے پر بھروسا نہیں کرتا۔
refused-changed = دستخط کے بعد اسے بدلا گیا۔
refused-damaged = اسٹک کی فائلیں خراب ہیں۔
refused-unfit = یہ اس آلے کے لیے نہیں بنا۔
refused-older = اس آلے میں یہ یا اس سے نیا آ چکا ہے۔
refused-no_room = اس کے لیے جگہ کم ہے۔
refused-self_test = یہ اپنی جانچ میں ناکام رہا۔
refused-pulled = اسٹک بہت جلدی نکال لی گئی۔
refused-stick = اسٹک پر لکھا نہیں جا سکتا۔
refused-device = آلہ یہ نہیں کر سکتا۔

saving-title = رجسٹر محفوظ ہو رہا ہے
saved-title = محفوظ ہو گیا
saved-do = { $rows } سطریں اسٹک پر ہیں۔ آپ اسے نکال سکتے ہیں۔
not-saved-title = محفوظ نہیں ہوا
not-saved-do = کچھ ضائع نہیں ہوا۔ دوسری اسٹک آزمائیں، یا انجینئر کو بتائیں۔
