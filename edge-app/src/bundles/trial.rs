//! The bundle in use, for the program that runs with it: opened with its signature, and left again when it does no good.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use lakshan_engine::Bundle;

use super::install::open_signed;
use super::{BundlesError, Place, Slots, State, Trial, TrustedKeys};
use crate::report;
use crate::screening::Screener;
use crate::self_test::{Outcome, known};

/// So often the program may start with a new bundle without getting through its [`PROBATION`].
pub const MAX_STARTS: u32 = 3;
/// When the program has run for so long with a new bundle, it stays.
pub const PROBATION: Duration = Duration::from_secs(60);

/// The bundle that the slots name, or the one that came with the program.
#[derive(Debug)]
pub struct InUse {
    slots: Slots,
    keys: PathBuf,
    program: PathBuf,
    /// What this process runs with, since when, and the trial as this process has counted it.
    running: Option<(Place, Instant, Option<Trial>)>,
    /// Instead of what the state says, when going back cannot be written.
    instead: Option<Place>,
}

impl InUse {
    /// `keys` is the folder of the public keys, `program` that of the bundle that came with the program.
    pub fn new(slots: Slots, keys: PathBuf, program: PathBuf) -> Self {
        Self { slots, keys, program, running: None, instead: None }
    }

    /// Opens it. A new one counts its starts, must pass the known photograph, and is left for the one before when it does
    /// not. One that has proved itself is never left: its fault is an error.
    ///
    /// # Errors
    /// When the bundle in use cannot be opened, and there is none to go back to.
    pub fn open(&mut self) -> Result<Screener, BundlesError> {
        loop {
            let state = self.slots.state()?;
            let place = self.instead.unwrap_or(state.active);
            let mut trial = state.trial.filter(|_| self.instead.is_none());
            if let Some(trial) = &mut trial
                && self.running.is_none()
            {
                if trial.starts >= MAX_STARTS {
                    self.go_back(
                        &state,
                        format!("the program was started {MAX_STARTS} times with it and never ran for long"),
                    )?;
                    continue;
                }
                match self.slots.count_start(place) {
                    Ok(counted) => *trial = counted,
                    // A trial that cannot be counted is not begun.
                    Err(error) if error.is_about_writing() => {
                        self.go_back(&state, report::in_one_line(&error))?;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            match self.open_place(place, trial.is_some()) {
                Ok(screener) => {
                    self.running.get_or_insert((place, Instant::now(), trial));
                    return Ok(screener);
                }
                Err(error) if trial.is_some() => self.go_back(&state, report::in_one_line(&error))?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens it for a look: nothing is counted, and nothing is gone back to.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn look(&self) -> Result<Screener, BundlesError> {
        self.open_place(self.slots.state()?.active, false)
    }

    /// To be called again and again while the program runs well: a new bundle that has lasted stays.
    pub fn alive(&mut self, now: Instant) {
        let Some((place, since, Some(trial))) = &self.running else { return };
        if now.saturating_duration_since(*since) < PROBATION {
            return;
        }
        let (place, trial) = (*place, *trial);
        let proved = self.slots.proved(place, trial);
        if let Err(error) = proved {
            eprintln!("bundle: {}; it stays on trial", report::in_one_line(&error));
        }
        if let Some((_, _, trial)) = &mut self.running {
            *trial = None;
        }
    }

    fn go_back(&mut self, state: &State, why: String) -> Result<(), BundlesError> {
        eprintln!("bundle: goes back to the one before: {why}");
        let before = state.previous.ok_or(BundlesError::NothingBefore)?;
        self.running = None;
        match self.slots.update(|state| state.go_back(Some(why))) {
            Ok(()) => Ok(()),
            Err(error) if error.is_about_writing() => {
                eprintln!("bundle: {}; until the next start", report::in_one_line(&error));
                self.instead = Some(before);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn open_place(&self, place: Place, on_trial: bool) -> Result<Screener, BundlesError> {
        let Some(folder) = self.slots.path(place) else {
            return Ok(Screener::new(Bundle::open(&self.program)?)?);
        };
        let (bundle, signed_by) = open_signed(&folder, &TrustedKeys::read(&self.keys)?)?;
        let screener = Screener::new(bundle)?.signed_by(signed_by);
        if on_trial && let Outcome::Failed(why) = known::check(&screener) {
            return Err(BundlesError::SelfTest(why));
        }
        Ok(screener)
    }
}
