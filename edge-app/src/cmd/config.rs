//! `edge-app config`: shows the effective configuration, or checks a file.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use crate::config;

/// Show or check the configuration.
#[derive(Debug, Args)]
pub struct Config {
    /// Write the effective configuration to stdout, with a comment on every key. Without it, the file is only checked.
    #[arg(long)]
    print: bool,

    #[command(flatten)]
    file: ConfigArgument,
}

/// Which configuration to use.
#[derive(Debug, Args)]
pub struct ConfigArgument {
    /// The configuration file [default: /etc/lakshan/edge-app.toml, if it exists].
    #[arg(long, value_name = "FILE", env = "LAKSHAN_CONFIG")]
    config: Option<PathBuf>,
}

impl ConfigArgument {
    /// The file, if one is named.
    pub fn path(&self) -> Option<PathBuf> {
        self.config.clone()
    }

    /// Reads and checks it.
    ///
    /// # Errors
    /// When a named file is missing, or a file holds what it must not.
    pub fn load(&self) -> anyhow::Result<config::Config> {
        Ok(config::Config::load(self.config.as_deref())?)
    }
}

impl Config {
    /// Prints or checks.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let config = self.file.load()?;
        if self.print {
            io::stdout().lock().write_all(config.to_text().as_bytes())?;
        } else {
            eprintln!("the configuration is good; --print shows it");
        }
        Ok(Outcome::Done)
    }
}
