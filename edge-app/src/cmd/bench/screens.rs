//! `edge-app bench --screens`: how long the live screen takes, stage by stage.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use lakshan_core::Frame;
use serde::Serialize;

use crate::screen::{AimScreen, FaceBox, Fonts, Guidance, Painter, Scene, Screen, Size, render, samples};
use crate::text::Texts;

/// Size of the live picture, pixels: what cameras give at 30 a second.
const PICTURE: (u32, u32) = (1280, 720);
/// Runs of what is slow and happens seldom.
const SELDOM: usize = 9;

/// Median times in milliseconds.
#[derive(Debug, Serialize)]
struct Stages {
    size: String,
    language: String,
    /// Entering the fonts into their list, at the start.
    fonts_ms: f64,
    /// The first screen of a language: its fonts are parsed, its words shaped.
    first_screen_ms: f64,
    /// A new instruction: all of the aim screen, with its words.
    new_instruction_ms: f64,
    /// One frame after another: live picture, face box and ring.
    frame_ms: f64,
    /// The slowest of twenty frames, as a median of each twenty would hide it.
    frame_p95_ms: f64,
    frames_per_s: f64,
    /// The result screen.
    result_ms: f64,
}

/// Measures and prints.
pub(super) fn run(size: Size, language: &str, runs: usize, json: bool) -> anyhow::Result<()> {
    let texts = Texts::load(language)?;
    let fonts = times(SELDOM, |_| drop(Fonts::embedded()));
    let picture = noise();
    let aim = |guidance, run: usize| {
        let face = Some(FaceBox { x: 0.3, y: 0.2, width: 0.3, height: 0.5 });
        Screen::Aim(AimScreen { guidance, face, steady: (run % 30) as f32 / 30.0 })
    };
    let first = times(SELDOM, |_| {
        let (screen, mut painter) = (aim(Guidance::Good, 0), Painter::new(Fonts::embedded()));
        painter.paint(&scene(&screen, &picture), size, &texts);
    });
    let mut painter = Painter::new(Fonts::embedded());
    let new = times(2 * SELDOM, |run| {
        let screen = aim(Guidance::ALL[run % Guidance::ALL.len()], 0);
        painter.paint(&scene(&screen, &picture), size, &texts);
    });
    painter.paint(&scene(&aim(Guidance::Good, 0), &picture), size, &texts);
    let frames = times(runs, |run| {
        let screen = aim(Guidance::Good, run);
        painter.paint(&scene(&screen, &picture), size, &texts);
    });
    let result = samples::all().into_iter().find(|sample| sample.name == "result-three").expect("a sample");
    let mut fonts_kept = Fonts::embedded();
    let results = times(SELDOM, |_| drop(render(&result.scene(), size, &texts, &mut fonts_kept)));
    let stages = Stages {
        size: format!("{}x{}", size.width(), size.height()),
        language: language.to_owned(),
        fonts_ms: median(&fonts),
        first_screen_ms: median(&first),
        new_instruction_ms: median(&new),
        frame_ms: median(&frames),
        frame_p95_ms: ms(frames[(frames.len() * 95).div_ceil(100) - 1]),
        frames_per_s: 1e3 / median(&frames),
        result_ms: median(&results),
    };
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &stages)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(out, "screen {}, language {}, live picture {}x{}", stages.size, language, PICTURE.0, PICTURE.1)?;
    for (name, value) in [
        ("list of fonts", stages.fonts_ms),
        ("first screen of a language", stages.first_screen_ms),
        ("new instruction", stages.new_instruction_ms),
        ("frame of the live picture", stages.frame_ms),
        ("the same, 95 % within", stages.frame_p95_ms),
        ("result screen", stages.result_ms),
    ] {
        writeln!(out, "{name:28} {value:8.2} ms")?;
    }
    writeln!(out, "{:28} {:8.0} a second", "so the renderer could give", stages.frames_per_s)?;
    Ok(())
}

fn scene<'a>(screen: &'a Screen, picture: &'a Frame) -> Scene<'a> {
    Scene { screen, bundle: None, picture: Some(picture), face: None }
}

/// A picture that no flat-colour short cut could speed up.
fn noise() -> Frame {
    let (width, height) = PICTURE;
    let rgb = (0..width * height * 3).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    Frame::new(width, height, rgb).expect("every pixel is given")
}

/// The times of `count` runs, the shortest first.
fn times(count: usize, mut run: impl FnMut(usize)) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..count)
        .map(|at| {
            let start = Instant::now();
            run(at);
            start.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn median(times: &[Duration]) -> f64 {
    ms(times[times.len() / 2])
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
