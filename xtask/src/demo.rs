//! `cargo xtask demo`: the whole road at small size, each step shown as the command that one would type.

use anyhow::Result;
use clap::Args;

use crate::workspace::Workspace;

/// Walks the whole road at small size: photographs, training, measuring, packing, and results on a sheet.
#[derive(Args)]
pub(crate) struct Cmd {}

impl Cmd {
    pub(crate) fn run(self, _workspace: &Workspace) -> Result<()> {
        anyhow::bail!("not there yet")
    }
}
