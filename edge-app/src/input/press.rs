//! From a button's level over time to presses: debounced, short or long. Pure; time is an argument.

use std::time::Duration;

use crate::parts::Press;

/// Held for this long, a press is long.
pub const LONG: Duration = Duration::from_secs(1);

/// One button. Contacts bounce when they close and open: a level counts once it has lasted.
#[derive(Clone, Debug)]
pub struct PressTracker {
    debounce: Duration,
    /// The level that counts.
    down: bool,
    /// The level that was seen last, and since when, while it differs from the one that counts.
    changing: Option<Duration>,
    /// When the button went down, until its press is reported.
    pressed_at: Option<Duration>,
}

impl PressTracker {
    /// Of a button that is up. A level counts once it has lasted for `debounce`; keyboards need none.
    pub fn new(debounce: Duration) -> Self {
        Self { debounce, down: false, changing: None, pressed_at: None }
    }

    /// Takes the level at `now`, and says what it completes. To be called often, at least while the button is down.
    pub fn update(&mut self, now: Duration, down: bool) -> Option<Press> {
        if down == self.down {
            self.changing = None;
        } else {
            let since = *self.changing.get_or_insert(now);
            if now.saturating_sub(since) >= self.debounce {
                self.changing = None;
                self.down = down;
                if down {
                    self.pressed_at = Some(since);
                } else if let Some(pressed_at) = self.pressed_at.take() {
                    // It was let go at `since`; when nobody looked in between, it may have been held for long.
                    let held = since.saturating_sub(pressed_at);
                    return Some(if held >= LONG { Press::Long } else { Press::Short });
                }
            }
        }
        let pressed_at = self.pressed_at?;
        // While the button may be about to go up, its press is not yet known to be long.
        if self.down && self.changing.is_none() && now.saturating_sub(pressed_at) >= LONG {
            self.pressed_at = None;
            return Some(Press::Long);
        }
        None
    }

    /// Whether it is down, for who must keep calling [`update`](Self::update).
    pub fn is_busy(&self) -> bool {
        self.down || self.changing.is_some()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DEBOUNCE: Duration = Duration::from_millis(20);

    /// What `levels`, one a step of 5 ms, amount to; the button is up before and after.
    fn presses(levels: impl IntoIterator<Item = bool>) -> Vec<Press> {
        let mut tracker = PressTracker::new(DEBOUNCE);
        let levels = levels.into_iter().chain([false; 20]);
        let at = |index: u64| Duration::from_millis(5 * index);
        (0..).zip(levels).filter_map(|(index, level)| tracker.update(at(index), level)).collect()
    }

    fn held(milliseconds: usize) -> impl Iterator<Item = bool> {
        std::iter::repeat_n(true, milliseconds / 5)
    }

    #[test]
    fn short_and_long() {
        assert_eq!(presses(held(100)), [Press::Short]);
        assert_eq!(presses(held(900)), [Press::Short]);
        assert_eq!(presses(held(1100)), [Press::Long]);
        assert_eq!(presses(held(10_000)), [Press::Long], "once");
        assert_eq!(presses(held(15)), [], "a spark");
    }

    #[test]
    fn a_long_press_is_reported_while_it_is_held() {
        let mut tracker = PressTracker::new(DEBOUNCE);
        let reported =
            (0..400).map(|index| Duration::from_millis(5 * index)).find(|now| tracker.update(*now, true).is_some());
        assert_eq!(reported, Some(LONG));
    }

    #[test]
    fn bounces_are_one_press() {
        let bounce = [true, false, true, true, false, true, false];
        let whole = bounce.into_iter().chain(held(200)).chain(bounce).chain([false, true, false]);
        assert_eq!(presses(whole), [Press::Short]);
    }

    #[test]
    fn a_keyboard_needs_no_debouncing() {
        let mut tracker = PressTracker::new(Duration::ZERO);
        let now = Duration::from_secs(5);
        assert_eq!(tracker.update(now, true), None);
        assert_eq!(tracker.update(now, false), Some(Press::Short), "both within one call of the loop");
        assert_eq!(tracker.update(now, true), None);
        assert_eq!(tracker.update(now + LONG * 3, false), Some(Press::Long), "nobody looked in between");
    }

    proptest! {
        #[test]
        fn presses_are_as_many_as_the_quiet_stretches(runs in prop::collection::vec((any::<bool>(), 1_usize..300), 1..60)) {
            // What counts, by another road: drop every stretch below the debouncing time, join what is left, count.
            let levels: Vec<bool> = runs.iter().flat_map(|(level, steps)| std::iter::repeat_n(*level, *steps)).chain([false; 20]).collect();
            let stable = levels.chunk_by(|a, b| a == b).filter(|run| run.len() > 4).map(|run| run[0]);
            let mut edges = 0;
            let mut last = false;
            for level in stable {
                edges += usize::from(level && !last);
                last = level;
            }
            prop_assert_eq!(presses(levels).len(), edges);
        }

        #[test]
        fn what_is_short_was_held_for_less_than_a_second(runs in prop::collection::vec((5_usize..400, 5_usize..60), 1..20)) {
            // Clean contacts: each held and left alone for longer than the debouncing time.
            let levels = runs.iter().flat_map(|(on, off)| std::iter::repeat_n(true, *on).chain(std::iter::repeat_n(false, *off)));
            // Over 204 steps it is reported as long before it is let go; from 200 to 204 it is not known in time, but true.
            let expected: Vec<Press> = runs.iter().map(|(on, _)| if *on >= 200 { Press::Long } else { Press::Short }).collect();
            prop_assert_eq!(presses(levels.collect::<Vec<_>>()), expected);
        }

        #[test]
        fn a_steady_button_says_nothing(steps in prop::collection::vec(0_u64..5000, 0..100), down: bool) {
            let mut tracker = PressTracker::new(DEBOUNCE);
            let mut now = Duration::ZERO;
            let mut count = 0;
            for step in steps {
                now += Duration::from_millis(step);
                count += usize::from(tracker.update(now, down).is_some());
            }
            prop_assert!(count <= usize::from(down));
        }
    }
}
