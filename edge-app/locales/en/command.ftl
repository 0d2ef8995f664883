# Labels of `classify`'s text output.
label-next = next
label-face = face
label-time = time
label-bundle = bundle
label-notice = notice
label-remark = remark
face-none = none
face-at = { $width } x { $height } px at ({ $x }, { $y }), score { $score }
time-stages = decode { $decode }, detect { $detect }, crop { $crop }, infer { $infer }, total { $total }
time-not-run = not run
