//! A folder of pictures as a camera, for demonstrations and tests. Only a flag or the configuration that names it opens it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lakshan_core::Frame;

use super::CameraError;
use crate::parts::{Camera, CameraFault};

/// Shows the pictures of a folder one after the other, in the order of their names, for ever.
pub struct FolderCamera {
    folder: PathBuf,
    pictures: Vec<PathBuf>,
    shown: usize,
    interval: Duration,
    due: Instant,
}

impl FolderCamera {
    /// The JPEG, PNG and WebP files of `folder`, `rate` a second; or one file alone.
    ///
    /// # Errors
    /// When the folder cannot be listed, or holds no picture.
    pub fn open(folder: &Path, rate: u32) -> Result<Self, CameraError> {
        let list = |source| CameraError::List { path: folder.to_owned(), source };
        let mut pictures = Vec::new();
        if folder.is_file() {
            // One picture, again and again: a person who holds still.
            pictures.push(folder.to_owned());
        }
        let entries = if pictures.is_empty() { Some(fs::read_dir(folder).map_err(list)?) } else { None };
        for entry in entries.into_iter().flatten() {
            let path = entry.map_err(list)?.path();
            pictures.extend(lakshan_vision::is_picture(&path).then_some(path));
        }
        pictures.sort();
        if pictures.is_empty() {
            return Err(CameraError::NoPictures { path: folder.to_owned() });
        }
        let interval = Duration::from_secs(1) / rate.max(1);
        Ok(Self { folder: folder.to_owned(), pictures, shown: 0, interval, due: Instant::now() })
    }
}

impl Camera for FolderCamera {
    fn next(&mut self, timeout: Duration) -> Result<Frame, CameraFault> {
        let wait = self.due.saturating_duration_since(Instant::now());
        if wait > timeout {
            std::thread::sleep(timeout);
            return Err(CameraFault::TimedOut);
        }
        std::thread::sleep(wait);
        self.due = Instant::now() + self.interval;
        let path = &self.pictures[self.shown % self.pictures.len()];
        self.shown += 1;
        lakshan_vision::open(path).map_err(|_| CameraFault::Damaged)
    }

    fn describe(&self) -> String {
        format!("{} pictures of {}", self.pictures.len(), self.folder.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_in_order_and_start_again() {
        let folder = tempfile::tempdir().unwrap();
        for (name, grey) in [("b.png", 20), ("a.PNG", 10), ("c.png", 30)] {
            let picture = image::RgbImage::from_pixel(4, 4, image::Rgb([grey; 3]));
            picture.save_with_format(folder.path().join(name), image::ImageFormat::Png).unwrap();
        }
        fs::write(folder.path().join("notes.txt"), "no picture").unwrap();
        let mut camera = FolderCamera::open(folder.path(), 1000).unwrap();
        let seen: Vec<u8> = (0..4).map(|_| camera.next(Duration::from_secs(1)).unwrap().pixel(0, 0)[0]).collect();
        assert_eq!(seen, [10, 20, 30, 10]);
    }

    #[test]
    fn a_damaged_file_is_a_damaged_picture_and_no_file_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(FolderCamera::open(folder.path(), 30), Err(CameraError::NoPictures { .. })));
        assert!(matches!(FolderCamera::open(&folder.path().join("none"), 30), Err(CameraError::List { .. })));
        fs::write(folder.path().join("a.jpg"), "not a picture").unwrap();
        let mut camera = FolderCamera::open(folder.path(), 30).unwrap();
        assert_eq!(camera.next(Duration::from_secs(1)), Err(CameraFault::Damaged));
        assert_eq!(camera.next(Duration::ZERO), Err(CameraFault::TimedOut));
    }
}
