//! What the session is doing: one variant a screen.

use std::time::Duration;

use lakshan_core::Syndrome;

use super::aim::Guide;
use super::series::Series;
use crate::screen::{Fault, MenuItem, StickScreen};

/// One entry of the session's stack. The lowest is the stage of the visit; those above lie over it and give way to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    Start,
    Language {
        selected: usize,
    },
    Consent {
        agreed: bool,
    },
    Aim(Guide),
    Capture(Series),
    Working {
        generation: u64,
        since: Duration,
    },
    Result,
    /// How many classes were gone through from here to what doctors look for.
    AllClasses {
        shown: usize,
    },
    DoctorsLookFor {
        class: Syndrome,
        page: usize,
    },
    RedFlags,
    Menu {
        items: Vec<MenuItem>,
        selected: usize,
    },
    About {
        page: usize,
    },
    Stick(StickScreen),
    Fault(Fault),
}

impl State {
    /// Whether the camera's pictures are looked at.
    pub(super) fn watches(&self) -> bool {
        matches!(self, Self::Aim(_) | Self::Capture(_) | Self::Fault(Fault::CameraLost | Fault::CameraMissing))
    }

    /// Whether the camera's picture is on the screen.
    pub(super) fn shows_picture(&self) -> bool {
        matches!(self, Self::Aim(_) | Self::Capture(_))
    }
}
