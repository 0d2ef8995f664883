//! What the person does: buttons on pins, keys and touch screens, and several of them at once.

#[cfg(feature = "evdev")]
#[path = "input/evdev.rs"]
pub mod evdev;
#[cfg(not(feature = "evdev"))]
#[path = "input/no_evdev.rs"]
pub mod evdev;

pub mod keys;
pub mod press;
pub mod scripted;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::board::{BoardError, Pins, gpio};
use crate::missing_part::MissingPart;
use crate::parts::{Input, InputEvent};
use crate::screen::Size;
use keys::TouchTurn;

/// What stands in the way of buttons, keys or a touch screen.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] MissingPart),
    /// The pins cannot be used.
    #[error("cannot use the buttons on pins")]
    Pins(#[source] BoardError),
    /// There is nothing to press.
    #[error("no keyboard, button or touch screen is connected")]
    NoDevice,
    /// A device cannot be listed, opened or read.
    #[error("cannot read {}", path.display())]
    Device {
        /// The device node or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl InputError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(part) => part.hint(),
            Self::Pins(error) => error.hint(),
            Self::NoDevice => "connect one, or use the buttons on pins: --buttons gpio".to_owned(),
            Self::Device { .. } => "run it as root, or as a member of the group 'input'".to_owned(),
        }
    }
}

/// Which buttons to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ButtonsChoice {
    /// On a Raspberry Pi its pins, and keyboards and touch screens where there are any; in a window, the window's keys.
    Auto,
    /// These; each must be there.
    These {
        /// The pins.
        gpio: bool,
        /// Keyboards and touch screens.
        evdev: bool,
    },
}

impl FromStr for ButtonsChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::These { gpio: false, evdev: false }),
            "gpio" => Ok(Self::These { gpio: true, evdev: false }),
            "evdev" => Ok(Self::These { gpio: false, evdev: true }),
            "gpio,evdev" | "evdev,gpio" => Ok(Self::These { gpio: true, evdev: true }),
            _ => Err("expected auto, gpio, evdev, gpio,evdev or none".to_owned()),
        }
    }
}

impl fmt::Display for ButtonsChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::These { gpio: true, evdev: true } => "gpio,evdev",
            Self::These { gpio: true, evdev: false } => "gpio",
            Self::These { gpio: false, evdev: true } => "evdev",
            Self::These { gpio: false, evdev: false } => "none",
        })
    }
}

/// The buttons that were opened, and what they are.
pub struct Opened {
    /// All of them as one.
    pub input: Several,
    /// Each in words.
    pub about: Vec<String>,
}

/// Opens the buttons of this choice. `has_window` says that a window brings keys of its own.
///
/// # Errors
/// When one that was asked for is missing; with [`ButtonsChoice::Auto`], when nothing at all is there to press.
pub fn open(
    choice: ButtonsChoice,
    pins: &Pins,
    size: Size,
    turn: TouchTurn,
    has_window: bool,
) -> Result<Opened, InputError> {
    let mut opened = Opened { input: Several::default(), about: Vec::new() };
    let evdev = || evdev::open(size, turn, true);
    match choice {
        // A desktop has the keyboard already, and it must not be grabbed from it.
        ButtonsChoice::Auto if has_window => {}
        ButtonsChoice::Auto => {
            let on_pins = gpio::buttons(pins).map_err(InputError::Pins);
            let others = evdev();
            match (on_pins, others) {
                (Ok(on_pins), others) => {
                    opened.add(on_pins);
                    if let Ok(others) = others {
                        opened.add(others);
                    }
                }
                (Err(_), Ok(others)) => opened.add(others),
                (Err(error), Err(InputError::Missing(_))) | (Err(InputError::Pins(_)), Err(error)) => {
                    return Err(error);
                }
                (Err(error), Err(_)) => return Err(error),
            }
        }
        ButtonsChoice::These { gpio, evdev: keys } => {
            if gpio {
                opened.add(gpio::buttons(pins).map_err(InputError::Pins)?);
            }
            if keys {
                opened.add(evdev()?);
            }
        }
    }
    Ok(opened)
}

impl Opened {
    fn add(&mut self, (input, about): (Box<dyn Input>, Vec<String>)) {
        self.input.add(input);
        self.about.extend(about);
    }
}

/// Several inputs as one.
#[derive(Default)]
pub struct Several {
    inputs: Vec<Box<dyn Input>>,
}

impl Several {
    /// Takes one more.
    pub fn add(&mut self, input: Box<dyn Input>) {
        self.inputs.push(input);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }
}

impl Input for Several {
    fn poll(&mut self, now: Duration) -> Result<Vec<InputEvent>, InputError> {
        let mut events = Vec::new();
        for input in &mut self.inputs {
            events.extend(input.poll(now)?);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::{Button, Press};
    use scripted::ScriptedInput;

    #[test]
    fn several_are_heard_at_once() {
        let press = |button| InputEvent::Button(button, Press::Short);
        let mut several = Several::default();
        assert!(several.is_empty());
        for button in [Button::Capture, Button::Back] {
            several.add(Box::new(ScriptedInput::new([(Duration::ZERO, press(button))])));
        }
        assert_eq!(several.poll(Duration::ZERO).unwrap(), [press(Button::Capture), press(Button::Back)]);
    }

    #[test]
    fn choices_are_read_as_they_are_written() {
        for text in ["auto", "none", "gpio", "evdev", "gpio,evdev"] {
            assert_eq!(text.parse::<ButtonsChoice>().unwrap().to_string(), text);
        }
        assert!("touch".parse::<ButtonsChoice>().unwrap_err().contains("gpio,evdev"));
    }
}
