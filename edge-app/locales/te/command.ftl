# Telugu. Needs review by a native speaker.
# Labels of `classify`'s text output.
label-next = తర్వాత
label-face = ముఖం
label-time = సమయం
label-bundle = మోడల్
label-notice = గమనిక
label-remark = వ్యాఖ్య
face-none = ఏదీ లేదు
face-at = { $width } x { $height } పిక్సెళ్ళు, స్థానం ({ $x }, { $y }), స్కోరు { $score }
time-stages = చదవడం { $decode }, వెతకడం { $detect }, కత్తిరించడం { $crop }, లెక్క { $infer }, మొత్తం { $total }
time-not-run = నడవలేదు
