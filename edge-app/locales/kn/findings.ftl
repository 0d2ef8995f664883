# Kannada. Needs review by a native speaker.
# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = { $first } ಹಾಗೆ ಕಾಣುತ್ತದೆ
finding-resembles-2 = { $first } ಅಥವಾ { $second } ಹಾಗೆ ಕಾಣುತ್ತದೆ
finding-resembles-3 = { $first }, { $second } ಅಥವಾ { $third } ಹಾಗೆ ಕಾಣುತ್ತದೆ
finding-not-clear = ಸ್ಪಷ್ಟವಿಲ್ಲ: ಚಿಂತೆ ಇದ್ದರೆ ವೈದ್ಯರ ಬಳಿ ಕಳಿಸಿ
finding-no-match = ಈ 12 ರಲ್ಲಿ ಯಾವುದಕ್ಕೂ ಹೋಲುವುದಿಲ್ಲ
finding-retake = ಫೋಟೋ ಮತ್ತೆ ತೆಗೆಯಿರಿ: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = ಮುಖ ಸಿಗಲಿಲ್ಲ
reason-several_faces = ಒಂದಕ್ಕಿಂತ ಹೆಚ್ಚು ಮುಖಗಳು
reason-too_small = ಮುಖ ತುಂಬಾ ಚಿಕ್ಕದಾಗಿದೆ
reason-cut_off = ತಲೆಯ ಸ್ವಲ್ಪ ಭಾಗ ಕತ್ತರಿಸಿದೆ
reason-too_dark = ತುಂಬಾ ಕತ್ತಲು
reason-too_bright = ತುಂಬಾ ಬೆಳಕು
reason-blurred = ಮಸುಕಾಗಿದೆ
reason-turned_away = ಮುಖ ಪಕ್ಕಕ್ಕೆ ತಿರುಗಿದೆ

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = ಇಡೀ ತಲೆ ಕಾಣುವಂತೆ ಕ್ಯಾಮೆರಾವನ್ನು ಮುಖದ ಕಡೆ ಹಿಡಿಯಿರಿ.
remedy-several_faces = ಬೇರೆಯವರನ್ನು ಸರಿಯಲು ಹೇಳಿ: ಒಬ್ಬರೇ ಇರಲಿ.
remedy-too_small = ಹತ್ತಿರ ಬನ್ನಿ.
remedy-cut_off = ಕಿವಿ ಮತ್ತು ಕುತ್ತಿಗೆ ಸಹಿತ ಇಡೀ ತಲೆ ಕಾಣುವಂತೆ ಸ್ವಲ್ಪ ಹಿಂದೆ ಹೋಗಿ.
remedy-too_dark = ಕಿಟಕಿ ಕಡೆ ತಿರುಗಿ ಅಥವಾ ಬೆಳಕಿಗೆ ಹೋಗಿ.
remedy-too_bright = ನೆರಳಿಗೆ ಹೋಗಿ ಅಥವಾ ಬಿಸಿಲಿನಿಂದ ಬೇರೆ ಕಡೆ ತಿರುಗಿ.
remedy-blurred = ಅಲುಗಾಡಬೇಡಿ, ಲೆನ್ಸ್ ಒರೆಸಿ, ಮತ್ತೆ ಪ್ರಯತ್ನಿಸಿ.
remedy-turned_away = ಆ ವ್ಯಕ್ತಿಗೆ ನೇರವಾಗಿ ಕ್ಯಾಮೆರಾ ನೋಡಲು ಹೇಳಿ.

# How much the face resembles a class.
band-strong = ತುಂಬಾ ಹೋಲಿಕೆ
band-moderate = ಸಾಧಾರಣ ಹೋಲಿಕೆ
band-weak = ಸ್ವಲ್ಪ ಹೋಲಿಕೆ

next-resembles = ವೈದ್ಯರ ಬಳಿ ಕಳಿಸಿ: ಮಕ್ಕಳ ವೈದ್ಯರು ಅಥವಾ ಜೆನೆಟಿಕ್ ಕ್ಲಿನಿಕ್. ಹೇಳಿ: “ಮುಖದಲ್ಲಿ ವೈದ್ಯರು ನೋಡಬೇಕಾದ ಲಕ್ಷಣಗಳಿವೆ.” ತಪಾಸಣೆ, ಜೆನೆಟಿಕ್ ಪರೀಕ್ಷೆ ಮಾತ್ರ ಖಚಿತ.
next-not-clear = ನಿಮಗೆ ಅಥವಾ ಕುಟುಂಬಕ್ಕೆ ಚಿಂತೆ ಇದ್ದರೆ ವೈದ್ಯರ ಬಳಿ ಕಳಿಸಿ. ಒಳ್ಳೆಯ ಬೆಳಕಿನಲ್ಲಿ ಇನ್ನೊಂದು ಫೋಟೋ ತೆಗೆಯಬಹುದು.
next-no-match = ಇದರಿಂದ ಯಾವ ಕಾಯಿಲೆಯೂ ಇಲ್ಲ ಎಂದಲ್ಲ. ನಿಮಗೆ ಅಥವಾ ಕುಟುಂಬಕ್ಕೆ ಚಿಂತೆ ಇದ್ದರೆ ವೈದ್ಯರ ಬಳಿ ಕಳಿಸಿ.

red-flags = ಹೃದಯ, ಉಸಿರಾಟ, ಹಾಲು ಕುಡಿಯುವ ತೊಂದರೆ ಅಥವಾ ಫಿಟ್ಸ್? ಪರದೆ ಏನೇ ಹೇಳಲಿ, ಈಗಲೇ ಕಳಿಸಿ.
disclaimer = ಇದು ಒಂದು ಸೂಚನೆ, ರೋಗನಿರ್ಣಯ ಅಲ್ಲ.
notice-synthetic = ಕೃತಕ ಮುಖಗಳ ಮೇಲೆ ಪರೀಕ್ಷೆ; ವೈದ್ಯಕೀಯ ನಿಖರತೆ ಹೇಳಿಲ್ಲ
