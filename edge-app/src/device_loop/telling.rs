//! Tells what the device shows, line by line in the words of [`transcript`], and how many live pictures a second were
//! drawn. The lines name findings: for tests and demonstrations.

use std::time::Duration;

use crate::parts::{InputEvent, Light};
use crate::screen::Screen;
use crate::session::{Effect, FrameId};
use crate::transcript;

/// Hears each line.
pub type Witness = Box<dyn FnMut(&str)>;

pub(super) struct Telling {
    witness: Option<Witness>,
    screen: String,
    live: Option<Live>,
}

/// The live picture from its first drawing on.
struct Live {
    since: Duration,
    newest: FrameId,
    drawn: u32,
    /// When the newest was drawn, and the longest time from one to the next.
    last: Duration,
    longest: Duration,
}

impl Telling {
    pub(super) fn new(witness: Option<Witness>) -> Self {
        Self { witness, screen: String::new(), live: None }
    }

    /// A screen was drawn, with this live picture on it.
    pub(super) fn drawn(&mut self, now: Duration, screen: &Screen, language: &str, picture: Option<FrameId>) {
        if self.witness.is_none() {
            return;
        }
        let words = transcript::screen(screen, language);
        if words != self.screen {
            self.say(now, "screen", &words);
            self.screen = words;
        }
        match (picture, &mut self.live) {
            (Some(newest), None) => {
                self.live = Some(Live { since: now, newest, drawn: 0, last: now, longest: Duration::ZERO });
            }
            (Some(newest), Some(live)) if newest != live.newest => {
                live.longest = live.longest.max(now - live.last);
                (live.newest, live.last, live.drawn) = (newest, now, live.drawn + 1);
            }
            (None, Some(_)) => self.live_ended(now),
            _ => {}
        }
    }

    fn live_ended(&mut self, now: Duration) {
        let Some(live) = self.live.take().filter(|live| live.drawn > 0) else { return };
        let seconds = (live.last - live.since).as_secs_f64();
        let rate = f64::from(live.drawn) / seconds;
        let longest = live.longest.as_millis();
        let words =
            format!("{} pictures in {seconds:.1} s, {rate:.1} a second, at most {longest} ms apart", live.drawn);
        self.say(now, "live", &words);
    }

    pub(super) fn light(&mut self, now: Duration, light: Light) {
        self.say(now, "light", transcript::light(light));
    }

    pub(super) fn input(&mut self, now: Duration, event: InputEvent) {
        self.say(now, "input", &transcript::input(event));
    }

    pub(super) fn effect(&mut self, now: Duration, effect: &Effect) {
        if !matches!(effect, Effect::Watch(_)) {
            self.say(now, "does", &transcript::effect(effect));
        }
    }

    fn say(&mut self, now: Duration, what: &str, words: &str) {
        if let Some(witness) = &mut self.witness {
            witness(&transcript::line(now, what, words));
        }
    }
}
