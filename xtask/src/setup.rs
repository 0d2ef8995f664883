//! `cargo xtask setup`: what is missing to build and test everything, each part once.

mod arm;
mod debian;
mod libtorch;
mod python;
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;
use lakshan_registry::{fetch, packages};

use crate::shell;
use crate::workspace::Workspace;

/// Installs what is missing: Debian packages, the standard library for ARM, libtorch, weights, head meshes, Python for the tests.
#[derive(Args)]
pub(crate) struct Cmd {}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let parts = set_up(workspace)?;
        println!("libtorch  {}", workspace.libtorch.display());
        println!("heads     {}", parts.heads.display());
        println!("weights   {}", parts.imagenet.display());
        println!("python    {}", parts.python.display());
        println!(
            "cargo-deny {}",
            parts.cargo_deny.as_deref().map_or_else(|| "not installed".into(), Path::to_string_lossy)
        );
        Ok(())
    }
}

/// Where the parts are that tests and demo use.
pub(crate) struct Parts {
    /// Head meshes: the folder with `3dobjs/` and `targets/`.
    pub(crate) heads: PathBuf,
    /// ImageNet weights as the package holds them.
    pub(crate) imagenet: PathBuf,
    /// A Python interpreter with the packages of tests/python/requirements.txt.
    pub(crate) python: PathBuf,
    /// The licence and ban checker, if it could be installed.
    pub(crate) cargo_deny: Option<PathBuf>,
    /// Whether cargo can build for ARM; the standard library for it comes with rustup alone, from no package registry.
    pub(crate) builds_for_arm: bool,
}

impl Parts {
    /// Tells a program that we start where the parts are.
    pub(crate) fn announce(&self, workspace: &Workspace, command: &mut Command) {
        command.env("LAKSHAN_CACHE", workspace.cache.path());
        command.env("LAKSHAN_HEADS", &self.heads);
        command.env("LAKSHAN_PYTHON", &self.python);
    }
}

/// Sets up what it takes to build for ARM and to run that here.
pub(crate) fn install_arm() -> Result<()> {
    debian::install_missing()?;
    arm::install_target()
}

/// What emulated machines need.
pub(crate) fn install_machines() -> Result<()> {
    debian::install_missing_for_machines()?;
    arm::install_target()
}

/// What the Debian package is built and checked with.
pub(crate) fn install_for_package() -> Result<()> {
    debian::install_missing_for_package()
}

/// What the image of a card is made with.
pub(crate) fn install_for_image() -> Result<()> {
    debian::install_missing_for_image()
}

/// Sets up everything; returns at once what is there already.
pub(crate) fn set_up(workspace: &Workspace) -> Result<Parts> {
    debian::install_missing()?;
    let builds_for_arm = arm::install_target().inspect_err(shell::report).is_ok();
    libtorch::install(workspace)?;
    let heads = fetch(&packages::HEADS, &workspace.cache)?;
    let imagenet = fetch(&packages::IMAGENET_RESNET50, &workspace.cache)?;
    let python = python::install(workspace)?;
    let cargo_deny = tools::cargo_deny(workspace);
    Ok(Parts { heads, imagenet, python, cargo_deny, builds_for_arm })
}
