//! What the device says about one photograph.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Syndrome;

/// Why a photograph must be taken again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetakeReason {
    /// No face was found.
    NoFace,
    /// More than one face is in the picture.
    SeveralFaces,
    /// The face has too few pixels.
    TooSmall,
    /// Part of the head lies outside the picture.
    CutOff,
    /// The face is too dark.
    TooDark,
    /// The face is too bright.
    TooBright,
    /// The face is not sharp.
    Blurred,
    /// The face looks aside, up or down.
    TurnedAway,
}

impl RetakeReason {
    /// Every reason, in the order in which the quality gate asks.
    pub const ALL: [Self; 8] = [
        Self::NoFace,
        Self::SeveralFaces,
        Self::TooSmall,
        Self::CutOff,
        Self::TooDark,
        Self::TooBright,
        Self::Blurred,
        Self::TurnedAway,
    ];

    /// The stable id used in JSON and as the key of translations.
    pub fn id(self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::SeveralFaces => "several_faces",
            Self::TooSmall => "too_small",
            Self::CutOff => "cut_off",
            Self::TooDark => "too_dark",
            Self::TooBright => "too_bright",
            Self::Blurred => "blurred",
            Self::TurnedAway => "turned_away",
        }
    }
}

impl fmt::Display for RetakeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A class that the face resembles, with its calibrated probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resemblance {
    /// Which class.
    pub class: Syndrome,
    /// Probability among the twelve, 0 to 1.
    pub probability: f32,
}

/// The answer to one photograph. There is no "healthy": a face can show a sign, its absence shows nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// The photograph cannot be judged.
    Retake(RetakeReason),
    /// Something is there, but too many classes fit, or none well enough.
    NotClear,
    /// The face looks like none of the twelve.
    NoMatch,
    /// The face looks like these one to three classes, the likeliest first.
    Resembles(Vec<Resemblance>),
}

impl Finding {
    /// The stable id of the kind, used in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Retake(_) => "retake",
            Self::NotClear => "not_clear",
            Self::NoMatch => "no_match",
            Self::Resembles(_) => "resembles",
        }
    }
}
