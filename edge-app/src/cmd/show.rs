//! `edge-app show`: one photograph's screens in a window on a developer's PC.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::classify::pictures::named;
use super::classify::{BundleArgument, parse_size};
use crate::display::window;
use crate::screen::{AllClassesScreen, BundleLine, Fonts, ResultScreen, Scene, Screen, Size, render};
use crate::screening::Screener;
use crate::text::Texts;

/// Show one photograph's result screen in a window (feature `window`).
///
/// Space or Tab turns to all 12 classes and back; Escape or Q closes.
#[derive(Debug, Args)]
pub struct Show {
    /// A JPEG, PNG or WebP file.
    photo: PathBuf,

    #[command(flatten)]
    bundle: BundleArgument,

    /// The size of the screen in pixels.
    #[arg(long, value_name = "WxH", default_value = "800x480", value_parser = parse_size)]
    screen_size: Size,

    /// The language of the words.
    #[arg(long, value_name = "CODE", default_value = "en")]
    lang: String,
}

impl Show {
    /// Opens the window and waits until it is closed.
    ///
    /// # Errors
    /// When this build has no window support, or photograph, bundle or window cannot be opened.
    pub fn run(self) -> anyhow::Result<Outcome> {
        window::check()?;
        let texts = Texts::load(&self.lang)?;
        let screener = Screener::new(self.bundle.open()?).context("cannot load the face detector")?;
        let failed = || format!("cannot classify {}", self.photo.display());
        let mut frame = lakshan_vision::open(&self.photo).with_context(failed)?;
        let screening = screener.screen(&frame).with_context(failed)?;
        frame.wipe();

        let bundle = BundleLine::from(screener.bundle().manifest());
        let named = named(&screening.finding);
        let mut screens = vec![Screen::Result(ResultScreen { finding: screening.finding })];
        if let Some((_, probabilities)) = screening.scores {
            screens.push(Screen::AllClasses(AllClassesScreen { probabilities, named }));
        }
        let mut fonts = Fonts::embedded();
        let scene = |screen| Scene { screen, bundle: Some(&bundle), picture: None, face: screening.crop.as_ref() };
        let pages = screens.iter().map(|screen| render(&scene(screen), self.screen_size, &texts, &mut fonts)).collect();
        window::show("Lakshan", pages)?;
        Ok(Outcome::Done)
    }
}
