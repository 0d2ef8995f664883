//! The camera behind the lens: blur, vignette, exposure, white balance, noise, tone curve.

use image::RgbImage;

use crate::chance::{Chance, mix};
use crate::vector::{V3, v3};

/// One camera's faults in one photograph.
#[derive(Clone, Debug)]
pub(crate) struct Sensor {
    gain: f32,
    white: V3,
    vignette: f32,
    contrast: f32,
    saturation: f32,
    /// Standard deviation of the blur, pixels of a 512-pixel picture.
    blur_px: f32,
    /// Motion across the picture and down it, pixels of a 512-pixel picture.
    motion_px: (f32, f32),
    shot: f32,
    read: f32,
    noise_key: u64,
}

impl Sensor {
    /// Draws a camera. `brightness` is what it meters: about the linear light from the face.
    pub(crate) fn draw(chance: &mut Chance, brightness: f32) -> Self {
        // Cameras expose for the face, but only so far: dark skin stays darker than fair skin.
        let metered = (0.30 / brightness.max(0.02)).powf(0.62);
        let blurred = chance.happens(0.25);
        let moved = chance.happens(0.15);
        let (motion, angle) =
            (if moved { chance.range(1.0, 3.0) } else { 0.0 }, chance.range(0.0, std::f32::consts::TAU));
        let warm = chance.normal_within(0.05, 0.11);
        let green = chance.normal_within(0.015, 0.03);
        Self {
            gain: metered * 2.0_f32.powf(chance.normal_within(0.28, 0.6)),
            white: v3(1.0 + warm, 1.0 + green, 1.0 - warm),
            vignette: chance.range(0.0, 0.35),
            contrast: chance.range(0.9, 1.15),
            saturation: chance.range(0.85, 1.15),
            blur_px: if blurred { chance.range(0.7, 1.5) } else { chance.range(0.2, 0.6) },
            motion_px: (motion * angle.cos(), motion * angle.sin()),
            shot: chance.range(0.003, 0.022),
            read: chance.range(0.001, 0.008),
            noise_key: mix(&[u64::from(chance.below(1 << 24) as u32), u64::from(chance.below(1 << 24) as u32)]),
        }
    }

    /// Develops linear light, `size` x `size`, into a picture.
    pub(crate) fn develop(&self, mut light: Vec<V3>, size: usize) -> RgbImage {
        let unit = size as f32 / 512.0;
        blur(&mut light, size, self.blur_px * unit);
        if self.motion_px != (0.0, 0.0) {
            light = smear(&light, size, (self.motion_px.0 * unit, self.motion_px.1 * unit));
        }
        let curve = tone_curve(self.contrast);
        let mut noise = FastNoise(self.noise_key | 1);
        let mut picture = RgbImage::new(size as u32, size as u32);
        let middle = size as f32 / 2.0;
        for (i, (pixel, &l)) in picture.pixels_mut().zip(&light).enumerate() {
            let (x, y) = ((i % size) as f32 - middle, (i / size) as f32 - middle);
            let corner = (x * x + y * y) / (2.0 * middle * middle);
            let exposed = l.times(self.white) * (self.gain * (1.0 - self.vignette * corner));
            let grey = exposed.dot(v3(0.3, 0.59, 0.11));
            let exposed = V3::splat(grey).mix(exposed, self.saturation);
            let mut grain = |c: f32| c + noise.next() * (self.read + self.shot * c.max(0.0).sqrt());
            let noisy = v3(grain(exposed.x), grain(exposed.y), grain(exposed.z));
            let level = |c: f32| curve[((c * 1024.0).max(0.0) as usize).min(curve.len() - 1)];
            pixel.0 = [level(noisy.x), level(noisy.y), level(noisy.z)];
        }
        picture
    }
}

/// 8-bit levels for linear light in steps of 1/1024 up to 4: sRGB's gamma with a soft shoulder.
fn tone_curve(contrast: f32) -> Vec<u8> {
    (0..4096)
        .map(|i| {
            let c = i as f32 / 1024.0;
            let shoulder = if c < 0.6 { c } else { 0.6 + 0.42 * (1.0 - (-(c - 0.6) / 0.42).exp()) };
            let encoded = shoulder.powf(1.0 / 2.2);
            let pivot = 0.5;
            let level = pivot + (encoded - pivot) * contrast;
            (level * 255.0 + 0.5).clamp(0.0, 255.0) as u8
        })
        .collect()
}

/// Roughly normal noise, standard deviation 1: four bytes of an xorshift summed. Fast, as every pixel needs three.
struct FastNoise(u64);

impl FastNoise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bytes = (self.0 >> 32) as u32;
        let sum = (bytes & 255) + (bytes >> 8 & 255) + (bytes >> 16 & 255) + (bytes >> 24);
        // A sum of four uniform bytes has mean 510 and standard deviation 147.8.
        (sum as f32 - 510.0) / 147.8
    }
}

/// Separable Gaussian blur.
fn blur(light: &mut [V3], size: usize, sd: f32) {
    if sd < 0.25 {
        return;
    }
    let reach = (sd * 2.5).ceil() as usize;
    let weights: Vec<f32> = (0..=reach).map(|k| (-0.5 * (k as f32 / sd).powi(2)).exp()).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f32>();
    let scale = 1.0 / sum;
    let mut across = vec![V3::ZERO; light.len()];
    for (row, out) in light.chunks(size).zip(across.chunks_mut(size)) {
        for (i, out) in out.iter_mut().enumerate() {
            let mut total = row[i] * weights[0];
            for (k, w) in weights.iter().enumerate().skip(1) {
                total += (row[i.saturating_sub(k)] + row[(i + k).min(size - 1)]) * *w;
            }
            *out = total * scale;
        }
    }
    // Down the picture, a whole row at a time, so that memory is read in order.
    for (y, out) in light.chunks_mut(size).enumerate() {
        let row = |y: usize| &across[y * size..(y + 1) * size];
        for (out, &middle) in out.iter_mut().zip(row(y)) {
            *out = middle * (weights[0] * scale);
        }
        for (k, w) in weights.iter().enumerate().skip(1) {
            let (above, below) = (row(y.saturating_sub(k)), row((y + k).min(size - 1)));
            for (out, (&a, &b)) in out.iter_mut().zip(above.iter().zip(below)) {
                *out += (a + b) * (*w * scale);
            }
        }
    }
}

/// Motion blur: the mean of five shifted pictures.
fn smear(light: &[V3], size: usize, motion: (f32, f32)) -> Vec<V3> {
    let last = size as isize - 1;
    let mut out = vec![V3::ZERO; light.len()];
    for step in -2..=2_i32 {
        let part = step as f32 / 4.0;
        let (dx, dy) = ((motion.0 * part).round() as isize, (motion.1 * part).round() as isize);
        for y in 0..size {
            let row = (y as isize + dy).clamp(0, last) as usize * size;
            for x in 0..size {
                out[y * size + x] += light[row + (x as isize + dx).clamp(0, last) as usize] * 0.2;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_unit_variance() {
        let mut noise = FastNoise(12345);
        let n = 50_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = f64::from(noise.next());
            sum += x;
            squares += x * x;
        }
        assert!((sum / f64::from(n)).abs() < 0.03);
        assert!((squares / f64::from(n) - 1.0).abs() < 0.05);
    }

    #[test]
    fn blur_keeps_the_light() {
        let size = 32;
        let mut light = vec![V3::ZERO; size * size];
        light[16 * size + 16] = V3::splat(1.0);
        blur(&mut light, size, 1.0);
        let sum: f32 = light.iter().map(|l| l.x).sum();
        assert!((sum - 1.0).abs() < 1e-3);
        assert!(light[16 * size + 16].x < 0.2);
    }

    #[test]
    fn tone_curve_rises() {
        assert!(tone_curve(1.0).windows(2).all(|w| w[0] <= w[1]));
    }
}
