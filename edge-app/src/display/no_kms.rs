//! Stands in for the KMS displays in a build without feature `kms`: says so.

use super::{Connector, DisplayError};
use crate::missing_part::MissingPart;

/// Every connector of every graphics card.
///
/// # Errors
/// Always: this build cannot look.
pub fn connectors() -> Result<Vec<Connector>, DisplayError> {
    Err(MissingPart { part: "KMS display", feature: "kms" }.into())
}
