//! A program that the launcher has started from a slot: while it is on trial it must last, and pass its self-test.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::bundles::{BundlesError, Place, Slots};
use crate::config::Config;
use crate::device_loop::{TestParts, Tested};
use crate::programs::OnTrial;
use crate::self_test::{Check, Outcome, Part};
use crate::stop::Stop;

/// The trial of this program, if it was started from a slot.
#[derive(Clone, Default)]
pub(super) struct ProgramTrial(Option<Arc<Mutex<OnTrial>>>);

impl ProgramTrial {
    /// `place` is what the launcher said.
    pub(super) fn new(config: &Config, place: Option<Place>) -> Result<Self, BundlesError> {
        let on_trial = |place| OnTrial::new(Slots::of_programs(&config.state), place);
        Ok(Self(place.map(on_trial).transpose()?.map(|trial| Arc::new(Mutex::new(trial)))))
    }

    /// To be called again and again while the program runs well.
    pub(super) fn alive(&self) {
        // While the worker goes back, nothing is to be told.
        if let Some(Ok(mut trial)) = self.0.as_ref().map(|trial| trial.try_lock()) {
            trial.alive(Instant::now());
        }
    }

    /// The self-test, after which a new program that has failed it leaves. What only the device's parts can do is not its
    /// fault.
    pub(super) fn watch(&self, mut test: TestParts, stop: &Stop) -> TestParts {
        let Some(trial) = self.0.clone() else { return test };
        let stop = stop.clone();
        Box::new(move |tested: Tested<'_>| {
            let checks = test(tested);
            if let Some(why) = its_fault(&checks)
                && trial.lock().unwrap_or_else(PoisonError::into_inner).failed(&why)
            {
                stop.request();
            }
            checks
        })
    }
}

fn its_fault(checks: &[Check]) -> Option<String> {
    checks.iter().find_map(|check| match (&check.outcome, check.part) {
        (Outcome::Failed(why), Part::Bundle | Part::KnownPhotograph) => Some(format!("{}: {why}", check.part.id())),
        _ => None,
    })
}
