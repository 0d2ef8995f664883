//! A screen of PNG files, for demonstrations and tests. What it shows may hold a person's face: only a flag opens it.

use std::fs;
use std::path::{Path, PathBuf};

use tiny_skia::Pixmap;

use super::{DisplayError, Opened};
use crate::parts::Display;
use crate::png_file::{self, PngFileError};
use crate::screen::{Size, to_frame};

/// Writes each picture that differs from the one before: `0001.png`, `0002.png`, ...
pub struct PngDisplay {
    folder: PathBuf,
    size: Size,
    written: u32,
    shown: Option<Pixmap>,
}

impl PngDisplay {
    /// A screen of this size; the folder is made.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, size: Size) -> Result<Self, DisplayError> {
        fs::create_dir_all(folder).map_err(|source| PngFileError { path: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), size, written: 0, shown: None })
    }
}

impl Display for PngDisplay {
    fn size(&self) -> Size {
        self.size
    }

    fn show(&mut self, pixels: &Pixmap) -> Result<(), DisplayError> {
        DisplayError::unless_fits(pixels, self.size)?;
        if self.shown.as_ref().is_some_and(|shown| shown.data() == pixels.data()) {
            return Ok(());
        }
        self.written += 1;
        png_file::write(&to_frame(pixels), &self.folder.join(format!("{:04}.png", self.written)))?;
        self.shown = Some(pixels.clone());
        Ok(())
    }
}

/// Opens a folder as a screen.
///
/// # Errors
/// When the folder cannot be made.
pub fn open(folder: &Path, size: Size) -> Result<Opened, DisplayError> {
    let about = format!("PNG files in {}, {}x{}", folder.display(), size.width(), size.height());
    Ok(Opened { display: Box::new(PngDisplay::open(folder, size)?), input: None, about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_new_picture_is_a_file() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("deep/shown");
        let mut display = PngDisplay::open(&folder, Size::DEVICE).unwrap();
        let mut pixels = Pixmap::new(800, 480).unwrap();
        pixels.fill(tiny_skia::Color::WHITE);
        display.show(&pixels).unwrap();
        display.show(&pixels).unwrap();
        pixels.fill(tiny_skia::Color::BLACK);
        display.show(&pixels).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        assert_eq!(image::open(folder.join("0001.png")).unwrap().to_rgb8().get_pixel(9, 9).0, [255; 3]);
        assert!(matches!(display.show(&Pixmap::new(9, 9).unwrap()), Err(DisplayError::WrongSize { .. })));
    }
}
