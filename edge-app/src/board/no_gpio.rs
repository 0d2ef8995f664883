//! Stands in for the pins in a build without feature `gpio`: says so.

use super::{BoardError, BoardInfo};
use crate::missing_part::MissingPart;

/// What the board is, and whether its pins can be used.
///
/// # Errors
/// Always: this build cannot look.
pub fn info() -> Result<BoardInfo, BoardError> {
    Err(MissingPart { part: "GPIO", feature: "gpio" }.into())
}
