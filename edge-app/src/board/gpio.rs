//! A Raspberry Pi's pins, through rppal: its buttons and its light.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rppal::gpio::{Gpio, InputPin, Level, OutputPin};
use rppal::system::DeviceInfo;

use super::{BoardError, BoardInfo, Pins};
use crate::indicator::{IndicatorError, leds};
use crate::input::InputError;
use crate::input::press::PressTracker;
use crate::parts::{Button, Indicator, Input, InputEvent, Light};

/// How often the buttons are looked at.
const POLL: Duration = Duration::from_millis(5);

/// What the board is, and whether its pins can be used.
///
/// # Errors
/// When the board is no Raspberry Pi that rppal knows.
pub fn info() -> Result<BoardInfo, BoardError> {
    let about = DeviceInfo::new().map_err(|error| BoardError::Unknown(error.to_string()))?;
    let pins_fault = Gpio::new().err().map(|error| error.to_string());
    Ok(BoardInfo { model: about.model().to_string(), soc: about.soc().to_string(), pins_fault })
}

/// The three buttons.
///
/// # Errors
/// When the board has no such pins, or they are in use.
pub fn buttons(pins: &Pins) -> Result<(Box<dyn Input>, Vec<String>), BoardError> {
    let input = GpioButtons::open(pins)?;
    let about = format!("buttons on pins: capture {}, back {}, menu {}", pins.capture, pins.back, pins.menu);
    Ok((Box::new(input), vec![about]))
}

/// The light.
///
/// # Errors
/// When the board has no such pins, or they are in use.
pub fn light(pins: &Pins) -> Result<Box<dyn Indicator>, BoardError> {
    Ok(Box::new(GpioLed::open(pins)?))
}

/// Buttons between a pin and ground (or 3.3 V), polled on a thread of their own, so that no press is lost while the
/// screen is drawn. Polled and not by interrupt: that works on every board and needs no edge to be delivered.
pub struct GpioButtons {
    events: Receiver<InputEvent>,
    /// Dropping it ends the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl GpioButtons {
    /// Takes the pins.
    ///
    /// # Errors
    /// When the board has no such pins, or they are in use.
    pub fn open(pins: &Pins) -> Result<Self, BoardError> {
        let gpio = Gpio::new().map_err(gpio_fault)?;
        let mut buttons = Vec::new();
        for (button, number) in [(Button::Capture, pins.capture), (Button::Back, pins.back), (Button::Menu, pins.menu)]
        {
            let pin = gpio.get(number).map_err(|error| pin_fault(number, &error))?;
            let pin = if pins.buttons_active_low { pin.into_input_pullup() } else { pin.into_input_pulldown() };
            buttons.push((button, pin, PressTracker::new(pins.debounce)));
        }
        let pressed = if pins.buttons_active_low { Level::Low } else { Level::High };
        let (stop, stopped) = channel();
        let (send, events) = channel();
        let thread = std::thread::spawn(move || poll(buttons, pressed, &stopped, &send));
        Ok(Self { events, stop: Some(stop), thread: Some(thread) })
    }
}

fn poll(
    mut buttons: Vec<(Button, InputPin, PressTracker)>,
    pressed: Level,
    stopped: &Receiver<()>,
    send: &Sender<InputEvent>,
) {
    let start = Instant::now();
    // A button that is held, or stuck, when the program starts does not count before it has been let go.
    let mut let_go = [false; 3];
    // The wait for the end is the pause between two looks.
    while stopped.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
        for ((button, pin, tracker), let_go) in buttons.iter_mut().zip(&mut let_go) {
            let is_pressed = pin.read() == pressed;
            *let_go |= !is_pressed;
            if let Some(press) = tracker.update(start.elapsed(), is_pressed && *let_go)
                && send.send(InputEvent::Button(*button, press)).is_err()
            {
                return;
            }
        }
    }
}

impl Input for GpioButtons {
    fn poll(&mut self, _now: Duration) -> Result<Vec<InputEvent>, InputError> {
        Ok(self.events.try_iter().collect())
    }
}

impl Drop for GpioButtons {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It can end only by returning; a panic in it has been reported already.
            let _ = thread.join();
        }
    }
}

/// Three LEDs, or the three colours of one. They go dark when this is dropped.
pub struct GpioLed {
    pins: [OutputPin; 3],
    active_low: bool,
}

impl GpioLed {
    /// Takes the pins.
    ///
    /// # Errors
    /// When the board has no such pins, or they are in use.
    pub fn open(pins: &Pins) -> Result<Self, BoardError> {
        let gpio = Gpio::new().map_err(gpio_fault)?;
        let take = |number| gpio.get(number).map_err(|error| pin_fault(number, &error));
        let taken = [take(pins.red)?, take(pins.green)?, take(pins.blue)?];
        let active_low = pins.lights_active_low;
        let dark = |pin: rppal::gpio::Pin| if active_low { pin.into_output_high() } else { pin.into_output_low() };
        Ok(Self { pins: taken.map(dark), active_low })
    }

    fn set(&mut self, burning: [bool; 3]) {
        for (pin, burning) in self.pins.iter_mut().zip(burning) {
            pin.write(if burning == self.active_low { Level::Low } else { Level::High });
        }
    }
}

impl Indicator for GpioLed {
    fn show(&mut self, light: Light) -> Result<(), IndicatorError> {
        self.set(leds(light));
        Ok(())
    }
}

impl Drop for GpioLed {
    fn drop(&mut self) {
        self.set([false; 3]);
    }
}

fn gpio_fault(error: rppal::gpio::Error) -> BoardError {
    match error {
        rppal::gpio::Error::UnknownModel => BoardError::Unknown(error.to_string()),
        error => BoardError::Pins(error.to_string()),
    }
}

fn pin_fault(number: u8, error: &rppal::gpio::Error) -> BoardError {
    BoardError::Pin { number, why: error.to_string() }
}
