//! The light beside the screen: LEDs on pins, or a record of what they would show.

use std::fmt;
use std::str::FromStr;

use crate::board::{BoardError, Pins, gpio};
use crate::missing_part::MissingPart;
use crate::parts::{Indicator, Light};

/// What stands in the way of the light.
#[derive(Debug, thiserror::Error)]
pub enum IndicatorError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] MissingPart),
    /// The pins cannot be used.
    #[error("cannot use the light on pins")]
    Pins(#[source] BoardError),
}

impl IndicatorError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(part) => part.hint(),
            Self::Pins(error) => error.hint(),
        }
    }
}

/// Which light there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LightChoice {
    /// None.
    None,
    /// One LED of three colours.
    Rgb,
    /// Three LEDs.
    Three,
}

impl FromStr for LightChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "rgb" => Ok(Self::Rgb),
            "three" => Ok(Self::Three),
            _ => Err("expected none, rgb or three".to_owned()),
        }
    }
}

impl fmt::Display for LightChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Rgb => "rgb",
            Self::Three => "three",
        })
    }
}

/// Which of the three LEDs burn. An RGB light has red, green and blue; three single LEDs are those for fault, ready and
/// working, and two of them together mean attention.
pub fn leds(light: Light) -> [bool; 3] {
    match light {
        Light::Off => [false, false, false],
        Light::Ready => [false, true, false],
        Light::Working => [false, false, true],
        // Red and green together are amber.
        Light::Attention => [true, true, false],
        Light::Fault => [true, false, false],
    }
}

/// Opens the light of this choice.
///
/// # Errors
/// When the pins cannot be used.
pub fn open(choice: LightChoice, pins: &Pins) -> Result<Box<dyn Indicator>, IndicatorError> {
    match choice {
        LightChoice::None => Ok(Box::new(NoLight)),
        LightChoice::Rgb | LightChoice::Three => gpio::light(pins).map_err(IndicatorError::Pins),
    }
}

/// A device without a light, as its configuration says.
struct NoLight;

impl Indicator for NoLight {
    fn show(&mut self, _light: Light) -> Result<(), IndicatorError> {
        Ok(())
    }
}

/// Remembers what was shown, each change once.
#[derive(Clone, Debug, Default)]
pub struct RecordedIndicator {
    /// What was shown, the first first.
    pub lights: Vec<Light>,
}

impl Indicator for RecordedIndicator {
    fn show(&mut self, light: Light) -> Result<(), IndicatorError> {
        if self.lights.last() != Some(&light) {
            self.lights.push(light);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_lights_look_the_same() {
        let lights = [Light::Off, Light::Ready, Light::Working, Light::Attention, Light::Fault];
        assert_eq!(lights.map(leds).into_iter().collect::<HashSet<_>>().len(), lights.len());
    }

    #[test]
    fn a_record_holds_changes() {
        let mut record = RecordedIndicator::default();
        for light in [Light::Ready, Light::Ready, Light::Working] {
            record.show(light).unwrap();
        }
        assert_eq!(record.lights, [Light::Ready, Light::Working]);
    }
}
