//! `cargo xtask vm`: the device program in emulated machines, with the kernel's real interfaces.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::Args;

use crate::arm::TARGET;
use crate::image::{self, Board};
use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

/// Runs the device program on emulated boards: camera, screen, keys and pins, each alone and in whole sessions.
///
/// It takes most of an hour: the machines are emulated, instruction by instruction. tests/vm/README.md says what is checked.
#[derive(Args)]
pub(crate) struct Cmd {
    /// all, parts-virt, parts-raspi3b, session-virt or session-raspi3b.
    /// Or image: a card's image, which is built first.
    #[arg(default_value = "all")]
    run: Vec<String>,

    /// Of session-virt, these sessions alone: visit, faults, ends, power-off.
    #[arg(long, value_name = "NAME")]
    session: Vec<String>,

    /// The board whose image is built, for `image`.
    #[arg(long, value_enum, default_value = "zero2w")]
    board: Board,

    /// This image of that board instead of building it, for `image`.
    #[arg(long, value_name = "FILE.img")]
    image: Option<PathBuf>,

    /// Where the moments of the power cuts begin, for `image`; otherwise another one each time.
    #[arg(long)]
    seed: Option<u64>,

    /// The folder for logs and pictures.
    #[arg(long, value_name = "DIR", default_value = "target/vm")]
    out: PathBuf,
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let is_image = self.run.iter().any(|run| run == "image");
        ensure!(!is_image || self.run.len() == 1, "`image` is a run of its own: give it alone");
        setup::install_machines()?;
        let build = |words: &[&str]| {
            let mut command = Command::new("cargo");
            command.current_dir(workspace.root()).args(["build", "--release", "-p", "edge-app", "--bin", "edge-app"]);
            shell::run(command.args(words))
        };
        build(&["--example", "yuyv"])?;
        if is_image {
            return self.image(workspace);
        }
        build(&["--target", TARGET, "--features", "pi", "--example", "kms_panic"])?;
        let program = workspace.target.join(TARGET).join("release/edge-app");
        let mut command = Command::new("python3");
        command.arg(workspace.root().join("tests/vm/vm.py")).args(&self.run);
        if !self.session.is_empty() {
            command.arg("--session").args(&self.session);
        }
        command.arg("--program").arg(program).arg("--host-program").arg(workspace.program("edge-app"));
        shell::run(command.arg("--out").arg(self.out).env("LAKSHAN_CACHE", workspace.cache.path()))
    }

    /// Boots a card's image, goes through sessions, cuts the power, and boots it again.
    fn image(self, workspace: &Workspace) -> Result<()> {
        // What takes an image apart is what puts one together.
        setup::install_for_image()?;
        let image = match self.image {
            Some(image) => image,
            None => image::build(workspace, self.board)?,
        };
        let mut command = Command::new("python3");
        command.arg(workspace.root().join("tests/vm/image.py")).arg("--image").arg(image);
        command.args(["--board", self.board.name()]).arg("--host-program").arg(workspace.program("edge-app"));
        if let Some(seed) = self.seed {
            command.arg("--seed").arg(seed.to_string());
        }
        shell::run(command.arg("--out").arg(self.out).env("LAKSHAN_CACHE", workspace.cache.path()))
    }
}
