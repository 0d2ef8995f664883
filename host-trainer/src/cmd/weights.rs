//! `host-trainer weights`: fetches, converts and describes weights.

/// Fetch, convert or describe network weights.
#[derive(Debug, clap::Args)]
pub struct Cmd {}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When weights cannot be had or are not what they should be.
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
