//! `host-trainer synth`: writes a data set of synthetic photographs.

/// Write a data set of synthetic photographs: people who do not exist.
#[derive(Debug, clap::Args)]
pub struct Cmd {}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When a photograph cannot be rendered or written.
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
