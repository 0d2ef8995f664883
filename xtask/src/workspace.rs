//! The clone we work in, the cache beside it, and what programs that we start find in their environment.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lakshan_registry::CacheDir;

/// Paths that every chore needs.
pub(crate) struct Workspace {
    root: PathBuf,
    /// The cache folder.
    pub(crate) cache: CacheDir,
    /// Where build output goes.
    pub(crate) target: PathBuf,
    /// Where torch-sys will look for libtorch.
    pub(crate) libtorch: PathBuf,
}

impl Workspace {
    /// Reads the environment through `variable`; cargo says there which clone it runs in.
    pub(crate) fn find(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let manifest_dir = variable("CARGO_MANIFEST_DIR").context("run this as: cargo xtask ...")?;
        let root = Path::new(&manifest_dir).parent().context("xtask lies in no workspace")?.to_owned();
        let cache = CacheDir::from_env(&variable)?;
        let target = variable("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let libtorch = variable("LIBTORCH").map_or_else(|| root.join(".libtorch"), |dir| root.join(dir));
        Ok(Self { root, cache, target, libtorch })
    }

    /// The clone's top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A built program.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// Waits until no other process sets up `part`; let go when the result is dropped.
    pub(crate) fn lock(&self, part: &str) -> Result<File> {
        let path = self.cache.join(format!(".{part}.lock"));
        let take = || {
            fs::create_dir_all(self.cache.path())?;
            let file = File::options().create(true).append(true).open(&path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        };
        take().with_context(|| format!("cannot lock {}", path.display()))
    }

    /// The folder that holds libtorch for the CPU, once it is set up.
    pub(crate) fn own_libtorch(&self) -> PathBuf {
        self.cache.join("libtorch-2.13.0-cpu")
    }

    /// The link through which plain cargo commands find libtorch; `.cargo/config.toml` names it.
    pub(crate) fn libtorch_link(&self) -> PathBuf {
        self.root.join(".libtorch")
    }
}
