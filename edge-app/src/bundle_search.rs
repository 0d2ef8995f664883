//! Where the bundle is when none is named: a short, fixed list of places.

use std::path::{Path, PathBuf};

use lakshan_core::manifest;

/// The bundle that a clone of the project carries, seen from the project's folder.
pub const IN_PROJECT: &str = "models/demo";
/// The bundle of an installed program, seen from the folder of the program's file.
pub const BESIDE_PROGRAM: &str = "../share/lakshan/bundle";
/// The bundle of an installed system.
pub const IN_SYSTEM: &str = "/usr/share/lakshan/bundle";

/// There is no bundle in any of the places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no bundle found")]
pub struct BundleNotFound {
    /// Where was looked.
    pub places: Vec<PathBuf>,
}

impl BundleNotFound {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        let places: Vec<String> = self.places.iter().map(|place| place.display().to_string()).collect();
        format!("name one with --bundle DIR or LAKSHAN_BUNDLE; looked in {}", places.join(", "))
    }
}

/// The first of the places that holds a manifest: [`IN_PROJECT`] under `current`, [`BESIDE_PROGRAM`] of `program`,
/// [`IN_SYSTEM`].
///
/// # Errors
/// When none does.
pub fn find(current: &Path, program: Option<&Path>) -> Result<PathBuf, BundleNotFound> {
    let mut places = vec![current.join(IN_PROJECT)];
    places.extend(program.and_then(Path::parent).map(|folder| folder.join(BESIDE_PROGRAM)));
    places.push(PathBuf::from(IN_SYSTEM));
    let found = places.iter().find(|place| place.join(manifest::FILE_NAME).is_file()).cloned();
    found.ok_or(BundleNotFound { places })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_project_comes_before_the_installed_one() {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("prefix/bin/edge-app");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        let missing = find(root.path(), Some(&program)).unwrap_err();
        assert_eq!(missing.places.len(), 3);
        assert!(missing.hint().contains("models/demo"));

        let installed = root.path().join("prefix/share/lakshan/bundle");
        fs::create_dir_all(&installed).unwrap();
        fs::write(installed.join(manifest::FILE_NAME), "{}").unwrap();
        let found = find(root.path(), Some(&program)).unwrap();
        assert_eq!(found.canonicalize().unwrap(), installed.canonicalize().unwrap());

        let project = root.path().join(IN_PROJECT);
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join(manifest::FILE_NAME), "{}").unwrap();
        assert_eq!(find(root.path(), Some(&program)).unwrap(), project);
    }
}
