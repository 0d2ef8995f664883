//! From a folder on a stick into a slot: every check on the device's own copy, and the switch last.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use lakshan_core::manifest::{self, DataKind, FileEntry, FileMismatch, Manifest};
use lakshan_engine::Bundle;
use sha2::{Digest, Sha256};

use super::signature::read_signature;
use super::slots::Installing;
use super::{BundlesError, Place, SignedBy, Slots, TrustedKeys, plain_file, version};
use crate::atomic_file;
use crate::screening::Screener;
use crate::self_test::{Outcome, known};

/// The largest manifest that is read, in bytes.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// The largest bundle that is taken, in bytes: what a board of 512 MB could still run is far smaller.
const MAX_BUNDLE_BYTES: u64 = 300 << 20;
/// What must be left on the disk beside a new bundle, in bytes.
const SPARE_BYTES: u64 = 1 << 20;

/// A bundle that holds: signed, whole, fit for this program, and right about the known photograph.
#[derive(Debug)]
pub struct Verified {
    /// What it says about itself.
    pub manifest: Manifest,
    /// Who signed it.
    pub signed_by: SignedBy,
    /// [`Outcome::Passed`] or a warning: that nobody has said what its network must give for the photograph.
    pub self_test: Outcome,
}

/// How far an installation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of all bytes are on the device.
    Copied(u64, u64),
    /// Everything is on the device: the stick may be pulled.
    StickFree,
}

/// Checks the bundle in `folder` as an installation would, without installing it.
///
/// # Errors
/// The first fault.
pub fn verify(folder: &Path, keys: &TrustedKeys) -> Result<Verified, BundlesError> {
    let (bundle, signed_by) = open_signed(folder, keys)?;
    let manifest = bundle.manifest().clone();
    let screener = Screener::new(bundle)?;
    let self_test = known::check(&screener);
    if let Outcome::Failed(why) | Outcome::Skipped(why) = self_test {
        return Err(BundlesError::SelfTest(why));
    }
    Ok(Verified { manifest, signed_by, self_test })
}

/// Opens a bundle whose manifest must be signed.
pub(super) fn open_signed(folder: &Path, keys: &TrustedKeys) -> Result<(Bundle, SignedBy), BundlesError> {
    let signed = read_signed(folder, keys)?;
    Ok((Bundle::open(folder)?, signed.by))
}

/// A manifest that somebody whom the device trusts has signed.
struct Signed {
    manifest: Manifest,
    bytes: Vec<u8>,
    signature: String,
    by: SignedBy,
}

/// Nothing of a manifest is looked at before its signature holds.
fn read_signed(folder: &Path, keys: &TrustedKeys) -> Result<Signed, BundlesError> {
    let path = folder.join(manifest::FILE_NAME);
    let read = plain_file::read(&path, MAX_MANIFEST_BYTES);
    let bytes = read.map_err(|source| BundlesError::Read { path: path.clone(), source })?;
    let signature = read_signature(&folder.join(manifest::SIGNATURE_FILE))?;
    let by = keys.verify(&bytes, &signature)?;
    let manifest = Manifest::parse(&bytes).map_err(|source| BundlesError::Manifest { path, source })?;
    Ok(Signed { manifest, bytes, signature, by })
}

/// Installs the bundle in `source` and switches to it, on trial. `told` hears how far it is. With `forced`, an older
/// version or a synthetic bundle may take the place of what is in use.
///
/// # Errors
/// The first fault; what was in use still is.
pub fn install(
    source: &Path,
    keys: &TrustedKeys,
    slots: &Slots,
    forced: bool,
    told: &mut dyn FnMut(Progress),
) -> Result<(Verified, Place), BundlesError> {
    let signed = read_signed(source, keys)?;
    let installing = slots.begin_installing()?;
    if !forced {
        refuse_downgrade(&signed.manifest, slots)?;
    }
    let copied = copy(source, &signed, slots, &installing, told);
    let tried = copied.and_then(|folder| {
        told(Progress::StickFree);
        verify(&folder, keys)
    });
    let done = tried.and_then(|verified| {
        let Manifest { name, version, .. } = &verified.manifest;
        let place = slots.switch(&installing, name, version)?;
        Ok((verified, place))
    });
    if done.is_err() {
        // What stays behind is taken away by the next installation; the first error is the one to tell.
        let _ = slots.clear_incoming();
    }
    done
}

fn refuse_downgrade(new: &Manifest, slots: &Slots) -> Result<(), BundlesError> {
    let state = slots.state()?;
    if let Some(newest) = state.newest.get(&new.name)
        && version::compare(&new.version, newest).is_le()
    {
        let (name, version) = (new.name.clone(), new.version.clone());
        return Err(BundlesError::NotNewer { name, version, newest: newest.clone() });
    }
    let in_use = slots.path(state.active).and_then(|folder| fs::read(folder.join(manifest::FILE_NAME)).ok());
    let in_use = in_use.and_then(|bytes| Manifest::parse(&bytes).ok());
    if new.provenance.kind == DataKind::Synthetic
        && in_use.is_some_and(|manifest| manifest.provenance.kind == DataKind::Patient)
    {
        return Err(BundlesError::Synthetic);
    }
    Ok(())
}

/// Copies manifest, signature and the listed files; each must have its length and hash. A stick may give other bytes the
/// next time it is read, so each byte is read once.
fn copy(
    source: &Path,
    signed: &Signed,
    slots: &Slots,
    installing: &Installing,
    told: &mut dyn FnMut(Progress),
) -> Result<std::path::PathBuf, BundlesError> {
    let files = &signed.manifest.files;
    let sum = files.values().fold(0u64, |sum, entry| sum.saturating_add(entry.bytes));
    let incoming = slots.empty_incoming(installing)?;
    let free = slots.free_bytes().unwrap_or(u64::MAX).min(MAX_BUNDLE_BYTES + SPARE_BYTES);
    let needed = sum.saturating_add(SPARE_BYTES);
    if needed > free {
        return Err(BundlesError::NoRoom { needed_mb: needed.div_ceil(1 << 20), free_mb: free >> 20 });
    }
    let mut copied = 0;
    for (name, entry) in files {
        copy_file(&source.join(name), &incoming.join(name), entry, &mut |bytes| {
            copied += bytes;
            told(Progress::Copied(copied, sum));
        })?;
    }
    for (name, bytes) in
        [(manifest::FILE_NAME, signed.bytes.as_slice()), (manifest::SIGNATURE_FILE, signed.signature.as_bytes())]
    {
        let path = incoming.join(name);
        let write = || -> io::Result<()> {
            let mut file = File::create_new(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|source| BundlesError::Write { path: path.clone(), source })?;
    }
    let fault = |source| BundlesError::Write { path: incoming.clone(), source };
    atomic_file::sync_folder(&incoming).map_err(fault)?;
    Ok(incoming)
}

fn copy_file(from: &Path, to: &Path, entry: &FileEntry, copied: &mut dyn FnMut(u64)) -> Result<(), BundlesError> {
    let read_fault = |source| BundlesError::Read { path: from.to_owned(), source };
    let write_fault = |source| BundlesError::Write { path: to.to_owned(), source };
    let mut source = plain_file::open(from).map_err(read_fault)?;
    let mut target = File::create_new(to).map_err(write_fault)?;
    let (mut hash, mut length) = (Sha256::new(), 0u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(read_fault(error)),
        };
        length += count as u64;
        // No more than was promised is ever written.
        if length > entry.bytes {
            break;
        }
        hash.update(&buffer[..count]);
        target.write_all(&buffer[..count]).map_err(write_fault)?;
        copied(count as u64);
    }
    let mismatch = |source| BundlesError::Mismatch { path: from.to_owned(), source };
    if length != entry.bytes {
        return Err(mismatch(FileMismatch::Length { found: length, expected: entry.bytes }));
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found != entry.sha256 {
        return Err(mismatch(FileMismatch::Hash { found, expected: entry.sha256.clone() }));
    }
    target.sync_all().map_err(write_fault)
}
