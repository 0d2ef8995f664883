//! `edge-app display`: which screens there are, and a test picture on one.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tiny_skia::{Color, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::Outcome;
use super::config::ConfigArgument;
use crate::display::{self, DisplayChoice, kms};
use crate::screen::Size;
use crate::stop::Stop;

/// Look at the screens, or show a test picture (feature `kms` or `window`).
#[derive(Debug, Args)]
pub struct Display {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every connector of every graphics card, with the sizes that its screen can show.
    List,
    /// Show bars of colour with a frame around them and something that moves, and count the pictures a second.
    Test {
        /// auto, kms, window or png:DIR [default: the configuration's].
        #[arg(long, value_name = "DISPLAY")]
        display: Option<DisplayChoice>,

        /// How long, in seconds.
        #[arg(long, value_name = "N", default_value_t = 5)]
        seconds: u64,

        #[command(flatten)]
        config: ConfigArgument,
    },
}

impl Display {
    /// Lists or shows.
    ///
    /// # Errors
    /// When this build has no such screen, or it cannot be used.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::List => list(),
            Action::Test { display, seconds, config } => {
                let mut config = config.load()?;
                config.display = display.unwrap_or(config.display);
                test(&config, Duration::from_secs(seconds))
            }
        }
    }
}

fn list() -> anyhow::Result<Outcome> {
    let connectors = kms::connectors()?;
    if connectors.is_empty() {
        eprintln!("no graphics cards: there is no /dev/dri, or its driver is not loaded");
    }
    let mut out = io::stdout().lock();
    for connector in connectors {
        let state = match connector.connected {
            Some(true) => "connected",
            Some(false) => "no screen",
            None => "unknown",
        };
        writeln!(out, "{}  {}  {state}", connector.device.display(), connector.name)?;
        for mode in connector.modes {
            let mark = if mode.preferred { "  preferred" } else { "" };
            writeln!(out, "  {}x{} at {} Hz{mark}", mode.width, mode.height, mode.refresh_hz)?;
        }
    }
    Ok(Outcome::Done)
}

fn test(config: &crate::config::Config, limit: Duration) -> anyhow::Result<Outcome> {
    let stop = Stop::on_signals()?;
    let mut opened = display::open(&config.display, &config.display_wishes)?;
    let size = opened.display.size();
    let start = Instant::now();
    let mut pictures = 0;
    while start.elapsed() < limit && !stop.is_requested() {
        let Some(picture) = test_picture(size, start.elapsed()) else { anyhow::bail!("the screen has no pixels") };
        opened.display.show(&picture)?;
        pictures += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    drop(opened.display);
    writeln!(
        io::stdout().lock(),
        "{}: {pictures} pictures, {:.1} a second",
        opened.about,
        f64::from(pictures) / seconds
    )?;
    Ok(Outcome::Done)
}

/// Eight bars from white to black, a frame at the very edge, and a block that crosses once in two seconds: a torn
/// picture shows at its sides.
fn test_picture(size: Size, at: Duration) -> Option<Pixmap> {
    const BARS: [[u8; 3]; 8] = [
        [255, 255, 255],
        [255, 255, 0],
        [0, 255, 255],
        [0, 255, 0],
        [255, 0, 255],
        [255, 0, 0],
        [0, 0, 255],
        [0, 0, 0],
    ];
    let (width, height) = (size.width() as f32, size.height() as f32);
    let mut picture = Pixmap::new(size.width(), size.height())?;
    let mut paint = Paint::default();
    for (index, [red, green, blue]) in BARS.into_iter().enumerate() {
        paint.set_color_rgba8(red, green, blue, 255);
        let bar = Rect::from_xywh(width / 8.0 * index as f32, 0.0, width / 8.0 + 1.0, height)?;
        picture.fill_rect(bar, &paint, Transform::identity(), None);
    }
    paint.set_color(Color::from_rgba8(128, 128, 128, 255));
    let way = (at.as_secs_f32() / 2.0).fract();
    let block = Rect::from_xywh(way * (width - 60.0), height * 0.4, 60.0, height * 0.2)?;
    picture.fill_rect(block, &paint, Transform::identity(), None);
    let edge = PathBuilder::from_rect(Rect::from_xywh(1.0, 1.0, width - 2.0, height - 2.0)?);
    let stroke = Stroke { width: 2.0, ..Stroke::default() };
    picture.stroke_path(&edge, &paint, &stroke, Transform::identity(), None);
    Some(picture)
}
