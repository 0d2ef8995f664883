//! The agreement between the workstation and the device: everything both sides must compute identically.
//!
//! Nothing here does I/O, reads a clock or the environment, or knows an ML runtime. The way of the data,
//! one named type an arrow:
//!
//! ```text
//! Frame -> Face -> FaceCrop -> InputTensor -> Logits -> Probabilities -> Finding
//! ```
//!
//! [`Syndrome`] fixes the classes and their order; [`preprocess`] fixes pixels to tensor; [`policy`] fixes
//! scores to [`Finding`]; [`manifest`] fixes what a bundle says about itself.

mod classes;
mod face;
mod finding;
mod frame;
pub mod manifest;
mod person;
pub mod policy;
pub mod preprocess;
pub mod quality;
mod scores;
mod wipe;

pub use classes::{Syndrome, UnknownClass};
pub use face::{BoundingBox, Face, Keypoints, Point};
pub use finding::{Finding, Resemblance, RetakeReason};
pub use frame::{Frame, FrameError};
pub use person::{Ancestry, Sex};
pub use preprocess::{FaceCrop, InputTensor};
pub use scores::{Logits, NotFinite, Probabilities};
pub use wipe::wipe;
