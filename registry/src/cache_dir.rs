//! The folder that fetched packages, libtorch and build output are kept in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The cache folder: `$LAKSHAN_CACHE`, else `$XDG_CACHE_HOME/lakshan`, else `~/.cache/lakshan`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheDir(PathBuf);

/// None of the variables that name a cache folder is set.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no cache folder: none of LAKSHAN_CACHE, XDG_CACHE_HOME and HOME is set to an absolute path")]
pub struct NoCacheDir;

impl CacheDir {
    /// Uses `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Asks `variable` for the environment. For a program's `main`, the only place that reads the environment.
    ///
    /// Relative paths are passed over, as the XDG specification wants it: they would mean another folder in every
    /// working directory.
    ///
    /// # Errors
    /// When no variable gives an absolute path.
    pub fn from_env(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, NoCacheDir> {
        let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        absolute("LAKSHAN_CACHE")
            .or_else(|| absolute("XDG_CACHE_HOME").map(|path| path.join("lakshan")))
            .or_else(|| absolute("HOME").map(|path| path.join(".cache/lakshan")))
            .map(Self)
            .ok_or(NoCacheDir)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file or folder inside.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: Option<&str>) {
        let get = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        assert_eq!(CacheDir::from_env(get).ok(), expected.map(CacheDir::new), "{variables:?}");
    }

    #[test]
    fn the_first_absolute_path_wins() {
        check(&[("LAKSHAN_CACHE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")], Some("/a"));
        check(&[("XDG_CACHE_HOME", "/b"), ("HOME", "/c")], Some("/b/lakshan"));
        check(&[("LAKSHAN_CACHE", ""), ("XDG_CACHE_HOME", "b"), ("HOME", "/c")], Some("/c/.cache/lakshan"));
        check(&[("HOME", "")], None);
        check(&[], None);
    }
}
