//! `program.json`: what an update of the program says about itself. It is read only after its signature holds.

use lakshan_core::manifest::FileEntry;
use serde::{Deserialize, Serialize};

/// The manifest's file name.
pub const MANIFEST_FILE: &str = "program.json";
/// The file name of its signature, in the format of minisign.
pub const SIGNATURE_FILE: &str = "program.json.minisig";
/// The program's file name.
pub const PROGRAM_FILE: &str = "edge-app";
/// The only format that this program reads and writes.
const FORMAT: u32 = 1;

/// All of `program.json`. No field of it is one of a bundle's manifest, so that neither can be taken for the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramManifest {
    /// The format.
    pub lakshan_program: u32,
    /// Orders the updates; as the bundles' versions.
    pub program_version: String,
    /// The processor, in Rust's words: `aarch64`, `x86_64`.
    pub processor: String,
    /// Length and hash of the file [`PROGRAM_FILE`].
    pub program: FileEntry,
}

/// The first thing in which a manifest disagrees with this device or with itself.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// Not JSON, or a field is missing, unknown or of the wrong type.
    #[error("it is not a valid manifest of a program")]
    Json(#[source] serde_json::Error),
    /// Of another release.
    #[error("its format is {0}, this program reads {FORMAT}")]
    Format(u32),
    /// For another processor.
    #[error("it is for {0}, this device is {here}", here = std::env::consts::ARCH)]
    Processor(String),
    /// Its version cannot be ordered.
    #[error("its version '{0}' is none")]
    Version(String),
}

impl ProgramManifest {
    /// That of a program for `processor`, which is `bytes`.
    pub fn of(version: &str, processor: &str, bytes: &[u8]) -> Self {
        Self {
            lakshan_program: FORMAT,
            program_version: version.to_owned(),
            processor: processor.to_owned(),
            program: FileEntry::of(bytes),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// The first disagreement.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestFault> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(ManifestFault::Json)?;
        if manifest.lakshan_program != FORMAT {
            return Err(ManifestFault::Format(manifest.lakshan_program));
        }
        if manifest.processor != std::env::consts::ARCH {
            return Err(ManifestFault::Processor(manifest.processor));
        }
        let version = &manifest.program_version;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        if version.is_empty() || version.len() > 64 || !version.chars().all(is_plain) {
            return Err(ManifestFault::Version(version.clone()));
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_what_is_odd_is_refused() {
        let manifest = ProgramManifest::of("0.2.0", std::env::consts::ARCH, b"program");
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(ProgramManifest::parse(text.as_bytes()).unwrap(), manifest);
        for (from, to, words) in [
            ("\"lakshan_program\":1", "\"lakshan_program\":2", "format is 2"),
            (std::env::consts::ARCH, "riscv64", "it is for riscv64"),
            ("0.2.0", "", "version ''"),
            ("0.2.0", "0.2 0", "version '0.2 0'"),
            ("\"processor\"", "\"more\":1,\"processor\"", "not a valid"),
        ] {
            let fault = ProgramManifest::parse(text.replace(from, to).as_bytes()).unwrap_err();
            assert!(fault.to_string().contains(words), "{fault}");
        }
    }

    #[test]
    fn a_bundle_s_manifest_is_none_of_a_program_nor_the_other_way_round() {
        let bundle = include_bytes!("../../../models/demo/manifest.json");
        assert!(matches!(ProgramManifest::parse(bundle), Err(ManifestFault::Json(_))));
        let program = serde_json::to_vec(&ProgramManifest::of("1", std::env::consts::ARCH, b"x")).unwrap();
        assert!(lakshan_core::manifest::Manifest::parse(&program).is_err());
    }
}
