//! A program in memory that nobody can write any more, and how it is run from there.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lakshan_core::manifest::FileEntry;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use super::manifest::PROGRAM_FILE;
use crate::bundles::{BundlesError, copy_checked};

/// Linux 6.3 wants to be told that it is to be run; earlier kernels do not know the word.
const EXECUTABLE: MemfdFlags = MemfdFlags::from_bits_retain(0x10);

/// A program's bytes as they were checked.
#[derive(Debug)]
pub(super) struct Sealed(File);

impl Sealed {
    /// Reads `path` once; it must be what `entry` says.
    pub(super) fn read(path: &Path, entry: &FileEntry) -> Result<Self, BundlesError> {
        let fault = |source| BundlesError::Read { path: path.to_owned(), source };
        let mut memory = memory().map_err(fault)?;
        copy_checked(path, &mut memory, entry, &fault, &mut |_| true)?;
        let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
        fcntl_add_seals(&memory, seals).map_err(|error| fault(error.into()))?;
        memory.seek(SeekFrom::Start(0)).map_err(fault)?;
        Ok(Self(memory))
    }

    /// The command that runs it. It closes with the command's process, so this must live until it was started.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd())));
        command.arg0(PROGRAM_FILE);
        command
    }

    /// Runs it with these words; it must end well within `limit`.
    pub(super) fn must_succeed(&self, words: &[&std::ffi::OsStr], limit: Duration) -> Result<(), String> {
        let mut command = self.command();
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("it cannot be run: {error}"))?;
        let end = Instant::now() + limit;
        loop {
            match child.try_wait().map_err(|error| format!("it cannot be waited for: {error}"))? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("it ended with {status}")),
                None if Instant::now() >= end => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("it did not end within {} s", limit.as_secs()));
                }
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

fn memory() -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let made = match memfd_create("edge-app", flags | EXECUTABLE) {
        Err(rustix::io::Errno::INVAL) => memfd_create("edge-app", flags),
        made => made,
    };
    Ok(File::from(made?))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn it_runs_what_was_checked_and_nothing_can_be_changed() {
        let bytes = std::fs::read("/bin/true").unwrap();
        let sealed = Sealed::read(Path::new("/bin/true"), &FileEntry::of(&bytes)).unwrap();
        sealed.must_succeed(&[], Duration::from_secs(10)).unwrap();
        assert!((&sealed.0).write_all(b"x").is_err());
        let other = FileEntry::of(b"other");
        assert!(matches!(Sealed::read(Path::new("/bin/true"), &other), Err(BundlesError::Mismatch { .. })));
        let bytes = std::fs::read("/bin/sleep").unwrap();
        let sleeper = Sealed::read(Path::new("/bin/sleep"), &FileEntry::of(&bytes)).unwrap();
        let why = sleeper.must_succeed(&["20".as_ref()], Duration::from_millis(200)).unwrap_err();
        assert!(why.contains("within"), "{why}");
    }
}
