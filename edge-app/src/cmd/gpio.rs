//! `edge-app gpio`: whether the board's pins can be used, and whether buttons and lights work.

use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, Subcommand};

use super::Outcome;
use super::config::ConfigArgument;
use crate::board::gpio;
use crate::clock::SystemClock;
use crate::indicator::{self, LightChoice};
use crate::input::{self, ButtonsChoice};
use crate::parts::{Clock, Input, InputEvent, Light, Press};
use crate::screen::Size;
use crate::stop::Stop;
use crate::transcript;

/// Look at the board's pins, or try buttons and lights (feature `gpio`).
#[derive(Debug, Args)]
pub struct Gpio {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the board's model and chip, and whether its pins can be used.
    Info,
    /// Light each light in turn, then print presses and touches as they come; the light follows the buttons.
    Test {
        /// End after so many seconds; otherwise Ctrl-C ends it.
        #[arg(long, value_name = "N")]
        seconds: Option<u64>,

        /// auto, gpio, evdev, gpio,evdev or none [default: the configuration's].
        #[arg(long, value_name = "BUTTONS")]
        buttons: Option<ButtonsChoice>,

        #[command(flatten)]
        config: ConfigArgument,
    },
}

impl Gpio {
    /// Looks or tries.
    ///
    /// # Errors
    /// When this build has no GPIO support, or the pins cannot be used.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Info => info(),
            Action::Test { seconds, buttons, config } => test(seconds.map(Duration::from_secs), buttons, &config),
        }
    }
}

fn info() -> anyhow::Result<Outcome> {
    let info = gpio::info()?;
    let mut out = io::stdout().lock();
    writeln!(out, "model {}\nchip {}", info.model, info.soc)?;
    match info.pins_fault {
        None => {
            writeln!(out, "pins ready")?;
            Ok(Outcome::Done)
        }
        Some(why) => {
            writeln!(out, "pins cannot be used: {why}")?;
            Ok(Outcome::PartlyFailed)
        }
    }
}

fn test(limit: Option<Duration>, buttons: Option<ButtonsChoice>, config: &ConfigArgument) -> anyhow::Result<Outcome> {
    let config = config.load()?;
    let buttons = buttons.unwrap_or(config.buttons);
    let stop = Stop::on_signals()?;
    let mut light = indicator::open(config.light, &config.pins)?;
    let size = config.display_wishes.size.unwrap_or(Size::DEVICE);
    let mut opened = input::open(buttons, &config.pins, size, config.touch, false)?;
    let mut out = io::stdout().lock();
    for about in &opened.about {
        writeln!(out, "{about}")?;
    }
    if config.light == LightChoice::None {
        writeln!(out, "no light is configured")?;
    } else {
        for (shown, words) in [
            (Light::Ready, "ready: green"),
            (Light::Working, "working: blue"),
            (Light::Attention, "attention: red and green"),
            (Light::Fault, "fault: red"),
            (Light::Off, "off"),
        ] {
            writeln!(out, "light {words}")?;
            out.flush()?;
            light.show(shown)?;
            std::thread::sleep(Duration::from_millis(700));
        }
    }
    writeln!(out, "press the buttons")?;
    out.flush()?;
    let clock = SystemClock::start();
    while !stop.is_requested() && limit.is_none_or(|limit| clock.now() < limit) {
        for event in opened.input.poll(clock.now())? {
            let shown = match event {
                InputEvent::Button(_, Press::Short) => Light::Working,
                InputEvent::Button(_, Press::Long) => Light::Fault,
                InputEvent::Touch { .. } => Light::Attention,
                InputEvent::Quit => return Ok(Outcome::Done),
            };
            writeln!(out, "{:.2} s: {}", clock.now().as_secs_f64(), transcript::input(event))?;
            out.flush()?;
            light.show(shown)?;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    light.show(Light::Off)?;
    Ok(Outcome::Done)
}
