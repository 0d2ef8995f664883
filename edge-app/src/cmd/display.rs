//! `edge-app display`: which screens there are.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use super::Outcome;
use crate::display::kms;

/// Look at the screens (feature `kms`).
#[derive(Debug, Args)]
pub struct Display {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every connector of every graphics card, with the sizes that its screen can show.
    List,
}

impl Display {
    /// Prints the list.
    ///
    /// # Errors
    /// When this build has no KMS support, or a card cannot be asked.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Action::List = self.action;
        let connectors = kms::connectors()?;
        if connectors.is_empty() {
            eprintln!("no graphics cards: there is no /dev/dri, or its driver is not loaded");
        }
        let mut out = io::stdout().lock();
        for connector in connectors {
            let state = match connector.connected {
                Some(true) => "connected",
                Some(false) => "no screen",
                None => "unknown",
            };
            writeln!(out, "{}  {}  {state}", connector.device.display(), connector.name)?;
            for mode in connector.modes {
                let mark = if mode.preferred { "  preferred" } else { "" };
                writeln!(out, "  {}x{} at {} Hz{mark}", mode.width, mode.height, mode.refresh_hz)?;
            }
        }
        Ok(Outcome::Done)
    }
}
