//! Stands in for the KMS displays in a build without feature `kms`: says so.

use super::{Connector, DisplayError, DisplayWishes, Opened};
use crate::missing_part::MissingPart;

const MISSING: MissingPart = MissingPart { part: "KMS display", feature: "kms" };

/// Every connector of every graphics card.
///
/// # Errors
/// Always: this build cannot look.
pub fn connectors() -> Result<Vec<Connector>, DisplayError> {
    Err(MISSING.into())
}

/// Opens a screen.
///
/// # Errors
/// Always.
pub fn open(_wishes: &DisplayWishes) -> Result<Opened, DisplayError> {
    Err(MISSING.into())
}
