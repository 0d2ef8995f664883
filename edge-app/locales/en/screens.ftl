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
