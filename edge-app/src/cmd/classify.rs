//! `edge-app classify`: the findings for photographs that lie in files.

mod json;
pub(in crate::cmd) mod pictures;
mod pool;
mod words;

use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use lakshan_core::Frame;
use lakshan_engine::{Bundle, Options};

use super::Outcome;
use crate::screen::Size;
use crate::screening::{Screener, Screening};
use crate::text::Texts;
use crate::{bundle_search, report};

/// Say what the faces in photographs look like.
///
/// For each photograph: the finding in words, all 12 classes with their probabilities, where the face is, the time of
/// each stage, and the bundle that says so. A photograph that cannot be read gets its own error, and the others go on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Classify {
    /// JPEG, PNG or WebP files.
    #[arg(required = true, value_name = "PHOTO")]
    photos: Vec<PathBuf>,

    #[command(flatten)]
    bundle: BundleArgument,

    /// Print one JSON object a line, for programs.
    #[arg(long)]
    json: bool,

    /// Draw the device's result screen into a PNG file. With several photographs, one file each: `OUT-<photo>.png`.
    /// It shows the face.
    #[arg(long, value_name = "OUT.png")]
    screen: Option<PathBuf>,

    /// Draw the device's screen with all 12 classes into a PNG file; several photographs as with --screen.
    #[arg(long, value_name = "OUT.png")]
    all_screen: Option<PathBuf>,

    /// The size of those screens in pixels.
    #[arg(long, value_name = "WxH", default_value = "800x480", value_parser = parse_size)]
    screen_size: Size,

    /// Draw all photographs, each with its finding, into one PNG file. It shows the photographs, made smaller.
    #[arg(long, value_name = "OUT.png")]
    contact_sheet: Option<PathBuf>,

    /// The language of the words.
    #[arg(long, value_name = "CODE", default_value = "en")]
    lang: String,

    /// How many photographs are worked on at the same time [default: the number of processors].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

const EXAMPLES: &str = "\
Examples:
  edge-app classify models/samples/*.jpg
  edge-app classify --json photos/*.jpg | jq -r '[.photo, .finding.kind] | @tsv'
  edge-app classify --bundle /media/usb/bundle --screen result.png photo.jpg
  edge-app classify --contact-sheet sheet.png models/samples/*.jpg

A finding is one of: take the photo again (why), not clear, no match among these 12, looks similar to one to three
classes. It is a sign, never a diagnosis, and the absence of one clears nobody.";

/// Which bundle to use.
#[derive(Debug, Args)]
pub struct BundleArgument {
    /// The folder of the bundle [default: models/demo here, then ../share/lakshan/bundle beside the program's folder,
    /// then /usr/share/lakshan/bundle].
    #[arg(long, value_name = "DIR", env = "LAKSHAN_BUNDLE")]
    bundle: Option<PathBuf>,
}

impl BundleArgument {
    /// Finds, reads and checks it.
    ///
    /// # Errors
    /// When there is none, or its first fault.
    pub fn open(&self) -> anyhow::Result<Bundle> {
        self.open_with(Options::default())
    }

    /// The same, with a choice of threads and arithmetic.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(&self, options: Options) -> anyhow::Result<Bundle> {
        let folder = self.folder()?;
        Bundle::open_with(&folder, options).with_context(|| format!("cannot use the bundle {}", folder.display()))
    }

    /// Whether one was named.
    pub fn is_named(&self) -> bool {
        self.bundle.is_some()
    }

    /// Its folder: the one that was named, or the first of the usual places.
    ///
    /// # Errors
    /// When none is named and none is found.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.bundle {
            return Ok(folder.clone());
        }
        let current = std::env::current_dir().context("cannot tell the current folder")?;
        let current = if current.join(bundle_search::IN_PROJECT).is_dir() { PathBuf::new() } else { current };
        Ok(bundle_search::find(&current, std::env::current_exe().ok().as_deref())?)
    }
}

/// A screen's size such as `800x480`.
pub(super) fn parse_size(text: &str) -> Result<Size, String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    let (width, height) = sides.ok_or("expected WIDTHxHEIGHT, such as 800x480")?;
    Size::new(width, height).ok_or_else(|| format!("each side must be {} to {} pixels", Size::LEAST, Size::LARGEST))
}

/// One photograph's results, ready to be printed and drawn.
pub(super) struct Classified {
    pub(super) screening: Screening,
    pub(super) decode: Duration,
    pub(super) total: Duration,
    /// The photograph, made smaller; only when a contact sheet asks for it.
    pub(super) small: Option<Frame>,
}

impl Classify {
    /// Classifies the photographs in order.
    ///
    /// # Errors
    /// When language or bundle cannot be used, or an output cannot be written.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let texts = Texts::load(&self.lang)?;
        let bundle = self.bundle.open()?;
        let screener = Screener::new(bundle).context("cannot load the face detector")?;
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);

        let mut out = BufWriter::new(io::stdout().lock());
        let mut pictures = pictures::Pictures::new(&self, screener.bundle().manifest(), &texts);
        let mut outcome = Outcome::Done;
        let work = |photo: &PathBuf| classify(&screener, photo, self.contact_sheet.is_some());
        pool::in_order(&self.photos, threads, work, |photo, result| {
            match result {
                Ok(classified) => {
                    let manifest = screener.bundle().manifest();
                    if self.json {
                        json::write(&mut out, photo, &classified, manifest)?;
                    } else {
                        words::write(&mut out, photo, &classified, manifest, &texts)?;
                    }
                    out.flush()?;
                    pictures.add(photo, classified)?;
                }
                Err(error) => {
                    report::print(&error);
                    outcome = Outcome::PartlyFailed;
                }
            }
            anyhow::Ok(())
        })?;
        pictures.finish()?;
        Ok(outcome)
    }
}

/// One photograph from its file to its finding. The pixels are wiped before this returns.
fn classify(screener: &Screener, photo: &Path, keep_small: bool) -> anyhow::Result<Classified> {
    let failed = || format!("cannot classify {}", photo.display());
    let start = Instant::now();
    let mut frame = lakshan_vision::open(photo).with_context(failed)?;
    let decode = start.elapsed();
    let screening = screener.screen(&frame);
    let total = start.elapsed();
    let small = keep_small.then(|| pictures::smaller(&frame));
    frame.wipe();
    Ok(Classified { screening: screening.with_context(failed)?, decode, total, small })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_width_by_height() {
        assert_eq!(parse_size("800x480"), Ok(Size::DEVICE));
        assert!(parse_size("800").unwrap_err().contains("WIDTHxHEIGHT"));
        assert!(parse_size("10x10").unwrap_err().contains("320"));
    }
}
