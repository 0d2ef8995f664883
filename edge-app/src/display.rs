//! The ways to show a screen. A way that is not in this build says so.

#[cfg(feature = "kms")]
#[path = "display/kms.rs"]
pub mod kms;
#[cfg(not(feature = "kms"))]
#[path = "display/no_kms.rs"]
pub mod kms;

#[cfg(feature = "window")]
#[path = "display/window.rs"]
pub mod window;
#[cfg(not(feature = "window"))]
#[path = "display/no_window.rs"]
pub mod window;

pub mod png;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use tiny_skia::Pixmap;

use crate::parts::{Display, Input};
use crate::png_file::PngFileError;
use crate::screen::Size;

/// A screen's connector, as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// The device node, e.g. `/dev/dri/card0`.
    pub device: PathBuf,
    /// The connector's name, e.g. `HDMI-A-1`.
    pub name: String,
    /// Whether a screen is plugged in, as far as the kernel knows.
    pub connected: Option<bool>,
    /// The sizes that it can show.
    pub modes: Vec<Mode>,
}

/// A size and rate that a screen can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// Pictures a second.
    pub refresh_hz: u32,
    /// The one that the screen prefers.
    pub preferred: bool,
}

/// What stands in the way of a screen.
#[derive(Debug, thiserror::Error)]
pub enum DisplayError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] crate::missing_part::MissingPart),
    /// There is no screen, or not the one that was named.
    #[error("no screen is connected{}", named.as_ref().map(|name| format!(" to {name}")).unwrap_or_default())]
    NoScreen {
        /// The connector that was named.
        named: Option<String>,
    },
    /// A device cannot be asked.
    #[error("cannot use {}", path.display())]
    Device {
        /// The device node.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The screen shows no size that the renderer can fill.
    #[error("the screen has no mode of {wanted}")]
    NoMode {
        /// The sizes that would do.
        wanted: String,
    },
    /// A picture of another size than the screen's.
    #[error("a picture of {} x {} pixels does not fit the screen", size.0, size.1)]
    WrongSize {
        /// Width and height of the picture.
        size: (u32, u32),
    },
    /// No window can be opened.
    #[error("cannot open a window: {0}")]
    Window(String),
    /// A picture cannot be written.
    #[error(transparent)]
    Png(#[from] PngFileError),
}

impl DisplayError {
    /// An error unless the picture has the screen's size.
    fn unless_fits(pixels: &Pixmap, screen: Size) -> Result<(), Self> {
        let size = (pixels.width(), pixels.height());
        if size == (screen.width(), screen.height()) { Ok(()) } else { Err(Self::WrongSize { size }) }
    }

    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(part) => part.hint(),
            Self::NoScreen { .. } | Self::NoMode { .. } => {
                "`edge-app display list` shows the screens and their modes".to_owned()
            }
            Self::Device { source, .. } if matches!(source.raw_os_error(), Some(13 | 16)) => {
                "a desktop may be using the screen: end it, or run it as root or as a member of the group 'video'"
                    .to_owned()
            }
            Self::Device { .. } => "run it as root, or as a member of the group 'video'".to_owned(),
            Self::WrongSize { .. } => "this is a fault of the program; please report it".to_owned(),
            Self::Window(_) => "start it from a desktop; on a device without one use --display kms".to_owned(),
            Self::Png(_) => "name a folder that can be written: --display png:DIR".to_owned(),
        }
    }
}

/// Which screen to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisplayChoice {
    /// A window where the build can open one and there is a desktop; else the screen of the graphics card.
    Auto,
    /// The screen of the graphics card, without a desktop.
    Kms,
    /// A window.
    Window,
    /// PNG files in a folder.
    Png(PathBuf),
}

impl FromStr for DisplayChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "kms" => Ok(Self::Kms),
            None if text == "window" => Ok(Self::Window),
            Some(("png", folder)) if !folder.is_empty() => Ok(Self::Png(PathBuf::from(folder))),
            _ => Err("expected auto, kms, window or png:DIR".to_owned()),
        }
    }
}

impl fmt::Display for DisplayChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Kms => f.write_str("kms"),
            Self::Window => f.write_str("window"),
            Self::Png(folder) => write!(f, "png:{}", folder.display()),
        }
    }
}

/// What a screen should be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayWishes {
    /// The size; by default the one that the screen prefers, and [`Size::DEVICE`] where there is none.
    pub size: Option<Size>,
    /// The connector, e.g. `HDMI-A-1`; by default the first with a screen.
    pub connector: Option<String>,
}

/// A screen, and the keys and pointer that come with a window.
pub struct Opened {
    /// The screen.
    pub display: Box<dyn Display>,
    /// A window's own input.
    pub input: Option<Box<dyn Input>>,
    /// In words.
    pub about: String,
}

/// Opens the screen of this choice.
///
/// # Errors
/// When it is missing or cannot be used.
pub fn open(choice: &DisplayChoice, wishes: &DisplayWishes) -> Result<Opened, DisplayError> {
    match choice {
        DisplayChoice::Kms => kms::open(wishes),
        DisplayChoice::Window => window::open("Lakshan", wishes.size.unwrap_or(Size::DEVICE)),
        DisplayChoice::Png(folder) => png::open(folder, wishes.size.unwrap_or(Size::DEVICE)),
        // Where there is a desktop the screen is its own, and KMS would be refused.
        DisplayChoice::Auto => match window::open("Lakshan", wishes.size.unwrap_or(Size::DEVICE)) {
            Err(DisplayError::Missing(_) | DisplayError::Window(_)) => kms::open(wishes),
            opened => opened,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_are_written() {
        for text in ["auto", "kms", "window", "png:out"] {
            assert_eq!(text.parse::<DisplayChoice>().unwrap().to_string(), text);
        }
        for text in ["", "png", "png:", "hdmi"] {
            assert!(text.parse::<DisplayChoice>().unwrap_err().contains("png:DIR"), "{text}");
        }
    }
}
