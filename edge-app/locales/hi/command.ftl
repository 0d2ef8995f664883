# Hindi. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = आगे
label-face = चेहरा
label-time = समय
label-bundle = मॉडल
label-notice = सूचना
label-remark = टिप्पणी
face-none = कोई नहीं
face-at = { $width } x { $height } पिक्सेल, स्थान ({ $x }, { $y }), अंक { $score }
time-stages = पढ़ना { $decode }, खोजना { $detect }, काटना { $crop }, गणना { $infer }, कुल { $total }
time-not-run = नहीं चला
