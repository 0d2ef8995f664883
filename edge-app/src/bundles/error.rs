//! Why bundles cannot be installed, switched or removed.

use std::io;
use std::path::PathBuf;

use lakshan_core::manifest::{FileMismatch, ManifestError};
use lakshan_engine::{BundleError, EngineError};

use super::SignatureError;
use crate::programs::ManifestFault;
use crate::sticks::Reason;

/// What went wrong. Unless it says otherwise, the bundle that was in use still is.
#[derive(Debug, thiserror::Error)]
pub enum BundlesError {
    /// Not signed by somebody whom the device trusts.
    #[error("the signature does not hold")]
    Signature(#[from] SignatureError),
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
    /// A file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file or folder on the device cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is not enough room.
    #[error("it needs {needed_mb} MB on the device, {free_mb} MB are free")]
    NoRoom {
        /// For its files, in megabytes.
        needed_mb: u64,
        /// Free, in megabytes.
        free_mb: u64,
    },
    /// The bundle does not open.
    #[error("the bundle cannot be used")]
    Bundle(#[from] BundleError),
    /// The face detector that is part of the program does not load.
    #[error("cannot load the face detector")]
    Detector(#[from] EngineError),
    /// It fails on the known photograph.
    #[error("the self-test with the known photograph failed: {0}")]
    SelfTest(String),
    /// The same or a newer version was in use.
    #[error("{name} {version} is not newer than {newest}, which this device has had")]
    NotNewer {
        /// The bundle's name.
        name: String,
        /// Its version.
        version: String,
        /// The newest that was in use.
        newest: String,
    },
    /// Trained on synthetic faces, where one that was trained on patients is in use.
    #[error("it was trained on synthetic faces, and the bundle in use was not")]
    Synthetic,
    /// The manifest of a program disagrees with this device or with itself.
    #[error("{} does not fit this device", path.display())]
    ProgramManifest {
        /// The manifest.
        path: PathBuf,
        /// The first disagreement.
        source: ManifestFault,
    },
    /// Whoever wanted it does not want it any more.
    #[error("it was stopped")]
    Stopped,
    /// Another process installs one.
    #[error("another bundle is being installed")]
    Busy,
    /// The other bundle is the way back.
    #[error("the bundle in use is still on trial, and the other one is the way back")]
    OnTrial,
    /// There is no bundle to go back to.
    #[error("there is no bundle before this one")]
    NothingBefore,
    /// There is no bundle to remove.
    #[error("there is no other bundle to remove")]
    NothingToRemove,
    /// The state's file is no such file.
    #[error("{} is damaged, so it is not known which bundle is in use", path.display())]
    StateDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl BundlesError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Signature(source) => source.hint(),
            Self::Bundle(source) => source.hint(),
            Self::ProgramManifest { .. } => "make it for this processor, with `cargo xtask update` of the same project",
            Self::Stopped => "begin again when it is wanted",
            Self::Manifest { .. } => "use a bundle and a program of the same release",
            Self::Mismatch { .. } | Self::Read { .. } => "copy the whole bundle again from its source",
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room: `edge-app bundle remove`, or a larger data partition"
            }
            Self::Write { .. } => "check that the data partition can be written, and by this user",
            Self::NoRoom { .. } => "make room: `edge-app bundle remove`, or a larger data partition",
            Self::Detector(_) => "install the program again",
            Self::SelfTest(_) => "do not use this bundle: ask who made it",
            Self::NotNewer { .. } | Self::Synthetic => "if that is what you want, install it with --force",
            Self::Busy => "wait until it is done",
            Self::OnTrial => "let the device run with it for a minute first, or use `edge-app bundle rollback`",
            Self::NothingBefore | Self::NothingToRemove => "`edge-app bundle list` shows what there is",
            Self::StateDamaged { .. } => "`edge-app bundle remove --all`, then install the bundle again",
        }
    }

    /// What the person at the screen is told.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Signature(SignatureError::Unsigned(_)) => Reason::Unsigned,
            Self::Signature(SignatureError::NoKeys(_) | SignatureError::UnknownKey(_)) => Reason::Untrusted,
            Self::Signature(SignatureError::NotASignature | SignatureError::Wrong) => Reason::Changed,
            Self::Manifest { .. } | Self::Bundle(_) | Self::ProgramManifest { .. } => Reason::Unfit,
            Self::Mismatch { .. } | Self::Read { .. } => Reason::Damaged,
            Self::Write { source, .. } if source.kind() == io::ErrorKind::StorageFull => Reason::NoRoom,
            Self::NoRoom { .. } => Reason::NoRoom,
            Self::SelfTest(_) => Reason::SelfTest,
            Self::NotNewer { .. } | Self::Synthetic => Reason::Older,
            Self::Signature(SignatureError::Read { .. } | SignatureError::NotAKey(_))
            | Self::Write { .. }
            | Self::Detector(_)
            | Self::Stopped
            | Self::Busy
            | Self::OnTrial
            | Self::NothingBefore
            | Self::NothingToRemove
            | Self::StateDamaged { .. } => Reason::Device,
        }
    }

    /// Whether the device's own disk is at fault, and not the bundle.
    pub fn is_about_writing(&self) -> bool {
        matches!(self, Self::Write { .. })
    }
}
