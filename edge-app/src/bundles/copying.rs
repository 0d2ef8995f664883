//! From a folder on a stick to a folder on the device: each byte is read once, and held against what was signed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use lakshan_core::manifest::{FileEntry, FileMismatch};
use sha2::{Digest, Sha256};

use super::signature::SignedText;
use super::slots::Installing;
use super::{BundlesError, Slots, plain_file};
use crate::atomic_file;

/// What must be left on the disk beside what is copied, in bytes.
const SPARE_BYTES: u64 = 1 << 20;

/// How far an installation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Bytes of all bytes are on the device.
    Copied(u64, u64),
    /// Everything is on the device: the stick may be pulled.
    StickFree,
}

/// What is to be copied.
pub(crate) struct Listed<'a> {
    /// The files, with their lengths and hashes.
    pub(crate) files: &'a BTreeMap<String, FileEntry>,
    /// The signed text that lists them.
    pub(crate) text: &'a SignedText,
    /// More than so many bytes are not taken.
    pub(crate) most_bytes: u64,
}

/// Copies what is listed to the device, and lets `switch` try what lies in that folder and switch to it. When one of the two
/// fails, the copy is taken away.
pub(crate) fn copy_and_switch<T>(
    source: &Path,
    listed: &Listed<'_>,
    slots: &Slots,
    installing: &Installing,
    told: &mut dyn FnMut(Progress) -> bool,
    switch: impl FnOnce(&Path) -> Result<T, BundlesError>,
) -> Result<T, BundlesError> {
    let done = copy(source, listed, slots, installing, told).and_then(|folder| switch(&folder));
    if done.is_err() {
        // What stays behind is taken away by the next installation; the first error is the one to tell.
        let _ = slots.clear_incoming();
    }
    done
}

/// Copies the signed text, its signature and the listed files; each must have its length and hash. A stick may give other
/// bytes the next time it is read, so each byte is read once.
fn copy(
    source: &Path,
    listed: &Listed<'_>,
    slots: &Slots,
    installing: &Installing,
    told: &mut dyn FnMut(Progress) -> bool,
) -> Result<PathBuf, BundlesError> {
    let sum = listed.files.values().fold(0u64, |sum, entry| sum.saturating_add(entry.bytes));
    let incoming = slots.empty_incoming(installing)?;
    let free = slots.free_bytes().unwrap_or(u64::MAX).min(listed.most_bytes + SPARE_BYTES);
    let needed = sum.saturating_add(SPARE_BYTES);
    if needed > free {
        return Err(BundlesError::NoRoom { needed_mb: needed.div_ceil(1 << 20), free_mb: free >> 20 });
    }
    let mut copied = 0;
    for (name, entry) in listed.files {
        copy_file(&source.join(name), &incoming.join(name), entry, &mut |bytes| {
            copied += bytes;
            told(Progress::Copied(copied, sum))
        })?;
    }
    for (name, bytes) in
        [(listed.text.name, &listed.text.bytes[..]), (listed.text.signature_name, listed.text.signature.as_bytes())]
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
    if told(Progress::StickFree) { Ok(incoming) } else { Err(BundlesError::Stopped) }
}

fn copy_file(
    from: &Path,
    to: &Path,
    entry: &FileEntry,
    copied: &mut dyn FnMut(u64) -> bool,
) -> Result<(), BundlesError> {
    let write_fault = |source| BundlesError::Write { path: to.to_owned(), source };
    let mut target = File::create_new(to).map_err(write_fault)?;
    copy_checked(from, &mut target, entry, &write_fault, copied)?;
    target.sync_all().map_err(write_fault)
}

/// Copies a plain file, each byte of which is read once; what was read must have the length and hash of `entry`. No more than
/// that length is ever written. `copied` hears of every piece, and gives false to stop.
pub(crate) fn copy_checked(
    from: &Path,
    target: &mut dyn Write,
    entry: &FileEntry,
    write_fault: &dyn Fn(io::Error) -> BundlesError,
    copied: &mut dyn FnMut(u64) -> bool,
) -> Result<(), BundlesError> {
    let read_fault = |source| BundlesError::Read { path: from.to_owned(), source };
    let mut source = plain_file::open(from).map_err(read_fault)?;
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
        if length > entry.bytes {
            break;
        }
        hash.update(&buffer[..count]);
        target.write_all(&buffer[..count]).map_err(write_fault)?;
        if !copied(count as u64) {
            return Err(BundlesError::Stopped);
        }
    }
    let mismatch = |source| BundlesError::Mismatch { path: from.to_owned(), source };
    if length != entry.bytes {
        return Err(mismatch(FileMismatch::Length { found: length, expected: entry.bytes }));
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found != entry.sha256 {
        return Err(mismatch(FileMismatch::Hash { found, expected: entry.sha256.clone() }));
    }
    Ok(())
}
