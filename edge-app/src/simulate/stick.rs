//! The stick of a simulated session: what the script says of it, and an installation that takes its time.

use std::time::Duration;

use super::script::Installing;
use crate::session::Event;
use crate::sticks::{Kind, News, Reason, Refused, Step};

/// How long an installation takes unless the script says otherwise.
const INSTALL_TIME: Duration = Duration::from_secs(2);

/// The stick, and what is being done with it.
pub(super) struct SimulatedStick {
    holds: News,
    goes: Result<Duration, Refused>,
    job: Option<(Job, u64, Duration)>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Job {
    Install,
    SaveRegister,
}

impl Default for SimulatedStick {
    fn default() -> Self {
        Self { holds: News::default(), goes: Ok(INSTALL_TIME), job: None }
    }
}

impl SimulatedStick {
    /// It holds this from now on.
    pub(super) fn hold(&mut self, news: News) -> Event {
        self.holds = news.clone();
        Event::Stick(news)
    }

    pub(super) fn goes(&mut self, how: &Installing) {
        self.goes = match how {
            Installing::Takes(time) => Ok(*time),
            Installing::Fails(refused) => Err(refused.clone()),
        };
    }

    pub(super) fn begin(&mut self, job: Job, generation: u64, now: Duration) {
        self.job = Some((job, generation, now));
    }

    /// What is being done with it is not wanted any more.
    pub(super) fn stop(&mut self) {
        self.job = None;
    }

    /// What is heard of it at `now`: a tenth of the copying in each tenth of the first half of the time, then the test.
    pub(super) fn hear(&mut self, now: Duration) -> Option<Event> {
        let (job, generation, since) = self.job?;
        let failed = match &self.goes {
            _ if !self.holds.plugged && !self.is_free(now) => {
                Some(Refused { reason: Reason::Pulled, details: "the stick was pulled out".to_owned() })
            }
            Err(refused) => Some(refused.clone()),
            Ok(_) => None,
        };
        let takes = self.goes.as_ref().copied().unwrap_or_default();
        let is_over = failed.is_some() || now - since >= takes;
        if is_over {
            self.job = None;
        }
        let kind = match &self.holds.update {
            Some(Ok(offer)) => offer.kind,
            _ => Kind::Bundle,
        };
        match job {
            Job::Install if is_over => Some(Event::Installed { generation, outcome: failed.map_or(Ok(kind), Err) }),
            Job::SaveRegister if is_over => {
                Some(Event::RegisterSaved { generation, outcome: failed.map_or(Ok(12), Err) })
            }
            Job::SaveRegister => None,
            Job::Install if self.is_free(now) => Some(Event::InstallStep { generation, step: Step::Testing }),
            Job::Install => {
                let tenths = ((now - since).as_secs_f64() / takes.as_secs_f64() * 20.0) as u8;
                Some(Event::InstallStep { generation, step: Step::Copying(tenths * 10) })
            }
        }
    }

    /// Whether the stick may be pulled: everything is on the device.
    fn is_free(&self, now: Duration) -> bool {
        match (&self.job, &self.goes) {
            (Some((Job::Install, _, since)), Ok(takes)) => now - *since >= *takes / 2,
            _ => false,
        }
    }
}
