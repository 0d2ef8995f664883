//! Unpacks the wanted entries of a zip or tar.gz archive. Links, and paths that lead outside, are refused.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path};

use crate::{FetchError, Package, Registry};

/// Unpacks what `package` wants of `archive` into `folder`.
pub(crate) fn unpack(package: &Package, archive: &Path, folder: &Path) -> Result<(), FetchError> {
    let mut sink = Sink { package, folder, seen: vec![false; package.wanted.len()] };
    match package.registry {
        Registry::PyPi => unzip(archive, &mut sink)?,
        Registry::Npm => untar(archive, &mut sink)?,
    }
    match sink.seen.iter().position(|seen| !seen) {
        Some(index) => Err(FetchError::NotInArchive { package: package.to_string(), wanted: package.wanted[index] }),
        None => Ok(()),
    }
}

/// What an archive's entry is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Other,
}

fn unzip(archive: &Path, sink: &mut Sink<'_>) -> Result<(), FetchError> {
    let file = File::open(archive).map_err(FetchError::io("open", archive))?;
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| sink.unreadable(error.into()))?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| sink.unreadable(error.into()))?;
        let name = entry.name().map_err(|error| sink.unreadable(error.into()))?.into_owned();
        let kind = match () {
            () if entry.is_symlink() => Kind::Other,
            () if entry.is_dir() => Kind::Folder,
            () => Kind::File,
        };
        sink.take(&name, kind, &mut entry)?;
    }
    Ok(())
}

fn untar(archive: &Path, sink: &mut Sink<'_>) -> Result<(), FetchError> {
    let file = File::open(archive).map_err(FetchError::io("open", archive))?;
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(BufReader::new(file)));
    for entry in tar.entries().map_err(|error| sink.unreadable(error))? {
        let mut entry = entry.map_err(|error| sink.unreadable(error))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = match entry.header().entry_type() {
            tar::EntryType::Regular | tar::EntryType::Continuous => Kind::File,
            tar::EntryType::Directory => Kind::Folder,
            tar::EntryType::XGlobalHeader => continue,
            _ => Kind::Other,
        };
        sink.take(&name, kind, &mut entry)?;
    }
    Ok(())
}

/// Where entries go, and which of the wanted paths have been seen.
struct Sink<'a> {
    package: &'a Package,
    folder: &'a Path,
    seen: Vec<bool>,
}

impl Sink<'_> {
    /// Writes one entry if it is wanted; refuses it, wanted or not, if it is not a plain file or folder inside.
    fn take(&mut self, name: &str, kind: Kind, contents: &mut dyn Read) -> Result<(), FetchError> {
        let refuse = |fault| {
            let package = self.package.to_string();
            Err(FetchError::UnsafeEntry { package, entry: name.to_owned(), fault })
        };
        let inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if name.is_empty() || name.contains(['\\', '\0']) || !Path::new(name).components().all(inside) {
            return refuse("a path that leads outside the folder");
        }
        if kind == Kind::Other {
            return refuse("a link or a device");
        }
        let Some(name) = name.strip_prefix(self.package.strip_prefix) else { return Ok(()) };
        let matches = |wanted: &&str| if wanted.ends_with('/') { name.starts_with(wanted) } else { name == *wanted };
        let Some(index) = self.package.wanted.iter().position(matches) else { return Ok(()) };
        if kind == Kind::File {
            self.write(&self.folder.join(name), contents)?;
            self.seen[index] = true;
        }
        Ok(())
    }

    fn write(&self, path: &Path, contents: &mut dyn Read) -> Result<(), FetchError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(FetchError::io("make the folder", parent))?;
        }
        let mut file = File::create_new(path).map_err(FetchError::io("write", path))?;
        io::copy(contents, &mut file).and_then(|_| file.sync_all()).map_err(FetchError::io("write", path))
    }

    fn unreadable(&self, source: io::Error) -> FetchError {
        FetchError::Archive { package: self.package.to_string(), source }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::packages;

    const PYPI: Package = Package { strip_prefix: "p/", wanted: &["a", "d/"], ..packages::HEADS };
    const NPM: Package = Package { registry: Registry::Npm, ..PYPI };

    /// Unpacks a zip with `entries`: name, contents, and whether it is a symlink.
    fn zipped(entries: &[(&str, &str, bool)]) -> (tempfile::TempDir, Result<(), FetchError>) {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("archive");
        let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
        for (name, text, link) in entries {
            let options = zip::write::SimpleFileOptions::default();
            if *link {
                zip.add_symlink(*name, *text, options).unwrap();
            } else {
                zip.start_file(*name, options).unwrap();
                zip.write_all(text.as_bytes()).unwrap();
            }
        }
        zip.finish().unwrap();
        let result = unpack(&PYPI, &archive, &dir.path().join("out"));
        (dir, result)
    }

    /// Unpacks a tar.gz with one entry more than the wanted, its name written raw.
    fn tarred(name: &str, kind: tar::EntryType) -> Result<(), FetchError> {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("archive");
        let gzip = flate2::write::GzEncoder::new(File::create(&archive).unwrap(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(gzip);
        for (name, kind) in [("p/a", tar::EntryType::Regular), ("p/d/b", tar::EntryType::Regular), (name, kind)] {
            let mut header = tar::Header::new_gnu();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(kind);
            if kind == tar::EntryType::Symlink {
                header.set_link_name("/etc/passwd").unwrap();
            }
            header.set_mode(0o644);
            header.set_size(0);
            header.set_cksum();
            tar.append(&header, io::empty()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        unpack(&NPM, &archive, &dir.path().join("out"))
    }

    #[test]
    fn a_zip_gives_the_wanted_and_nothing_else() {
        let (dir, result) =
            zipped(&[("p/a", "1", false), ("p/d/b", "2", false), ("p/ab", "3", false), ("q", "4", false)]);
        result.unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("out/d/b")).unwrap(), "2");
        assert!(!dir.path().join("out/ab").exists() && !dir.path().join("out/q").exists());
    }

    #[test]
    fn paths_that_lead_outside_are_refused() {
        for name in ["../evil", "p/../../evil", "/etc/evil", "p\\..\\evil"] {
            let (_dir, result) = zipped(&[("p/a", "1", false), (name, "2", false)]);
            assert!(matches!(&result, Err(FetchError::UnsafeEntry { .. })), "zip {name}: {result:?}");
            let result = tarred(name, tar::EntryType::Regular);
            assert!(matches!(&result, Err(FetchError::UnsafeEntry { .. })), "tar {name}: {result:?}");
        }
        tarred("p/other", tar::EntryType::Regular).unwrap();
    }

    #[test]
    fn links_are_refused() {
        let (_dir, result) = zipped(&[("p/a", "/etc/passwd", true), ("p/d/b", "2", false)]);
        assert!(matches!(result, Err(FetchError::UnsafeEntry { fault: "a link or a device", .. })), "{result:?}");
        for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char] {
            let result = tarred("p/d/link", kind);
            assert!(matches!(result, Err(FetchError::UnsafeEntry { fault: "a link or a device", .. })), "{result:?}");
        }
    }

    #[test]
    fn a_cut_off_archive_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("archive");
        fs::write(&archive, b"PK\x03\x04 and no more").unwrap();
        for package in [&PYPI, &NPM] {
            let result = unpack(package, &archive, &dir.path().join("out"));
            assert!(matches!(result, Err(FetchError::Archive { .. })), "{result:?}");
        }
    }
}
