//! Presses and touches at times that a test or a demonstration has written down.

use std::collections::VecDeque;
use std::time::Duration;

use super::InputError;
use crate::parts::{Input, InputEvent};

/// Plays a script.
#[derive(Clone, Debug, Default)]
pub struct ScriptedInput {
    events: VecDeque<(Duration, InputEvent)>,
}

impl ScriptedInput {
    /// Events with their times on the loop's clock, in any order.
    pub fn new(events: impl IntoIterator<Item = (Duration, InputEvent)>) -> Self {
        let mut events: Vec<_> = events.into_iter().collect();
        events.sort_by_key(|(at, _)| *at);
        Self { events: events.into() }
    }

    /// Whether all has been played.
    pub fn is_over(&self) -> bool {
        self.events.is_empty()
    }
}

impl Input for ScriptedInput {
    fn poll(&mut self, now: Duration) -> Result<Vec<InputEvent>, InputError> {
        let due = self.events.iter().take_while(|(at, _)| *at <= now).count();
        Ok(self.events.drain(..due).map(|(_, event)| event).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::{Button, Press};

    #[test]
    fn events_come_when_they_are_due_and_once() {
        let press = InputEvent::Button(Button::Capture, Press::Short);
        let touch = InputEvent::Touch { x: 1.0, y: 2.0 };
        let mut input = ScriptedInput::new([(Duration::from_secs(2), touch), (Duration::from_secs(1), press)]);
        assert_eq!(input.poll(Duration::ZERO).unwrap(), []);
        assert_eq!(input.poll(Duration::from_secs(1)).unwrap(), [press]);
        assert!(!input.is_over());
        assert_eq!(input.poll(Duration::from_secs(9)).unwrap(), [touch]);
        assert_eq!(input.poll(Duration::from_secs(9)).unwrap(), []);
        assert!(input.is_over());
    }
}
