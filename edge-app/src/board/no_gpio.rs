//! Stands in for the pins in a build without feature `gpio`: says so.

use super::{BoardError, BoardInfo, Pins};
use crate::missing_part::MissingPart;
use crate::parts::{Indicator, Input};

const MISSING: MissingPart = MissingPart { part: "GPIO", feature: "gpio" };

/// What the board is, and whether its pins can be used.
///
/// # Errors
/// Always: this build cannot look.
pub fn info() -> Result<BoardInfo, BoardError> {
    Err(MISSING.into())
}

/// The three buttons.
///
/// # Errors
/// Always.
pub fn buttons(_pins: &Pins) -> Result<(Box<dyn Input>, Vec<String>), BoardError> {
    Err(MISSING.into())
}

/// The light.
///
/// # Errors
/// Always.
pub fn light(_pins: &Pins) -> Result<Box<dyn Indicator>, BoardError> {
    Err(MISSING.into())
}
