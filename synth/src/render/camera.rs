//! Perspective: from places in front of the camera to pixels.

use crate::vector::V3;

/// A pinhole camera on the z axis, looking at the origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Camera {
    /// Distance from the origin, in units of the mesh (decimetres).
    pub(crate) distance: f32,
    /// Pixels for a unit at unit distance.
    pub(crate) focal: f32,
    /// Where the axis meets the picture, pixels.
    pub(crate) centre: (f32, f32),
}

impl Camera {
    /// Pixel (x, y) and nearness (1 / distance along the axis).
    pub(crate) fn project(&self, p: V3) -> (f32, f32, f32) {
        let near = 1.0 / (self.distance - p.z).max(0.1);
        (self.centre.0 + self.focal * p.x * near, self.centre.1 - self.focal * p.y * near, near)
    }

    /// The direction from `p` to the camera.
    pub(crate) fn towards(&self, p: V3) -> V3 {
        V3 { x: -p.x, y: -p.y, z: self.distance - p.z }.unit()
    }
}
