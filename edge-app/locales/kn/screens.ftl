# Kannada. Needs review by a native speaker.
# Words that stand only on the device's screens.
screen-looks-similar = ಇದರಂತೆ ಕಾಣುತ್ತದೆ
screen-also-similar = ಇವುಗಳಂತೆಯೂ ಕಾಣುತ್ತದೆ
screen-what-to-do = ಏನು ಮಾಡಬೇಕು
screen-not-clear = ಸ್ಪಷ್ಟವಿಲ್ಲ
screen-not-clear-detail = ಚಿಂತೆ ಇದ್ದರೆ ವೈದ್ಯರ ಬಳಿ ಕಳಿಸಿ
screen-no-match = ಈ 12 ಕ್ಕೆ ಹೋಲುವುದಿಲ್ಲ
screen-no-match-detail = ಆದರೂ ಬೇರೆ ಏನಾದರೂ ಇರಬಹುದು
screen-retake = ಫೋಟೋ ಮತ್ತೆ ತೆಗೆಯಿರಿ
screen-all-title = ಎಲ್ಲಾ 12 ಹೋಲಿಕೆ
screen-all-note = ಮುಖ ಇವುಗಳಲ್ಲಿ ಒಂದಾದರೆ, ಪ್ರತಿಯೊಂದಕ್ಕೂ ಎಷ್ಟು ಹೋಲುತ್ತದೆ.
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = ಹಿಂದೆ
button-menu = ಮೆನು
button-next = ಮುಂದೆ
button-choose = ಆರಿಸಿ
button-take = ಫೋಟೋ ತೆಗೆಯಿರಿ
button-stop = ನಿಲ್ಲಿಸಿ
button-more = ಇನ್ನಷ್ಟು
button-again = ಮತ್ತೆ
button-ok = ಸರಿ

start-title = ಶುರುವಾಗುತ್ತಿದೆ …
start-done = ಸಾಧನ ಪರೀಕ್ಷೆ ಆಯಿತು
check-passed = ಚೆನ್ನಾಗಿದೆ
check-warned = ಗಮನಿಸಿ
check-failed = ಕೆಟ್ಟಿದೆ
check-skipped = ನೋಡಿಲ್ಲ
part-bundle = ಮಾದರಿ
part-known_photograph = ಪರೀಕ್ಷಾ ಫೋಟೋ
part-camera = ಕ್ಯಾಮೆರಾ
part-screen = ಪರದೆ
part-buttons = ಬಟನ್‌ಗಳು
part-light = ದೀಪ
part-memory = ಮೆಮೊರಿ
part-temperature = ಬಿಸಿ
part-disk = ಸಂಗ್ರಹ
part-clock = ಗಡಿಯಾರ

language-title = ಭಾಷೆ
consent-title = ನಾವು ಮುಖ ನೋಡಬಹುದೇ?
consent-ask = ರೋಗಿಯನ್ನು, ಅಥವಾ ಮಗುವಿನ ತಂದೆ-ತಾಯಿ ಅಥವಾ ಪೋಷಕರನ್ನು ಕೇಳಿ.
consent-say = ಹೇಳಿ: “ಈ ಸಾಧನ ಮುಖ ನೋಡಿ ಒಂದು ಸೂಚನೆ ಕೊಡುತ್ತದೆ, ರೋಗನಿರ್ಣಯ ಮಾಡುವುದಿಲ್ಲ. ಯಾವ ಫೋಟೋ ಇಡುವುದಿಲ್ಲ. ನೀವು ಬೇಡ ಎನ್ನಬಹುದು: ಚಿಕಿತ್ಸೆ ಮೊದಲಿನಂತೆ ಮುಂದುವರಿಯುತ್ತದೆ.”
consent-yes = ಹೌದು, ಒಪ್ಪಿದ್ದಾರೆ
consent-no = ಇಲ್ಲ

# One instruction at a time, as short as can be.
guidance-no_face = ಇಡೀ ಮುಖ ತೋರಿಸಿ
guidance-come_closer = ಹತ್ತಿರ ಬನ್ನಿ
guidance-move_back = ಹಿಂದೆ ಹೋಗಿ
guidance-hold_still = ಅಲುಗಾಡಬೇಡಿ
guidance-more_light = ಬೆಳಕು ಹೆಚ್ಚಿಸಿ
guidance-less_light = ನೆರಳಿಗೆ ಹೋಗಿ
guidance-turn_to_light = ಬೆಳಕಿನ ಕಡೆ ತಿರುಗಿ
guidance-look_straight = ನೇರವಾಗಿ ಇಲ್ಲಿ ನೋಡಿ
guidance-one_person_only = ಒಬ್ಬರೇ ಇರಲಿ
guidance-good = ಸರಿ. ಅಲುಗಾಡಬೇಡಿ!
capture-title = ಅಲುಗಾಡಬೇಡಿ!
working-title = ಮುಖ ನೋಡುತ್ತಿದೆ
working-wait = ಸ್ವಲ್ಪ ಕಾಯಿರಿ.

doctors-title = ವೈದ್ಯರು ನೋಡುವುದು
doctors-note = ಇದು ಸಿಂಡ್ರೋಮ್ ಬಗ್ಗೆ, ಈ ಮುಖದ ಬಗ್ಗೆ ಅಲ್ಲ. ಮೂಲ: (Human Phenotype Ontology)
often-very = ಹೆಚ್ಚಾಗಿ
often-often = ಹಲವು ಸಲ
often-sometimes = ಕೆಲವೊಮ್ಮೆ

red-flags-title = ಸಾಧನ ಏನೇ ಹೇಳಲಿ, ಈಗಲೇ ಕಳಿಸಿ
red-flag-heart = ಹೃದಯದ ತೊಂದರೆ, ನೀಲಿ ತುಟಿಗಳು
red-flag-breath = ಉಸಿರಾಟದ ತೊಂದರೆ
red-flag-fits = ಫಿಟ್ಸ್
red-flag-feeding = ತಿನ್ನಲು ಅಥವಾ ಕುಡಿಯಲು ಆಗುವುದಿಲ್ಲ
red-flags-note = ಮುಖ ನೋಡಿ ಹೃದಯ ರೋಗ ಇಲ್ಲ ಎನ್ನಲಾಗದು.

menu-language = ಭಾಷೆ
menu-red_flags = ಅಪಾಯದ ಲಕ್ಷಣಗಳು
menu-all_classes = ಎಲ್ಲಾ 12 ಹೋಲಿಕೆ
menu-about = ಮಾಹಿತಿ
menu-self_test = ಸಾಧನ ಪರೀಕ್ಷೆ
menu-next_patient = ಮುಂದಿನ ರೋಗಿ
menu-save_register = ದಾಖಲೆ ಉಳಿಸಿ
menu-power_off = ಆಫ್ ಮಾಡಿ

about-title = ಈ ಸಾಧನದ ಬಗ್ಗೆ
about-program = ಪ್ರೋಗ್ರಾಂ
about-bundle = ಮಾದರಿ
about-data = ಯಾವುದರಿಂದ ಕಲಿತಿದೆ
about-camera = ಕ್ಯಾಮೆರಾ
about-none = ಯಾವುದೂ ಇಲ್ಲ

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = ಕ್ಯಾಮೆರಾ ಕಳಚಿದೆ
fault-camera_lost-do = ಅದರ ಪ್ಲಗ್ ಹಾಕಿ. ಚಿತ್ರ ತಾನಾಗಿ ಮರಳುತ್ತದೆ.
fault-camera_missing = ಕ್ಯಾಮೆರಾ ಸಿಗಲಿಲ್ಲ
fault-camera_missing-do = ಕ್ಯಾಮೆರಾ ಹಾಕಿ, ಮತ್ತೆ ಪ್ರಯತ್ನಿಸಿ.
fault-bundle_refused = ಮಾದರಿ ಬಳಸಲು ಆಗದು
fault-bundle_refused-do = ಸಾಧನ ಬಳಸಬೇಡಿ. ನಿಮ್ಮ ಎಂಜಿನಿಯರ್‌ಗೆ ಕರೆ ಮಾಡಿ.
fault-self_test_failed = ಸಾಧನ ಪರೀಕ್ಷೆಯಲ್ಲಿ ವಿಫಲವಾಗಿದೆ
fault-self_test_failed-do = ಆಫ್ ಮಾಡಿ ಮತ್ತೆ ಆನ್ ಮಾಡಿ. ಮತ್ತೆ ಹೀಗಾದರೆ ಎಂಜಿನಿಯರ್‌ಗೆ ಕರೆ ಮಾಡಿ.
fault-low_memory = ಮೆಮೊರಿ ಕಡಿಮೆ ಇದೆ
fault-low_memory-do = ಆಫ್ ಮಾಡಿ ಮತ್ತೆ ಆನ್ ಮಾಡಿ. ಮತ್ತೆ ಹೀಗಾದರೆ ಎಂಜಿನಿಯರ್‌ಗೆ ಕರೆ ಮಾಡಿ.
fault-storage = ಏನನ್ನೂ ಉಳಿಸಲು ಆಗುತ್ತಿಲ್ಲ
fault-storage-do = ನೀವು ಕೆಲಸ ಮುಂದುವರಿಸಬಹುದು. ಎಂಜಿನಿಯರ್‌ಗೆ ತಿಳಿಸಿ.
fault-internal = ಏನೋ ತಪ್ಪಾಗಿದೆ
fault-internal-do = ಆಫ್ ಮಾಡಿ ಮತ್ತೆ ಆನ್ ಮಾಡಿ. ಮತ್ತೆ ಹೀಗಾದರೆ ಎಂಜಿನಿಯರ್‌ಗೆ ಕರೆ ಮಾಡಿ.
fault-details = ಎಂಜಿನಿಯರ್‌ಗಾಗಿ

# USB sticks: updates, and the register that is saved to one.
update-title = ಅಪ್‌ಡೇಟ್ ಸಿಕ್ಕಿದೆ
update-bundle = ಹೊಸ ಮಾದರಿ
update-program = ಹೊಸ ಪ್ರೋಗ್ರಾಂ
update-signed = ಸಹಿ ಮಾಡಿದವರು
update-ask = ಈಗ ಸ್ಥಾಪಿಸಬೇಕೇ?
update-yes = ಹೌದು, ಸ್ಥಾಪಿಸಿ
update-no = ಬೇಡ, ಈಗ ಬೇಡ
installing-title = ಸ್ಥಾಪಿಸಲಾಗುತ್ತಿದೆ
installing-copy = ಸ್ಟಿಕ್ ತೆಗೆಯಬೇಡಿ.
installing-test = ಸ್ಟಿಕ್ ತೆಗೆಯಬಹುದು. ಅಪ್‌ಡೇಟ್ ಪರೀಕ್ಷೆ ನಡೆಯುತ್ತಿದೆ.
installed-title = ಸ್ಥಾಪನೆಯಾಗಿದೆ
installed-do = ಸ್ಟಿಕ್ ತೆಗೆಯಬಹುದು. ಸರಿ ಒತ್ತಿ: ಸಾಧನ ಇದರೊಂದಿಗೆ ಮತ್ತೆ ಶುರುವಾಗುತ್ತದೆ.
refused-title = ಸ್ಥಾಪಿಸಿಲ್ಲ
refused-do = ಸಾಧನ ಮೊದಲಿನಂತೆ ಕೆಲಸ ಮಾಡುತ್ತದೆ. ಎಂಜಿನಿಯರ್‌ಗೆ ತಿಳಿಸಿ.
refused-unsigned = ಈ ಅಪ್‌ಡೇಟ್‌ಗೆ ಯಾರ ಸಹಿಯೂ ಇಲ್ಲ.
refused-untrusted = ಸಹಿ ಮಾಡಿದವರನ್ನು ಈ ಸಾಧನ ನಂಬುವುದಿಲ್ಲ.
refused-changed = ಸಹಿಯ ನಂತರ ಇದನ್ನು ಬದಲಿಸಲಾಗಿದೆ.
refused-damaged = ಸ್ಟಿಕ್‌ನ ಕಡತಗಳು ಹಾಳಾಗಿವೆ.
refused-unfit = ಇದು ಈ ಸಾಧನಕ್ಕೆ ಅಲ್ಲ.
refused-older = ಇದು ಅಥವಾ ಹೊಸದು ಈಗಾಗಲೇ ಬಂದಿದೆ.
refused-no_room = ಇದಕ್ಕೆ ಜಾಗ ಸಾಲದು.
refused-self_test = ಇದು ಪರೀಕ್ಷೆಯಲ್ಲಿ ವಿಫಲವಾಯಿತು.
refused-pulled = ಸ್ಟಿಕ್ ಬೇಗ ತೆಗೆಯಲಾಗಿದೆ.
refused-stick = ಸ್ಟಿಕ್‌ನಲ್ಲಿ ಬರೆಯಲಾಗದು.
refused-device = ಸಾಧನ ಇದನ್ನು ಮಾಡಲಾರದು.

saving-title = ದಾಖಲೆ ಉಳಿಸಲಾಗುತ್ತಿದೆ
saved-title = ಉಳಿಸಲಾಗಿದೆ
saved-do = { $rows } ಸಾಲುಗಳು ಸ್ಟಿಕ್‌ನಲ್ಲಿವೆ. ಅದನ್ನು ತೆಗೆಯಬಹುದು.
not-saved-title = ಉಳಿಸಿಲ್ಲ
not-saved-do = ಏನೂ ಕಳೆದಿಲ್ಲ. ಬೇರೆ ಸ್ಟಿಕ್ ಪ್ರಯತ್ನಿಸಿ, ಅಥವಾ ಎಂಜಿನಿಯರ್‌ಗೆ ತಿಳಿಸಿ.
