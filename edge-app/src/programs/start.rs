//! Which program runs: the launcher of the service, and the trial of a new program by that program itself.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use super::install::verify;
use super::manifest::PROGRAM_FILE;
use crate::bundles::{BundlesError, MAX_STARTS, PROBATION, Place, Slots, State, Trial, TrustedKeys, version};
use crate::config::Config;
use crate::report;

/// Runs the program in use in place of this process: the one in a slot when it holds, else this one. It comes back only with
/// an error.
///
/// # Errors
/// When not even this program can be run.
pub fn start(config: &Config, words: &[OsString]) -> anyhow::Error {
    let slots = Slots::of_programs(&config.state);
    if let Err(error) = start_slot(config, &slots, words) {
        eprintln!("program: {}; the one of the package runs", report::in_one_line(&error));
    }
    // Itself by its open file: the file's name may be another program's by now.
    let error = Command::new("/proc/self/exe").arg0(PROGRAM_FILE).arg("run").args(words).exec();
    anyhow::Error::new(error).context("cannot run this program again")
}

/// Comes back when the program of the package is to run: without an error, when it is the one in use.
fn start_slot(config: &Config, slots: &Slots, words: &[OsString]) -> Result<(), BundlesError> {
    let keys = TrustedKeys::read(&super::keys(&config.keys))?;
    // Each round but the last goes back by one place, and there are three.
    for _ in 0..3 {
        let state = slots.state()?;
        let Some(folder) = slots.path(state.active) else { return Ok(()) };
        if let Some(Trial { starts }) = state.trial {
            if starts >= MAX_STARTS {
                let why = format!("it was started {MAX_STARTS} times and never ran for long");
                go_back(slots, &state, why)?;
                continue;
            }
            // A trial that cannot be counted is not begun.
            slots.count_start(state.active)?;
        }
        let failed = match verify(&folder, &keys) {
            Ok(verified) if is_outdated(&verified.manifest.program_version, &state) => {
                let version = &verified.manifest.program_version;
                format!("{version} is older than the package's {}", env!("CARGO_PKG_VERSION"))
            }
            Ok(verified) => {
                let mut command = verified.program.command();
                command.args(["run", "--program-slot", state.active.id()]).args(words);
                format!("it cannot be run: {}", command.exec())
            }
            Err(error) => report::in_one_line(&error),
        };
        // Even one that has proved itself is left: the program of the package can at least say so.
        go_back(slots, &state, failed)?;
    }
    Ok(())
}

/// After a newer package or card, an older program in a slot is of no more use, unless somebody forced it there.
fn is_outdated(version: &str, state: &State) -> bool {
    let forced = state.newest.get(PROGRAM_FILE).is_some_and(|newest| version::compare(version, newest).is_lt());
    !forced && version::compare(version, env!("CARGO_PKG_VERSION")).is_lt()
}

fn go_back(slots: &Slots, state: &State, why: String) -> Result<(), BundlesError> {
    eprintln!("program: goes back to the one before: {why}");
    let before = state.previous.unwrap_or(Place::Program);
    slots.update(|state| {
        state.previous = Some(before);
        state.go_back(Some(why))
    })
}

/// A program in a slot, for itself: it is on trial until it has run for [`PROBATION`], and leaves when it fails its test.
#[derive(Debug)]
pub struct OnTrial {
    slots: Slots,
    place: Place,
    since: Instant,
    trial: Option<Trial>,
}

impl OnTrial {
    /// The program that the launcher has started from `place`; its trial as it is now.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(slots: Slots, place: Place) -> Result<Self, BundlesError> {
        let state = slots.state()?;
        let trial = state.trial.filter(|_| state.active == place);
        Ok(Self { slots, place, since: Instant::now(), trial })
    }

    /// To be called again and again while the program runs well: a new one that has lasted stays.
    pub fn alive(&mut self, now: Instant) {
        self.alive_after(now.saturating_duration_since(self.since));
    }

    fn alive_after(&mut self, ran: Duration) {
        if ran < PROBATION {
            return;
        }
        if let Some(trial) = self.trial.take()
            && let Err(error) = self.slots.proved(self.place, trial)
        {
            eprintln!("program: {}; it stays on trial", report::in_one_line(&error));
        }
    }

    /// The self-test has failed: while on trial, true, and the one before is started the next time.
    pub fn failed(&mut self, why: &str) -> bool {
        let Some(trial) = self.trial.take() else { return false };
        let state = match self.slots.state() {
            Ok(state) if state.active == self.place && state.trial == Some(trial) => state,
            _ => return false,
        };
        match go_back(&self.slots, &state, format!("its self-test failed: {why}")) {
            Ok(()) => true,
            Err(error) => {
                eprintln!("program: {}", report::in_one_line(&error));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(state: &std::path::Path) -> Slots {
        let slots = Slots::of_programs(state);
        let installing = slots.begin_installing().unwrap();
        slots.empty_incoming(&installing).unwrap();
        slots.switch(&installing, PROGRAM_FILE, "9").unwrap();
        slots
    }

    #[test]
    fn a_minute_proves_it_and_a_failed_test_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let slots = installed(folder.path());
        slots.count_start(Place::A).unwrap();
        let mut program = OnTrial::new(slots.clone(), Place::A).unwrap();
        program.alive_after(PROBATION - Duration::from_secs(1));
        assert_eq!(slots.state().unwrap().trial, Some(Trial { starts: 1 }));
        program.alive_after(PROBATION);
        assert_eq!((slots.state().unwrap().trial, slots.state().unwrap().active), (None, Place::A));
        assert!(!program.failed("later"), "it has proved itself");

        let folder = tempfile::tempdir().unwrap();
        let slots = installed(folder.path());
        let mut program = OnTrial::new(slots.clone(), Place::A).unwrap();
        assert!(program.failed("known_photograph"));
        let state = slots.state().unwrap();
        assert_eq!((state.active, state.trial), (Place::Program, None));
        assert_eq!(state.went_back.as_deref(), Some("its self-test failed: known_photograph"));
    }

    #[test]
    fn only_a_forced_older_one_is_kept_after_a_new_package() {
        let state = |newest: &str| {
            let mut state = State::default();
            state.newest.insert(PROGRAM_FILE.to_owned(), newest.to_owned());
            state
        };
        assert!(is_outdated("0.0.1", &state("0.0.1")), "a new card");
        assert!(!is_outdated("0.0.1", &state("5.0.0")), "somebody forced it");
        assert!(!is_outdated("9.0.0", &state("9.0.0")));
    }
}
