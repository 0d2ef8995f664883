# Bengali. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first }-এর সঙ্গে মিল আছে
finding-resembles-2 = { $first } বা { $second }-এর সঙ্গে মিল আছে
finding-resembles-3 = { $first }, { $second } বা { $third }-এর সঙ্গে মিল আছে
finding-not-clear = স্পষ্ট নয়: চিন্তা হলে ডাক্তারের কাছে পাঠান
finding-no-match = এই 12টির কোনোটির সঙ্গে মেলে না
finding-retake = আবার ছবি তুলুন: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = মুখ পাওয়া যায়নি
reason-several_faces = একের বেশি মুখ
reason-too_small = মুখ খুব ছোট
reason-cut_off = মাথার কিছু অংশ কাটা পড়েছে
reason-too_dark = খুব অন্ধকার
reason-too_bright = খুব বেশি আলো
reason-blurred = ঝাপসা
reason-turned_away = মুখ অন্য দিকে ঘোরানো

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = ক্যামেরা মুখের দিকে ধরুন, যাতে পুরো মাথা দেখা যায়।
remedy-several_faces = অন্যদের সরে যেতে বলুন: শুধু একজন।
remedy-too_small = কাছে আসুন।
remedy-cut_off = একটু পিছিয়ে যান, যাতে কান ও গলা সহ পুরো মাথা দেখা যায়।
remedy-too_dark = জানালার দিকে ফিরুন বা আলোতে যান।
remedy-too_bright = ছায়ায় যান বা রোদ থেকে মুখ ফেরান।
remedy-blurred = স্থির থাকুন, লেন্স মুছুন ও আবার চেষ্টা করুন।
remedy-turned_away = ব্যক্তিকে সোজা ক্যামেরার দিকে তাকাতে বলুন।

# How much the face resembles a class.
band-strong = অনেক মিল
band-moderate = কিছু মিল
band-weak = অল্প মিল

next-resembles = ডাক্তারের কাছে পাঠান। শিশু ডাক্তার বা জেনেটিক ক্লিনিক সবচেয়ে ভালো। বলুন: “মুখে কিছু বিষয় আছে যা ডাক্তারের দেখা উচিত।” শুধু পরীক্ষা ও জেনেটিক টেস্টেই নিশ্চিত জানা যায়।
next-not-clear = আপনার বা পরিবারের চিন্তা হলে ডাক্তারের কাছে পাঠান। ভালো আলোতে আরও একটি ছবি তুলতে পারেন।
next-no-match = এতে কোনো রোগ বাদ যায় না। আপনার বা পরিবারের চিন্তা হলে ডাক্তারের কাছে পাঠান।

red-flags = হৃদয়, শ্বাস, দুধ খাওয়ার কষ্ট বা খিঁচুনি? এখনই পাঠান, পর্দা যাই বলুক।
disclaimer = এটি একটি লক্ষণ, রোগ নির্ণয় নয়।
notice-synthetic = কৃত্রিম মুখে পরীক্ষা; চিকিৎসায় সঠিক বলে দাবি নেই
