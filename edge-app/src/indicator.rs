//! The light beside the screen: LEDs on pins, or a record of what they would show.

/// What stands in the way of the light.
#[derive(Debug, thiserror::Error)]
pub enum IndicatorError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] crate::missing_part::MissingPart),
    /// The pins cannot be used.
    #[error("cannot use the light on pins")]
    Pins(#[from] crate::board::BoardError),
}
