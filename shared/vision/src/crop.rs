//! Cuts the network's view of a face: a square turned so that the eyes are level, 224 x 224 pixels.
//!
//! Size and place come from [`preprocess`]. Outside the frame everything is mid-grey, which the network sees as zero.
//! A large photograph is first reduced by a whole factor (mean of each block), then sampled by bilinear interpolation on
//! two by two points a pixel; a small one is interpolated directly. Coordinates are 64-bit floats made with `+ - * / sqrt`
//! alone, weights are integers: every processor gives the same pixels.

use lakshan_core::{Face, FaceCrop, Frame, Point, preprocess, wipe};

/// Distance from the middle between the eyes to the mouth, in distances between the eyes, of a face that looks straight
/// ahead. The eyes draw together when a head turns aside, this distance does not; so the larger of the two measures holds.
const EYES_TO_MOUTH: f32 = 1.1;
/// The network's zero.
const OUTSIDE: u8 = preprocess::OFFSET as u8;
/// Half the width and half the height of the ellipse that holds vault, ears and chin, in distances between the eyes. Its
/// centre is the crop's.
const HEAD_RADII: (f64, f64) = (1.5, 1.9);
/// Steps of a bilinear weight.
const STEPS: u64 = 256;
/// The first and third of 16-bit numbers.
const RED_BLUE: u64 = 0xFFFF_0000_FFFF;

/// A crop, and how much of the head the frame holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Cropped {
    /// The pixels.
    pub crop: FaceCrop,
    /// Share of the head's ellipse in the crop that lies inside the frame, 0 to 1. Background beside the head may be
    /// missing.
    pub inside_fraction: f32,
}

/// The square in the frame: maps crop coordinates to frame coordinates.
struct Square {
    /// Frame position of the crop's upper left corner.
    origin: (f64, f64),
    /// Frame pixels for one crop pixel to the right.
    right: (f64, f64),
    /// Frame pixels for one crop pixel down.
    down: (f64, f64),
    /// Frame pixels a crop pixel, along a side.
    scale: f64,
}

impl Square {
    fn around(face: &Face) -> Self {
        let points = &face.keypoints;
        let (dx, dy) = (
            f64::from(points.left_eye.x) - f64::from(points.right_eye.x),
            f64::from(points.left_eye.y) - f64::from(points.right_eye.y),
        );
        let inter_eye = (dx * dx + dy * dy).sqrt();
        // Eyes in one place have no direction; the face is then taken as upright and the box gives the size.
        let (cos, sin) = if inter_eye > 0.0 { (dx / inter_eye, dy / inter_eye) } else { (1.0, 0.0) };
        let eyes = (
            (f64::from(points.left_eye.x) + f64::from(points.right_eye.x)) / 2.0,
            (f64::from(points.left_eye.y) + f64::from(points.right_eye.y)) / 2.0,
        );
        let to_mouth = distance(eyes, points.mouth);
        let unit = inter_eye.max(to_mouth / f64::from(EYES_TO_MOUTH)).max(1.0);
        let scale = unit * f64::from(preprocess::SIDE_PER_INTER_EYE) / preprocess::SIZE as f64;
        let (right, down) = ((cos * scale, sin * scale), (-sin * scale, cos * scale));
        let at_x = f64::from(preprocess::EYES_AT.x) * preprocess::SIZE as f64;
        let at_y = f64::from(preprocess::EYES_AT.y) * preprocess::SIZE as f64;
        let origin = (eyes.0 - right.0 * at_x - down.0 * at_y, eyes.1 - right.1 * at_x - down.1 * at_y);
        Self { origin, right, down, scale }
    }

    /// The frame position of a crop position.
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.origin.0 + self.right.0 * x + self.down.0 * y, self.origin.1 + self.right.1 * x + self.down.1 * y)
    }
}

fn distance(from: (f64, f64), to: Point) -> f64 {
    let (dx, dy) = (f64::from(to.x) - from.0, f64::from(to.y) - from.1);
    (dx * dx + dy * dy).sqrt()
}

/// Cuts the crop of `face` out of `frame`.
pub fn crop(frame: &Frame, face: &Face) -> Cropped {
    let square = Square::around(face);
    let factor = (square.scale as i64).max(1);
    let reduced = Reduced::of(frame, &square, factor);
    let steps = reduced.steps(&square);
    let samples: &[f64] = if square.scale > 1.0 { &[0.25, 0.75] } else { &[0.5] };
    // The mean of one sample or four is a shift.
    let (half, shift) = if samples.len() > 1 { (2, 2) } else { (0, 0) };
    // Of each sample in a row, how far the way to its column leads.
    let columns: Vec<(f64, f64)> = (0..preprocess::SIZE)
        .flat_map(|column| samples.iter().map(move |x| column as f64 + x))
        .map(|x| (steps.origin.0 + steps.right.0 * x, steps.origin.1 + steps.right.1 * x))
        .collect();

    let mut rgb = Vec::with_capacity(preprocess::SIZE * preprocess::SIZE * 3);
    let (mut head, mut inside) = (0_u32, 0_u32);
    for row in 0..preprocess::SIZE {
        for (column, across) in columns.chunks_exact(samples.len()).enumerate() {
            let mut sums = Mixed { red_blue: half | half << 32, green: half };
            for y in samples {
                let y = row as f64 + y;
                let down = (steps.down.0 * y, steps.down.1 * y);
                for (x, y) in across {
                    let sample = reduced.sample(x + down.0, y + down.1);
                    sums.red_blue += sample.red_blue;
                    sums.green += sample.green;
                }
            }
            rgb.extend([sums.red_blue, sums.green, sums.red_blue >> 32].map(|sum| (sum >> shift) as u8));
            if on_head(column as f64 + 0.5, row as f64 + 0.5) {
                let (x, y) = square.at(column as f64 + 0.5, row as f64 + 0.5);
                let across = (0.0..f64::from(frame.width())).contains(&x);
                head += 1;
                inside += u32::from(across && (0.0..f64::from(frame.height())).contains(&y));
            }
        }
    }
    let size = preprocess::SIZE as u32;
    let frame = Frame::new(size, size, rgb).expect("as many pixels as were looped over");
    Cropped { crop: FaceCrop::new(frame).expect("the crop's own size"), inside_fraction: inside as f32 / head as f32 }
}

/// Whether a position in the crop lies inside the head's ellipse.
fn on_head(x: f64, y: f64) -> bool {
    let size = preprocess::SIZE as f64;
    let unit = size / f64::from(preprocess::SIDE_PER_INTER_EYE);
    let (dx, dy) = ((x - size / 2.0) / (HEAD_RADII.0 * unit), (y - size / 2.0) / (HEAD_RADII.1 * unit));
    dx * dx + dy * dy <= 1.0
}

/// A colour, 0 to 255 for each channel; red in the lower half of its number, blue in the upper.
struct Mixed {
    red_blue: u64,
    green: u64,
}

/// The part of the frame under the square, reduced by a whole factor, with mid-grey where the frame ends.
struct Reduced {
    /// Red, green and blue with 16 bits each, the lowest first: a product with [`STEPS`] fits, so one multiplication
    /// serves all three.
    pixels: Vec<u64>,
    width: i64,
    height: i64,
    /// Frame position of its upper left corner.
    origin: (i64, i64),
    factor: i64,
}

impl Reduced {
    fn of(frame: &Frame, square: &Square, factor: i64) -> Self {
        let size = preprocess::SIZE as f64;
        let corners = [square.at(0.0, 0.0), square.at(size, 0.0), square.at(0.0, size), square.at(size, size)];
        let span = |of: fn(&(f64, f64)) -> f64| {
            let (low, high) = corners.iter().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
            // Two more on each side for the neighbours of a sample.
            let start = low.floor() as i64 - 2 * factor;
            (start, (high.ceil() as i64 + 2 * factor - start) / factor + 1)
        };
        let ((left, width), (top, height)) = (span(|corner| corner.0), span(|corner| corner.1));
        let mut pixels = Vec::with_capacity((width * height) as usize);
        let mut sums = vec![0_u32; (width * 3) as usize];
        let mean = Mean::of((factor * factor) as u32);
        for row in 0..height {
            sums.fill(0);
            for y in 0..factor {
                add_row(frame, top + row * factor + y, left, factor, &mut sums);
            }
            let pixel = |sums: &[u32]| {
                let [red, green, blue] = [sums[0], sums[1], sums[2]].map(|sum| u64::from(mean.divide(sum)));
                red | green << 16 | blue << 32
            };
            pixels.extend(sums.chunks_exact(3).map(pixel));
        }
        Self { pixels, width, height, origin: (left, top), factor }
    }

    /// The square, with positions in steps of this picture: [`STEPS`] for a pixel, from the centre of the first.
    fn steps(&self, square: &Square) -> Square {
        let (factor, unit) = (self.factor as f64, STEPS as f64);
        let step = |(x, y): (f64, f64)| (x / factor * unit, y / factor * unit);
        let (x, y) = (square.origin.0 - self.origin.0 as f64, square.origin.1 - self.origin.1 as f64);
        let (x, y) = step((x, y));
        Square {
            origin: (x - unit / 2.0, y - unit / 2.0),
            right: step(square.right),
            down: step(square.down),
            scale: square.scale / factor,
        }
    }

    /// The colour at a position in steps, by bilinear interpolation.
    #[inline]
    fn sample(&self, x: f64, y: f64) -> Mixed {
        // Positions are positive, because the margin reaches beyond every sample: this rounds to nearest.
        let (x, y) = ((x + 0.5) as u32, (y + 0.5) as u32);
        let (width, height) = (self.width as usize, self.height as usize);
        let column = ((u64::from(x) / STEPS) as usize).min(width - 2);
        let row = ((u64::from(y) / STEPS) as usize).min(height - 2);
        let (fx, fy) = (u64::from(x) - column as u64 * STEPS, u64::from(y) - row as u64 * STEPS);
        let at = row * width + column;
        let across = |at: usize| self.pixels[at] * (STEPS - fx) + self.pixels[at + 1] * fx;
        let (upper, lower) = (across(at), across(at + width));
        // Now with 32 bits each: another product with the steps does not fit 16.
        let down = |upper: u64, lower: u64, half: u64| upper * (STEPS - fy) + lower * fy + half;
        const HALF: u64 = STEPS * STEPS / 2;
        let red_blue = down(upper & RED_BLUE, lower & RED_BLUE, HALF | HALF << 32);
        let green = down(upper >> 16 & 0xFFFF, lower >> 16 & 0xFFFF, HALF);
        Mixed { red_blue: red_blue >> 16 & 0xFF_0000_00FF, green: green >> 16 }
    }
}

/// The mean of `count` bytes, rounded to nearest, without a division for each.
struct Mean {
    count: u64,
    reciprocal: u64,
}

impl Mean {
    fn of(count: u32) -> Self {
        let count = u64::from(count);
        Self { count, reciprocal: (1 << 40) / count + 1 }
    }

    fn divide(&self, sum: u32) -> u32 {
        let sum = u64::from(sum) + self.count / 2;
        // The reciprocal is too large by at most 1, so the quotient is exact as long as sum x count is below 2^40.
        (if self.count < 1 << 16 { (sum * self.reciprocal) >> 40 } else { sum / self.count }) as u32
    }
}

/// It holds the face: wiped as a frame is.
impl Drop for Reduced {
    fn drop(&mut self) {
        wipe(&mut self.pixels);
    }
}

/// Adds one row of the frame to the sums of blocks `factor` wide that begin at column `left`.
fn add_row(frame: &Frame, y: i64, left: i64, factor: i64, sums: &mut [u32]) {
    let outside = u32::from(OUTSIDE);
    if !(0..i64::from(frame.height())).contains(&y) {
        for sum in sums {
            *sum += outside * factor as u32;
        }
        return;
    }
    let width = i64::from(frame.width());
    let row = &frame.rgb()[(y * width * 3) as usize..((y + 1) * width * 3) as usize];
    for (block, sums) in sums.chunks_exact_mut(3).enumerate() {
        let start = left + block as i64 * factor;
        if start >= 0 && start + factor <= width {
            for pixel in row[(start * 3) as usize..((start + factor) * 3) as usize].chunks_exact(3) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*value);
                }
            }
        } else {
            for x in start..start + factor {
                for (channel, sum) in sums.iter_mut().enumerate() {
                    let inside = (0..width).contains(&x);
                    *sum += if inside { u32::from(row[(x * 3) as usize + channel]) } else { outside };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact() {
        for factor in [1_u32, 2, 3, 5, 7, 100, 255, 256, 292] {
            let count = factor * factor;
            let mean = Mean::of(count);
            let most = 255 * count;
            let sums = (0..=most).step_by((most / 100_000).max(1) as usize).chain([most - 1, most]);
            // Where the quotient changes, and just before.
            let edges = (0..255).map(|value| value * count + count - count / 2).flat_map(|edge| [edge - 1, edge]);
            for sum in sums.chain(edges) {
                assert_eq!(mean.divide(sum), (sum + count / 2) / count, "{sum} of {count}");
            }
        }
    }
}
