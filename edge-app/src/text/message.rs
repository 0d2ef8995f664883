//! The messages without a class or a reason in their key: one variant each, so that a typing error does not compile.

/// Declares [`Message`] with the id of each message.
macro_rules! messages {
    ($($name:ident = $id:literal,)*) => {
        /// A message of the user interface; `locales/en` holds its words and its arguments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Message {
            $(#[doc = concat!("`", $id, "`")] $name,)*
        }

        impl Message {
            /// Every message.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The key in the Fluent resources.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

messages! {
    FindingResembles1 = "finding-resembles-1",
    FindingResembles2 = "finding-resembles-2",
    FindingResembles3 = "finding-resembles-3",
    FindingNotClear = "finding-not-clear",
    FindingNoMatch = "finding-no-match",
    FindingRetake = "finding-retake",
    BandStrong = "band-strong",
    BandModerate = "band-moderate",
    BandWeak = "band-weak",
    NextResembles = "next-resembles",
    NextNotClear = "next-not-clear",
    NextNoMatch = "next-no-match",
    RedFlags = "red-flags",
    Disclaimer = "disclaimer",
    NoticeSynthetic = "notice-synthetic",
    ScreenLooksSimilar = "screen-looks-similar",
    ScreenAlsoSimilar = "screen-also-similar",
    ScreenWhatToDo = "screen-what-to-do",
    ScreenNotClear = "screen-not-clear",
    ScreenNotClearDetail = "screen-not-clear-detail",
    ScreenNoMatch = "screen-no-match",
    ScreenNoMatchDetail = "screen-no-match-detail",
    ScreenRetake = "screen-retake",
    ScreenAllTitle = "screen-all-title",
    ScreenAllNote = "screen-all-note",
    ScreenBundle = "screen-bundle",
    ButtonBack = "button-back",
    ButtonMenu = "button-menu",
    ButtonNext = "button-next",
    ButtonChoose = "button-choose",
    ButtonTake = "button-take",
    ButtonStop = "button-stop",
    ButtonMore = "button-more",
    ButtonAgain = "button-again",
    ButtonOk = "button-ok",
    StartTitle = "start-title",
    StartDone = "start-done",
    CheckPassed = "check-passed",
    CheckWarned = "check-warned",
    CheckFailed = "check-failed",
    CheckSkipped = "check-skipped",
    LanguageTitle = "language-title",
    ConsentTitle = "consent-title",
    ConsentAsk = "consent-ask",
    ConsentSay = "consent-say",
    ConsentYes = "consent-yes",
    ConsentNo = "consent-no",
    CaptureTitle = "capture-title",
    WorkingTitle = "working-title",
    WorkingWait = "working-wait",
    DoctorsTitle = "doctors-title",
    DoctorsNote = "doctors-note",
    OftenVery = "often-very",
    OftenOften = "often-often",
    OftenSometimes = "often-sometimes",
    RedFlagsTitle = "red-flags-title",
    RedFlagHeart = "red-flag-heart",
    RedFlagBreath = "red-flag-breath",
    RedFlagFits = "red-flag-fits",
    RedFlagFeeding = "red-flag-feeding",
    RedFlagsNote = "red-flags-note",
    AboutTitle = "about-title",
    AboutProgram = "about-program",
    AboutBundle = "about-bundle",
    AboutData = "about-data",
    AboutCamera = "about-camera",
    AboutNone = "about-none",
    FaultDetails = "fault-details",
    UpdateTitle = "update-title",
    UpdateBundle = "update-bundle",
    UpdateProgram = "update-program",
    UpdateSigned = "update-signed",
    UpdateAsk = "update-ask",
    UpdateYes = "update-yes",
    UpdateNo = "update-no",
    InstallingTitle = "installing-title",
    InstallingCopy = "installing-copy",
    InstallingTest = "installing-test",
    InstalledTitle = "installed-title",
    InstalledDo = "installed-do",
    RefusedTitle = "refused-title",
    RefusedDo = "refused-do",
    SavingTitle = "saving-title",
    SavedTitle = "saved-title",
    SavedDo = "saved-do",
    NotSavedTitle = "not-saved-title",
    NotSavedDo = "not-saved-do",
    LabelNext = "label-next",
    LabelFace = "label-face",
    LabelTime = "label-time",
    LabelBundle = "label-bundle",
    LabelNotice = "label-notice",
    LabelRemark = "label-remark",
    FaceNone = "face-none",
    FaceAt = "face-at",
    TimeStages = "time-stages",
    TimeNotRun = "time-not-run",
}
