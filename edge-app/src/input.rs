//! What the person does: buttons on pins, keys and touch screens, and several of them at once.

use std::io;
use std::path::PathBuf;

/// What stands in the way of buttons, keys or a touch screen.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] crate::missing_part::MissingPart),
    /// The pins cannot be used.
    #[error("cannot use the buttons on pins")]
    Pins(#[from] crate::board::BoardError),
    /// A device cannot be listed, opened or read.
    #[error("cannot read {}", path.display())]
    Device {
        /// The device node or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
