# Bengali. Needs review by a native speaker.
# The twelve classes. The keys are `class-` and the stable id.
class-22q11ds = 22q11.2 ডিলিশন সিনড্রোম
class-angelman = অ্যাঞ্জেলম্যান সিনড্রোম
class-apert = এপার্ট সিনড্রোম
class-cdl = কর্নেলিয়া ডি ল্যাঙ্গে সিনড্রোম
class-down = ডাউন সিনড্রোম
class-hgps = হাচিনসন-গিলফোর্ড প্রোজেরিয়া সিনড্রোম
class-marfan = মারফান সিনড্রোম
class-fragile_x = ফ্র্যাজাইল এক্স সিনড্রোম
class-sotos = সোটোস সিনড্রোম
class-treacher_collins = ট্রেচার কলিন্স সিনড্রোম
class-turner = টার্নার সিনড্রোম
class-williams = উইলিয়ামস সিনড্রোম
