//! `cargo xtask sanitize`: the engine's kernels under Miri, the address sanitizer and the thread sanitizer.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::shell;
use crate::workspace::Workspace;

/// Runs the kernels' tests where a wrong pointer or a race is seen: it needs a nightly compiler with Miri and rust-src.
///
/// The kernels are a crate of their own, without tract, so this takes minutes and not an hour.
#[derive(Args)]
pub(crate) struct Cmd {
    /// Which of them to run; all by default.
    #[arg(value_enum)]
    checkers: Vec<Checker>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Checker {
    /// Interprets the scalar kernels, the packing, the pool and a program on several threads.
    Miri,
    /// Every kernel that this processor has: reads and writes outside of memory.
    Address,
    /// The pool and a program on several threads: races.
    Thread,
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let host = host()?;
        for checker in Checker::value_variants() {
            if self.checkers.is_empty() || self.checkers.contains(checker) {
                shell::run(&mut command(*checker, workspace, &host))?;
            }
        }
        Ok(())
    }
}

fn command(checker: Checker, workspace: &Workspace, host: &str) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace.root()).arg("+nightly").env("CARGO_TARGET_DIR", workspace.target.join("sanitize"));
    let sanitizer = match checker {
        Checker::Miri => {
            command.args(["miri", "test", "-p", "lakshan-kernels"]);
            return command;
        }
        Checker::Address => "address",
        Checker::Thread => "thread",
    };
    // The standard library is built with the sanitizer, too: half of what happens is in there.
    command.args(["test", "--release", "-p", "lakshan-kernels", "--lib", "-Zbuild-std", "--target", host]);
    command.env("RUSTFLAGS", format!("-Zsanitizer={sanitizer}"));
    command
}

/// The nightly compiler's own target; also finds out whether there is such a compiler.
fn host() -> Result<String> {
    let hint = "install it: rustup toolchain install nightly --component miri,rust-src";
    let output = Command::new("rustc")
        .args(["+nightly", "-vV"])
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())
        .ok_or_else(|| shell::hinted("there is no nightly compiler", hint))?;
    let words = String::from_utf8(output.stdout)?;
    let host = words.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it compiles for")
}
