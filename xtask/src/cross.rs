//! `cargo xtask cross`: the device program for a 64-bit Raspberry Pi, with every part that one has.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::Args;

use crate::arm::TARGET;
use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

/// Builds the device program for a 64-bit Raspberry Pi; installs the Debian packages that it takes.
#[derive(Args)]
pub(crate) struct Cmd {}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        println!("{}", build(workspace)?.display());
        Ok(())
    }
}

/// Builds it and gives its path.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    setup::install_arm()?;
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace.root());
    cargo.args(["build", "--release", "--locked", "--target", TARGET, "-p", "edge-app", "--features", "pi"]);
    shell::run(&mut cargo)?;
    let program = workspace.target.join(TARGET).join("release/edge-app");
    ensure!(program.is_file(), "cargo has built no {}", program.display());
    Ok(program)
}
