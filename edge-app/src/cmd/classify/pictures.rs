//! The pictures that `classify` draws on request: result screens, all-12 screens, one contact sheet.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lakshan_core::manifest::Manifest;
use lakshan_core::{FaceCrop, Finding, Frame, Syndrome};

use super::{Classified, Classify};
use crate::png_file;
use crate::screen::{
    AllClassesScreen, BundleLine, Fonts, ResultScreen, Scene, Screen, Size, Tile, contact_sheet, render, to_frame,
};
use crate::text::Texts;

/// Longest side of a photograph on the contact sheet, in pixels: about twice its tile, for a smooth last step.
const SMALL_SIDE: u32 = 400;

/// Draws what the arguments ask for.
pub(super) struct Pictures<'a> {
    screen: Option<Naming<'a>>,
    all_screen: Option<Naming<'a>>,
    size: Size,
    sheet: Option<&'a Path>,
    tiles: Vec<Tile>,
    bundle: BundleLine,
    texts: &'a Texts,
    /// Made when the first picture is drawn: most runs draw none.
    fonts: Option<Fonts>,
}

impl<'a> Pictures<'a> {
    pub(super) fn new(arguments: &'a Classify, manifest: &Manifest, texts: &'a Texts) -> Self {
        let several = arguments.photos.len() > 1;
        let naming = |out: &'a Option<PathBuf>| out.as_deref().map(|out| Naming { out, several, used: HashSet::new() });
        Self {
            screen: naming(&arguments.screen),
            all_screen: naming(&arguments.all_screen),
            size: arguments.screen_size,
            sheet: arguments.contact_sheet.as_deref(),
            tiles: Vec::new(),
            bundle: BundleLine::from(manifest),
            texts,
            fonts: None,
        }
    }

    /// Draws one photograph's screens, and keeps its tile for the sheet.
    pub(super) fn add(&mut self, photo: &Path, found: Classified) -> Result<(), png_file::PngFileError> {
        let screening = found.screening;
        if let Some(naming) = &mut self.screen {
            let path = naming.path(photo);
            let screen = Screen::Result(ResultScreen { finding: screening.finding.clone() });
            self.draw(&screen, screening.crop.as_ref(), &path)?;
        }
        if let (Some(naming), Some((_, probabilities))) = (&mut self.all_screen, screening.scores) {
            let path = naming.path(photo);
            let named = named(&screening.finding);
            let screen = Screen::AllClasses(AllClassesScreen { probabilities, named });
            self.draw(&screen, None, &path)?;
        }
        if let Some(picture) = found.small {
            let label = photo.file_name().unwrap_or(photo.as_os_str()).to_string_lossy().into_owned();
            self.tiles.push(Tile { label, picture, finding: screening.finding });
        }
        Ok(())
    }

    /// Draws the contact sheet.
    pub(super) fn finish(mut self) -> Result<(), png_file::PngFileError> {
        let Some(path) = self.sheet else { return Ok(()) };
        let fonts = self.fonts.get_or_insert_with(Fonts::embedded);
        let sheet = contact_sheet(&self.tiles, &self.bundle, self.texts, fonts);
        png_file::write(&to_frame(&sheet), path)
    }

    fn draw(&mut self, screen: &Screen, face: Option<&FaceCrop>, path: &Path) -> Result<(), png_file::PngFileError> {
        let fonts = self.fonts.get_or_insert_with(Fonts::embedded);
        let scene = Scene { screen, bundle: Some(&self.bundle), picture: None, face };
        png_file::write(&to_frame(&render(&scene, self.size, self.texts, fonts)), path)
    }
}

/// The classes that a finding names.
pub(in crate::cmd) fn named(finding: &Finding) -> Vec<Syndrome> {
    match finding {
        Finding::Resembles(classes) => classes.iter().map(|found| found.class).collect(),
        _ => Vec::new(),
    }
}

/// Which file each photograph's picture goes to.
struct Naming<'a> {
    out: &'a Path,
    several: bool,
    used: HashSet<PathBuf>,
}

impl Naming<'_> {
    /// `OUT.png`; with several photographs `OUT-<photo>.png`, and `OUT-<photo>-2.png` for another of the same name.
    fn path(&mut self, photo: &Path) -> PathBuf {
        if !self.several {
            return self.out.to_owned();
        }
        let with = |ending: &str| {
            let mut name = OsString::from(self.out.file_stem().unwrap_or_default());
            name.push("-");
            name.push(photo.file_stem().unwrap_or_default());
            name.push(ending);
            name.push(".");
            name.push(self.out.extension().unwrap_or("png".as_ref()));
            self.out.with_file_name(name)
        };
        let mut path = with("");
        for number in 2.. {
            if self.used.insert(path.clone()) {
                break;
            }
            path = with(&format!("-{number}"));
        }
        path
    }
}

/// The photograph at a size that a contact sheet needs: every square block of pixels averaged.
pub(super) fn smaller(frame: &Frame) -> Frame {
    let block = frame.width().max(frame.height()).div_ceil(SMALL_SIDE).max(1);
    let (width, height) = ((frame.width() / block).max(1), (frame.height() / block).max(1));
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let (right, bottom) = (((x + 1) * block).min(frame.width()), ((y + 1) * block).min(frame.height()));
        let mut sum = [0_u32; 3];
        let mut count = 0;
        for (column, row) in (y * block..bottom).flat_map(|row| (x * block..right).map(move |column| (column, row))) {
            for (sum, value) in sum.iter_mut().zip(frame.pixel(column, row)) {
                *sum += u32::from(value);
            }
            count += 1;
        }
        rgb.extend(sum.map(|sum| (sum / count.max(1)) as u8));
    }
    Frame::new(width, height, rgb).expect("every pixel was pushed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_photographs_never_share_a_file() {
        let mut naming = Naming { out: Path::new("d/out.png"), several: true, used: HashSet::new() };
        assert_eq!(naming.path(Path::new("a/x.jpg")), Path::new("d/out-x.png"));
        assert_eq!(naming.path(Path::new("b/x.jpg")), Path::new("d/out-x-2.png"));
        assert_eq!(naming.path(Path::new("c/x.png")), Path::new("d/out-x-3.png"));
        let mut one = Naming { out: Path::new("out.png"), several: false, used: HashSet::new() };
        assert_eq!(one.path(Path::new("a/x.jpg")), Path::new("out.png"));
    }

    #[test]
    fn smaller_keeps_the_shape_and_averages() {
        let frame = Frame::new(1000, 2, [0, 0, 0, 200, 100, 50].repeat(1000)).unwrap();
        let small = smaller(&frame);
        assert_eq!((small.width(), small.height()), (333, 1));
        let tiny = Frame::new(1, 1, vec![9, 8, 7]).unwrap();
        assert_eq!(smaller(&tiny), tiny);
    }
}
