//! Programs that were installed on the device: signed, two slots beside the one of the package, tried before the switch, and
//! left again when they do no good.
//!
//! ```text
//! /usr/bin/edge-app                 the package's; on a read-only disk, of root: it starts the others
//! STATE/app/slots.json, a, b        as for bundles; a slot holds program.json, its signature and edge-app
//! KEYS/program/*.pub                whose programs are taken: those whose bundles are taken may not give programs
//! ```
//!
//! Nothing is ever run from a slot's file. The launcher ([`start`]) reads it into memory that cannot be written any more,
//! holds those very bytes against the signature, and runs them from there: a disk that is mounted `noexec` runs nothing by
//! itself, and what was changed after the check is not what runs. The service's unit stays the package's, so a new program has
//! no more rights than the old one.

mod install;
mod manifest;
mod sealed;
mod start;

use std::path::{Path, PathBuf};

pub use install::{SignedProgram, VerifiedProgram, install, verify};
pub use manifest::{MANIFEST_FILE, ManifestFault, PROGRAM_FILE, ProgramManifest, SIGNATURE_FILE};
pub use start::{OnTrial, start};

/// The folder, inside that of the keys, of those whose programs are taken.
const KEYS: &str = "program";

/// Where the keys for programs are.
pub fn keys(keys: &Path) -> PathBuf {
    keys.join(KEYS)
}
