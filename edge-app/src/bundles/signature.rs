//! Whether somebody whom this device trusts has signed a bundle's manifest, in the format of minisign.
//!
//! The manifest holds the hash of every other file, so its signature covers all that is installed. The first line of a
//! signature file is a comment that minisign does not sign; nothing is read from it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use minisign_verify::{Error, PublicKey, Signature};

use super::{BundlesError, plain_file};

/// How the files of public keys end.
const KEY_SUFFIX: &str = "pub";
/// The longest text whose signature is held against it, in bytes.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// Keys and signatures are a few hundred bytes; what is longer is none.
const MAX_BYTES: u64 = 8192;

/// The public keys that lie on the device.
#[derive(Debug)]
pub struct TrustedKeys {
    folder: PathBuf,
    keys: Vec<(String, PublicKey)>,
}

/// Who has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// The name of the key's file.
    pub key: String,
    /// What the signer says of the file; part of what is signed.
    pub comment: String,
}

/// Why a manifest does not count as signed.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// The device trusts nobody.
    #[error("this device has no key to check a signature with: {} holds no file *.{KEY_SUFFIX}", .0.display())]
    NoKeys(PathBuf),
    /// A key's file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A key's file holds no key.
    #[error("{} is not a public key of minisign", .0.display())]
    NotAKey(PathBuf),
    /// There is no signature.
    #[error("nobody has signed it: {} is missing", .0.display())]
    Unsigned(PathBuf),
    /// The signature's file holds none.
    #[error("the signature is damaged or is none of minisign")]
    NotASignature,
    /// Signed by somebody whom the device does not trust.
    #[error("it is signed with a key that this device does not trust; it trusts {0}")]
    UnknownKey(String),
    /// A trusted key's signature, but of something else.
    #[error("the signature is not of this manifest: it was changed after it was signed")]
    Wrong,
}

impl SignatureError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoKeys(_) => "put the public key of whoever makes your bundles there, as docs/SECURITY.md says",
            Self::Read { .. } => "check the file's permissions and the storage card",
            Self::NotAKey(_) => "replace it with the .pub file that `minisign -G` or `host-trainer keys new` wrote",
            Self::Unsigned(_) => {
                "sign it: host-trainer bundle --sign KEY, or minisign -S -s KEY -m BUNDLE/manifest.json"
            }
            Self::NotASignature | Self::Wrong => "copy the whole bundle again from its source; do not use this one",
            Self::UnknownKey(_) => "ask who made the bundle; install their public key only if you trust them",
        }
    }
}

impl TrustedKeys {
    /// Reads every `*.pub` in `folder`. No folder is no key.
    ///
    /// # Errors
    /// When the folder or one of the files cannot be read, or is no key: a device must not go on with half of its keys.
    pub fn read(folder: &Path) -> Result<Self, SignatureError> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |source| SignatureError::Read { path, source }
        };
        let mut keys = Vec::new();
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { folder: folder.to_owned(), keys });
            }
            entries => entries.map_err(fault(folder))?,
        };
        for entry in entries {
            let path = entry.map_err(fault(folder))?.path();
            if path.extension().is_none_or(|suffix| suffix != KEY_SUFFIX) {
                continue;
            }
            let text = read(&path).map_err(fault(&path))?;
            let key = PublicKey::decode(&text).map_err(|_| SignatureError::NotAKey(path.clone()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            keys.push((name, key));
        }
        keys.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self { folder: folder.to_owned(), keys })
    }

    /// Who of them has signed these bytes; `signature` is the text of the signature's file.
    ///
    /// # Errors
    /// When none has.
    pub fn verify(&self, bytes: &[u8], signature: &str) -> Result<SignedBy, SignatureError> {
        if self.keys.is_empty() {
            return Err(SignatureError::NoKeys(self.folder.clone()));
        }
        let signature = Signature::decode(signature).map_err(|_| SignatureError::NotASignature)?;
        for (name, key) in &self.keys {
            match key.verify(bytes, &signature, false) {
                Ok(()) => {
                    return Ok(SignedBy { key: name.clone(), comment: signature.trusted_comment().to_owned() });
                }
                // Two keys may bear the same number by chance: the next one may be the one.
                Err(Error::UnexpectedKeyId | Error::InvalidSignature) => {}
                Err(_) => return Err(SignatureError::NotASignature),
            }
        }
        let is_known = |(_, key): &(String, PublicKey)| {
            !matches!(key.verify(bytes, &signature, false), Err(Error::UnexpectedKeyId))
        };
        if self.keys.iter().any(is_known) {
            return Err(SignatureError::Wrong);
        }
        let names: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        Err(SignatureError::UnknownKey(names.join(", ")))
    }
}

/// A text that somebody whom the device trusts has signed, byte for byte as it was signed, and its signature.
#[derive(Debug)]
pub(crate) struct SignedText {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) signature_name: &'static str,
    pub(crate) signature: String,
    pub(crate) by: SignedBy,
}

/// A manifest that somebody whom the device trusts has signed.
#[derive(Debug)]
pub struct Signed<M> {
    pub(crate) manifest: M,
    pub(crate) text: SignedText,
}

impl<M> Signed<M> {
    /// What it says.
    pub fn manifest(&self) -> &M {
        &self.manifest
    }

    /// Who has signed it.
    pub fn by(&self) -> &SignedBy {
        &self.text.by
    }

    /// The manifest byte for byte.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.text.bytes
    }
}

/// Reads the text `name` in `folder`, whose signature must hold.
pub(crate) fn read_signed_text(
    folder: &Path,
    name: &'static str,
    signature_name: &'static str,
    keys: &TrustedKeys,
) -> Result<SignedText, BundlesError> {
    let path = folder.join(name);
    let read = plain_file::read(&path, MAX_TEXT_BYTES);
    let bytes = read.map_err(|source| BundlesError::Read { path, source })?;
    let signature = read_signature(&folder.join(signature_name))?;
    let by = keys.verify(&bytes, &signature)?;
    Ok(SignedText { name, bytes, signature_name, signature, by })
}

/// The text of a signature's file.
fn read_signature(path: &Path) -> Result<String, SignatureError> {
    read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => SignatureError::Unsigned(path.to_owned()),
        io::ErrorKind::InvalidData => SignatureError::NotASignature,
        _ => SignatureError::Read { path: path.to_owned(), source },
    })
}

/// A short plain file of text.
fn read(path: &Path) -> io::Result<String> {
    let bytes = plain_file::read(path, MAX_BYTES)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
