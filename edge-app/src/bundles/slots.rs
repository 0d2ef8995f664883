//! The two slots and the small file that says which of them is in use: of bundles, and of programs in the same way.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::BundlesError;
use crate::atomic_file::{self, Readers};

/// The folders' names in the device's state.
const BUNDLES: &str = "bundles";
const PROGRAMS: &str = "app";
/// The state's file name.
const STATE_FILE: &str = "slots.json";
/// Held while the state is changed: milliseconds.
const STATE_LOCK: &str = ".lock";
/// Held during an installation.
const INSTALL_LOCK: &str = ".installing";
/// A bundle while it is copied and tried.
const INCOMING: &str = "incoming";

/// Where a bundle is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The one that came with the program; not a slot.
    #[default]
    Program,
    /// The first slot.
    A,
    /// The second slot.
    B,
}

impl Place {
    /// The stable name, which is the slot's folder.
    pub fn id(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::A => "a",
            Self::B => "b",
        }
    }
}

/// A bundle that was switched to and has not proved itself yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// How often the program has started with it.
    pub starts: u32,
}

/// What `slots.json` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The bundle in use.
    pub active: Place,
    /// What was in use before it and can be gone back to.
    pub previous: Option<Place>,
    /// While the one in use is new.
    pub trial: Option<Trial>,
    /// The newest version of each name that was ever in use: older ones are refused.
    pub newest: BTreeMap<String, String>,
    /// Why the device went back by itself the last time.
    pub went_back: Option<String>,
}

impl State {
    /// The slot that a new bundle takes.
    pub(crate) fn free_slot(&self) -> Place {
        if self.active == Place::A { Place::B } else { Place::A }
    }

    /// Back to what was in use before.
    pub(crate) fn go_back(&mut self, why: Option<String>) -> Result<(), BundlesError> {
        self.active = self.previous.take().ok_or(BundlesError::NothingBefore)?;
        self.trial = None;
        if why.is_some() {
            self.went_back = why;
        }
        Ok(())
    }
}

/// The folder of the slots.
#[derive(Clone, Debug)]
pub struct Slots {
    folder: PathBuf,
}

/// Nobody else installs while this is held.
pub(crate) struct Installing(#[expect(dead_code, reason = "it is held, not read")] File);

impl Slots {
    /// Those of the bundles of the device whose state is in `state`. Nothing is read or made yet.
    pub fn new(state: &Path) -> Self {
        Self { folder: state.join(BUNDLES) }
    }

    /// Those of its programs.
    pub fn of_programs(state: &Path) -> Self {
        Self { folder: state.join(PROGRAMS) }
    }

    /// The slot's folder; `None` for the bundle that came with the program.
    pub fn path(&self, place: Place) -> Option<PathBuf> {
        (place != Place::Program).then(|| self.folder.join(place.id()))
    }

    /// What the file says; without a file, nothing was ever installed.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged, which no power cut can do.
    pub fn state(&self) -> Result<State, BundlesError> {
        let path = self.folder.join(STATE_FILE);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::default()),
            read => read.map_err(|source| BundlesError::Read { path: path.clone(), source })?,
        };
        serde_json::from_slice(&text).map_err(|source| BundlesError::StateDamaged { path, source })
    }

    /// Whether the slot in use holds just this manifest.
    pub(crate) fn is_in_use(&self, manifest_name: &str, manifest: &[u8]) -> Result<bool, BundlesError> {
        let folder = self.path(self.state()?.active);
        Ok(folder.and_then(|folder| fs::read(folder.join(manifest_name)).ok()).is_some_and(|bytes| bytes == manifest))
    }

    /// Changes the state: the old one or the new one holds, whenever the power goes.
    pub(crate) fn update<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, BundlesError>,
    ) -> Result<T, BundlesError> {
        let lock = self.open_lock(STATE_LOCK)?;
        lock.lock().map_err(self.write_fault(STATE_LOCK))?;
        let mut state = self.state()?;
        let result = change(&mut state)?;
        let mut text = serde_json::to_vec_pretty(&state).expect("a state is JSON");
        text.push(b'\n');
        let path = self.folder.join(STATE_FILE);
        atomic_file::write(&path, &text, Readers::Owner).map_err(self.write_fault(STATE_FILE))?;
        Ok(result)
    }

    /// Forgets a damaged state. The slots stay where they are, but nothing is in use of them.
    pub(crate) fn forget_state(&self) -> Result<(), BundlesError> {
        let path = self.folder.join(STATE_FILE);
        fs::remove_file(&path).map_err(|source| BundlesError::Write { path, source })
    }

    /// The right to install.
    pub(crate) fn begin_installing(&self) -> Result<Installing, BundlesError> {
        let lock = self.open_lock(INSTALL_LOCK)?;
        match lock.try_lock() {
            Ok(()) => Ok(Installing(lock)),
            Err(TryLockError::WouldBlock) => Err(BundlesError::Busy),
            Err(TryLockError::Error(error)) => Err(self.write_fault(INSTALL_LOCK)(error)),
        }
    }

    /// An empty folder for a bundle that comes in.
    pub(crate) fn empty_incoming(&self, _: &Installing) -> Result<PathBuf, BundlesError> {
        self.clear_incoming()?;
        let path = self.folder.join(INCOMING);
        fs::create_dir(&path).map_err(self.write_fault(INCOMING))?;
        Ok(path)
    }

    /// Takes away what a broken installation has left.
    pub(crate) fn clear_incoming(&self) -> Result<(), BundlesError> {
        remove_folder(&self.folder.join(INCOMING)).map_err(self.write_fault(INCOMING))
    }

    /// The bundle that came in takes the free slot and is in use from now on, on trial.
    pub(crate) fn switch(&self, _: &Installing, name: &str, version: &str) -> Result<Place, BundlesError> {
        let place = self.update(|state| {
            let place = state.free_slot();
            // What is in that slot can be gone back to no more, which must be written before it is taken away.
            if state.previous == Some(place) {
                state.previous = None;
            }
            Ok(place)
        })?;
        let slot = self.folder.join(place.id());
        let fault = || self.write_fault(place.id());
        remove_folder(&slot).map_err(fault())?;
        fs::rename(self.folder.join(INCOMING), &slot).map_err(fault())?;
        atomic_file::sync_folder(&self.folder).map_err(fault())?;
        self.update(|state| {
            state.previous = Some(state.active);
            state.active = place;
            state.trial = Some(Trial::default());
            state.went_back = None;
            let newest = state.newest.entry(name.to_owned()).or_default();
            if super::version::compare(version, newest).is_gt() {
                version.clone_into(newest);
            }
            Ok(place)
        })
    }

    /// One more start with what is on trial there.
    pub(crate) fn count_start(&self, place: Place) -> Result<Trial, BundlesError> {
        self.update(|state| {
            let trial = state.trial.get_or_insert_default();
            if state.active == place {
                trial.starts += 1;
            }
            Ok(*trial)
        })
    }

    /// What is on trial there has lasted: it stays.
    pub(crate) fn proved(&self, place: Place, trial: Trial) -> Result<(), BundlesError> {
        self.update(|state| {
            // Another one may have been installed meanwhile; that one has its own trial.
            if state.active == place && state.trial == Some(trial) {
                state.trial = None;
            }
            Ok(())
        })
    }

    /// Back to the bundle before; a person wants it.
    ///
    /// # Errors
    /// When there is none, or the state cannot be written.
    pub fn roll_back(&self) -> Result<Place, BundlesError> {
        self.update(|state| {
            state.go_back(None)?;
            Ok(state.active)
        })
    }

    /// Removes the bundle that is not in use; with `all`, both slots, so that the one that came with the program is in use.
    ///
    /// # Errors
    /// When there is nothing to remove, or it cannot be.
    pub fn remove(&self, all: bool) -> Result<Vec<Place>, BundlesError> {
        let _installing = self.begin_installing()?;
        if all && matches!(self.state(), Err(BundlesError::StateDamaged { .. })) {
            self.forget_state()?;
        }
        let kept = self.update(|state| {
            if !all && state.trial.is_some() {
                return Err(BundlesError::OnTrial);
            }
            if all {
                state.active = Place::Program;
                state.trial = None;
            }
            state.previous = None;
            Ok(state.active)
        })?;
        let mut removed = Vec::new();
        for place in [Place::A, Place::B] {
            let slot = self.folder.join(place.id());
            if place != kept && slot.exists() {
                remove_folder(&slot).map_err(self.write_fault(place.id()))?;
                removed.push(place);
            }
        }
        self.clear_incoming()?;
        atomic_file::sync_folder(&self.folder).map_err(self.write_fault(""))?;
        if removed.is_empty() { Err(BundlesError::NothingToRemove) } else { Ok(removed) }
    }

    /// Bytes that can still be written there.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        let about = rustix::fs::statvfs(&self.folder).ok()?;
        Some(about.f_bavail * about.f_frsize)
    }

    fn open_lock(&self, name: &str) -> Result<File, BundlesError> {
        fs::create_dir_all(&self.folder).map_err(self.write_fault(""))?;
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        options.open(self.folder.join(name)).map_err(self.write_fault(name))
    }

    fn write_fault(&self, name: &str) -> impl Fn(io::Error) -> BundlesError + use<> {
        let path = if name.is_empty() { self.folder.clone() } else { self.folder.join(name) };
        move |source| BundlesError::Write { path: path.clone(), source }
    }
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
