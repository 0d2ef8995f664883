//! What the session is told, and what it asks for. No pixels: pictures are known by number.

use std::time::Duration;

use lakshan_core::quality::{QualityMeasures, QualityThresholds};
use lakshan_core::{Finding, Point, Probabilities, RetakeReason};

use crate::parts::{Button, Press};
use crate::screen::{AboutLines, Action, FaceBox};
use crate::self_test::Check;
use crate::sticks::{Kind, News, Refused, Step};

/// A picture that the loop holds, by number; a larger one is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(pub u64);

/// How the session is to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The codes of the languages, in the order in which they are shown; at least one.
    pub languages: Vec<String>,
    /// The language that was chosen; `None` when nobody has chosen yet.
    pub language: Option<String>,
    /// How long nobody may do anything before the session returns to its start and forgets the patient.
    pub idle: Duration,
    /// Whether the device can be switched off from the menu.
    pub can_power_off: bool,
    /// Whether encounters are counted, so that there is a register to be saved to a stick.
    pub keeps_register: bool,
}

/// What the session needs of an opened bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedBundle {
    /// What a picture must reach.
    pub thresholds: QualityThresholds,
    /// What the about screen says.
    pub about: AboutLines,
}

/// What the analyser saw in one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Which picture.
    pub frame: FrameId,
    /// When the camera gave it.
    pub taken: Duration,
    /// Good enough to be judged, or the first thing that is wrong.
    pub verdict: Result<(), RetakeReason>,
    /// What was measured; `None` without a face, or with several.
    pub measures: Option<QualityMeasures>,
    /// Where the face is; the largest of several.
    pub face: Option<SeenFace>,
    /// How much darker one half of the face is than the other, 0 to 1; `None` as for `measures`.
    pub unevenness: Option<f32>,
}

/// Where a face is in its picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeenFace {
    /// Its box, for the screen.
    pub bounds: FaceBox,
    /// The middle between the eyes, pixels of the picture.
    pub eyes: Point,
    /// The distance between the eyes, pixels of the picture.
    pub inter_eye_px: f32,
}

/// The answer to one patient's pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What was found.
    pub finding: Finding,
    /// Of the averaged logits; `None` when the pictures must be taken again.
    pub probabilities: Option<Probabilities>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Nothing but time.
    Tick,
    /// A button.
    Press(Button, Press),
    /// A touch, as the screen that was shown understands it.
    Touch(Action),
    /// The self-test that was asked for as `generation` is over.
    SelfTested {
        /// Of the effect.
        generation: u64,
        /// What was looked at.
        checks: Vec<Check>,
        /// The bundle, or why it is refused.
        bundle: Result<Box<OpenedBundle>, String>,
    },
    /// The camera gave a picture.
    Frame {
        /// Its number.
        frame: FrameId,
        /// When it was taken.
        taken: Duration,
    },
    /// A picture was analysed.
    Sight(Sight),
    /// The pictures that were to be judged as `generation` are.
    Judged {
        /// Of the effect.
        generation: u64,
        /// The answer, or what went wrong.
        judgement: Result<Judgement, String>,
    },
    /// The camera is gone. That it is back is told by its next picture.
    CameraLost,
    /// Memory runs low, or no longer does.
    Memory {
        /// Too little to go on.
        low: bool,
    },
    /// The chosen language could not be saved.
    NotSaved(String),
    /// What the sticks hold has changed.
    Stick(News),
    /// The installation that was asked for as `generation` goes on.
    InstallStep {
        /// Of the effect.
        generation: u64,
        /// How far it is.
        step: Step,
    },
    /// The installation that was asked for as `generation` is over.
    Installed {
        /// Of the effect.
        generation: u64,
        /// What was installed, or why nothing was.
        outcome: Result<Kind, Refused>,
    },
    /// The register that was to be saved as `generation` is, or is not.
    RegisterSaved {
        /// Of the effect.
        generation: u64,
        /// How many rows, or why not.
        outcome: Result<usize, Refused>,
    },
    /// A part of the program fell over; it is being started again.
    PartFailed(String),
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open the bundle if it is not, look at every part, and say [`Event::SelfTested`].
    SelfTest {
        /// To be given back.
        generation: u64,
    },
    /// Analyse the camera's pictures, or stop that and forget the last one.
    Watch(bool),
    /// Keep the face of the picture whose [`Sight`] has just been told.
    Keep(FrameId),
    /// Average the logits of these kept faces, the best first, and say [`Event::Judged`]. Wipe them, but for the first,
    /// which stands beside the finding.
    Judge {
        /// To be given back.
        generation: u64,
        /// Which pictures.
        frames: Vec<FrameId>,
    },
    /// Wipe every kept face, every picture, and what else is known of the patient.
    Wipe,
    /// Remember the language.
    SaveLanguage(String),
    /// Install what the stick holds, say [`Event::InstallStep`] meanwhile and [`Event::Installed`] at the end.
    Install {
        /// To be given back.
        generation: u64,
    },
    /// Write the register to the stick and say [`Event::RegisterSaved`].
    SaveRegister {
        /// To be given back.
        generation: u64,
    },
    /// What is being done with the stick is not wanted any more.
    StopStick,
    /// End the program, so that it is started again with what was installed.
    Restart,
    /// Switch the device off.
    PowerOff,
}
