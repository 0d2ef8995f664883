# What the device found, in words. A finding is a sign, never a diagnosis, and the absence of one clears nobody.

# One line, for the command line and for a row in a list.
finding-resembles-1 = Looks similar to { $first }
finding-resembles-2 = Looks similar to { $first } or { $second }
finding-resembles-3 = Looks similar to { $first }, { $second } or { $third }
finding-not-clear = Not clear: please refer if you are concerned
finding-no-match = No match among these 12
finding-retake = Please take the photo again: { $reason }

# Why a photograph must be taken again. The keys are `reason-` and the stable id.
reason-no_face = no face found
reason-several_faces = more than one face
reason-too_small = the face is too small
reason-cut_off = part of the head is cut off
reason-too_dark = too dark
reason-too_bright = too bright
reason-blurred = blurred
reason-turned_away = the face is turned away

# What to do about it. The keys are `remedy-` and the stable id.
remedy-no_face = Point the camera at the face, so that the whole head is in the picture.
remedy-several_faces = Ask the others to step aside: one person only.
remedy-too_small = Come closer.
remedy-cut_off = Move back a little, so that the whole head, with ears and neck, is in the picture.
remedy-too_dark = Turn towards a window or go into the light.
remedy-too_bright = Go into the shade, or turn away from the sun.
remedy-blurred = Hold still, wipe the lens, and try again.
remedy-turned_away = Ask the person to look straight at the camera.

# How much the face resembles a class.
band-strong = strong resemblance
band-moderate = moderate resemblance
band-weak = weak resemblance

next-resembles = Refer to a doctor. Best is a children’s doctor or a genetics clinic. Say: “The face has features that a doctor should look at.” Only an examination and a genetic test can tell.
next-not-clear = If you or the family are concerned, refer to a doctor. You can also take one more photo in good light.
next-no-match = This does not rule anything out. If you or the family are concerned, refer to a doctor.

red-flags = Problems with heart, breathing, feeding, or fits? Refer now, whatever this screen says.
disclaimer = A sign, never a diagnosis.
notice-synthetic = Pipeline check on synthetic faces; no clinical accuracy is claimed
