//! `edge-app gallery`: the device's screens as PNG files, in any language and size, with made-up contents.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::Outcome;
use super::classify::parse_size;
use crate::png_file;
use crate::screen::samples::{self, Sample};
use crate::screen::{Fonts, Size, cut_texts, render, to_frame};
use crate::text::Texts;

/// Draw the device's screens into PNG files, with made-up contents and a drawn face.
///
/// A text that does not fit on its screen is reported, and the exit status is 1.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Gallery {
    /// The screens, by name or the beginning of a name [default: all of them].
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// The folder for `NAME.png`; it must exist.
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    out: Option<PathBuf>,

    /// Print the names of the screens instead.
    #[arg(long)]
    list: bool,

    /// The size of the screens in pixels.
    #[arg(long, value_name = "WxH", default_value = "800x480", value_parser = parse_size)]
    screen_size: Size,

    /// The language of the words.
    #[arg(long, value_name = "CODE", default_value = "en")]
    lang: String,
}

const EXAMPLES: &str = "\
Examples:
  edge-app gallery --list
  edge-app gallery --out /tmp --lang hi                                every screen in Hindi
  edge-app gallery --out /tmp --lang ur --screen-size 480x320 aim result-one";

impl Gallery {
    /// Draws and writes.
    ///
    /// # Errors
    /// When there is no such screen or language, or a file cannot be written.
    pub fn run(self) -> anyhow::Result<Outcome> {
        let mut samples = samples::all();
        if let Some(unknown) = self.names.iter().find(|name| !samples.iter().any(|s| s.name.starts_with(*name))) {
            bail!("there is no screen '{unknown}'; `edge-app gallery --list` names them");
        }
        samples.retain(|sample| self.names.is_empty() || self.names.iter().any(|name| sample.name.starts_with(name)));
        let mut out = io::stdout().lock();
        let Some(folder) = self.out.filter(|_| !self.list) else {
            for Sample { name, .. } in &samples {
                writeln!(out, "{name}")?;
            }
            return Ok(Outcome::Done);
        };
        let texts = Texts::load(&self.lang)?;
        let mut fonts = Fonts::embedded();
        let mut outcome = Outcome::Done;
        for sample in &samples {
            let path = folder.join(format!("{}.png", sample.name));
            let pixels = render(&sample.scene(), self.screen_size, &texts, &mut fonts);
            png_file::write(&to_frame(&pixels), &path).context("cannot draw the gallery")?;
            writeln!(out, "{}", path.display())?;
            for text in cut_texts(&sample.scene(), self.screen_size, &texts, &mut fonts) {
                eprintln!("warning: {}: does not fit: {text}", sample.name);
                outcome = Outcome::PartlyFailed;
            }
        }
        Ok(outcome)
    }
}
