//! `host-trainer keys`: makes the pair of keys with which bundles are signed and checked.

use std::path::PathBuf;

use clap::Subcommand;

use crate::bundle::make_keys;

/// Make keys to sign bundles with.
///
/// The format is that of minisign, whose own `minisign -G` makes the same. The secret key stays with whoever answers for
/// the bundles; the public key goes to each device. Who holds the secret key decides what the devices show.
#[derive(Debug, clap::Args)]
pub struct Cmd {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write NAME.key, which is secret, and NAME.pub.
    New {
        /// Path and name of the two files, without their ending.
        #[arg(value_name = "NAME")]
        name: PathBuf,
        /// Protect the secret key with no password: whoever can read the file can sign.
        #[arg(long)]
        no_password: bool,
    },
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When a file exists already or cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        let Action::New { name, no_password } = self.action;
        let [secret, public] = make_keys(&name, no_password)?;
        println!("{}: secret; keep it off the network, with a copy in a safe place", secret.display());
        println!("{}: put it into the folder /etc/lakshan/keys of each device", public.display());
        Ok(())
    }
}
