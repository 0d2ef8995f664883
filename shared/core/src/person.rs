//! What may be known of a photographed person, beside what the face shows: for subgroup tables, never an input.

use serde::{Deserialize, Serialize};

/// Sex, where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Shares of ancestry that add up to one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ancestry {
    /// African.
    pub african: f32,
    /// Asian.
    pub asian: f32,
    /// European.
    pub european: f32,
}
