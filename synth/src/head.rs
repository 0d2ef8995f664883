//! The head's mesh: base shape, targets that change it, regions.

use std::path::{Path, PathBuf};

/// A mesh folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {fault}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
}

/// Base mesh, targets and regions of a head; loaded once and shared by all threads.
#[derive(Debug)]
pub struct HeadModel {}

impl HeadModel {
    /// Loads the meshes from `dir`, the folder that holds `3dobjs/` and `targets/`.
    ///
    /// # Errors
    /// If a file is missing or is not the base mesh and targets that this crate knows.
    pub fn load(dir: &Path) -> Result<Self, LoadError> {
        let path = dir.join("3dobjs/base.obj");
        std::fs::metadata(&path).map_err(|source| LoadError::Read { path, source })?;
        Ok(Self {})
    }
}
