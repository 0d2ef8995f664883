//! Writes a rendered picture as a PNG file: whole, or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use lakshan_core::Frame;

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

/// The bytes of a PNG file that shows `picture`.
///
/// # Errors
/// When the encoder refuses the size.
pub fn encode(picture: &Frame) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive)
        .write_image(picture.rgb(), picture.width(), picture.height(), image::ExtendedColorType::Rgb8)
        .map_err(io::Error::other)?;
    Ok(bytes)
}

/// Writes `picture` to `path` through a temporary file beside it.
///
/// # Errors
/// When the folder or the file cannot be written; whatever stood at `path` is then still whole.
pub fn write(picture: &Frame, path: &Path) -> Result<(), PngFileError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let bytes = encode(picture)?;
        let mut file = tempfile::Builder::new().prefix(".lakshan-").suffix(".png").tempfile_in(folder)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
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
