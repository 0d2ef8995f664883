//! Stands in for the window in a build without feature `window`: says so.

use tiny_skia::Pixmap;

use super::{DisplayError, Opened};
use crate::missing_part::MissingPart;
use crate::screen::Size;

/// Whether this build can open a window at all.
///
/// # Errors
/// Always.
pub fn check() -> Result<(), DisplayError> {
    Err(MissingPart { part: "window", feature: "window" }.into())
}

/// Shows pages in a window until it is closed.
///
/// # Errors
/// Always.
pub fn show(_title: &str, _pages: Vec<Pixmap>) -> Result<(), DisplayError> {
    check()
}

/// Opens a window.
///
/// # Errors
/// Always.
pub fn open(_title: &str, _size: Size) -> Result<Opened, DisplayError> {
    Err(MissingPart { part: "window", feature: "window" }.into())
}
