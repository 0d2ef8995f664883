//! libtorch for the CPU: one folder out of three Python packages, and the link that plain cargo commands follow.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};
use lakshan_registry::{Package, fetch, forget, packages};

use crate::shell::hinted;
use crate::workspace::Workspace;

/// Makes the folder if it is missing. A LIBTORCH of the user's own is left alone.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    let ours = workspace.own_libtorch();
    let link = workspace.libtorch_link();
    if workspace.libtorch != link && workspace.libtorch != ours {
        eprintln!("libtorch: using LIBTORCH={}", workspace.libtorch.display());
        return Ok(());
    }
    let _lock = workspace.lock("libtorch")?;
    if !ours.join("build-version").exists() {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            return Err(hinted(
                "libtorch can be fetched for x86-64 Linux only",
                "set LIBTORCH to a libtorch 2.13.0 of your own; edge-app builds without it",
            )
            .into());
        }
        lay_out(workspace, &ours)?;
    }
    if fs::read_link(&link).ok().as_ref() != Some(&ours) {
        match fs::symlink_metadata(&link) {
            Ok(found) if found.is_symlink() => fs::remove_file(&link)?,
            Ok(_) => return Ok(()), // A folder that the user put there.
            Err(_) => {}
        }
        symlink(&ours, &link).with_context(|| format!("cannot make the link {}", link.display()))?;
    }
    Ok(())
}

/// Fetches the packages and moves their files into the layout of a libtorch distribution.
///
/// There is no `libtorch_cuda.so` in it, so torch-sys links for the CPU alone; `libtorch_cpu.so` itself still asks
/// for the CUDA runtime and profiler, two small libraries.
fn lay_out(workspace: &Workspace, ours: &Path) -> Result<()> {
    const PACKAGES: [&Package; 3] = [&packages::TORCH, &packages::CUDA_RUNTIME, &packages::CUDA_CUPTI];
    let partial = workspace.cache.join(".libtorch.partial");
    if partial.exists() {
        // Cut off in the middle: some files had left their package's folder.
        fs::remove_dir_all(&partial)?;
        for package in PACKAGES {
            forget(package, &workspace.cache)?;
        }
    }
    fs::create_dir_all(partial.join("lib"))?;
    for package in PACKAGES {
        let folder = fetch(package, &workspace.cache)?;
        for file in package.wanted {
            let from = folder.join(file.trim_end_matches('/'));
            let to = partial.join(file.trim_end_matches('/'));
            fs::rename(&from, &to).with_context(|| format!("cannot move {}", from.display()))?;
        }
    }
    symlink("libtorch_cpu.so", partial.join("lib/libtorch.so"))?;
    fs::write(partial.join("build-version"), format!("{}\n", packages::TORCH.version))?;
    // A folder without build-version was never finished; it goes.
    if ours.exists() {
        fs::remove_dir_all(ours)?;
    }
    fs::rename(&partial, ours).with_context(|| format!("cannot move libtorch to {}", ours.display()))?;
    for package in PACKAGES {
        forget(package, &workspace.cache)?;
    }
    Ok(())
}
