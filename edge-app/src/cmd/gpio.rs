//! `edge-app gpio`: whether the board's pins can be used.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use super::Outcome;
use crate::board::gpio;

/// Look at the board's pins (feature `gpio`).
#[derive(Debug, Args)]
pub struct Gpio {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the board's model and chip, and whether its pins can be used.
    Info,
}

impl Gpio {
    /// Prints what is known.
    ///
    /// # Errors
    /// When this build has no GPIO support, or the board is unknown.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Action::Info = self.action;
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
}
