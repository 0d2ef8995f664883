//! The board that the program runs on: its name, and whether its pins can be used.

#[cfg(feature = "gpio")]
#[path = "board/gpio.rs"]
pub mod gpio;
#[cfg(not(feature = "gpio"))]
#[path = "board/no_gpio.rs"]
pub mod gpio;

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

/// What stands in the way of the pins.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] crate::missing_part::MissingPart),
    /// This is no Raspberry Pi.
    #[error("this board is not a Raspberry Pi that is known: {0}")]
    Unknown(String),
}
