# Marathi. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = पुढे
label-face = चेहरा
label-time = वेळ
label-bundle = मॉडेल
label-notice = सूचना
label-remark = टीप
face-none = काही नाही
face-at = { $width } x { $height } पिक्सेल, जागा ({ $x }, { $y }), गुण { $score }
time-stages = वाचणे { $decode }, शोधणे { $detect }, कापणे { $crop }, गणना { $infer }, एकूण { $total }
time-not-run = चालवले नाही
