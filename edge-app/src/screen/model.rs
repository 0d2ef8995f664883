//! What can be shown: plain data. The pixels of a person stand only in a [`Scene`], borrowed for one drawing.

use lakshan_core::manifest::{DataKind, Manifest};
use lakshan_core::{FaceCrop, Finding, Frame, Probabilities, RetakeReason, Syndrome};

use crate::self_test::Check;
use crate::sticks::{Kind, Offer, Refused, Step};

/// One picture to draw: a screen, and what is around and behind it.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// What is shown.
    pub screen: &'a Screen,
    /// The bundle in use; `None` while none is opened. While it is synthetic, every screen bears the notice.
    pub bundle: Option<&'a BundleLine>,
    /// The camera's live picture as it came, not mirrored. Only [`Screen::Aim`] and [`Screen::Capture`] show it,
    /// mirrored, as a looking-glass does; `None` while the camera has given none.
    pub picture: Option<&'a Frame>,
    /// The face that was judged, so that a mix-up of patients is seen. Only [`Screen::Result`] shows it.
    pub face: Option<&'a FaceCrop>,
}

impl<'a> Scene<'a> {
    /// A screen with nothing around it.
    pub fn of(screen: &'a Screen) -> Self {
        Self { screen, bundle: None, picture: None, face: None }
    }
}

/// What a screen says about the bundle behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleLine {
    /// The bundle's name.
    pub name: String,
    /// The bundle's version.
    pub version: String,
    /// Where its training data came from.
    pub statement: String,
    /// Trained on rendered heads, so every screen bears the notice.
    pub synthetic: bool,
}

impl From<&Manifest> for BundleLine {
    fn from(manifest: &Manifest) -> Self {
        Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            statement: manifest.provenance.statement.clone(),
            synthetic: manifest.provenance.kind == DataKind::Synthetic,
        }
    }
}

/// What can be shown. The three buttons are labelled on every screen; what they do is the session's affair.
#[derive(Clone, Debug, PartialEq)]
pub enum Screen {
    /// The device starts and looks at its parts.
    Start {
        /// What was looked at so far.
        checks: Vec<Check>,
    },
    /// Which language? In the order of [`crate::text::languages`].
    Language {
        /// The marked entry.
        selected: usize,
    },
    /// Does the patient or guardian agree? Entry 0 is yes, entry 1 is no.
    Consent {
        /// Yes is marked.
        selected: bool,
    },
    /// The live picture with one instruction.
    Aim(AimScreen),
    /// Pictures are being taken.
    Capture {
        /// How many are taken.
        taken: u8,
        /// How many there shall be.
        wanted: u8,
    },
    /// The network computes.
    Working,
    /// The finding in words.
    Result(ResultScreen),
    /// All twelve classes with their probabilities.
    AllClasses(AllClassesScreen),
    /// What doctors look for in one class, from the Human Phenotype Ontology.
    DoctorsLookFor {
        /// The class.
        class: Syndrome,
        /// Counts on for ever: the screen shows it modulo the number of pages.
        page: usize,
    },
    /// What means "refer now", whatever any screen says.
    RedFlags,
    /// The menu.
    Menu {
        /// The entries, at most eight.
        items: Vec<MenuItem>,
        /// The marked entry.
        selected: usize,
    },
    /// Program, bundle, model card.
    About {
        /// Counts on for ever: the screen shows it modulo the number of pages.
        page: usize,
        /// What it says.
        lines: AboutLines,
    },
    /// What is done with a USB stick.
    Stick(StickScreen),
    /// Something is wrong with the device, and what to do about it.
    Fault(Fault),
}

impl Screen {
    /// The ids of all screens.
    pub const IDS: [&'static str; 20] = [
        "start",
        "language",
        "consent",
        "aim",
        "capture",
        "working",
        "result",
        "all-classes",
        "doctors-look-for",
        "red-flags",
        "menu",
        "about",
        "update-found",
        "installing",
        "installed",
        "refused",
        "saving",
        "saved",
        "not-saved",
        "fault",
    ];

    /// The stable id: the word in transcripts and names of files.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Language { .. } => "language",
            Self::Consent { .. } => "consent",
            Self::Aim(_) => "aim",
            Self::Capture { .. } => "capture",
            Self::Working => "working",
            Self::Result(_) => "result",
            Self::AllClasses(_) => "all-classes",
            Self::DoctorsLookFor { .. } => "doctors-look-for",
            Self::RedFlags => "red-flags",
            Self::Menu { .. } => "menu",
            Self::About { .. } => "about",
            Self::Stick(stick) => stick.id(),
            Self::Fault(_) => "fault",
        }
    }
}

/// What is done with a USB stick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StickScreen {
    /// Shall it be installed? Entry 0 is yes, entry 1 is no.
    Found {
        /// What was found.
        offer: Offer,
        /// Yes is marked.
        selected: bool,
    },
    /// It is being installed.
    Installing(Step),
    /// It is installed.
    Installed(Kind),
    /// It is not installed.
    Refused(Refused),
    /// The register is being written to it.
    Saving,
    /// The register was written to it.
    Saved {
        /// How many rows.
        rows: usize,
    },
    /// The register was not written.
    NotSaved(Refused),
}

impl StickScreen {
    fn id(&self) -> &'static str {
        match self {
            Self::Found { .. } => "update-found",
            Self::Installing(_) => "installing",
            Self::Installed(_) => "installed",
            Self::Refused(_) => "refused",
            Self::Saving => "saving",
            Self::Saved { .. } => "saved",
            Self::NotSaved(_) => "not-saved",
        }
    }
}

/// The live picture with one instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AimScreen {
    /// What to do.
    pub guidance: Guidance,
    /// Where the face is.
    pub face: Option<FaceBox>,
    /// How much of the second that must be good has passed, 0 to 1.
    pub steady: f32,
}

/// Where a face is: fractions of the picture's width and height, from the upper left corner, not mirrored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceBox {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// The one instruction of the aim screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guidance {
    /// There is no face.
    NoFace,
    /// The face is too small.
    ComeCloser,
    /// Part of the head is outside.
    MoveBack,
    /// The picture is not sharp.
    HoldStill,
    /// Too dark.
    MoreLight,
    /// Too bright.
    LessLight,
    /// The light comes from the side or from behind.
    TurnToLight,
    /// The face is turned away.
    LookStraight,
    /// There are several faces.
    OnePersonOnly,
    /// All is good: hold still, or press.
    Good,
}

impl Guidance {
    /// Every instruction.
    pub const ALL: [Self; 10] = [
        Self::NoFace,
        Self::ComeCloser,
        Self::MoveBack,
        Self::HoldStill,
        Self::MoreLight,
        Self::LessLight,
        Self::TurnToLight,
        Self::LookStraight,
        Self::OnePersonOnly,
        Self::Good,
    ];

    /// The stable id: the key of translations, and the word in transcripts.
    pub fn id(self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::ComeCloser => "come_closer",
            Self::MoveBack => "move_back",
            Self::HoldStill => "hold_still",
            Self::MoreLight => "more_light",
            Self::LessLight => "less_light",
            Self::TurnToLight => "turn_to_light",
            Self::LookStraight => "look_straight",
            Self::OnePersonOnly => "one_person_only",
            Self::Good => "good",
        }
    }
}

impl From<RetakeReason> for Guidance {
    fn from(reason: RetakeReason) -> Self {
        match reason {
            RetakeReason::NoFace => Self::NoFace,
            RetakeReason::SeveralFaces => Self::OnePersonOnly,
            RetakeReason::TooSmall => Self::ComeCloser,
            RetakeReason::CutOff => Self::MoveBack,
            RetakeReason::TooDark => Self::MoreLight,
            RetakeReason::TooBright => Self::LessLight,
            RetakeReason::Blurred => Self::HoldStill,
            RetakeReason::TurnedAway => Self::LookStraight,
        }
    }
}

/// The finding and what to do next.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultScreen {
    /// What was found.
    pub finding: Finding,
}

/// The details behind a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct AllClassesScreen {
    /// The probabilities to show.
    pub probabilities: Probabilities,
    /// The classes that the finding names; they stand out.
    pub named: Vec<Syndrome>,
}

/// What the about screen says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutLines {
    /// The program's version.
    pub version: String,
    /// The bundle, when one is open.
    pub bundle: Option<BundleLine>,
    /// The camera, as it describes itself, when there is one.
    pub camera: Option<String>,
    /// The bundle's model card in Markdown, as it lies in the bundle; may be empty.
    pub model_card: String,
}

/// An entry of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MenuItem {
    /// Choose another language.
    Language,
    /// What means "refer now".
    RedFlags,
    /// All twelve classes of the last result.
    AllClasses,
    /// Program, bundle, model card.
    About,
    /// Look at the parts again.
    SelfTest,
    /// Forget this patient.
    NextPatient,
    /// Write the register to the stick.
    SaveRegister,
    /// Switch off.
    PowerOff,
}

impl MenuItem {
    /// Every entry.
    pub const ALL: [Self; 8] = [
        Self::Language,
        Self::RedFlags,
        Self::AllClasses,
        Self::About,
        Self::SelfTest,
        Self::NextPatient,
        Self::SaveRegister,
        Self::PowerOff,
    ];

    /// The stable id: the key of translations, and the word in transcripts.
    pub fn id(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::RedFlags => "red_flags",
            Self::AllClasses => "all_classes",
            Self::About => "about",
            Self::SelfTest => "self_test",
            Self::NextPatient => "next_patient",
            Self::SaveRegister => "save_register",
            Self::PowerOff => "power_off",
        }
    }
}

/// What is wrong with the device. The words inside are for engineers, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The camera was there and is gone; it comes back by itself.
    CameraLost,
    /// There is no camera.
    CameraMissing,
    /// The bundle cannot be used.
    BundleRefused(String),
    /// A part does not do its work.
    SelfTestFailed(Vec<Check>),
    /// Too little memory to go on.
    LowMemory,
    /// The disk cannot be written.
    Storage(String),
    /// The program went wrong.
    Internal(String),
}

impl Fault {
    /// The stable id: the key of translations, and the word in transcripts.
    pub fn id(&self) -> &'static str {
        match self {
            Self::CameraLost => "camera_lost",
            Self::CameraMissing => "camera_missing",
            Self::BundleRefused(_) => "bundle_refused",
            Self::SelfTestFailed(_) => "self_test_failed",
            Self::LowMemory => "low_memory",
            Self::Storage(_) => "storage",
            Self::Internal(_) => "internal",
        }
    }

    /// The stable ids of all faults.
    pub const IDS: [&'static str; 7] =
        ["camera_lost", "camera_missing", "bundle_refused", "self_test_failed", "low_memory", "storage", "internal"];
}

/// What a touch asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// As the capture button.
    Confirm,
    /// As the back button.
    Back,
    /// As the menu button.
    Menu,
    /// The next page.
    Next,
    /// The page before.
    Previous,
    /// The entry of this number, and confirm.
    Choose(usize),
}
