//! The error of a part that was left out when this program was built.

/// A part of the device that this build cannot drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this build has no {part} support")]
pub struct MissingPart {
    /// The part, in words.
    pub part: &'static str,
    /// The Cargo feature that brings it.
    pub feature: &'static str,
}

impl MissingPart {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        let needs = match self.feature {
            "v4l" => " (it needs libclang)",
            _ => "",
        };
        format!("build with `cargo build --release -p edge-app --features {}`{needs}", self.feature)
    }
}
