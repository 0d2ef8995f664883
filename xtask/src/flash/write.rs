//! Writes an image to a device and reads it back from there, not from the kernel's memory of it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::shell::hinted;

/// What is written at once.
const BLOCK: usize = 4 << 20;
/// What a read past the kernel's memory must be a multiple of, and aligned to.
const ALIGN: usize = 4096;
/// A disk is ours alone: the kernel refuses it when it is mounted by now.
const O_EXCL: i32 = 0o200;
/// Reads from the card itself. The number differs from processor to processor.
const O_DIRECT: i32 = if cfg!(any(target_arch = "aarch64", target_arch = "arm")) { 0o200_000 } else { 0o40_000 };

/// The size of a file.
pub(super) fn size(path: &Path) -> Result<u64> {
    let about = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(about.is_file(), "{} is no file", path.display());
    Ok(about.len())
}

/// Writes the image's `bytes` to the device and compares them. `show` hears what is done, and how many bytes of it.
pub(super) fn image_to_device(image: &Path, device: &Path, bytes: u64, show: &mut dyn FnMut(&str, u64)) -> Result<()> {
    let is_device = std::fs::metadata(device).is_ok_and(|about| about.file_type().is_block_device());
    let flags = |flag: i32| if is_device { flag } else { 0 };
    let open = |path: &Path, options: &OpenOptions| {
        options.open(path).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => {
                anyhow::Error::from(hinted(format!("{} cannot be opened: {error}", path.display()), "run it with sudo"))
            }
            _ => anyhow::Error::from(error).context(format!("cannot open {}", path.display())),
        })
    };
    let mut from = open(image, File::options().read(true))?;
    let mut to = open(device, File::options().write(true).custom_flags(flags(O_EXCL)))?;
    let mut block = vec![0; BLOCK];
    let mut done = 0;
    while done < bytes {
        let part = &mut block[..BLOCK.min((bytes - done) as usize)];
        from.read_exact(part).with_context(|| format!("cannot read {}", image.display()))?;
        to.write_all(part).with_context(|| format!("cannot write {} at byte {done}", device.display()))?;
        done += part.len() as u64;
        show("written", done);
    }
    to.sync_all().with_context(|| format!("cannot write {} to its end", device.display()))?;
    drop(to);
    from.seek(SeekFrom::Start(0))?;
    let mut back = open(device, File::options().read(true).custom_flags(flags(O_DIRECT)))?;
    compare(&mut from, &mut back, device, bytes, show)
}

/// Holds what is on the device against the image.
fn compare(from: &mut File, back: &mut File, device: &Path, bytes: u64, show: &mut dyn FnMut(&str, u64)) -> Result<()> {
    let mut wanted = vec![0; BLOCK];
    let mut found = vec![0; BLOCK + ALIGN];
    let shift = found.as_ptr().align_offset(ALIGN);
    let found = &mut found[shift..shift + BLOCK];
    let mut done = 0;
    while done < bytes {
        let length = BLOCK.min((bytes - done) as usize);
        from.read_exact(&mut wanted[..length])?;
        back.read_exact(&mut found[..length])
            .with_context(|| format!("cannot read {} at byte {done}", device.display()))?;
        if let Some(at) = wanted[..length].iter().zip(&found[..length]).position(|(wanted, found)| wanted != found) {
            let at = done + at as u64;
            bail!(hinted(
                format!("{} does not hold what was written: byte {at} differs", device.display()),
                "the card is broken or a forgery; take another one"
            ));
        }
        done += length as u64;
        show("read back", done);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn files(image: &[u8], device: &[u8]) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.img"), folder.path().join("card"));
        std::fs::write(&from, image).unwrap();
        std::fs::write(&to, device).unwrap();
        (folder, from, to)
    }

    #[test]
    fn an_image_is_written_whole_and_nothing_behind_it() {
        let image: Vec<u8> = (0..BLOCK + 8192).map(|at| (at % 251) as u8).collect();
        let (_folder, from, to) = files(&image, &vec![9; BLOCK + 20_000]);
        let mut shown = Vec::new();
        image_to_device(&from, &to, image.len() as u64, &mut |what, done| shown.push((what.to_owned(), done))).unwrap();
        let card = std::fs::read(&to).unwrap();
        assert_eq!(card[..image.len()], image);
        assert!(card[image.len()..].iter().all(|byte| *byte == 9));
        let all = image.len() as u64;
        assert!(shown.contains(&("written".to_owned(), all)) && shown.last() == Some(&("read back".to_owned(), all)));
    }

    #[test]
    fn a_card_that_holds_something_else_is_noticed() {
        let (_folder, from, to) = files(&vec![1; BLOCK + 4096], &vec![1; BLOCK + 4096]);
        let mut card = std::fs::read(&to).unwrap();
        card[BLOCK + 7] = 0;
        std::fs::write(&to, &card).unwrap();
        let error = compare(
            &mut File::open(&from).unwrap(),
            &mut File::open(&to).unwrap(),
            &to,
            card.len() as u64,
            &mut |_, _| (),
        );
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!("byte {} differs", BLOCK + 7)), "{error}");
    }

    #[test]
    fn a_card_that_ends_early_or_is_full_is_an_error_that_names_it() {
        let (_folder, from, to) = files(&[1; 8192], &[1; 4096]);
        let error = compare(&mut File::open(&from).unwrap(), &mut File::open(&to).unwrap(), &to, 8192, &mut |_, _| ());
        assert!(error.unwrap_err().to_string().contains("card"));
        let error = image_to_device(&from, Path::new("/dev/full"), 8192, &mut |_, _| ()).unwrap_err().to_string();
        assert!(error.contains("cannot write /dev/full at byte 0"), "{error}");
    }
}
