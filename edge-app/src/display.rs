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

/// A screen's connector, as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    /// The device node, e.g. `/dev/dri/card0`.
    pub device: std::path::PathBuf,
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
    /// A device cannot be asked.
    #[error("cannot use {}", path.display())]
    Device {
        /// The device node.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No window can be opened.
    #[error("cannot open a window: {0}")]
    Window(String),
}
