//! A Python of our own in the cache, with the pinned packages that the tests compare with.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::shell;
use crate::workspace::Workspace;

/// Makes the environment if it is missing; returns its interpreter.
pub(super) fn install(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root().join("tests/python/requirements.txt");
    let text = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let hash: String = Sha256::digest(&text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let folder = workspace.cache.join(format!("python-{hash}"));
    let python = folder.join("bin/python");
    let finished = folder.join(".finished");
    let _lock = workspace.lock("python")?;
    // The base interpreter may have been upgraded away since.
    if finished.exists() && shell::succeeds(Command::new(&python).arg("--version")) {
        return Ok(python);
    }
    // An environment cannot be moved, so it is made in place and marked when it is whole.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"]);
    shell::run(pip.args(["--no-deps", "--requirement"]).arg(&requirements))?;
    shell::run(Command::new(&python).args(["-c", "import onnx, onnxruntime, numpy, scipy, sklearn, tensorboard"]))?;
    File::create(&finished)?.sync_all()?;
    Ok(python)
}
