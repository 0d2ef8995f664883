//! A Raspberry Pi's pins, through rppal.

use rppal::gpio::Gpio;
use rppal::system::DeviceInfo;

use super::{BoardError, BoardInfo};

/// What the board is, and whether its pins can be used.
///
/// # Errors
/// When the board is no Raspberry Pi that rppal knows.
pub fn info() -> Result<BoardInfo, BoardError> {
    let about = DeviceInfo::new().map_err(|error| BoardError::Unknown(error.to_string()))?;
    let pins_fault = Gpio::new().err().map(|error| error.to_string());
    Ok(BoardInfo { model: about.model().to_string(), soc: about.soc().to_string(), pins_fault })
}
