//! What can go wrong between a package's name and its files in the cache.

use std::io;
use std::path::PathBuf;

/// Why a package could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// pip or npm is not installed.
    #[error("cannot fetch {package}: {client} is not installed")]
    ClientMissing {
        /// `name version`.
        package: String,
        /// `pip` or `npm`.
        client: &'static str,
    },
    /// The registry does not have that version, or not for this kind of machine.
    #[error("cannot fetch {package}: {client} finds no such version")]
    NoSuchVersion {
        /// `name version`.
        package: String,
        /// `pip` or `npm`.
        client: &'static str,
    },
    /// The registry could not be reached.
    #[error("cannot fetch {package}: {client} has no connection to its registry ({detail})")]
    NoNetwork {
        /// `name version`.
        package: String,
        /// `pip` or `npm`.
        client: &'static str,
        /// The client's own words.
        detail: String,
    },
    /// The client failed for another reason.
    #[error("cannot fetch {package}: {client} failed: {detail}")]
    ClientFailed {
        /// `name version`.
        package: String,
        /// `pip` or `npm`.
        client: &'static str,
        /// The client's own words.
        detail: String,
    },
    /// What arrived is not what was pinned. The file has been deleted.
    #[error("{package} is not the file that was pinned: its SHA-256 is {found}, expected {expected}; it was deleted")]
    HashMismatch {
        /// `name version`.
        package: String,
        /// Of the file that arrived.
        found: String,
        /// Pinned.
        expected: &'static str,
    },
    /// The archive holds an entry that would be written outside its folder, or a link.
    #[error("the archive of {package} holds '{entry}', which is {fault}; nothing was unpacked")]
    UnsafeEntry {
        /// `name version`.
        package: String,
        /// The entry's name.
        entry: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The archive lacks something that is wanted from it.
    #[error("the archive of {package} does not hold '{wanted}'")]
    NotInArchive {
        /// `name version`.
        package: String,
        /// The file or folder.
        wanted: &'static str,
    },
    /// The archive cannot be read.
    #[error("cannot read the archive of {package}")]
    Archive {
        /// `name version`.
        package: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The cache cannot be written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl FetchError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::ClientMissing { client: "pip", .. } => Some("install pip (Debian: apt install python3-pip)"),
            Self::ClientMissing { .. } => Some("install npm (Debian: apt install npm)"),
            Self::NoSuchVersion { .. } => Some("check that the registry your client is set up for is complete"),
            Self::NoNetwork { .. } => Some("connect this machine, or point pip and npm at a mirror that it can reach"),
            Self::HashMismatch { .. } => Some("the registry or a proxy handed out another file; do not use it"),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Some("free some space, or set LAKSHAN_CACHE to a folder on a larger disk")
            }
            Self::Io { .. } => Some("set LAKSHAN_CACHE to a folder that you can write"),
            _ => None,
        }
    }

    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
