//! What cargo needs to build for ARM.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::arm::TARGET;
use crate::shell::{self, hinted};

/// Adds the standard library of the device's processors to the toolchain that the project pins.
pub(super) fn install_target() -> Result<()> {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let folder = output.context("cannot start rustc")?.stdout;
    if Path::new(String::from_utf8_lossy(&folder).trim()).exists() {
        return Ok(());
    }
    let by_hand =
        || hinted("the standard library for ARM is missing", format!("install by hand: rustup target add {TARGET}"));
    shell::run(Command::new("rustup").args(["target", "add", TARGET])).with_context(by_hand)
}
