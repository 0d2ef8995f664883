//! Smooth random texture in space: one small periodic lattice, read at any place, scale and offset.

use std::sync::OnceLock;

use crate::chance::Chance;
use crate::vector::V3;

const SIDE: usize = 64;

/// Value noise in `[-1, 1)`, of period 64 in each direction.
#[derive(Debug)]
pub(crate) struct Noise(Vec<f32>);

impl Noise {
    /// The lattice that everything shares.
    pub(crate) fn get() -> &'static Self {
        static NOISE: OnceLock<Noise> = OnceLock::new();
        NOISE.get_or_init(|| {
            let mut chance = Chance::new(0x006e_6f69_7365, 0);
            Self((0..SIDE * SIDE * SIDE).map(|_| chance.range(-1.0, 1.0)).collect())
        })
    }

    /// The noise at `p`; features are about one unit wide.
    pub(crate) fn at(&self, p: V3) -> f32 {
        let split = |x: f32| {
            // `floor` by casts: this is the innermost loop of the renderer.
            let cut = x as i32;
            let floor = cut - i32::from((cut as f32) > x);
            (floor as usize & (SIDE - 1), x - floor as f32)
        };
        let ((x, fx), (y, fy), (z, fz)) = (split(p.x), split(p.y), split(p.z));
        let (x1, y1, z1) = ((x + 1) & (SIDE - 1), (y + 1) & (SIDE - 1), (z + 1) & (SIDE - 1));
        let row = |y: usize, z: usize| {
            let row = (z * SIDE + y) * SIDE;
            self.0[row + x] * (1.0 - fx) + self.0[row + x1] * fx
        };
        let plane = |z: usize| row(y, z) * (1.0 - fy) + row(y1, z) * fy;
        plane(z) * (1.0 - fz) + plane(z1) * fz
    }

    /// `n` octaves, each half as wide and half as strong as the one before.
    pub(crate) fn octaves(&self, mut p: V3, n: usize) -> f32 {
        let (mut sum, mut weight) = (0.0, 0.5);
        for _ in 0..n {
            sum += weight * self.at(p);
            weight *= 0.5;
            p = p * 2.03 + V3::splat(7.7);
        }
        sum
    }
}
