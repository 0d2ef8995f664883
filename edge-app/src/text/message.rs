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
