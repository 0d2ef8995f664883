//! `cargo xtask deb`: the Debian package of the device, with its service, checked by the distribution's own tools.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::cross;
use crate::files;
use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

/// What `systemd-analyze security` may say at most, in tenths.
const MAX_EXPOSURE: &str = "20";
/// Files of the bundle that the device reads.
const BUNDLE_FILES: [&str; 3] = ["manifest.json", "model.onnx", "MODEL_CARD.md"];

/// Builds the Debian package for a 64-bit Raspberry Pi and checks it: lintian, systemd-analyze verify and security.
///
/// Installs the Debian packages that it takes.
#[derive(Args)]
pub(crate) struct Cmd {
    /// Package this program for ARM instead of building it.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let package = build(workspace, self.program)?;
        eprintln!("{} bytes", fs::metadata(&package)?.len());
        println!("{}", package.display());
        Ok(())
    }
}

/// Builds the package, from `program` if there is one already, checks it and gives its path.
pub(crate) fn build(workspace: &Workspace, program: Option<PathBuf>) -> Result<PathBuf> {
    setup::install_for_package()?;
    let program = match program {
        Some(program) => fs::canonicalize(&program).with_context(|| format!("cannot read {}", program.display()))?,
        None => cross::build(workspace)?,
    };
    let folder = workspace.target.join("deb");
    files::clear(&folder)?;
    let source = folder.join("lakshan");
    lay_out(workspace.root(), &program, &source)?;
    let mut build = Command::new("dpkg-buildpackage");
    build.current_dir(&source).args(["--host-arch=arm64", "--build=binary", "--no-sign", "--no-check-builddeps"]);
    // There is nothing to test in it, and it is built for another processor.
    build.env("DEB_BUILD_OPTIONS", "nocheck").arg("--build-profiles=cross,nocheck");
    shell::run(&mut build)?;
    let package = folder.join(format!("lakshan_{}_arm64.deb", env!("CARGO_PKG_VERSION")));
    ensure!(package.is_file(), "{} was not built", package.display());
    check(&package, &folder.join("root"))?;
    Ok(package)
}

/// The folder that debhelper turns into a package.
fn lay_out(root: &Path, program: &Path, source: &Path) -> Result<()> {
    let packaging = root.join("packaging/debian");
    let debian = source.join("debian");
    fs::create_dir_all(&debian)?;
    for entry in fs::read_dir(&packaging).with_context(|| format!("cannot read {}", packaging.display()))? {
        let path = entry?.path();
        fs::copy(&path, debian.join(path.file_name().context("a file has a name")?))?;
    }
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"));
    let copyright = fs::read_to_string(packaging.join("copyright"))?
        .replace("@LICENSE@", &indented(&read("LICENSE")?))
        .replace("@OFL@", &indented(&read("edge-app/fonts/OFL.txt")?));
    fs::write(debian.join("copyright"), copyright)?;
    fs::write(debian.join("changelog"), changelog(root)?)?;
    fs::rename(debian.join("edge-app.1"), source.join("edge-app.1"))?;
    fs::rename(debian.join("keys-README"), source.join("README"))?;
    fs::rename(debian.join("save-register"), source.join("save-register"))?;
    fs::set_permissions(source.join("save-register"), fs::Permissions::from_mode(0o755))?;
    fs::copy(program, source.join("edge-app")).with_context(|| format!("cannot copy {}", program.display()))?;
    fs::set_permissions(source.join("edge-app"), fs::Permissions::from_mode(0o755))?;
    fs::create_dir(source.join("bundle"))?;
    for name in BUNDLE_FILES {
        fs::copy(root.join("models/demo").join(name), source.join("bundle").join(name))?;
    }
    Ok(())
}

/// The time of the last commit, so that the same commit gives the same package.
fn changelog(root: &Path) -> Result<String> {
    let (commit, date) = (shell::last_commit(root, "%h")?, shell::last_commit(root, "%cD")?);
    Ok(format!(
        "lakshan ({}) unstable; urgency=medium\n\n  * Commit {commit}; CHANGELOG.md in the project says what is new.\n\n \
         -- The Lakshan project <maintainers@lakshan.example>  {date}\n",
        env!("CARGO_PKG_VERSION")
    ))
}

/// Text as debian/copyright holds it: each line begins with a space, an empty one with a point.
fn indented(text: &str) -> String {
    let line = |line: &str| if line.trim().is_empty() { " .".to_owned() } else { format!(" {}", line.trim_end()) };
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What the distribution's tools say of the package and of its service.
fn check(package: &Path, root: &Path) -> Result<()> {
    shell::run(Command::new("lintian").args(["--fail-on", "error,warning", "--display-info"]).arg(package))?;
    shell::run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(root))?;
    let unit = root.join("lib/systemd/system/lakshan.service");
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=true", "--no-pager", &format!("--threshold={MAX_EXPOSURE}")]).arg(&unit);
    let output = security.output().context("cannot start systemd-analyze")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let exposure = said.lines().rfind(|line| line.contains("exposure level")).unwrap_or("no exposure level").trim();
    ensure!(output.status.success(), "systemd-analyze security: {exposure}");
    eprintln!("{exposure}");
    shell::run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(runnable(&unit, root)?))
}

/// The unit with the path of the program as it was unpacked: systemd-analyze wants to find it.
fn runnable(unit: &Path, root: &Path) -> Result<PathBuf> {
    let copy = root.join("lakshan.service");
    let program = format!("ExecStart={}/usr/bin/edge-app", root.display());
    fs::write(&copy, fs::read_to_string(unit)?.replace("ExecStart=/usr/bin/edge-app", &program))?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_written_as_debian_wants_it() {
        assert_eq!(indented("MIT License\n\nGrants  \n"), " MIT License\n .\n Grants");
    }
}
