//! Signs a bundle's manifest, which holds the hash of every other file, in the format of minisign.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use minisign::{ErrorKind, KeyPair, PError, SecretKey, SecretKeyBox};

/// How the files of secret and public keys end; the device reads the latter.
const SUFFIXES: [&str; 2] = ["key", "pub"];

/// A secret key, ready to sign.
pub struct Signer(SecretKey);

/// Why nothing could be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The secret key cannot be used: no key, or a wrong password.
    #[error("the secret key {} cannot be used", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What minisign says.
        source: PError,
    },
    /// The keys cannot be made.
    #[error("cannot make keys")]
    Make(#[source] PError),
    /// Signing failed.
    #[error("cannot sign")]
    Sign(#[source] PError),
}

impl SignError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Key { .. } => {
                Some("it must be a secret key of `minisign -G` (not -W) or `host-trainer keys new`; mind the password")
            }
            Self::Write { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                Some("keys are never overwritten: choose another name")
            }
            _ => None,
        }
    }
}

impl Signer {
    /// Reads a secret key. One with a password asks for it on the terminal, unless `password` is given.
    ///
    /// # Errors
    /// When the file is no such key, or the password is wrong.
    pub fn open(path: &Path, password: Option<String>) -> Result<Self, SignError> {
        let text = fs::read_to_string(path).map_err(|source| SignError::Read { path: path.to_owned(), source })?;
        let fault = |source| SignError::Key { path: path.to_owned(), source };
        let stored = || SecretKeyBox::from_string(&text);
        // Which kind a key is only shows when it is opened as one.
        match stored().and_then(SecretKeyBox::into_unencrypted_secret_key) {
            Ok(key) => Ok(Self(key)),
            // It is of that kind, but its checksum is wrong, as in keys of `minisign -G -W`, which have none.
            Err(source) if matches!(source.kind(), ErrorKind::Verify) => Err(fault(source)),
            Err(_) => stored().and_then(|stored| stored.into_secret_key(password)).map(Self).map_err(fault),
        }
    }

    /// The text of the signature's file. `comment` is signed too and shown on the device.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, SignError> {
        let comment = comment.replace(['\n', '\r'], " ");
        let signature = minisign::sign(None, &self.0, bytes, Some(&comment), None).map_err(SignError::Sign)?;
        Ok(signature.into_string())
    }
}

/// Makes a pair of keys and writes `NAME.key`, which only its owner can read, and `NAME.pub`. With `unprotected`, the secret
/// key has no password; otherwise it is asked for.
///
/// # Errors
/// When one of the files exists, or cannot be written.
pub fn make_keys(name: &Path, unprotected: bool) -> Result<[PathBuf; 2], SignError> {
    let paths = SUFFIXES.map(|suffix| {
        let mut path = name.as_os_str().to_owned();
        path.push(".");
        path.push(suffix);
        PathBuf::from(path)
    });
    // Before anybody has thought of a password for nothing.
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        return Err(SignError::Write { path: path.clone(), source: io::ErrorKind::AlreadyExists.into() });
    }
    let made = match unprotected {
        true => KeyPair::generate_unencrypted_keypair(),
        false => KeyPair::generate_encrypted_keypair(None),
    };
    let pair = made.map_err(SignError::Make)?;
    let secret = pair.sk.to_box(None).map_err(SignError::Make)?.into_string();
    let public = pair.pk.to_box().map_err(SignError::Make)?.into_string();
    for ((path, text), mode) in paths.iter().zip([secret, public]).zip([0o600, 0o644]) {
        let write = || -> io::Result<()> {
            let mut file = File::options().write(true).create_new(true).mode(mode).open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|source| SignError::Write { path: path.clone(), source })?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::os::unix::fs::PermissionsExt;

    use minisign::{PublicKeyBox, SignatureBox};

    use super::*;

    #[test]
    fn what_was_signed_verifies_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let [secret, public] = make_keys(&folder.path().join("clinic"), true).unwrap();
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
        let text = Signer::open(&secret, None).unwrap().sign(b"a manifest", "bundle\na 1").unwrap();
        let signature = SignatureBox::from_string(&text).unwrap();
        let key = PublicKeyBox::from_string(&fs::read_to_string(&public).unwrap()).unwrap().into_public_key().unwrap();
        let verify = |bytes: &'static [u8]| minisign::verify(&key, &signature, Cursor::new(bytes), true, false, false);
        assert!(verify(b"a manifest").is_ok() && verify(b"a manifesto").is_err());
        assert_eq!(signature.trusted_comment().unwrap(), "bundle a 1");
    }

    #[test]
    fn keys_are_not_overwritten_and_a_public_key_does_not_sign() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("clinic.v1");
        let [_, public] = make_keys(&name, true).unwrap();
        assert!(public.ends_with("clinic.v1.pub"));
        let again = make_keys(&name, true).unwrap_err();
        assert!(again.hint().unwrap().contains("another name"));
        assert!(matches!(Signer::open(&public, Some(String::new())), Err(SignError::Key { .. })));
    }
}
