# Kannada. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = ಮುಂದೆ
label-face = ಮುಖ
label-time = ಸಮಯ
label-bundle = ಮಾದರಿ
label-notice = ಸೂಚನೆ
label-remark = ಟಿಪ್ಪಣಿ
face-none = ಯಾವುದೂ ಇಲ್ಲ
face-at = { $width } x { $height } ಪಿಕ್ಸೆಲ್, ಸ್ಥಾನ ({ $x }, { $y }), ಅಂಕ { $score }
time-stages = ಓದು { $decode }, ಹುಡುಕು { $detect }, ಕತ್ತರಿಸು { $crop }, ಲೆಕ್ಕ { $infer }, ಒಟ್ಟು { $total }
time-not-run = ನಡೆದಿಲ್ಲ
