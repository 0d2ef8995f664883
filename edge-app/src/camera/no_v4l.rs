//! Stands in for the V4L2 cameras in a build without feature `v4l`: says so.

use std::path::Path;

use super::{CameraError, Controls, Node, Probe, Wanted};
use crate::missing_part::MissingPart;
use crate::parts::Camera;

const MISSING: MissingPart = MissingPart { part: "camera", feature: "v4l" };

/// Every video node, with the verdict on it.
///
/// # Errors
/// Always: this build cannot look.
pub fn nodes() -> Result<Vec<Node>, CameraError> {
    Err(MISSING.into())
}

/// What a camera offers.
///
/// # Errors
/// Always: this build cannot look.
pub fn probe(_path: &Path, _wanted: Wanted, _wishes: Controls) -> Result<Probe, CameraError> {
    Err(MISSING.into())
}

/// Opens a camera.
///
/// # Errors
/// Always.
pub fn open(_node: Option<&Path>, _wanted: Wanted, _controls: Controls) -> Result<Box<dyn Camera>, CameraError> {
    Err(MISSING.into())
}
