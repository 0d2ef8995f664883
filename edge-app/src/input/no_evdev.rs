//! Stands in for keyboards and touch screens in a build without feature `evdev`: says so.

use super::InputError;
use super::keys::TouchTurn;
use crate::missing_part::MissingPart;
use crate::parts::Input;
use crate::screen::Size;

/// Opens keyboards and touch screens.
///
/// # Errors
/// Always.
pub fn open(_size: Size, _turn: TouchTurn, _grab: bool) -> Result<(Box<dyn Input>, Vec<String>), InputError> {
    Err(MissingPart { part: "keyboard and touch screen", feature: "evdev" }.into())
}
