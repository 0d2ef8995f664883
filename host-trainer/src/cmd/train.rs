//! `host-trainer train`: fine-tunes the network.

/// Fine-tune the network on a data set.
#[derive(Debug, clap::Args)]
pub struct Cmd {}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the data or the run folder are at fault.
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
