//! `edge-app records`: gives out or erases the register of encounters.

use std::io;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::Outcome;
use super::config::ConfigArgument;
use crate::register::{Register, export};

/// Give out or erase the register of encounters.
///
/// The register counts results for the clinic's report, when the configuration says `register = true`. It holds no
/// picture, no name and no class.
#[derive(Debug, Args)]
pub struct Records {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write the register as CSV: to stdout, or to a file on a stick for one.
    Export {
        /// The file to write; it is whole, or not there, when the stick is pulled.
        #[arg(long, value_name = "FILE.csv")]
        to: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Erase every row and overwrite where it was. Export it first.
    Erase {
        /// It is meant.
        #[arg(long, required = true)]
        yes: bool,
        #[command(flatten)]
        config: ConfigArgument,
    },
}

impl Records {
    /// Does what was asked for.
    ///
    /// # Errors
    /// When there is no register, or it cannot be read or written.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Export { to, config } => {
                let register = Register::open_existing(&config.load()?.state)?;
                match to {
                    None => drop(register.export(&mut io::stdout().lock())?),
                    Some(path) => {
                        let count =
                            export(&register, &path).with_context(|| format!("cannot write {}", path.display()))?;
                        eprintln!("{count} rows in {}; the stick may be pulled", path.display());
                    }
                }
            }
            Action::Erase { yes: _, config } => {
                let count = Register::open_existing(&config.load()?.state)?.erase()?;
                eprintln!("{count} rows erased");
            }
        }
        Ok(Outcome::Done)
    }
}
