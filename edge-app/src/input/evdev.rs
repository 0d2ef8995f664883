//! Keyboards, touch screens and the kernel's own gpio-keys, through evdev; devices may come and go.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use evdev::{AbsoluteAxisCode, Device, EventSummary, KeyCode};

use super::InputError;
use super::keys::{Axis, Finger, Keys, TouchTurn, button_of};
use crate::parts::{Input, InputEvent};
use crate::screen::Size;

/// Where the kernel puts input devices.
const DEVICES: &str = "/dev/input";
/// How often is looked for new ones.
const LOOK: Duration = Duration::from_millis(700);

/// Every keyboard, touch screen and button that the kernel knows.
pub struct EvdevInput {
    size: Size,
    turn: TouchTurn,
    grab: bool,
    devices: Vec<Opened>,
    /// Devices of another kind, which are not opened again and again.
    others: Vec<PathBuf>,
    keys: Keys,
    next_look: Duration,
}

struct Opened {
    path: PathBuf,
    device: Device,
    finger: Option<Finger>,
    /// The finger was on the panel at the last report.
    touching: bool,
}

impl EvdevInput {
    /// Opens what is there. `grab` keeps keys from everybody else: without it, what is typed also reaches the console
    /// behind the screen.
    ///
    /// # Errors
    /// When there is no keyboard, button or touch screen that can be opened.
    pub fn open(size: Size, turn: TouchTurn, grab: bool) -> Result<Self, InputError> {
        let keys = Keys::default();
        let mut input =
            Self { size, turn, grab, devices: Vec::new(), others: Vec::new(), keys, next_look: Duration::ZERO };
        let refused = input.look().map_err(|source| InputError::Device { path: PathBuf::from(DEVICES), source })?;
        match (input.devices.is_empty(), refused) {
            (false, _) => Ok(input),
            (true, Some((path, source))) => Err(InputError::Device { path, source }),
            (true, None) => Err(InputError::NoDevice),
        }
    }

    /// Each device's name and node.
    pub fn describe(&self) -> Vec<String> {
        let words = |opened: &Opened| {
            let kind = if opened.finger.is_some() { "touch" } else { "keys" };
            format!("{} ({}), {kind}", opened.device.name().unwrap_or("unnamed"), opened.path.display())
        };
        self.devices.iter().map(words).collect()
    }

    /// Opens devices that are new. Gives the first that could not be opened.
    fn look(&mut self) -> io::Result<Option<(PathBuf, io::Error)>> {
        let mut present = Vec::new();
        match fs::read_dir(DEVICES) {
            Ok(entries) => {
                for entry in entries {
                    let path = entry?.path();
                    let is_event = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("event"));
                    present.extend(is_event.then_some(path));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        present.sort();
        self.others.retain(|path| present.contains(path));
        let mut refused = None;
        for path in present {
            if self.others.contains(&path) || self.devices.iter().any(|opened| opened.path == path) {
                continue;
            }
            match self.open_one(&path) {
                Ok(Some(opened)) => self.devices.push(opened),
                Ok(None) => self.others.push(path),
                // A device that has just come may not be ready, or not be ours yet: the next look tries again.
                Err(error) => refused = refused.or(Some((path, error))),
            }
        }
        Ok(refused)
    }

    fn open_one(&self, path: &Path) -> io::Result<Option<Opened>> {
        let mut device = Device::open(path)?;
        let has_keys =
            device.supported_keys().is_some_and(|keys| keys.iter().any(|key| button_of(key.code()).is_some()));
        let finger = self.finger(&device)?;
        if !has_keys && finger.is_none() {
            return Ok(None);
        }
        device.set_nonblocking(true)?;
        if self.grab && has_keys {
            device.grab()?;
        }
        Ok(Some(Opened { path: path.to_owned(), device, finger, touching: false }))
    }

    /// The panel's axes, when it is one.
    fn finger(&self, device: &Device) -> io::Result<Option<Finger>> {
        let touches = device.supported_keys().is_some_and(|keys| keys.contains(KeyCode::BTN_TOUCH));
        if !touches {
            return Ok(None);
        }
        let mut axes = [None; 2];
        for (code, about) in device.get_absinfo()? {
            let axis = Axis { least: about.minimum(), most: about.maximum() };
            match code {
                AbsoluteAxisCode::ABS_X => axes[0] = Some(axis),
                AbsoluteAxisCode::ABS_Y => axes[1] = Some(axis),
                // Panels for many fingers have both kinds; where only this kind is there, it counts.
                AbsoluteAxisCode::ABS_MT_POSITION_X => axes[0] = axes[0].or(Some(axis)),
                AbsoluteAxisCode::ABS_MT_POSITION_Y => axes[1] = axes[1].or(Some(axis)),
                _ => {}
            }
        }
        let [Some(x), Some(y)] = axes else { return Ok(None) };
        Ok(Some(Finger::new(x, y, self.turn, self.size)))
    }
}

impl Input for EvdevInput {
    fn poll(&mut self, now: Duration) -> Result<Vec<InputEvent>, InputError> {
        if now >= self.next_look {
            self.next_look = now + LOOK;
            self.look().map_err(|source| InputError::Device { path: PathBuf::from(DEVICES), source })?;
        }
        let mut events = Vec::new();
        let keys = &mut self.keys;
        // A device that cannot be read has been unplugged: a key that was down on it is let go.
        self.devices.retain_mut(|opened| {
            let there = opened.read(now, keys, &mut events);
            if !there {
                for button in [crate::parts::Button::Capture, crate::parts::Button::Back, crate::parts::Button::Menu] {
                    events.extend(keys.set(now, button, false));
                }
            }
            there
        });
        events.extend(self.keys.tick(now));
        Ok(events)
    }
}

impl Opened {
    /// Takes what has happened; false when the device is gone.
    fn read(&mut self, now: Duration, keys: &mut Keys, events: &mut Vec<InputEvent>) -> bool {
        let Self { device, finger, touching, .. } = self;
        let happened = match device.fetch_events() {
            Ok(happened) => happened,
            Err(error) => return matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        };
        for event in happened {
            match event.destructure() {
                EventSummary::Key(_, KeyCode::BTN_TOUCH, value) => {
                    if *touching && value == 0 {
                        events.extend(finger.as_ref().and_then(Finger::lifted));
                    }
                    *touching = value != 0;
                }
                // 2 is the keyboard repeating a key that is held.
                EventSummary::Key(_, key, value @ (0 | 1)) => {
                    if let Some(button) = button_of(key.code()) {
                        events.extend(keys.set(now, button, value == 1));
                    }
                }
                EventSummary::AbsoluteAxis(_, axis, value) => {
                    let axis = match axis {
                        AbsoluteAxisCode::ABS_X | AbsoluteAxisCode::ABS_MT_POSITION_X => 0,
                        AbsoluteAxisCode::ABS_Y | AbsoluteAxisCode::ABS_MT_POSITION_Y => 1,
                        _ => continue,
                    };
                    if let Some(finger) = finger {
                        finger.moved(axis, value);
                    }
                }
                _ => {}
            }
        }
        true
    }
}

/// Opens what is there.
///
/// # Errors
/// As [`EvdevInput::open`].
pub fn open(size: Size, turn: TouchTurn, grab: bool) -> Result<(Box<dyn Input>, Vec<String>), InputError> {
    let input = EvdevInput::open(size, turn, grab)?;
    let about = input.describe();
    Ok((Box::new(input), about))
}
