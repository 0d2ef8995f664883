//! A bundle's folder: every file read, held against the manifest, and the network loaded.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use lakshan_core::manifest::{self, FileMismatch, Manifest, ManifestError};

use crate::graph::decode;
use crate::{EngineError, Network, Options};

/// The largest manifest that is read, in bytes.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// The largest other file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 300 << 20;

/// A bundle that passed every check.
#[derive(Debug)]
pub struct Bundle {
    manifest: Manifest,
    network: Network,
    model_card: String,
}

/// The first fault of a bundle. Each names its file.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// There is no such folder.
    #[error("there is no bundle folder {}", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A file that must be there is not.
    #[error("{} is missing", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is longer than any honest one.
    #[error("{} is longer than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// The manifest disagrees with this program or with itself.
    #[error("{} does not fit this program", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// The first disagreement.
        source: ManifestError,
    },
    /// A file is not the one that the manifest lists.
    #[error("{} is damaged or was changed", path.display())]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// How it differs.
        source: FileMismatch,
    },
    /// The network does not load.
    #[error("the network in {} cannot be used", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// Why.
        source: EngineError,
    },
}

impl BundleError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFolder { .. } => "name the folder that holds manifest.json",
            Self::Missing { .. } | Self::Mismatch { .. } => "copy the whole bundle folder again from its source",
            Self::Read { .. } => "check the file's permissions and the storage card",
            Self::TooLarge { .. } => "this is not a bundle that host-trainer made",
            Self::Manifest { source, .. } => match source {
                ManifestError::FormatVersion { .. } | ManifestError::Preprocess { .. } => {
                    "use a bundle and a program of the same release"
                }
                _ => "make the bundle again with host-trainer",
            },
            Self::Network { .. } => "export and quantize the network again with host-trainer",
        }
    }
}

impl Bundle {
    /// Reads and checks the bundle in `folder`: the manifest, every file that it lists, and the network's shapes.
    ///
    /// # Errors
    /// The first fault, with its file.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, BundleError> {
        Self::open_with(folder, Options::default())
    }

    /// The same, with a choice of threads and arithmetic.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(folder: impl AsRef<Path>, options: Options) -> Result<Self, BundleError> {
        let folder = folder.as_ref();
        if !folder.is_dir() {
            return Err(BundleError::NoFolder { path: folder.to_owned() });
        }
        let path = folder.join(manifest::FILE_NAME);
        let manifest = Manifest::parse(&read(&path, MAX_MANIFEST_BYTES)?)
            .map_err(|source| BundleError::Manifest { path, source })?;
        let mut network = None;
        let mut model_card = String::new();
        for name in manifest.files.keys() {
            let path = folder.join(name);
            let contents = read(&path, MAX_FILE_BYTES)?;
            let checked = if name == manifest::NETWORK_FILE {
                // Hashing and decoding take as long as each other. Nothing is made of what was decoded before the hash is
                // known to be right.
                std::thread::scope(|scope| {
                    let decoded = scope.spawn(|| decode(&contents));
                    let checked = manifest.check_file(name, &contents);
                    network = Some(decoded.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
                    checked
                })
            } else {
                manifest.check_file(name, &contents)
            };
            checked.map_err(|source| BundleError::Mismatch { path, source })?;
            if name == manifest::MODEL_CARD_FILE {
                model_card = String::from_utf8_lossy(&contents).into_owned();
            }
        }
        let path = folder.join(manifest::NETWORK_FILE);
        let Some(decoded) = network else { return Err(BundleError::Missing { path }) };
        let network = decoded
            .and_then(|model| Network::from_decoded(model, options))
            .map_err(|source| BundleError::Network { path, source })?;
        Ok(Self { manifest, network, model_card })
    }

    /// What the bundle says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The model card, in Markdown.
    pub fn model_card(&self) -> &str {
        &self.model_card
    }

    /// The classifier.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

/// The contents of a plain file of at most `limit` bytes.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, BundleError> {
    let fault = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => BundleError::Missing { path: path.to_owned() },
        _ => BundleError::Read { path: path.to_owned(), source },
    };
    if !std::fs::metadata(path).map_err(fault)?.is_file() {
        return Err(fault(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file")));
    }
    let mut contents = Vec::new();
    File::open(path).map_err(fault)?.take(limit + 1).read_to_end(&mut contents).map_err(fault)?;
    if contents.len() as u64 > limit {
        return Err(BundleError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(contents)
}
