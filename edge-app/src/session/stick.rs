//! USB sticks: an update that is found, asked about and installed; the register that is saved. Never with a patient.

use std::time::Duration;

use super::event::Effect;
use super::state::State;
use super::{STICK_LIMIT, Session};
use crate::screen::{Fault, StickScreen};
use crate::sticks::{Kind, News, Offer, Refused, Step};

/// What waits to be told until there is no patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Found(Offer),
    Refused(Refused),
    Installed(Kind),
}

/// What is being done with a stick: its generation, and when it was last heard of.
pub(super) type Job = (u64, Duration);

impl Session {
    /// What the sticks hold has changed.
    pub(super) fn stick(&mut self, news: News) {
        self.plugged = news.plugged;
        // What has been installed is told, whether the stick is still there or not.
        if !matches!(self.notice, Some(Notice::Installed(_))) {
            self.notice = news.update.map(|update| match update {
                Ok(offer) => Notice::Found(offer),
                Err(refused) => Notice::Refused(refused),
            });
        }
        // What is asked about is gone, or is another one now.
        if matches!(self.top(), State::Stick(StickScreen::Found { .. })) {
            self.home();
        }
    }

    /// Shows what waits to be told, if nobody is being examined and no test is running.
    pub(super) fn tell_notice(&mut self) {
        let at_rest = match self.stack.as_slice() {
            [State::Start] => self.testing.is_none() && self.settings.language.is_some(),
            // A new bundle or program may be what mends it.
            [State::Fault(Fault::BundleRefused(_) | Fault::SelfTestFailed(_))] => self.settings.language.is_some(),
            _ => false,
        };
        if at_rest && let Some(notice) = self.notice.take() {
            self.active = self.now;
            self.go(State::Stick(match notice {
                Notice::Found(offer) => StickScreen::Found { offer, selected: false },
                Notice::Refused(refused) => StickScreen::Refused(refused),
                Notice::Installed(kind) => StickScreen::Installed(kind),
            }));
        }
    }

    pub(super) fn install(&mut self) {
        let generation = self.begin(StickScreen::Installing(Step::Copying(0)));
        self.effects.push(Effect::Install { generation });
    }

    pub(super) fn save_register(&mut self) {
        let generation = self.begin(StickScreen::Saving);
        self.effects.push(Effect::SaveRegister { generation });
    }

    fn begin(&mut self, screen: StickScreen) -> u64 {
        self.wipe();
        self.job = Some((self.generation, self.now));
        self.go(State::Stick(screen));
        self.generation
    }

    pub(super) fn step(&mut self, generation: u64, step: Step) {
        if let Some((waited_for, heard)) = &mut self.job
            && *waited_for == generation
            && let Some(State::Stick(StickScreen::Installing(shown))) = self.stack.last_mut()
        {
            *heard = self.now;
            *shown = step;
        }
    }

    pub(super) fn installed(&mut self, generation: u64, outcome: Result<Kind, Refused>) {
        let waited_for = self.done(generation);
        match outcome {
            Ok(kind) if waited_for => self.tell_of_stick(StickScreen::Installed(kind)),
            // Too late to be stopped: it is installed, and that is told when there is nobody.
            Ok(kind) => self.notice = Some(Notice::Installed(kind)),
            Err(refused) if waited_for => self.tell_of_stick(StickScreen::Refused(refused)),
            Err(_) => {}
        }
    }

    pub(super) fn saved(&mut self, generation: u64, outcome: Result<usize, Refused>) {
        if self.done(generation) {
            self.tell_of_stick(match outcome {
                Ok(rows) => StickScreen::Saved { rows },
                Err(refused) => StickScreen::NotSaved(refused),
            });
        }
    }

    /// Whether this is what was waited for; it is not any more.
    fn done(&mut self, generation: u64) -> bool {
        self.job.take_if(|(waited_for, _)| *waited_for == generation).is_some()
    }

    fn tell_of_stick(&mut self, screen: StickScreen) {
        self.active = self.now;
        self.go(State::Stick(screen));
    }

    /// The program is started again with what was installed; a loop that cannot do that tests what there is.
    pub(super) fn restart(&mut self) {
        self.effects.push(Effect::Restart);
        self.test();
    }

    /// Leaves a screen about a stick.
    pub(super) fn leave_stick(&mut self) {
        if matches!(self.top(), State::Stick(StickScreen::Installed(_))) { self.restart() } else { self.home() }
    }

    /// Gives up what is not waited for any more, and what takes too long.
    pub(super) fn watch_stick(&mut self) {
        let Some((_, heard)) = self.job else { return };
        let waits = matches!(self.top(), State::Stick(StickScreen::Installing(_) | StickScreen::Saving));
        if waits && self.now - heard < STICK_LIMIT {
            return;
        }
        self.job = None;
        self.effects.push(Effect::StopStick);
        if waits {
            self.fail(Fault::Internal("nothing is heard of the stick".to_owned()));
        }
    }
}
