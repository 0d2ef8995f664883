//! `edge-app camera`: which cameras there are.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use super::Outcome;
use crate::camera::v4l;

/// Look at the cameras (feature `v4l`).
#[derive(Debug, Args)]
pub struct Camera {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every video node: its device, driver and formats, and whether it is a camera.
    List,
}

impl Camera {
    /// Prints the list.
    ///
    /// # Errors
    /// When this build has no camera support, or the nodes cannot be listed.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Action::List = self.action;
        let nodes = v4l::nodes()?;
        if nodes.is_empty() {
            eprintln!("no video nodes: plug a camera in, and check that its driver is loaded");
        }
        let mut out = io::stdout().lock();
        for node in nodes {
            writeln!(out, "{}  {}", node.path.display(), node.verdict.words())?;
            if !node.card.is_empty() {
                writeln!(out, "  card {}, driver {}", node.card, node.driver)?;
            }
            if !node.formats.is_empty() {
                writeln!(out, "  formats {}", node.formats.join(" "))?;
            }
        }
        Ok(Outcome::Done)
    }
}
