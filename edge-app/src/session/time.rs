//! What time alone does: silence, limits, idleness, the end of a capture.

use lakshan_core::Finding;

use super::event::{Effect, Judgement};
use super::series::End;
use super::state::State;
use super::{ANALYSIS_LIMIT, CAMERA_START, SILENCE, Session, TEST_LIMIT, WORK_LIMIT};
use crate::screen::{Fault, StickScreen};

/// What time alone does.
impl Session {
    pub(super) fn let_time_pass(&mut self) {
        if let Some((_, since)) = self.testing
            && self.now - since >= TEST_LIMIT
        {
            return self.fail(Fault::Internal("the self-test does not end".to_owned()));
        }
        let watched = self.watched.unwrap_or(self.now);
        if self.top().shows_picture() {
            let silent = match self.live {
                Some((_, taken)) => self.now - taken > SILENCE,
                None => self.now - watched > CAMERA_START,
            };
            if silent {
                return self.lose_camera();
            }
            let (last, limit) = match self.analysed {
                Some((_, told)) => (told, ANALYSIS_LIMIT),
                None => (watched, ANALYSIS_LIMIT + CAMERA_START),
            };
            if self.now - last > limit {
                return self.fail(Fault::Internal("the analyser says nothing".to_owned()));
            }
        }
        match self.top() {
            State::Capture(series) => {
                if let Some(end) = series.end(self.now) {
                    self.captured(end);
                }
            }
            State::Working { since, .. } => {
                if self.now - *since >= WORK_LIMIT {
                    self.fail(Fault::Internal("the network does not answer".to_owned()));
                }
            }
            // [`Session::watch_stick`] has a limit of its own.
            State::Start | State::Stick(StickScreen::Installing(_) | StickScreen::Saving) => {}
            State::Stick(StickScreen::Installed(_)) if self.now - self.active >= self.settings.idle => {
                self.active = self.now;
                self.restart();
            }
            // Nobody has a language yet, so there is nobody to forget.
            State::Language { .. } if self.settings.language.is_none() => {}
            _ if self.now - self.active < self.settings.idle => {}
            _ => {
                // A fault is tried again each time.
                self.active = self.now;
                self.home();
            }
        }
        let calm =
            !matches!(self.top(), State::Working { .. } | State::Stick(_) | State::Fault(_)) && !self.top().watches();
        if calm && let Some(why) = self.unsaved.take() {
            self.over(State::Fault(Fault::Storage(why)));
        }
    }

    pub(super) fn captured(&mut self, end: End) {
        match end {
            End::Judge(frames) => {
                self.generation += 1;
                self.thumbnail = frames.first().copied();
                self.live = None;
                self.go(State::Working { generation: self.generation, since: self.now });
                self.effects.push(Effect::Judge { generation: self.generation, frames });
            }
            End::Retake(reason) => {
                self.wipe();
                self.judgement = Some(Judgement { finding: Finding::Retake(reason), probabilities: None });
                self.active = self.now;
                self.go(State::Result);
            }
            End::Nothing => self.fail(Fault::Internal("no picture was analysed".to_owned())),
        }
    }

    /// Says whether the camera's pictures are wanted when that has changed.
    pub(super) fn watch(&mut self) {
        match (self.top().watches(), self.watched) {
            (true, None) => {
                self.watched = Some(self.now);
                self.effects.push(Effect::Watch(true));
            }
            (false, Some(_)) => {
                self.watched = None;
                self.live = None;
                self.analysed = None;
                self.effects.push(Effect::Watch(false));
            }
            _ => {}
        }
    }
}
