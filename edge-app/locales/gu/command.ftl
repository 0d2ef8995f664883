# Gujarati. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = આગળ
label-face = ચહેરો
label-time = સમય
label-bundle = મૉડલ
label-notice = સૂચના
label-remark = નોંધ
face-none = કંઈ નહીં
face-at = { $width } x { $height } પિક્સેલ, સ્થાન ({ $x }, { $y }), ગુણ { $score }
time-stages = વાંચવું { $decode }, શોધવું { $detect }, કાપવું { $crop }, ગણતરી { $infer }, કુલ { $total }
time-not-run = ચાલ્યું નથી
