# Bengali. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = এরপর
label-face = মুখ
label-time = সময়
label-bundle = মডেল
label-notice = বিজ্ঞপ্তি
label-remark = মন্তব্য
face-none = নেই
face-at = { $width } x { $height } পিক্সেল, স্থান ({ $x }, { $y }), স্কোর { $score }
time-stages = পড়া { $decode }, খোঁজা { $detect }, কাটা { $crop }, গণনা { $infer }, মোট { $total }
time-not-run = চলেনি
