# Tamil. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = அடுத்து
label-face = முகம்
label-time = நேரம்
label-bundle = மாதிரி
label-notice = அறிவிப்பு
label-remark = குறிப்பு
face-none = எதுவும் இல்லை
face-at = { $width } x { $height } பிக்சல், இடம் ({ $x }, { $y }), மதிப்பு { $score }
time-stages = படித்தல் { $decode }, தேடல் { $detect }, வெட்டல் { $crop }, கணக்கு { $infer }, மொத்தம் { $total }
time-not-run = இயங்கவில்லை
