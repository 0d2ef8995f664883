# Words that stand only on the device's screens.
screen-looks-similar = Looks similar to
screen-also-similar = Also similar to
screen-what-to-do = What to do
screen-not-clear = Not clear
screen-not-clear-detail = Please refer if you are concerned
screen-no-match = No match among these 12
screen-no-match-detail = It may still be something else
screen-retake = Please take the photo again
screen-all-title = All 12 compared
screen-all-note = How the face compares with each of the 12, if it is one of them.
screen-bundle = { $name } { $version }

# The labels of the three buttons: one or two short words.
button-back = Back
button-menu = Menu
button-next = Next
button-choose = Choose
button-take = Take photo
button-stop = Stop
button-more = More
button-again = Try again
button-ok = OK

start-title = Starting …
start-done = The device is tested
check-passed = good
check-warned = look at it
check-failed = fault
check-skipped = not tested
part-bundle = Model
part-known_photograph = Test photo
part-camera = Camera
part-screen = Screen
part-buttons = Buttons
part-light = Light
part-memory = Memory
part-temperature = Heat
part-disk = Storage
part-clock = Clock

language-title = Language
consent-title = May we look at the face?
consent-ask = Ask the patient, or the parent or guardian.
consent-say = Say: “This device looks at the face and shows a sign, not a diagnosis. No picture is kept. You may say no: care goes on as before.”
consent-yes = Yes, they agree
consent-no = No

# One instruction at a time, as short as can be.
guidance-no_face = Show the whole face
guidance-come_closer = Come closer
guidance-move_back = Move back
guidance-hold_still = Hold still
guidance-more_light = More light, please
guidance-less_light = Go into the shade
guidance-turn_to_light = Turn to the light
guidance-look_straight = Look straight here
guidance-one_person_only = One person only
guidance-good = Good. Hold still!
capture-title = Hold still!
working-title = Looking at the face
working-wait = Please wait a moment.

doctors-title = Doctors look for
doctors-note = About the syndrome, not about this face. Source: Human Phenotype Ontology
often-very = very often
often-often = often
often-sometimes = sometimes

red-flags-title = Refer now, whatever the device says
red-flag-heart = Heart trouble, blue lips
red-flag-breath = Trouble breathing
red-flag-fits = Fits
red-flag-feeding = Cannot feed or drink
red-flags-note = No face can rule out heart disease.

menu-language = Language
menu-red_flags = Danger signs
menu-all_classes = All 12 compared
menu-about = About
menu-self_test = Test the device
menu-next_patient = Next patient
menu-save_register = Save the register
menu-power_off = Switch off

about-title = About this device
about-program = Program
about-bundle = Model
about-data = Learnt from
about-camera = Camera
about-none = none

# What is wrong with the device, and (`-do`) what to do.
fault-camera_lost = The camera came loose
fault-camera_lost-do = Push its plug in. The picture comes back by itself.
fault-camera_missing = No camera found
fault-camera_missing-do = Plug the camera in, then try again.
fault-bundle_refused = The model cannot be used
fault-bundle_refused-do = Do not use the device. Call your engineer.
fault-self_test_failed = The device failed its test
fault-self_test_failed-do = Switch off and on again. If this comes back, call your engineer.
fault-low_memory = Too little memory
fault-low_memory-do = Switch off and on again. If this comes back, call your engineer.
fault-storage = Nothing can be stored
fault-storage-do = You can go on. Tell your engineer.
fault-internal = Something went wrong
fault-internal-do = Switch off and on again. If this comes back, call your engineer.
fault-details = For the engineer

# USB sticks: updates, and the register that is saved to one.
update-title = Update found
update-bundle = New model
update-program = New program
update-signed = Signed by
update-ask = Install it now?
update-yes = Yes, install
update-no = No, not now
installing-title = Installing
installing-copy = Leave the stick in.
installing-test = You may pull the stick out. The update is being tested.
installed-title = Installed
installed-do = You may pull the stick out. Press OK: the device starts again with it.
refused-title = Not installed
refused-do = The device works as before. Tell your engineer.
refused-unsigned = Nobody has signed this update.
refused-untrusted = This device does not trust whoever signed it.
refused-changed = It was changed after it was signed.
refused-damaged = Files on the stick are damaged.
refused-unfit = It is not made for this device.
refused-older = This device has had it, or a newer one.
refused-no_room = There is too little room for it.
refused-self_test = It failed its test.
refused-pulled = The stick was pulled out too early.
refused-stick = The stick cannot be written.
refused-device = The device cannot do it.

saving-title = Saving the register
saved-title = Saved
saved-do = { $rows } rows are on the stick. You may pull it out.
not-saved-title = Not saved
not-saved-do = Nothing is lost. Try another stick, or tell your engineer.
