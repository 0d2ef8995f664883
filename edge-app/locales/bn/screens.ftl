# Bengali. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = এর সঙ্গে মিল আছে
screen-also-similar = এদের সঙ্গেও মিল আছে
screen-what-to-do = কী করবেন
screen-not-clear = স্পষ্ট নয়
screen-not-clear-detail = চিন্তা হলে ডাক্তারের কাছে পাঠান
screen-no-match = এই 12টির সঙ্গে মেলে না
screen-no-match-detail = তবু অন্য কিছু হতে পারে
screen-retake = আবার ছবি তুলুন
screen-all-title = সব 12টির তুলনা
screen-all-note = মুখটি এদের একটির হলে, প্রত্যেকটির সঙ্গে কতটা মেলে।
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = ফিরে যান
button-menu = মেনু
button-next = পরেরটি
button-choose = বাছুন
button-take = ছবি তুলুন
button-stop = থামান
button-more = আরও
button-again = আবার
button-ok = ঠিক আছে

start-title = শুরু হচ্ছে …
start-done = যন্ত্র পরীক্ষা হয়েছে
check-passed = ভালো
check-warned = নজর দিন
check-failed = খারাপ
check-skipped = দেখা হয়নি
part-bundle = মডেল
part-known_photograph = পরীক্ষার ছবি
part-camera = ক্যামেরা
part-screen = পর্দা
part-buttons = বোতাম
part-light = বাতি
part-memory = মেমরি
part-temperature = তাপ
part-disk = সংরক্ষণ
part-clock = ঘড়ি

language-title = ভাষা
consent-title = আমরা কি মুখ দেখতে পারি?
consent-ask = রোগীকে, বা শিশুর বাবা-মা বা অভিভাবককে জিজ্ঞাসা করুন।
consent-say = বলুন: “এই যন্ত্র মুখ দেখে একটি লক্ষণ দেখায়, রোগ নির্ণয় করে না। কোনো ছবি রাখা হয় না। আপনি না বলতে পারেন: চিকিৎসা আগের মতোই চলবে।”
consent-yes = হ্যাঁ, রাজি
consent-no = না

# One instruction at a time, as short as can be.
guidance-no_face = পুরো মুখ দেখান
guidance-come_closer = কাছে আসুন
guidance-move_back = পিছিয়ে যান
guidance-hold_still = নড়বেন না
guidance-more_light = আলো বাড়ান
guidance-less_light = ছায়ায় যান
guidance-turn_to_light = আলোর দিকে ফিরুন
guidance-look_straight = সোজা এদিকে তাকান
guidance-one_person_only = শুধু একজন
guidance-good = ভালো। নড়বেন না!
capture-title = নড়বেন না!
working-title = মুখ দেখা হচ্ছে
working-wait = একটু অপেক্ষা করুন।

doctors-title = ডাক্তাররা যা দেখেন
doctors-note = এটি সিনড্রোম সম্পর্কে, এই মুখ সম্পর্কে নয়। উৎস: (Human Phenotype Ontology)
often-very = বেশির ভাগ সময়
often-often = প্রায়ই
often-sometimes = কখনও কখনও

red-flags-title = এখনই পাঠান, যন্ত্র যাই বলুক
red-flag-heart = হৃদয়ের কষ্ট, নীল ঠোঁট
red-flag-breath = শ্বাসকষ্ট
red-flag-fits = খিঁচুনি
red-flag-feeding = খেতে বা পান করতে পারে না
red-flags-note = মুখ দেখে হৃদরোগ নেই বলা যায় না।

menu-language = ভাষা
menu-red_flags = বিপদের লক্ষণ
menu-all_classes = সব 12টির তুলনা
menu-about = তথ্য
menu-self_test = যন্ত্র পরীক্ষা
menu-next_patient = পরের রোগী
menu-save_register = রেজিস্টার রাখুন
menu-power_off = বন্ধ করুন

about-title = এই যন্ত্র সম্পর্কে
about-program = প্রোগ্রাম
about-bundle = মডেল
about-data = যা থেকে শিখেছে
about-camera = ক্যামেরা
about-none = নেই

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = ক্যামেরা খুলে গেছে
fault-camera_lost-do = প্লাগ লাগিয়ে দিন। ছবি নিজেই ফিরে আসবে।
fault-camera_missing = ক্যামেরা পাওয়া যায়নি
fault-camera_missing-do = ক্যামেরা লাগান, তারপর আবার চেষ্টা করুন।
fault-bundle_refused = মডেল ব্যবহার করা যায় না
fault-bundle_refused-do = যন্ত্র ব্যবহার করবেন না। আপনার প্রকৌশলীকে ডাকুন।
fault-self_test_failed = যন্ত্র পরীক্ষায় পাস করেনি
fault-self_test_failed-do = বন্ধ করে আবার চালু করুন। আবার হলে প্রকৌশলীকে ডাকুন।
fault-low_memory = মেমরি কম
fault-low_memory-do = বন্ধ করে আবার চালু করুন। আবার হলে প্রকৌশলীকে ডাকুন।
fault-storage = কিছু জমা রাখা যাচ্ছে না
fault-storage-do = আপনি কাজ চালিয়ে যেতে পারেন। প্রকৌশলীকে জানান।
fault-internal = কিছু ভুল হয়েছে
fault-internal-do = বন্ধ করে আবার চালু করুন। আবার হলে প্রকৌশলীকে ডাকুন।
fault-details = প্রকৌশলীর জন্য

# USB sticks: updates, and the register that is saved to one.
update-title = আপডেট পাওয়া গেছে
update-bundle = নতুন মডেল
update-program = নতুন প্রোগ্রাম
update-signed = স্বাক্ষর করেছেন
update-ask = এখন বসাবেন?
update-yes = হ্যাঁ, বসান
update-no = না, এখন নয়
installing-title = বসানো হচ্ছে
installing-copy = স্টিক লাগানো থাকুক।
installing-test = স্টিক খুলে নিতে পারেন। আপডেট পরীক্ষা হচ্ছে।
installed-title = বসানো হয়েছে
installed-do = স্টিক খুলে নিতে পারেন। ঠিক আছে টিপুন: যন্ত্র এটি নিয়ে আবার চালু হবে।
refused-title = বসানো হয়নি
refused-do = যন্ত্র আগের মতোই চলবে। ইঞ্জিনিয়ারকে জানান।
refused-unsigned = এই আপডেটে কারও স্বাক্ষর নেই।
refused-untrusted = যিনি স্বাক্ষর করেছেন, যন্ত্র তাঁকে বিশ্বাস করে না।
refused-changed = স্বাক্ষরের পরে এটি বদলানো হয়েছে।
refused-damaged = স্টিকের ফাইল নষ্ট।
refused-unfit = এটি এই যন্ত্রের জন্য তৈরি নয়।
refused-older = যন্ত্রে এটি বা আরও নতুনটি আগেই ছিল।
refused-no_room = এর জন্য জায়গা কম।
refused-self_test = এটি পরীক্ষায় ব্যর্থ হয়েছে।
refused-pulled = স্টিক খুব তাড়াতাড়ি খোলা হয়েছে।
refused-stick = স্টিকে লেখা যাচ্ছে না।
refused-device = যন্ত্র এটি করতে পারছে না।

saving-title = রেজিস্টার রাখা হচ্ছে
saved-title = রাখা হয়েছে
saved-do = { $rows } টি সারি স্টিকে আছে। স্টিক খুলে নিতে পারেন।
not-saved-title = রাখা হয়নি
not-saved-do = কিছু হারায়নি। অন্য স্টিক দিয়ে দেখুন, বা ইঞ্জিনিয়ারকে জানান।
