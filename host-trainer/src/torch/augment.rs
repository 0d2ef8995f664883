//! Random views of a face crop, on 8-bit pixels, before it becomes a tensor.
//!
//! Geometry moves the face as a whole (a few degrees and per cent, a mirror image), never one part of it against another:
//! distances between eyes, lengths of nose and philtrum and the size of an asymmetry are the signs. Light and camera vary
//! widely. Nothing is erased: an ear or a lip may be the sign. How much of each is in the recipe.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use lakshan_core::preprocess::SIZE;

use super::recipe::Views;
use crate::chance::Chance;

/// What fills the outside: the tensor's zero.
const OUTSIDE: f32 = 128.0;

/// A random view of `crop` (224 x 224 RGB), `side` pixels square.
pub fn view(crop: &[u8], side: usize, views: &Views, chance: &mut Chance) -> Vec<u8> {
    let mut rgb = place(crop, &Placement::draw(views, chance));
    if chance.happens(views.blur) {
        soften(&mut rgb, SIZE, chance.range(0.2, 1.0));
    }
    relight(&mut rgb, views, chance);
    if chance.happens(views.noise) {
        add_noise(&mut rgb, chance.range(1.0, 7.0), chance);
    }
    if chance.happens(views.jpeg) {
        rgb = recompress(rgb, 40 + chance.below(50) as u8);
    }
    resize(&rgb, side)
}

/// The crop as it is, `side` pixels square.
pub fn resize(crop: &[u8], side: usize) -> Vec<u8> {
    if side == SIZE {
        return crop.to_vec();
    }
    let source = ImageRef::new(SIZE as u32, SIZE as u32, crop, PixelType::U8x3).expect("a crop of the one size");
    let mut target = Image::new(side as u32, side as u32, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize(&source, &mut target, &options).expect("both pictures are RGB and not empty");
    target.into_vec()
}

/// Where the view lies in the crop.
struct Placement {
    mirrored: bool,
    turn: f32,
    zoom: f32,
    shift: [f32; 2],
}

impl Placement {
    fn draw(views: &Views, chance: &mut Chance) -> Self {
        Self {
            mirrored: chance.happens(views.mirror),
            turn: chance.range(-views.turn_deg, views.turn_deg).to_radians(),
            zoom: 1.0 + chance.range(-views.zoom, views.zoom),
            shift: [chance.range(-views.shift, views.shift), chance.range(-views.shift, views.shift)],
        }
    }
}

/// Samples the crop bilinearly at the view's pixels.
fn place(crop: &[u8], placement: &Placement) -> Vec<u8> {
    let centre = (SIZE as f32 - 1.0) / 2.0;
    let (sin, cos) = placement.turn.sin_cos();
    let (sin, cos) = (sin / placement.zoom, cos / placement.zoom);
    let [shift_x, shift_y] = placement.shift.map(|share| share * SIZE as f32);
    let mirror = if placement.mirrored { -1.0 } else { 1.0 };
    let mut out = Vec::with_capacity(crop.len());
    for row in 0..SIZE {
        let dy = row as f32 - centre;
        for column in 0..SIZE {
            let dx = (column as f32 - centre) * mirror;
            let x = cos * dx - sin * dy + centre + shift_x;
            let y = sin * dx + cos * dy + centre + shift_y;
            out.extend(sample(crop, x, y));
        }
    }
    out
}

fn sample(crop: &[u8], x: f32, y: f32) -> [u8; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    let (left, top) = (left as i32, top as i32);
    let at = |x: i32, y: i32, channel: usize| {
        let inside = (0..SIZE as i32).contains(&x) && (0..SIZE as i32).contains(&y);
        if inside { f32::from(crop[(y as usize * SIZE + x as usize) * 3 + channel]) } else { OUTSIDE }
    };
    std::array::from_fn(|channel| {
        let upper = at(left, top, channel) * (1.0 - fx) + at(left + 1, top, channel) * fx;
        let lower = at(left, top + 1, channel) * (1.0 - fx) + at(left + 1, top + 1, channel) * fx;
        (upper * (1.0 - fy) + lower * fy + 0.5) as u8
    })
}

/// Brightness, contrast, gamma and white balance: one table a channel, so that what is paler or redder than the skin around
/// it stays so. Sometimes no colour at all.
fn relight(rgb: &mut [u8], views: &Views, chance: &mut Chance) {
    let light = views.light;
    let gain = 1.0 + light * chance.range(-0.3, 0.3);
    let contrast = 1.0 + light * chance.range(-0.25, 0.25);
    let gamma = 1.0 + light * chance.range(-0.2, 0.25);
    let (warm, green) = (light * chance.range(-0.1, 0.1), light * chance.range(-0.04, 0.04));
    let balance = [1.0 + warm, 1.0 + green, 1.0 - warm];
    let grey = chance.happens(views.grey);
    let tables: [[u8; 256]; 3] = balance.map(|balance| {
        std::array::from_fn(|value| {
            let value = (value as f32 / 255.0).powf(gamma.max(0.1)) * gain.max(0.0) * balance;
            let value = (value - 0.5) * contrast + 0.5;
            (value * 255.0).clamp(0.0, 255.0).round() as u8
        })
    });
    for pixel in rgb.chunks_exact_mut(3) {
        for (value, table) in pixel.iter_mut().zip(&tables) {
            *value = table[usize::from(*value)];
        }
        if grey {
            let luma = (299 * u32::from(pixel[0]) + 587 * u32::from(pixel[1]) + 114 * u32::from(pixel[2])) / 1000;
            pixel.fill(luma as u8);
        }
    }
}

/// Mixes the picture with its 3x3 mean, twice; `share` 0 is sharp, 1 is the mean.
fn soften(rgb: &mut Vec<u8>, side: usize, share: f32) {
    let weight = (share * 256.0) as u32;
    for _ in 0..2 {
        let mut out = rgb.clone();
        for row in 1..side - 1 {
            for at in (row * side + 1) * 3..(row * side + side - 1) * 3 {
                let mut sum = 0_u32;
                for line in [at - side * 3, at, at + side * 3] {
                    sum += u32::from(rgb[line - 3]) + u32::from(rgb[line]) + u32::from(rgb[line + 3]);
                }
                out[at] = ((sum * weight / 9 + u32::from(rgb[at]) * (256 - weight)) >> 8) as u8;
            }
        }
        *rgb = out;
    }
}

/// Adds noise that is nearly Gaussian (the sum of four uniform numbers) of the given standard deviation.
fn add_noise(rgb: &mut [u8], deviation: f32, chance: &mut Chance) {
    // Four bytes of 0..255 have a standard deviation of 147.8.
    let scale = deviation / 147.8;
    for value in rgb {
        let sum: u32 = chance.bits().to_le_bytes().into_iter().map(u32::from).sum();
        *value = (f32::from(*value) + (sum as f32 - 510.0) * scale).round().clamp(0.0, 255.0) as u8;
    }
}

fn recompress(rgb: Vec<u8>, quality: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(&rgb, SIZE as u32, SIZE as u32, image::ExtendedColorType::Rgb8)
        .expect("encoding into memory does not fail");
    image::load_from_memory(&jpeg).expect("our own JPEG decodes").into_rgb8().into_raw()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torch::recipe::Recipe;

    fn views() -> Views {
        Recipe::default().views
    }

    fn crop() -> Vec<u8> {
        (0..SIZE * SIZE * 3).map(|at| ((at / 3 % SIZE) / 2 + (at / 3 / SIZE) / 4 + at % 3 * 20) as u8).collect()
    }

    #[test]
    fn the_same_chance_gives_the_same_view() {
        for index in 0..20 {
            let view = || super::view(&crop(), 64, &views(), &mut Chance::new("test", &[index]));
            assert_eq!(view(), view());
            assert_eq!(view().len(), 64 * 64 * 3);
        }
        assert_ne!(
            super::view(&crop(), 64, &views(), &mut Chance::new("test", &[1])),
            super::view(&crop(), 64, &views(), &mut Chance::new("test", &[2]))
        );
    }

    #[test]
    fn views_of_no_strength_are_the_crop() {
        let still = Views {
            mirror: 0.0,
            turn_deg: 0.0,
            zoom: 0.0,
            shift: 0.0,
            light: 0.0,
            blur: 0.0,
            noise: 0.0,
            jpeg: 0.0,
            grey: 0.0,
            ..views()
        };
        assert_eq!(super::view(&crop(), SIZE, &still, &mut Chance::new("test", &[1])), crop());
    }

    #[test]
    fn an_unmoved_view_is_the_crop() {
        let still = Placement { mirrored: false, turn: 0.0, zoom: 1.0, shift: [0.0; 2] };
        assert_eq!(place(&crop(), &still), crop());
        let mirrored = place(&crop(), &Placement { mirrored: true, ..still });
        assert_eq!(mirrored[..3], crop()[(SIZE - 1) * 3..SIZE * 3]);
    }

    #[test]
    fn geometry_moves_no_landmark_far() {
        // A white dot where an eye lies must stay within a tenth of the side.
        let (x, y) = (SIZE * 2 / 5, SIZE * 46 / 100);
        let mut dot = vec![0; SIZE * SIZE * 3];
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            dot[((y + dy) * SIZE + x + dx) * 3..][..3].fill(255);
        }
        for index in 0..50 {
            let mut placement = Placement::draw(&views(), &mut Chance::new("test", &[index]));
            placement.mirrored = false;
            let view = place(&dot, &placement);
            let inner = |at: &usize| (30..SIZE - 30).contains(&(at % SIZE)) && (30..SIZE - 30).contains(&(at / SIZE));
            let brightest = (0..SIZE * SIZE).filter(inner).max_by_key(|at| view[at * 3]).unwrap();
            let moved = (brightest % SIZE).abs_diff(x).max((brightest / SIZE).abs_diff(y));
            assert!(moved < SIZE / 10, "{moved}");
        }
    }
}
