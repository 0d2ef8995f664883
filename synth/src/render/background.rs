//! What is behind the head: a wall, a room or a garden, out of focus.

use crate::chance::Chance;
use crate::noise::Noise;
use crate::vector::{V3, bell, smoothstep, v3};

/// Pixels between two places at which the background is worked out.
const STEP: usize = 4;

/// A painted background.
#[derive(Debug)]
pub(crate) struct Backdrop {
    side: usize,
    grid: Vec<V3>,
}

impl Backdrop {
    /// Linear RGB at a pixel.
    pub(crate) fn at(&self, x: usize, y: usize) -> V3 {
        let (fx, fy) = ((x % STEP) as f32 / STEP as f32, (y % STEP) as f32 / STEP as f32);
        let first = y / STEP * self.side + x / STEP;
        let row = |i: usize| self.grid[i].mix(self.grid[i + 1], fx);
        row(first).mix(row(first + self.side), fy)
    }
}

/// A soft, shapeless thing.
#[derive(Clone, Copy, Debug)]
struct Blob {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
    colour: V3,
}

/// A background, in coordinates 0 to 1 across the picture.
#[derive(Clone, Debug)]
pub(crate) struct Background {
    top: V3,
    bottom: V3,
    tilt: f32,
    blobs: Vec<Blob>,
    /// Stripes: where an edge runs (door, window frame, curtain), and its colour.
    stripes: Vec<(f32, f32, f32, V3)>,
    texture: f32,
    texture_scale: f32,
    offset: V3,
}

impl Background {
    /// Draws one of four kinds: wall, room, garden, cloth.
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let kind = chance.weighted(&[0.35, 0.35, 0.2, 0.1]);
        let colour = |chance: &mut Chance, low: f32, high: f32, spread: f32| {
            let grey = chance.range(low, high);
            v3(
                grey * (1.0 + spread * chance.range(-1.0, 1.0)),
                grey * (1.0 + 0.6 * spread * chance.range(-1.0, 1.0)),
                grey * (1.0 + spread * chance.range(-1.0, 1.0)),
            )
        };
        let top = match kind {
            2 => v3(chance.range(0.3, 0.6), chance.range(0.4, 0.65), chance.range(0.35, 0.8)),
            _ => colour(chance, 0.06, 0.75, 0.4),
        };
        let bottom = match kind {
            0 => top * chance.range(0.6, 1.1),
            2 => v3(chance.range(0.06, 0.2), chance.range(0.12, 0.3), chance.range(0.04, 0.12)),
            _ => colour(chance, 0.04, 0.5, 0.45),
        };
        let blobs = match kind {
            1 => 4 + chance.below(8),
            2 => 10 + chance.below(14),
            _ => chance.below(2),
        };
        let blobs = (0..blobs)
            .map(|_| Blob {
                x: chance.range(-0.1, 1.1),
                y: chance.range(-0.1, 1.1),
                width: chance.range(0.03, 0.22),
                height: chance.range(0.03, 0.25),
                colour: if kind == 2 {
                    v3(chance.range(0.05, 0.35), chance.range(0.10, 0.38), chance.range(0.05, 0.25))
                } else {
                    colour(chance, 0.03, 0.8, 0.6)
                },
            })
            .collect();
        let stripes = if kind == 1 || kind == 3 { 1 + chance.below(4) } else { 0 };
        let stripes = (0..stripes)
            .map(|_| {
                (
                    chance.range(0.0, 1.0),
                    chance.range(0.02, 0.25),
                    chance.range(0.003, 0.03),
                    colour(chance, 0.04, 0.8, 0.4),
                )
            })
            .collect();
        Self {
            top,
            bottom,
            tilt: chance.range(-0.4, 0.4),
            blobs,
            stripes,
            texture: chance.range(0.0, 0.18),
            texture_scale: chance.range(4.0, 40.0),
            offset: v3(chance.range(0.0, 60.0), chance.range(0.0, 60.0), chance.range(0.0, 60.0)),
        }
    }

    /// Paints the background for a picture of `size` x `size` pixels: every fourth pixel, and smooth between, as it is
    /// out of focus anyway.
    pub(crate) fn paint(&self, size: usize) -> Backdrop {
        let side = size.div_ceil(STEP) + 2;
        let grid = (0..side * side)
            .map(|i| {
                let place = |i: usize| (i * STEP) as f32 / size as f32;
                self.at(place(i % side), place(i / side))
            })
            .collect();
        Backdrop { side, grid }
    }

    /// Linear RGB at (x, y), y downwards.
    fn at(&self, x: f32, y: f32) -> V3 {
        let mut colour = self.top.mix(self.bottom, smoothstep(0.0, 1.0, y + self.tilt * (x - 0.5)));
        for &(place, width, edge, stripe) in &self.stripes {
            let inside = smoothstep(width + edge, width, (x - place).abs());
            colour = colour.mix(stripe, inside);
        }
        for blob in &self.blobs {
            let w = bell(x - blob.x, blob.width) * bell(y - blob.y, blob.height);
            colour = colour.mix(blob.colour, (w * 1.4).min(1.0));
        }
        let noise = Noise::get().octaves(v3(x, y, 0.0) * self.texture_scale + self.offset, 2);
        colour * (1.0 + self.texture * noise)
    }
}
