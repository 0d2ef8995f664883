//! Tests of the way from a file to a verdict.
//!
//! - [`decode`]: every kind of picture, orientation, and every bad file
//! - [`crop`]: geometry, and golden hashes that hold on every processor
//! - [`detect`]: faces that are the same on every processor
//! - [`verdicts`]: portraits accepted, altered portraits refused for the right reason

mod crop;
mod decode;
mod detect;
mod verdicts;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use lakshan_core::Frame;
use lakshan_vision::Analyser;

/// The portraits of tests/faces.
const PORTRAITS: [&str; 6] = ["B000755", "C001074", "F000448", "H001040", "J000174", "K000188"];

static ANALYSER: LazyLock<Analyser> = LazyLock::new(|| Analyser::new().expect("the embedded detector loads"));

fn test_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn portrait(name: &str) -> Frame {
    lakshan_vision::open(test_file(&format!("faces/{name}.jpg"))).expect("a portrait decodes")
}

/// A frame made pixel by pixel.
fn frame(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Frame {
    let rgb = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
    Frame::new(width, height, rgb).unwrap()
}

/// `picture` at column `left`, row `top` of a larger frame that is otherwise `fill`.
fn pasted(picture: &Frame, (left, top): (i64, i64), (width, height): (u32, u32), fill: [u8; 3]) -> Frame {
    frame(width, height, |x, y| {
        let (x, y) = (i64::from(x) - left, i64::from(y) - top);
        let inside = (0..i64::from(picture.width())).contains(&x) && (0..i64::from(picture.height())).contains(&y);
        if inside { picture.pixel(x as u32, y as u32) } else { fill }
    })
}

/// `picture` with its sides multiplied by `factor`, by bilinear interpolation.
fn scaled(picture: &Frame, factor: f64) -> Frame {
    let size = |side: u32| (f64::from(side) * factor).round() as u32;
    let buffer = image::RgbImage::from_raw(picture.width(), picture.height(), picture.rgb().to_vec()).unwrap();
    let (width, height) = (size(picture.width()), size(picture.height()));
    let scaled = image::imageops::resize(&buffer, width, height, image::imageops::FilterType::Triangle);
    Frame::new(width, height, scaled.into_raw()).unwrap()
}
