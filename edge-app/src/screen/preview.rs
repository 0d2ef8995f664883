//! The live picture: a frame scaled straight into the pixmap, mirrored, with bilinear weights in fixed point.

use lakshan_core::Frame;
use tiny_skia::Pixmap;

/// A box of whole pixels that lies inside the pixmap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Bits after the binary point of a weight.
const BITS: u32 = 8;

/// Where one row or column of the picture on the screen comes from: the source before and after, and the weight of the
/// latter in 1/256.
#[derive(Clone, Copy, Debug)]
struct Tap {
    first: usize,
    second: usize,
    weight: u16,
}

/// The largest window of the picture's shape in the middle of `room`: all of the picture is seen.
pub(super) fn fitted(width: u32, height: u32, room: Window) -> Window {
    let (w, h) = (width as usize, height as usize);
    let (wide, high) = (room.width, room.width * h / w);
    let (wide, high) = if high <= room.height { (wide, high) } else { (room.height * w / h, room.height) };
    let (wide, high) = (wide.max(1), high.max(1));
    let middle = |start: usize, room: usize, side: usize| start + room.saturating_sub(side) / 2;
    Window { x: middle(room.x, room.width, wide), y: middle(room.y, room.height, high), width: wide, height: high }
}

/// Draws the mirrored frame over the whole of `window`.
pub(super) fn draw(pixmap: &mut Pixmap, frame: &Frame, window: Window) {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let stride = pixmap.width() as usize * 4;
    let mut columns: Vec<Tap> = taps(width, window.width);
    columns.reverse();
    let rows = taps(height, window.height);
    // One row of the source, already mixed of two: the compiler makes vector code of this, most of the work.
    let mut mixed = vec![0_u8; width * 3];
    let source = frame.rgb();
    for (y, row) in rows.iter().enumerate() {
        let line = |at: usize| &source[at * width * 3..(at + 1) * width * 3];
        let (above, below, weight) = (line(row.first), line(row.second), row.weight);
        for ((out, a), b) in mixed.iter_mut().zip(above).zip(below) {
            *out = mix(*a, *b, weight);
        }
        let start = (window.y + y) * stride + window.x * 4;
        let target = &mut pixmap.data_mut()[start..start + window.width * 4];
        for (pixel, tap) in target.chunks_exact_mut(4).zip(&columns) {
            let a = &mixed[tap.first * 3..tap.first * 3 + 3];
            let b = &mixed[tap.second * 3..tap.second * 3 + 3];
            pixel[0] = mix(a[0], b[0], tap.weight);
            pixel[1] = mix(a[1], b[1], tap.weight);
            pixel[2] = mix(a[2], b[2], tap.weight);
            pixel[3] = 255;
        }
    }
    // A row of a person's picture must not linger in freed memory.
    lakshan_core::wipe(&mut mixed);
}

fn mix(a: u8, b: u8, weight: u16) -> u8 {
    ((u16::from(a) * ((1 << BITS) - weight) + u16::from(b) * weight) >> BITS) as u8
}

/// For each of `to` places its source among `from` pixels; centres lie on centres.
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let place = |at: usize| {
        // In 1/256 of a source pixel.
        let centre = ((2 * at as i64 + 1) * from as i64 * (1 << BITS)) / (2 * to as i64) - (1 << (BITS - 1));
        let centre = centre.clamp(0, (from as i64 - 1) << BITS);
        let first = (centre >> BITS) as usize;
        Tap { first, second: (first + 1).min(from - 1), weight: (centre & ((1 << BITS) - 1)) as u16 }
    };
    (0..to).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(frame: &Frame, width: usize, height: usize) -> Vec<[u8; 4]> {
        let mut pixmap = Pixmap::new(width as u32, height as u32).unwrap();
        draw(&mut pixmap, frame, Window { x: 0, y: 0, width, height });
        pixmap.data().chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect()
    }

    #[test]
    fn at_its_own_size_it_is_the_mirrored_frame() {
        let rgb: Vec<u8> = (0..5 * 3 * 3).map(|at| at as u8 * 5).collect();
        let frame = Frame::new(5, 3, rgb).unwrap();
        let drawn = drawn(&frame, 5, 3);
        for (y, x) in (0..3).flat_map(|y| (0..5).map(move |x| (y, x))) {
            let [r, g, b] = frame.pixel(4 - x, y);
            assert_eq!(drawn[(y * 5 + x) as usize], [r, g, b, 255]);
        }
    }

    #[test]
    fn a_flat_frame_stays_flat_and_a_ramp_stays_a_ramp_at_every_size() {
        let flat = Frame::new(7, 5, [200, 100, 3].repeat(35)).unwrap();
        let ramp = Frame::new(64, 2, (0..128).flat_map(|at| [(at % 64 * 4) as u8; 3]).collect()).unwrap();
        for (width, height) in [(1, 1), (3, 9), (40, 2), (200, 33)] {
            assert!(drawn(&flat, width, height).iter().all(|pixel| *pixel == [200, 100, 3, 255]));
            let row = &drawn(&ramp, width, height)[..width];
            assert!(row.is_sorted_by(|a, b| a[0] >= b[0]), "mirrored, it falls");
        }
    }

    #[test]
    fn the_whole_picture_is_seen() {
        let room = Window { x: 10, y: 20, width: 560, height: 400 };
        assert_eq!(fitted(1280, 720, room), Window { x: 10, y: 62, width: 560, height: 315 });
        assert_eq!(fitted(640, 480, room), Window { x: 23, y: 20, width: 533, height: 400 });
        assert_eq!(fitted(1, 4000, room).width, 1);
    }
}
