//! `cargo xtask update`: a signed update of the device program, ready to be copied to a USB stick.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::json;

use crate::cross;
use crate::files;
use crate::shell::{self, hinted};
use crate::workspace::Workspace;

/// Where the processor stands in the header of an ELF file.
const MACHINE_AT: usize = 18;
/// What is read of a program to find it.
const HEAD_BYTES: u64 = MACHINE_AT as u64 + 2;
/// The numbers of the processors that the device program is made for.
const MACHINES: [(u16, &str); 2] = [(0xb7, "aarch64"), (0x3e, "x86_64")];

/// Makes a signed update of the device program: a folder to be copied to the top of a USB stick.
///
/// The device takes it when the public key lies in /etc/lakshan/keys/program on it. Needs the Debian packages minisign and
/// binutils for the processor; signing asks for the key's password.
#[derive(Args)]
pub(crate) struct Cmd {
    /// The secret key, as `minisign -G` or `host-trainer keys new` makes one.
    #[arg(long, value_name = "KEY")]
    sign: PathBuf,
    /// Take this program instead of building the one for a 64-bit Raspberry Pi.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Orders the updates: a device takes only a newer one than it has had, and a newer one than its own program's version.
    #[arg(long, value_name = "VERSION", default_value = env!("CARGO_PKG_VERSION"))]
    program_version: String,
    /// The folder to write; it must not exist. Its name must begin with "lakshan" for the device to find it.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        if !shell::succeeds(Command::new("sh").args(["-c", "command -v minisign"])) {
            return Err(hinted("minisign is missing", "apt install minisign").into());
        }
        ensure!(self.sign.is_file(), "there is no secret key {}", self.sign.display());
        let program = match self.program {
            Some(program) => program,
            None => cross::build(workspace)?,
        };
        let name = format!("lakshan-app-{}", self.program_version);
        let out = self.out.unwrap_or_else(|| workspace.target.join("update").join(name));
        make(&program, &self.program_version, &self.sign, &out)?;
        println!("{}", out.display());
        Ok(())
    }
}

/// Writes the folder `out`, which must not exist.
pub(crate) fn make(program: &Path, version: &str, key: &Path, out: &Path) -> Result<()> {
    ensure!(!out.exists(), "{} exists already", out.display());
    let processor = processor(&files::head(program, HEAD_BYTES)?)
        .with_context(|| format!("{} is no program for a device", program.display()))?;
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let written = write_and_sign(program, processor, version, key, out);
    if written.is_err() {
        // Half an update is none.
        let _ = fs::remove_dir_all(out);
    }
    written
}

fn write_and_sign(program: &Path, processor: &str, version: &str, key: &Path, out: &Path) -> Result<()> {
    let (stripped, path) = (out.join("edge-app"), out.join("program.json"));
    // On the device it lies in memory while it runs; what debuggers want is eight times as long as the program.
    shell::run(Command::new(format!("{processor}-linux-gnu-strip")).arg("-o").arg(&stripped).arg(program))?;
    let about = fs::metadata(&stripped).with_context(|| format!("cannot read {}", stripped.display()))?;
    let manifest = json!({
        "lakshan_program": 1,
        "program_version": version,
        "processor": processor,
        "program": { "bytes": about.len(), "sha256": files::sha256(&stripped)? },
    });
    fs::write(&path, serde_json::to_vec_pretty(&manifest)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut minisign = Command::new("minisign");
    minisign.arg("-S").arg("-s").arg(key).arg("-m").arg(&path).args(["-t", &format!("edge-app {version}")]);
    eprintln!("$ {}", shell::line(&minisign));
    // It asks for the password.
    let status = minisign.status().context("cannot start minisign")?;
    if !status.success() {
        bail!("minisign ended with {status}");
    }
    Ok(())
}

/// The processor that an ELF file is for.
fn processor(program: &[u8]) -> Result<&'static str> {
    ensure!(program.starts_with(b"\x7fELF"), "it is no ELF file");
    let machine = program.get(MACHINE_AT..MACHINE_AT + 2).context("it is cut off")?;
    let machine = u16::from_le_bytes([machine[0], machine[1]]);
    let known = MACHINES.iter().find(|(number, _)| *number == machine);
    known.map(|(_, name)| *name).with_context(|| format!("its processor has the number {machine:#x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_read_from_the_program() {
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(processor(&own).unwrap(), std::env::consts::ARCH);
        assert!(processor(b"#!/bin/sh\n").unwrap_err().to_string().contains("no ELF"));
        assert!(processor(b"\x7fELF").is_err());
    }

    #[test]
    fn half_an_update_is_not_left() {
        let folder = tempfile::tempdir().unwrap();
        let (out, own) = (folder.path().join("lakshan-app"), std::env::current_exe().unwrap());
        assert!(make(&own, "1", &folder.path().join("no.key"), &out).is_err());
        assert!(!out.exists());
    }
}
