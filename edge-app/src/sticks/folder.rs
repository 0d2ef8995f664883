//! The folder in which sticks appear, looked at again and again; what lies there is read, never run and never parsed before
//! its signature holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use lakshan_core::manifest;
use rustix::io::Errno;

use super::register;
use super::{Kind, News, Offer, Reason, Refused, Step};
use crate::bundles::{self, BundlesError, Progress, SignedBundle, Slots, TrustedKeys};
use crate::config::Config;
use crate::parts::Sticks;
use crate::programs::{self, SignedProgram};
use crate::report;

/// How the name of a folder with an update begins, in small or capital letters.
const PREFIX: &str = "lakshan";
/// So many sticks, and so many entries of each, are looked at.
const MOST_STICKS: usize = 8;
const MOST_ENTRIES: usize = 256;
/// How long udev and the mounting unit may take to take a stick's folder away, once the stick does not answer any more.
pub(super) const UNMOUNTED_WITHIN: Duration = Duration::from_secs(5);

/// The sticks that appear as folders in one folder.
pub struct StickFolder {
    folder: PathBuf,
    config: Config,
    /// For a new program that is tried.
    config_file: Option<PathBuf>,
    seen: Option<Seen>,
    found: Option<Found>,
}

/// What was plugged in at the last look: what is the same is not read again.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    sticks: Vec<PathBuf>,
    updates: Vec<Candidate>,
}

/// A folder that may be an update.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    kind: Kind,
    folder: PathBuf,
    /// Length and time of the manifest and of its signature.
    looks: [Option<(u64, Option<SystemTime>)>; 2],
}

/// What is offered, as it was signed: an installation takes these bytes and no others.
enum Found {
    Bundle(PathBuf, Box<SignedBundle>),
    Program(PathBuf, Box<SignedProgram>),
}

impl StickFolder {
    /// Looks at `folder`, which need not exist while there is no stick.
    pub fn new(folder: PathBuf, config: Config, config_file: Option<PathBuf>) -> Self {
        Self { folder, config, config_file, seen: None, found: None }
    }

    /// Reads the candidate; `None` when the device has just this in use.
    fn read(&self, candidate: &Candidate) -> Result<Option<(Offer, Found)>, BundlesError> {
        let folder = candidate.folder.clone();
        match candidate.kind {
            Kind::Bundle => {
                let signed = SignedBundle::read(&folder, &TrustedKeys::read(&self.config.keys)?)?;
                let slots = Slots::new(&self.config.state);
                let (name, version) = (signed.manifest().name.clone(), signed.manifest().version.clone());
                if slots.is_in_use(manifest::FILE_NAME, signed.bytes())? {
                    return Ok(None);
                }
                signed.refuse_downgrade(&slots)?;
                let signer = signed.by().key.clone();
                Ok(Some((Offer { kind: Kind::Bundle, name, version, signer }, Found::Bundle(folder, Box::new(signed)))))
            }
            Kind::Program => {
                let keys = TrustedKeys::read(&programs::keys(&self.config.keys))?;
                let signed = SignedProgram::read(&folder, &keys)?;
                let slots = Slots::of_programs(&self.config.state);
                if slots.is_in_use(programs::MANIFEST_FILE, signed.bytes())? {
                    return Ok(None);
                }
                signed.refuse_downgrade(&slots)?;
                let (name, version) = (programs::PROGRAM_FILE.to_owned(), signed.manifest().program_version.clone());
                let signer = signed.by().key.clone();
                Ok(Some((
                    Offer { kind: Kind::Program, name, version, signer },
                    Found::Program(folder, Box::new(signed)),
                )))
            }
        }
    }
}

impl Sticks for StickFolder {
    fn look(&mut self) -> Option<News> {
        let seen = scan(&self.folder);
        if self.seen.as_ref() == Some(&seen) || (self.seen.is_none() && seen == Seen::default()) {
            return None;
        }
        self.found = None;
        let mut first_fault = None;
        let mut update = None;
        for candidate in &seen.updates {
            match self.read(candidate) {
                Ok(None) => {}
                Ok(Some((offer, found))) => {
                    self.found = Some(found);
                    update = Some(Ok(offer));
                    break;
                }
                Err(error) => drop(first_fault.get_or_insert_with(|| refused(&error))),
            }
        }
        let news = News { plugged: !seen.sticks.is_empty(), update: update.or(first_fault.map(Err)) };
        self.seen = Some(seen);
        Some(news)
    }

    fn install(&mut self, told: &mut dyn FnMut(Step) -> bool) -> Result<Kind, Refused> {
        let Some(found) = self.found.take() else {
            return Err(Refused { reason: Reason::Pulled, details: "there is no update any more".to_owned() });
        };
        // Whatever comes of it, the sticks are to be looked at anew.
        self.seen = None;
        let mut last = None;
        let mut told = |progress| {
            let step = match progress {
                Progress::Copied(bytes, all) => Step::Copying((bytes * 100 / all.max(1)).min(100) as u8),
                Progress::StickFree => Step::Testing,
            };
            // Every piece asks whether to go on; only a new percentage is told.
            last.replace(step) == Some(step) || told(step)
        };
        let (folder, kind, done) = match &found {
            Found::Bundle(folder, signed) => {
                let keys = TrustedKeys::read(&self.config.keys).map_err(|error| refused(&error.into()))?;
                let slots = Slots::new(&self.config.state);
                let done = bundles::install(folder, signed, &keys, &slots, false, &mut told);
                (folder, Kind::Bundle, done.map(drop))
            }
            Found::Program(folder, signed) => {
                let keys = programs::keys(&self.config.keys);
                let keys = TrustedKeys::read(&keys).map_err(|error| refused(&error.into()))?;
                let slots = Slots::of_programs(&self.config.state);
                let file = self.config_file.as_deref();
                let done = programs::install(folder, signed, &keys, &slots, file, false, &mut told);
                (folder, Kind::Program, done.map(drop))
            }
        };
        done.map(|()| kind).map_err(|error| {
            let why = refused(&error);
            // A stick that is gone gives errors of all kinds.
            let gone = why.reason == Reason::Damaged && is_gone(folder, &error);
            if gone { Refused { reason: Reason::Pulled, ..why } } else { why }
        })
    }

    fn save_register(&mut self) -> Result<usize, Refused> {
        let Some(stick) = scan(&self.folder).sticks.into_iter().next() else {
            return Err(Refused { reason: Reason::Pulled, details: "there is no stick any more".to_owned() });
        };
        register::save(&self.config.state, &self.folder, &stick)
    }
}

/// Whether the stick with `folder` was pulled, after an installation has failed with `error`.
fn is_gone(folder: &Path, error: &BundlesError) -> bool {
    // The kernel's words for a disk that does not answer come before udev has taken the folder away.
    let unanswered = |source| matches!(Errno::from_io_error(source), Some(Errno::IO | Errno::NODEV | Errno::NXIO));
    let limit = match error {
        BundlesError::Read { source, .. } if unanswered(source) => UNMOUNTED_WITHIN,
        _ => Duration::ZERO,
    };
    is_gone_within(folder, limit)
}

/// Waits for a folder to be taken away.
pub(super) fn is_gone_within(folder: &Path, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    while folder.exists() {
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}

fn refused(error: &BundlesError) -> Refused {
    Refused { reason: error.reason(), details: report::in_one_line(error) }
}

/// Every stick, and every folder at its top that may be an update: programs first, because a bundle may need one; then by
/// name.
fn scan(folder: &Path) -> Seen {
    let mut sticks = folders(folder, MOST_STICKS, |_| true);
    sticks.sort();
    let mut updates = Vec::new();
    for stick in &sticks {
        let is_named = |name: &str| name.get(..PREFIX.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(PREFIX));
        for folder in folders(stick, MOST_ENTRIES, is_named) {
            for (kind, name, signature) in [
                (Kind::Program, programs::MANIFEST_FILE, programs::SIGNATURE_FILE),
                (Kind::Bundle, manifest::FILE_NAME, manifest::SIGNATURE_FILE),
            ] {
                let looks = [name, signature].map(|name| {
                    let about = fs::symlink_metadata(folder.join(name)).ok()?;
                    Some((about.len(), about.modified().ok()))
                });
                if looks[0].is_some() {
                    updates.push(Candidate { kind, folder: folder.clone(), looks });
                }
            }
        }
    }
    updates.sort_by(|a, b| (a.kind == Kind::Bundle, &a.folder).cmp(&(b.kind == Kind::Bundle, &b.folder)));
    Seen { sticks, updates }
}

/// The folders in `folder` whose names are wanted; links are none. What cannot be read is not there.
fn folders(folder: &Path, most: usize, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(MOST_ENTRIES).flatten();
    let wanted = entries.filter(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        is_folder && entry.file_name().to_str().is_some_and(|name| !name.starts_with('.') && is_wanted(name))
    });
    wanted.map(|entry| entry.path()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_that_does_not_answer_is_pulled_when_its_folder_goes() {
        let stick = tempfile::tempdir().unwrap();
        let folder = stick.path().join("lakshan-bundle");
        let error = |word: Errno| BundlesError::Read { path: folder.join("model.onnx"), source: word.into() };
        fs::create_dir(&folder).unwrap();
        assert!(!is_gone_within(&folder, Duration::ZERO), "it is still there");
        assert!(!is_gone(&folder, &error(Errno::NOENT)), "a file is missing, and nothing is waited for");
        let unmounted = folder.clone();
        let udev = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            fs::remove_dir(unmounted).unwrap();
        });
        assert!(is_gone(&folder, &error(Errno::IO)));
        udev.join().unwrap();
        assert!(is_gone(&folder, &error(Errno::NOENT)));
    }
}
