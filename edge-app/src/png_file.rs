//! Writes a rendered picture as a PNG file: whole, or not at all.

use std::io;
use std::path::{Path, PathBuf};

use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use lakshan_core::Frame;

use crate::atomic_file::{self, Readers};

/// A picture that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct PngFileError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    #[source]
    pub source: io::Error,
}

/// The bytes of a PNG file that shows `picture`, small rather than quickly made.
///
/// # Errors
/// When the encoder refuses the size.
pub fn encode(picture: &Frame) -> io::Result<Vec<u8>> {
    // Flat areas and letters shrink best unfiltered, photographs filtered.
    let [flat, photographic] = [FilterType::NoFilter, FilterType::Adaptive].map(|filter| {
        let mut bytes = Vec::new();
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, filter)
            .write_image(picture.rgb(), picture.width(), picture.height(), image::ExtendedColorType::Rgb8)
            .map(|()| bytes)
            .map_err(io::Error::other)
    });
    let (flat, photographic) = (flat?, photographic?);
    Ok(if flat.len() <= photographic.len() { flat } else { photographic })
}

/// Writes `picture` to `path`.
///
/// # Errors
/// When the folder or the file cannot be written; whatever stood at `path` is then still whole.
pub fn write(picture: &Frame, path: &Path) -> Result<(), PngFileError> {
    let write = || atomic_file::write(path, &encode(picture)?, Readers::Umask);
    write().map_err(|source| PngFileError { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let picture = Frame::new(2, 1, vec![1, 2, 3, 250, 251, 252]).unwrap();
        write(&picture, &path).unwrap();
        let read = image::open(&path).unwrap().to_rgb8();
        assert_eq!(read.as_raw(), picture.rgb());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/a.png");
        let error = write(&Frame::new(1, 1, vec![0; 3]).unwrap(), &path).unwrap_err();
        assert!(error.to_string().contains("missing/a.png"));
    }
}
