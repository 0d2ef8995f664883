//! Tools that cargo itself can install.

use std::path::PathBuf;
use std::process::Command;

use crate::shell;
use crate::workspace::Workspace;

const CARGO_DENY: &str = "0.20.2";

/// The licence and ban checker: the user's own, else one in the cache. Says why when there is none.
pub(super) fn cargo_deny(workspace: &Workspace) -> Option<PathBuf> {
    if shell::succeeds(Command::new("cargo-deny").arg("--version")) {
        return Some("cargo-deny".into());
    }
    let root = workspace.cache.join(format!("tools/cargo-deny-{CARGO_DENY}"));
    let program = root.join("bin/cargo-deny");
    if shell::succeeds(Command::new(&program).arg("--version")) {
        return Some(program);
    }
    let build = workspace.cache.join("tools/build");
    let mut install = Command::new("cargo");
    // Unoptimized, it is built in half the time and still checks in seconds.
    install
        .args(["install", "--quiet", "--debug", "--locked", "cargo-deny", "--version", CARGO_DENY, "--root"])
        .arg(&root);
    let installed = shell::run(install.env("CARGO_TARGET_DIR", &build));
    // Hundreds of megabytes that nothing uses again; what is left of them does no harm.
    std::fs::remove_dir_all(&build).ok();
    installed.map_err(|error| shell::report(&error)).ok().map(|()| program)
}
