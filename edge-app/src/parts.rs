//! The seams to the device's parts: what the loop needs of a camera, a screen, buttons, a light and a clock.
//!
//! | seam | real | for tests and demonstrations, always by name |
//! |---|---|---|
//! | [`Camera`] | V4L2, `rpicam-vid` | a folder of pictures |
//! | [`Display`] | KMS, a window | PNG files |
//! | [`Input`] | GPIO pins, evdev, the window's keys | a script |
//! | [`Indicator`] | LEDs on GPIO pins | a record |
//! | [`Clock`] | the system's | stepped by the test |
//! | [`Sticks`] | a folder in which USB sticks appear | a script |
//!
//! No implementation stands in for another by itself: a part that is missing is an error.

use std::time::Duration;

use lakshan_core::Frame;
use tiny_skia::Pixmap;

use crate::display::DisplayError;
use crate::indicator::IndicatorError;
use crate::input::InputError;
use crate::screen::Size;
use crate::sticks::{Kind, News, Refused, Step};

/// A source of frames. Called from the camera's own thread.
pub trait Camera: Send {
    /// Waits at most `timeout` for the next frame. The newest wins: frames that queued up meanwhile are dropped.
    ///
    /// # Errors
    /// When there is none; the fault says whether asking again makes sense. Only [`CameraFault::Failed`] is final.
    fn next(&mut self, timeout: Duration) -> Result<Frame, CameraFault>;

    /// For the about and the fault screens, e.g. `HD Webcam (/dev/video0), 1280x720 MJPG`.
    fn describe(&self) -> String;
}

/// Why a camera gave no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraFault {
    /// None came in time: ask again.
    #[error("no picture came in time")]
    TimedOut,
    /// The driver flagged it, or it does not decode: ask again.
    #[error("a damaged picture")]
    Damaged,
    /// Unplugged or broken down: ask again; it re-opens by itself when it is back.
    #[error("the camera is lost: {0}")]
    Lost(String),
    /// It will not come back by itself.
    #[error("the camera failed: {0}")]
    Failed(String),
}

/// Something that shows one picture of its whole size at a time.
pub trait Display {
    /// Its size in pixels; pictures must have it.
    fn size(&self) -> Size;

    /// Shows the picture from now on.
    ///
    /// # Errors
    /// When the screen is gone, or the picture has another size.
    fn show(&mut self, pixels: &Pixmap) -> Result<(), DisplayError>;
}

/// Buttons, keys or a touch screen.
pub trait Input {
    /// What happened since the last call; never blocks. `now` is the time on the loop's clock.
    ///
    /// # Errors
    /// When the device is gone and will not come back by itself.
    fn poll(&mut self, now: Duration) -> Result<Vec<InputEvent>, InputError>;
}

/// The three buttons that drive every screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Button {
    /// Takes the photograph, confirms.
    Capture,
    /// Back by one step.
    Back,
    /// The menu; on lists the next entry.
    Menu,
}

/// How long a button was held. Debounced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Press {
    /// Let go before a second had passed; reported when it is let go.
    Short,
    /// Held for a second; reported once, when the second is reached.
    Long,
}

/// Something that the person did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InputEvent {
    /// A button was pressed.
    Button(Button, Press),
    /// The screen was touched; reported when the finger is lifted.
    Touch {
        /// Pixels from the left.
        x: f32,
        /// Pixels from the top.
        y: f32,
    },
    /// The window was closed, on a developer's PC.
    Quit,
}

/// A light beside the screen.
pub trait Indicator {
    /// Shows this from now on.
    ///
    /// # Errors
    /// When the pins are gone.
    fn show(&mut self, light: Light) -> Result<(), IndicatorError>;
}

/// What the light can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Light {
    /// Dark.
    Off,
    /// Waits for the person.
    Ready,
    /// Is busy.
    Working,
    /// Has something to say.
    Attention,
    /// Cannot work.
    Fault,
}

/// The time.
pub trait Clock {
    /// Time since the start; never goes back.
    fn now(&self) -> Duration;

    /// The time of day, and whether anything vouches for it.
    fn wall(&self) -> WallTime;
}

/// The time of day. A board without a clock chip starts wherever it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallTime {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub unix_seconds: u64,
    /// A clock chip or a time server has set it.
    pub verified: bool,
}

/// USB sticks with something to install, or to write the register to. Called from a thread of its own; it may take as long as
/// a stick takes.
pub trait Sticks: Send {
    /// Looks at what is plugged in; says so when that has changed since the last call.
    fn look(&mut self) -> Option<News>;

    /// Installs what was found last. `told` hears how far it is, and gives false when it is not wanted any more.
    ///
    /// # Errors
    /// When it is refused or cannot be done; what was in use still is.
    fn install(&mut self, told: &mut dyn FnMut(Step) -> bool) -> Result<Kind, Refused>;

    /// Writes the register to the stick and gives the number of its rows.
    ///
    /// # Errors
    /// When there is no register or no stick, or it cannot be written.
    fn save_register(&mut self) -> Result<usize, Refused>;
}
