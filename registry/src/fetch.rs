//! From a package's name to its folder in the cache: at most once, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use sha2::{Digest, Sha256};

use crate::{CacheDir, FetchError, Package, client, unpack};

/// Written last inside a package's folder; says what was unpacked there.
const MARKER: &str = ".fetched";

/// Fetches `package` if the cache does not hold it, and returns the folder with its wanted files.
///
/// Safe to call from several processes at once: one fetches, the others wait. A fetch that was cut off leaves nothing
/// that counts. Says on stderr what it fetches.
///
/// # Errors
/// When the client, the network, the archive or the disk fails; see [`FetchError::hint`].
pub fn fetch(package: &Package, cache: &CacheDir) -> Result<PathBuf, FetchError> {
    fetch_with(package, cache, client::download)
}

/// Whether [`fetch`] would return at once.
pub fn is_fetched(package: &Package, cache: &CacheDir) -> bool {
    is_complete(&folder(package, cache), package)
}

/// Removes `package` from the cache, if it is there.
///
/// # Errors
/// When its folder cannot be removed.
pub fn forget(package: &Package, cache: &CacheDir) -> Result<(), FetchError> {
    remove_all(&folder(package, cache))
}

fn fetch_with(
    package: &Package,
    cache: &CacheDir,
    download: impl FnOnce(&Package, &Path) -> Result<PathBuf, FetchError>,
) -> Result<PathBuf, FetchError> {
    let folder = folder(package, cache);
    if is_complete(&folder, package) {
        return Ok(folder);
    }
    let shelf = cache.join("packages");
    fs::create_dir_all(&shelf).map_err(FetchError::io("make the folder", &shelf))?;
    let _lock = lock(&shelf.join(format!(".{}.lock", package.slug())))?;
    if is_complete(&folder, package) {
        return Ok(folder);
    }
    // Under the lock this name is ours alone; what an earlier, killed fetch left there goes.
    let partial = shelf.join(format!(".{}.partial", package.slug()));
    remove_all(&partial)?;
    let result = fill(package, &partial, download).and_then(|unpacked| {
        remove_all(&folder)?;
        fs::rename(&unpacked, &folder).map_err(FetchError::io("move into place", &folder))?;
        File::open(&shelf).and_then(|dir| dir.sync_all()).map_err(FetchError::io("write the folder", &shelf))
    });
    let cleaned = remove_all(&partial);
    result.and(cleaned).map(|()| folder)
}

/// Downloads into `partial`, checks, unpacks; returns the folder that is ready to be renamed.
fn fill(
    package: &Package,
    partial: &Path,
    download: impl FnOnce(&Package, &Path) -> Result<PathBuf, FetchError>,
) -> Result<PathBuf, FetchError> {
    let unpacked = partial.join("unpacked");
    fs::create_dir_all(&unpacked).map_err(FetchError::io("make the folder", &unpacked))?;
    let start = Instant::now();
    eprintln!("fetching {package}, {} MB ({}): {}", package.megabytes, package.licence, package.purpose);
    let archive = download(package, partial)?;
    let found = sha256(&archive).map_err(FetchError::io("read", &archive))?;
    if found != package.sha256 {
        fs::remove_file(&archive).map_err(FetchError::io("delete", &archive))?;
        return Err(FetchError::HashMismatch { package: package.to_string(), found, expected: package.sha256 });
    }
    unpack::unpack(package, &archive, &unpacked)?;
    let marker = unpacked.join(MARKER);
    let write = || {
        let mut file = File::create(&marker)?;
        file.write_all(receipt(package).as_bytes())?;
        file.sync_all()
    };
    write().map_err(FetchError::io("write", &marker))?;
    eprintln!("fetched {package} in {:.0} s, hash checked", start.elapsed().as_secs_f32());
    Ok(unpacked)
}

fn folder(package: &Package, cache: &CacheDir) -> PathBuf {
    cache.join("packages").join(package.slug())
}

/// What the marker must hold: another hash or another choice of files is another content.
fn receipt(package: &Package) -> String {
    format!("sha256 {}\nwanted {}\n", package.sha256, package.wanted.join(" "))
}

fn is_complete(folder: &Path, package: &Package) -> bool {
    fs::read_to_string(folder.join(MARKER)).is_ok_and(|text| text == receipt(package))
}

/// Waits until no other process holds the lock; it is let go when the file is closed.
fn lock(path: &Path) -> Result<File, FetchError> {
    let take = || {
        let file = File::options().create(true).append(true).open(path)?;
        file.lock()?;
        Ok(file)
    };
    take().map_err(FetchError::io("lock", path))
}

fn remove_all(folder: &Path) -> Result<(), FetchError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FetchError::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// SHA-256 of a file in lower-case hexadecimal.
fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::Registry;

    /// A tar.gz with `package/keep/a` and `package/leave`, and a package that wants `keep/` of it.
    fn archive(dir: &Path) -> (PathBuf, Package) {
        let path = dir.join("archive.tgz");
        let gzip = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
        let mut tar = tar::Builder::new(gzip);
        for (name, text) in [("package/keep/a", "kept"), ("package/leave", "left")] {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        let package = Package {
            registry: Registry::Npm,
            name: "test",
            version: "1.0.0",
            sha256: Box::leak(sha256(&path).unwrap().into_boxed_str()),
            megabytes: 1,
            licence: "MIT",
            purpose: "a test",
            strip_prefix: "package/",
            wanted: &["keep/"],
        };
        (path, package)
    }

    fn copying(archive: &Path) -> impl Fn(&Package, &Path) -> Result<PathBuf, FetchError> {
        move |_, dir| {
            fs::copy(archive, dir.join("arrived")).unwrap();
            Ok(dir.join("arrived"))
        }
    }

    fn entries(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn unpacks_the_wanted_once_and_keeps_no_archive() {
        let dir = tempfile::tempdir().unwrap();
        let (path, package) = archive(dir.path());
        let cache = CacheDir::new(dir.path().join("cache"));
        assert!(!is_fetched(&package, &cache));
        let folder = fetch_with(&package, &cache, copying(&path)).unwrap();
        assert_eq!(fs::read_to_string(folder.join("keep/a")).unwrap(), "kept");
        assert_eq!(entries(&folder), [".fetched", "keep"]);
        assert_eq!(entries(&cache.join("packages")), [".test-1.0.0.lock", "test-1.0.0"]);
        let again = fetch_with(&package, &cache, |_, _| panic!("downloaded twice")).unwrap();
        assert_eq!(again, folder);
        assert!(is_fetched(&package, &cache));
        let other_choice = Package { wanted: &["leave"], ..package };
        fetch_with(&other_choice, &cache, copying(&path)).unwrap();
        assert_eq!(entries(&folder), [".fetched", "leave"], "another choice of files is unpacked anew");
        forget(&package, &cache).unwrap();
        forget(&package, &cache).unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn another_hash_is_refused_and_nothing_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (path, package) = archive(dir.path());
        let cache = CacheDir::new(dir.path().join("cache"));
        let pinned = "0".repeat(64).leak();
        let error = fetch_with(&Package { sha256: pinned, ..package }, &cache, copying(&path)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&*pinned) && text.contains(package.sha256), "names both hashes: {text}");
        assert_eq!(entries(&cache.join("packages")), [".test-1.0.0.lock"]);
    }

    #[test]
    fn a_wanted_path_that_the_archive_lacks_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (path, package) = archive(dir.path());
        let cache = CacheDir::new(dir.path().join("cache"));
        let package = Package { wanted: &["keep/", "nowhere/"], ..package };
        let error = fetch_with(&package, &cache, copying(&path)).unwrap_err();
        assert!(matches!(error, FetchError::NotInArchive { wanted: "nowhere/", .. }), "{error}");
        assert!(!is_fetched(&package, &cache));
    }

    #[test]
    fn many_at_once_download_once() {
        let dir = tempfile::tempdir().unwrap();
        let (path, package) = archive(dir.path());
        let cache = CacheDir::new(dir.path().join("cache"));
        let downloads = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let counted = |package: &Package, dir: &Path| {
                        downloads.fetch_add(1, Ordering::SeqCst);
                        copying(&path)(package, dir)
                    };
                    let folder = fetch_with(&package, &cache, counted).unwrap();
                    assert_eq!(fs::read_to_string(folder.join("keep/a")).unwrap(), "kept");
                });
            }
        });
        assert_eq!(downloads.into_inner(), 1);
    }

    #[test]
    fn an_unwritable_cache_is_named_with_a_hint() {
        let dir = tempfile::tempdir().unwrap();
        let (path, package) = archive(dir.path());
        let error = fetch_with(&package, &CacheDir::new(&path), copying(&path)).unwrap_err();
        assert!(error.to_string().contains("packages") && error.hint().unwrap().contains("LAKSHAN_CACHE"), "{error}");
    }
}
