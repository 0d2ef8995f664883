//! Vectors in three dimensions.

use std::ops::{Add, AddAssign, Mul, Neg, Sub};

/// A point, direction or linear RGB colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct V3 {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) z: f32,
}

/// Short for `V3 { x, y, z }`.
pub(crate) const fn v3(x: f32, y: f32, z: f32) -> V3 {
    V3 { x, y, z }
}

impl V3 {
    pub(crate) const ZERO: Self = v3(0.0, 0.0, 0.0);

    pub(crate) const fn splat(a: f32) -> Self {
        v3(a, a, a)
    }

    pub(crate) fn dot(self, o: Self) -> f32 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }

    pub(crate) fn cross(self, o: Self) -> Self {
        v3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// The direction; zero stays zero.
    pub(crate) fn unit(self) -> Self {
        let length = self.length();
        if length > 1e-12 { self * (1.0 / length) } else { self }
    }

    /// Component by component.
    pub(crate) fn times(self, o: Self) -> Self {
        v3(self.x * o.x, self.y * o.y, self.z * o.z)
    }

    pub(crate) fn mix(self, o: Self, t: f32) -> Self {
        self * (1.0 - t) + o * t
    }

    pub(crate) fn map(self, f: impl Fn(f32) -> f32) -> Self {
        v3(f(self.x), f(self.y), f(self.z))
    }
}

impl Add for V3 {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        v3(self.x + o.x, self.y + o.y, self.z + o.z)
    }
}

impl AddAssign for V3 {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}

impl Sub for V3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        v3(self.x - o.x, self.y - o.y, self.z - o.z)
    }
}

impl Mul<f32> for V3 {
    type Output = Self;
    fn mul(self, a: f32) -> Self {
        v3(self.x * a, self.y * a, self.z * a)
    }
}

impl Neg for V3 {
    type Output = Self;
    fn neg(self) -> Self {
        self * -1.0
    }
}

/// 0 below `low`, 1 above `high`, smooth between; falls instead of rises if `low > high`.
pub(crate) fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// exp(-(x/width)^2 / 2).
pub(crate) fn bell(x: f32, width: f32) -> f32 {
    (-0.5 * (x / width) * (x / width)).exp()
}

/// A rotation, as three rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation([V3; 3]);

impl Rotation {
    /// About x (pitch), then y (yaw), then z (roll); radians, right-handed.
    pub(crate) fn pitch_yaw_roll(pitch: f32, yaw: f32, roll: f32) -> Self {
        let (sp, cp) = pitch.sin_cos();
        let (sy, cy) = yaw.sin_cos();
        let (sr, cr) = roll.sin_cos();
        let turn = |v: V3| {
            let v = v3(v.x, cp * v.y - sp * v.z, sp * v.y + cp * v.z);
            let v = v3(cy * v.x + sy * v.z, v.y, -sy * v.x + cy * v.z);
            v3(cr * v.x - sr * v.y, sr * v.x + cr * v.y, v.z)
        };
        let (a, b, c) = (turn(v3(1.0, 0.0, 0.0)), turn(v3(0.0, 1.0, 0.0)), turn(v3(0.0, 0.0, 1.0)));
        Self([v3(a.x, b.x, c.x), v3(a.y, b.y, c.y), v3(a.z, b.z, c.z)])
    }

    /// The rotation that undoes this one, applied to `v`.
    pub(crate) fn turn_back(&self, v: V3) -> V3 {
        self.0[0] * v.x + self.0[1] * v.y + self.0[2] * v.z
    }

    pub(crate) fn turn(&self, v: V3) -> V3 {
        v3(self.0[0].dot(v), self.0[1].dot(v), self.0[2].dot(v))
    }
}
