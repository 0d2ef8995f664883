//! The board that the program runs on: its name, its pins, and what they are connected to.

#[cfg(feature = "gpio")]
#[path = "board/gpio.rs"]
pub mod gpio;
#[cfg(not(feature = "gpio"))]
#[path = "board/no_gpio.rs"]
pub mod gpio;

use std::time::Duration;

/// What is known about the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardInfo {
    /// The model, e.g. `Raspberry Pi 4 B`.
    pub model: String,
    /// The chip, e.g. `BCM2711`.
    pub soc: String,
    /// Why the pins cannot be used, or `None` when they can.
    pub pins_fault: Option<String>,
}

/// What is connected where; numbers are those of the chip (BCM), not of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    /// The capture button.
    pub capture: u8,
    /// The back button.
    pub back: u8,
    /// The menu button.
    pub menu: u8,
    /// A pressed button connects its pin to ground.
    pub buttons_active_low: bool,
    /// How long a level must last before it counts.
    pub debounce: Duration,
    /// Red, or the LED for a fault.
    pub red: u8,
    /// Green, or the LED for ready.
    pub green: u8,
    /// Blue, or the LED for working.
    pub blue: u8,
    /// An LED burns when its pin is low.
    pub lights_active_low: bool,
}

/// What stands in the way of the pins.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] crate::missing_part::MissingPart),
    /// This is no Raspberry Pi.
    #[error("this board is not a Raspberry Pi that is known: {0}")]
    Unknown(String),
    /// The pins cannot be used at all.
    #[error("the pins cannot be used: {0}")]
    Pins(String),
    /// One pin cannot be used.
    #[error("pin {number} cannot be used: {why}")]
    Pin {
        /// The pin, as the chip counts.
        number: u8,
        /// What rppal says.
        why: String,
    },
}

impl BoardError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(part) => part.hint(),
            Self::Unknown(_) => "elsewhere, use a keyboard or the kernel's gpio-keys: --buttons evdev".to_owned(),
            Self::Pins(_) => "run it as root, or as a member of the group 'gpio'".to_owned(),
            Self::Pin { .. } => "see the pins in the configuration: `edge-app config --print`".to_owned(),
        }
    }
}
