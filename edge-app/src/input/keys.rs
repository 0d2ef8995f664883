//! Which button each key stands for, and from a touch panel's numbers to pixels. Pure.

use std::time::Duration;

use super::press::PressTracker;
use crate::parts::{Button, InputEvent};
use crate::screen::Size;

/// The three buttons on a keyboard, each of which may be on several keys.
#[derive(Clone, Debug)]
pub struct Keys {
    buttons: [(Button, PressTracker, bool); 3],
}

impl Default for Keys {
    fn default() -> Self {
        let button = |button| (button, PressTracker::new(Duration::ZERO), false);
        Self { buttons: [button(Button::Capture), button(Button::Back), button(Button::Menu)] }
    }
}

impl Keys {
    /// A key went down or up.
    pub fn set(&mut self, now: Duration, button: Button, is_down: bool) -> Option<InputEvent> {
        let (_, tracker, down) = self.buttons.iter_mut().find(|(name, ..)| *name == button)?;
        *down = is_down;
        tracker.update(now, is_down).map(|press| InputEvent::Button(button, press))
    }

    /// Time has passed: a key that is held may have become a long press.
    pub fn tick(&mut self, now: Duration) -> impl Iterator<Item = InputEvent> {
        self.buttons
            .iter_mut()
            .filter_map(move |(button, tracker, down)| Some(InputEvent::Button(*button, tracker.update(now, *down)?)))
    }
}

/// The kernel's key codes (linux/input-event-codes.h) of each button.
pub fn button_of(code: u16) -> Option<Button> {
    match code {
        // Enter, space, keypad enter, camera, OK.
        28 | 57 | 96 | 212 | 0x160 => Some(Button::Capture),
        // Escape, backspace, back.
        1 | 14 | 158 => Some(Button::Back),
        // Tab, M, menu.
        15 | 50 | 139 => Some(Button::Menu),
        _ => None,
    }
}

/// How a touch panel lies over the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TouchTurn {
    /// Left and right change places.
    pub flip_x: bool,
    /// Top and bottom change places.
    pub flip_y: bool,
    /// The panel's x runs along the screen's y; applied before the flips.
    pub swap: bool,
}

/// The least and the largest value of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// At the left or the top.
    pub least: i32,
    /// At the right or the bottom.
    pub most: i32,
}

impl Axis {
    /// Where a value lies, 0 to 1.
    fn fraction(self, value: i32) -> f32 {
        let span = (f64::from(self.most) - f64::from(self.least)).max(1.0);
        (((f64::from(value) - f64::from(self.least)) / span) as f32).clamp(0.0, 1.0)
    }
}

/// A finger on the panel, until it is lifted.
#[derive(Clone, Debug)]
pub struct Finger {
    axes: [Axis; 2],
    turn: TouchTurn,
    size: Size,
    at: [Option<i32>; 2],
}

impl Finger {
    /// For a panel with these axes over a screen of this size.
    pub fn new(x: Axis, y: Axis, turn: TouchTurn, size: Size) -> Self {
        Self { axes: [x, y], turn, size, at: [None; 2] }
    }

    /// The finger moved along x (0) or y (1). A panel tells only what has changed, so positions stay.
    pub fn moved(&mut self, axis: usize, value: i32) {
        self.at[axis] = Some(value);
    }

    /// The finger was lifted: where, in pixels of the screen.
    pub fn lifted(&self) -> Option<InputEvent> {
        let mut at = [self.axes[0].fraction(self.at[0]?), self.axes[1].fraction(self.at[1]?)];
        if self.turn.swap {
            at.swap(0, 1);
        }
        for (value, flip) in at.iter_mut().zip([self.turn.flip_x, self.turn.flip_y]) {
            *value = if flip { 1.0 - *value } else { *value };
        }
        let pixels = |fraction: f32, side: u32| (fraction * side as f32).min(side as f32 - 1.0);
        Some(InputEvent::Touch { x: pixels(at[0], self.size.width()), y: pixels(at[1], self.size.height()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::Press;

    #[test]
    fn keys_are_buttons() {
        let mut keys = Keys::default();
        let at = Duration::from_millis;
        assert_eq!(button_of(28), Some(Button::Capture));
        assert_eq!(button_of(30), None);
        assert_eq!(keys.set(at(0), Button::Capture, true), None);
        assert_eq!(keys.set(at(50), Button::Capture, false), Some(InputEvent::Button(Button::Capture, Press::Short)));
        assert_eq!(keys.set(at(100), Button::Menu, true), None);
        assert_eq!(keys.tick(at(900)).count(), 0);
        assert_eq!(keys.tick(at(1100)).collect::<Vec<_>>(), [InputEvent::Button(Button::Menu, Press::Long)]);
        assert_eq!(keys.set(at(1200), Button::Menu, false), None);
    }

    #[test]
    fn a_panel_of_other_numbers_lies_over_the_screen() {
        let axis = Axis { least: 200, most: 4200 };
        let touch = |turn, x, y| {
            let mut finger = Finger::new(axis, axis, turn, Size::DEVICE);
            finger.moved(0, x);
            finger.moved(1, y);
            finger.lifted().unwrap()
        };
        let plain = TouchTurn::default();
        assert_eq!(touch(plain, 1200, 2200), InputEvent::Touch { x: 200.0, y: 240.0 });
        assert_eq!(touch(plain, 9999, -5), InputEvent::Touch { x: 799.0, y: 0.0 });
        assert_eq!(touch(TouchTurn { flip_x: true, ..plain }, 1200, 2200), InputEvent::Touch { x: 600.0, y: 240.0 });
        assert_eq!(touch(TouchTurn { swap: true, ..plain }, 2200, 1200), InputEvent::Touch { x: 200.0, y: 240.0 });
    }

    #[test]
    fn a_finger_that_was_nowhere_touches_nothing() {
        let axis = Axis { least: 0, most: 0 };
        assert_eq!(Finger::new(axis, axis, TouchTurn::default(), Size::DEVICE).lifted(), None);
    }
}
