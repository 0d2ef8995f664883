//! Lays a photograph on grey, packs it as YUYV (BT.601, limited range) and writes the bytes: what the emulated camera of
//! tests/vm is fed with.
//!
//! `cargo run --release -p edge-app --example yuyv -- PHOTO 1280 720 OUT.yuyv [SIDE]`; SIDE makes the photograph that wide.

use std::error::Error;

use image::RgbImage;
use image::imageops::{FilterType, resize};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (photo, width, height, out, side) = match arguments.as_slice() {
        [photo, width, height, out] => (photo, width, height, out, None),
        [photo, width, height, out, side] => (photo, width, height, out, Some(side.parse::<u32>()?)),
        _ => return Err("usage: yuyv PHOTO WIDTH HEIGHT OUT [SIDE]".into()),
    };
    let (width, height): (u32, u32) = (width.parse()?, height.parse()?);
    let frame = lakshan_vision::open(photo)?;
    let picture = RgbImage::from_raw(frame.width(), frame.height(), frame.rgb().to_vec()).ok_or("no picture")?;
    let picture = match side {
        Some(side) => resize(&picture, side, (side * frame.height() / frame.width()).max(1), FilterType::Triangle),
        None => picture,
    };
    if picture.width() > width || picture.height() > height {
        return Err(format!("the photograph is {}x{}", picture.width(), picture.height()).into());
    }
    let (left, top) = ((width - picture.width()) / 2, (height - picture.height()) / 2);
    let yuv = |x: u32, y: u32| {
        let inside = x.checked_sub(left).zip(y.checked_sub(top));
        let inside = inside.and_then(|(x, y)| picture.get_pixel_checked(x, y));
        let [r, g, b] = inside.map_or([128; 3], |pixel| pixel.0).map(f32::from);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        [
            16.0 + luma * 219.0 / 255.0,
            128.0 + (b - luma) / 1.772 * 224.0 / 255.0,
            128.0 + (r - luma) / 1.402 * 224.0 / 255.0,
        ]
    };
    let byte = |value: f32| value.round().clamp(0.0, 255.0) as u8;
    let mut bytes = Vec::with_capacity(width as usize * height as usize * 2);
    for (x, y) in (0..height).flat_map(|y| (0..width).step_by(2).map(move |x| (x, y))) {
        let (a, b) = (yuv(x, y), yuv(x + 1, y));
        bytes.extend([byte(a[0]), byte((a[1] + b[1]) / 2.0), byte(b[0]), byte((a[2] + b[2]) / 2.0)]);
    }
    Ok(std::fs::write(out, bytes)?)
}
