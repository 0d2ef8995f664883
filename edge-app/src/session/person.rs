//! What the person does: presses and touches, and what each means in each state.

use lakshan_core::Syndrome;

use super::event::Effect;
use super::series::Series;
use super::state::State;
use super::{Camera, SETTLE, Session};
use crate::parts::{Button, Press};
use crate::screen::{Action, Fault, MenuItem, StickScreen};

/// What the person does.
impl Session {
    pub(super) fn press(&mut self, button: Button, press: Press) {
        match (button, press) {
            (Button::Back, Press::Long) => self.by_person(Self::home),
            (Button::Capture, _) => self.by_person(|session| session.act(Action::Confirm)),
            (Button::Back, Press::Short) => self.by_person(|session| session.act(Action::Back)),
            (Button::Menu, _) => self.by_person(|session| session.act(Action::Menu)),
        }
    }

    /// Does what the person asks for, unless it was meant for the screen before.
    pub(super) fn by_person(&mut self, act: impl FnOnce(&mut Self)) {
        self.active = self.now;
        if self.now.saturating_sub(self.changed) >= SETTLE {
            act(self);
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        // On a list, the menu button marks the next entry.
        let step = match action {
            Action::Menu | Action::Next => Some(1),
            Action::Previous => Some(-1),
            _ => None,
        };
        match (self.stack.last_mut().expect("the stack is never empty"), action, step) {
            (State::Language { selected }, _, Some(step)) => {
                *selected = stepped(*selected, step, self.settings.languages.len());
            }
            (State::Consent { agreed }, _, Some(_)) => *agreed = !*agreed,
            (State::Stick(StickScreen::Found { selected, .. }), _, Some(_)) => *selected = !*selected,
            (State::Menu { items, selected }, _, Some(step)) => *selected = stepped(*selected, step, items.len()),
            (State::DoctorsLookFor { page, .. } | State::About { page }, Action::Next | Action::Confirm, _) => {
                *page = page.wrapping_add(1);
            }
            (State::DoctorsLookFor { page, .. } | State::About { page }, Action::Previous, _) => {
                // Pages count on for ever; the first one has none before it.
                *page = page.saturating_sub(1);
            }
            (_, Action::Confirm, _) => self.confirm(),
            (_, Action::Back, _) => self.back(),
            (_, Action::Menu, _) => self.menu(),
            (_, Action::Choose(entry), _) => self.choose(entry),
            (_, Action::Next | Action::Previous, _) => {}
        }
    }

    pub(super) fn confirm(&mut self) {
        match self.top().clone() {
            State::Start if self.testing.is_some() => {}
            State::Start if self.settings.language.is_none() => self.go(State::Language { selected: 0 }),
            State::Start => self.go(State::Consent { agreed: false }),
            State::Language { selected } => self.choose_language(selected),
            State::Consent { agreed: true } => {
                self.consented = true;
                self.aim();
            }
            State::Consent { agreed: false } => self.home(),
            State::Aim(_) => self.go(State::Capture(Series::new(self.now))),
            State::Result if self.is_retake() => self.again(),
            State::Result => self.over(State::AllClasses { shown: 0 }),
            State::AllClasses { shown } => {
                let named = self.named();
                let ranked = self.judgement.as_ref().and_then(|judgement| judgement.probabilities).map(|p| p.ranked());
                let class = if named.is_empty() {
                    ranked.map(|ranked| ranked[shown % Syndrome::COUNT].0)
                } else {
                    named.get(shown % named.len()).copied()
                };
                if let (Some(class), Some(State::AllClasses { shown })) = (class, self.stack.last_mut()) {
                    *shown += 1;
                    self.over(State::DoctorsLookFor { class, page: 0 });
                }
            }
            State::Menu { items, selected } => {
                if let Some(item) = items.get(selected) {
                    self.open(*item);
                }
            }
            State::RedFlags => self.uncover(),
            State::Fault(fault) => self.leave_fault(&fault, true),
            State::Stick(StickScreen::Found { selected: true, .. }) => self.install(),
            State::Stick(StickScreen::Installing(_) | StickScreen::Saving) => {}
            State::Stick(_) => self.leave_stick(),
            State::Capture(_) | State::Working { .. } | State::DoctorsLookFor { .. } | State::About { .. } => {}
        }
    }

    pub(super) fn back(&mut self) {
        match self.top().clone() {
            State::Start => {}
            State::Consent { .. } => self.home(),
            State::Aim(_) => {
                self.wipe();
                self.consented = false;
                self.go(State::Consent { agreed: false });
            }
            State::Capture(_) | State::Working { .. } | State::Result => self.again(),
            State::Fault(fault) => self.leave_fault(&fault, false),
            State::Stick(_) => self.leave_stick(),
            State::Language { .. }
            | State::AllClasses { .. }
            | State::DoctorsLookFor { .. }
            | State::RedFlags
            | State::Menu { .. }
            | State::About { .. } => self.uncover(),
        }
    }

    /// The same patient's photograph again.
    pub(super) fn again(&mut self) {
        self.wipe();
        self.aim();
    }

    pub(super) fn leave_fault(&mut self, fault: &Fault, confirmed: bool) {
        match fault {
            Fault::Storage(_) => self.uncover(),
            Fault::CameraLost | Fault::CameraMissing if confirmed && self.consented => {
                // It may be back without having been noticed; if it is not, silence will say so again.
                self.camera = Camera::Unknown;
                self.aim();
            }
            _ => self.home(),
        }
    }

    pub(super) fn menu(&mut self) {
        let is_busy = match self.top() {
            State::Start => self.testing.is_some(),
            State::Capture(_) | State::Working { .. } | State::Stick(_) => true,
            _ => false,
        };
        if is_busy {
            return;
        }
        // Over the menu, the menu button returns to it: the stack cannot grow for ever.
        if let Some(at) = self.stack.iter().position(|state| matches!(state, State::Menu { .. })) {
            self.stack.truncate(at + 1);
            self.changed = self.now;
            return;
        }
        let scored = self.judgement.as_ref().is_some_and(|judgement| judgement.probabilities.is_some());
        let offered = |item: &MenuItem| match item {
            MenuItem::NextPatient => self.consented,
            MenuItem::AllClasses => scored,
            MenuItem::About => self.bundle.is_some(),
            MenuItem::SaveRegister => self.plugged && self.settings.keeps_register && !self.consented,
            MenuItem::PowerOff => self.settings.can_power_off,
            MenuItem::Language | MenuItem::RedFlags | MenuItem::SelfTest => true,
        };
        const ORDER: [MenuItem; 8] = [
            MenuItem::NextPatient,
            MenuItem::RedFlags,
            MenuItem::AllClasses,
            MenuItem::Language,
            MenuItem::About,
            MenuItem::SelfTest,
            MenuItem::SaveRegister,
            MenuItem::PowerOff,
        ];
        let items = ORDER.into_iter().filter(offered).collect();
        self.over(State::Menu { items, selected: 0 });
    }

    pub(super) fn open(&mut self, item: MenuItem) {
        match item {
            MenuItem::NextPatient => {
                self.home();
                self.go(State::Consent { agreed: false });
            }
            MenuItem::RedFlags => self.over(State::RedFlags),
            MenuItem::AllClasses => self.over(State::AllClasses { shown: 0 }),
            MenuItem::Language => {
                let current = self.settings.language.as_ref();
                let at = self.settings.languages.iter().position(|code| Some(code) == current);
                self.over(State::Language { selected: at.unwrap_or(0) });
            }
            MenuItem::About => self.over(State::About { page: 0 }),
            MenuItem::SelfTest => self.test(),
            MenuItem::SaveRegister => self.save_register(),
            MenuItem::PowerOff => {
                self.home();
                self.effects.push(Effect::PowerOff);
            }
        }
    }

    pub(super) fn choose(&mut self, entry: usize) {
        match self.stack.last_mut().expect("the stack is never empty") {
            State::Language { selected } if entry < self.settings.languages.len() => *selected = entry,
            State::Consent { agreed } if entry < 2 => *agreed = entry == 0,
            State::Stick(StickScreen::Found { selected, .. }) if entry < 2 => *selected = entry == 0,
            State::Menu { items, selected } if entry < items.len() => *selected = entry,
            _ => return,
        }
        self.confirm();
    }

    pub(super) fn choose_language(&mut self, selected: usize) {
        let Some(code) = self.settings.languages.get(selected).cloned() else { return };
        let changed = self.settings.language.as_ref() != Some(&code);
        self.settings.language = Some(code.clone());
        if self.stack.len() == 1 {
            self.go(State::Consent { agreed: false });
        } else {
            // From the menu: both give way, the words change at once where the person was.
            self.stack.pop();
            self.uncover();
        }
        if changed {
            self.effects.push(Effect::SaveLanguage(code));
        }
    }
}

/// `at` moved by `step` on a ring of `count` entries.
fn stepped(at: usize, step: isize, count: usize) -> usize {
    let count = count.max(1) as isize;
    (at as isize + step).rem_euclid(count) as usize
}
