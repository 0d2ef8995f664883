//! Stands in for the V4L2 cameras in a build without feature `v4l`: says so.

use super::{CameraError, Node};
use crate::missing_part::MissingPart;

/// Every video node, with the verdict on it.
///
/// # Errors
/// Always: this build cannot look.
pub fn nodes() -> Result<Vec<Node>, CameraError> {
    Err(MissingPart { part: "camera", feature: "v4l" }.into())
}
