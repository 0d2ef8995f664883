# Urdu. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = آگے
label-face = چہرہ
label-time = وقت
label-bundle = ماڈل
label-notice = اطلاع
label-remark = تبصرہ
face-none = کوئی نہیں
face-at = { $width } x { $height } پکسل، مقام ({ $x }, { $y })، اسکور { $score }
time-stages = پڑھنا { $decode }، ڈھونڈنا { $detect }، کاٹنا { $crop }، حساب { $infer }، کل { $total }
time-not-run = نہیں چلا
