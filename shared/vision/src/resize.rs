//! Exact area-averaging resize, in integers: the detector's view of a window of a frame.
//!
//! Own code rather than `fast_image_resize`, because its SSE, AVX2 and NEON paths are separate programs that
//! nothing promises to agree in the last bit, and a face box that moves by a bit moves the crop.

use lakshan_core::Frame;

/// A window of a frame, in whole pixels, inside the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Resizes a window to `width` x `height` RGB pixels. Every output pixel is the mean of the area that it covers,
/// rounded to nearest; enlarging repeats pixels.
pub(crate) fn resize(frame: &Frame, window: Window, width: u32, height: u32) -> Vec<u8> {
    let (from_width, from_height) = (window.width as usize, window.height as usize);
    let (to_width, to_height) = (width as usize, height as usize);
    let stride = frame.width() as usize * 3;
    let columns: Vec<_> = (0..to_width).map(|at| cover(at, from_width, to_width)).collect();
    let area = (from_width * from_height) as u64;

    let mut output = Vec::with_capacity(to_width * to_height * 3);
    // One row of sums over the rows that an output row covers: at most 255 x the window's height, which is at most
    // 65,535, so it fits.
    let mut sums = vec![0_u32; from_width * 3];
    for row in 0..to_height {
        sums.fill(0);
        for (from, weight) in weights(cover(row, from_height, to_height), from_height, to_height, row) {
            let start = (window.y as usize + from) * stride + window.x as usize * 3;
            for (sum, value) in sums.iter_mut().zip(&frame.rgb()[start..start + from_width * 3]) {
                *sum += u32::from(*value) * weight;
            }
        }
        for (column, covered) in columns.iter().enumerate() {
            let mut total = [area / 2; 3];
            for (from, weight) in weights(*covered, from_width, to_width, column) {
                for (total, sum) in total.iter_mut().zip(&sums[from * 3..from * 3 + 3]) {
                    *total += u64::from(*sum) * u64::from(weight);
                }
            }
            output.extend(total.map(|total| (total / area) as u8));
        }
    }
    output
}

/// First and one past the last source pixel that output pixel `at` covers.
fn cover(at: usize, from: usize, to: usize) -> (usize, usize) {
    (at * from / to, ((at + 1) * from).div_ceil(to))
}

/// The covered source pixels with their shares, in units of 1 / `to` of a pixel; they add up to `from`.
fn weights((first, end): (usize, usize), from: usize, to: usize, at: usize) -> impl Iterator<Item = (usize, u32)> {
    (first..end).map(move |pixel| {
        let left = (pixel * to).max(at * from);
        let right = ((pixel + 1) * to).min((at + 1) * from);
        (pixel, (right - left) as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32, values: &[u8]) -> Frame {
        Frame::new(width, height, values.iter().flat_map(|v| [*v; 3]).collect()).unwrap()
    }

    fn check(width: u32, height: u32, values: &[u8], to: (u32, u32), expected: &[u8]) {
        let window = Window { x: 0, y: 0, width, height };
        let resized = resize(&grey(width, height, values), window, to.0, to.1);
        assert_eq!(resized.iter().step_by(3).copied().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn averages_what_each_pixel_covers() {
        check(4, 1, &[10, 20, 30, 50], (2, 1), &[15, 40]);
        check(3, 1, &[0, 90, 240], (2, 1), &[30, 190]);
        check(2, 2, &[0, 100, 101, 0], (1, 1), &[50]);
        check(2, 1, &[7, 9], (4, 1), &[7, 7, 9, 9]);
    }

    #[test]
    fn reads_its_window_only() {
        let window = Window { x: 1, y: 1, width: 1, height: 1 };
        assert_eq!(resize(&grey(2, 2, &[1, 2, 3, 4]), window, 1, 1), [4, 4, 4]);
    }

    #[test]
    fn a_flat_picture_stays_flat() {
        let window = Window { x: 0, y: 0, width: 641, height: 357 };
        assert!(resize(&grey(641, 357, &[137; 641 * 357]), window, 128, 71).iter().all(|v| *v == 137));
    }
}
