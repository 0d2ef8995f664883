//! What the parts say: self-test, camera, analyser, network, memory.

use std::time::Duration;

use super::event::{Effect, FrameId, Judgement, OpenedBundle, Sight};
use super::series::Series;
use super::state::State;
use super::{Camera, MAX_PICTURE_AGE, Session};
use crate::screen::Fault;
use crate::self_test::{Check, Outcome, Part};

/// What the parts say.
impl Session {
    pub(super) fn tested(&mut self, generation: u64, checks: Vec<Check>, bundle: Result<Box<OpenedBundle>, String>) {
        if self.testing.is_none_or(|(waited_for, _)| waited_for != generation) {
            return;
        }
        self.testing = None;
        let failed =
            |part: Part| checks.iter().any(|check| check.part == part && matches!(check.outcome, Outcome::Failed(_)));
        let camera_gone = failed(Part::Camera);
        let low = failed(Part::Memory);
        let other = Part::ALL.into_iter().any(|part| part != Part::Camera && part != Part::Memory && failed(part));
        self.checks = checks;
        let fault = match bundle {
            Err(why) => {
                self.bundle = None;
                Some(Fault::BundleRefused(why))
            }
            Ok(bundle) => {
                self.bundle = Some(bundle);
                if other {
                    Some(Fault::SelfTestFailed(self.checks.clone()))
                } else if low {
                    Some(Fault::LowMemory)
                } else if camera_gone {
                    Some(Fault::CameraMissing)
                } else {
                    None
                }
            }
        };
        if camera_gone {
            self.camera = Camera::Missing;
        }
        self.blocked = fault.is_some();
        match fault {
            Some(fault) => self.go(State::Fault(fault)),
            None if self.settings.language.is_none() && self.stack == [State::Start] => {
                self.go(State::Language { selected: 0 });
            }
            None => {}
        }
    }

    pub(super) fn frame(&mut self, frame: FrameId, taken: Duration) {
        let taken = taken.min(self.now);
        // A picture that is old when it comes proves nothing about now.
        if self.now - taken > MAX_PICTURE_AGE {
            return;
        }
        self.camera = Camera::Present;
        let newer = self.live.is_none_or(|(last, last_taken)| frame > last && taken >= last_taken);
        if newer && self.watched.is_some_and(|since| taken >= since) && self.top().watches() {
            self.live = Some((frame, taken));
        }
        if matches!(self.top(), State::Fault(Fault::CameraLost | Fault::CameraMissing)) {
            if self.consented { self.aim() } else { self.home() }
        }
    }

    pub(super) fn sight(&mut self, sight: &Sight) {
        let current = self.watched.is_some_and(|since| sight.taken >= since)
            && self.analysed.is_none_or(|(last, _)| sight.frame > last)
            && sight.taken <= self.now;
        let Some(bundle) = &self.bundle else { return };
        if !current {
            return;
        }
        let thresholds = bundle.thresholds;
        match self.stack.last_mut() {
            Some(State::Aim(guide)) => {
                self.analysed = Some((sight.frame, self.now));
                if sight.face.is_some() {
                    self.active = self.now;
                }
                if guide.see(sight, &thresholds) {
                    self.go(State::Capture(Series::new(self.now)));
                }
            }
            Some(State::Capture(series)) => {
                self.analysed = Some((sight.frame, self.now));
                if series.see(sight, &thresholds) {
                    self.effects.push(Effect::Keep(sight.frame));
                }
            }
            _ => {}
        }
    }

    pub(super) fn judged(&mut self, generation: u64, judgement: Result<Judgement, String>) {
        let State::Working { generation: waited_for, .. } = self.top() else { return };
        if *waited_for != generation {
            return;
        }
        match judgement {
            Ok(judgement) => {
                self.judgement = Some(judgement);
                self.active = self.now;
                self.go(State::Result);
            }
            Err(why) => self.fail(Fault::Internal(why)),
        }
    }

    pub(super) fn camera_lost(&mut self) {
        let was_there = matches!(self.camera, Camera::Present | Camera::Lost);
        self.camera = if was_there { Camera::Lost } else { Camera::Missing };
        self.live = None;
        if self.top().shows_picture() {
            self.lose_camera();
        }
    }

    /// Aim or capture cannot go on.
    pub(super) fn lose_camera(&mut self) {
        if self.camera != Camera::Missing {
            self.camera = Camera::Lost;
        }
        self.wipe();
        self.aim();
    }

    pub(super) fn memory(&mut self, low: bool) {
        self.memory_low = low;
        match self.top() {
            State::Aim(_) | State::Capture(_) | State::Working { .. } if low => self.fail(Fault::LowMemory),
            State::Fault(Fault::LowMemory) if !low => self.test(),
            _ => {}
        }
    }
}
