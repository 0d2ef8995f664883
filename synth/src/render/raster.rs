//! The rasterizer: which triangle is seen at each sample, four samples a pixel.

use super::{Camera, Material, Scene, Vertex};
use crate::vector::V3;

/// Samples in a row of one pixel, and rows of samples in a pixel.
pub(crate) const SAMPLES: usize = 2;

/// The nearest triangle at every sample.
#[derive(Debug)]
pub(crate) struct Raster {
    /// Samples in a row.
    pub(crate) side: usize,
    /// Nearness, and number of the triangle + 1 (0 for none), side by side as they are always used together.
    seen: Vec<(f32, u32)>,
    corners: Vec<(f32, f32, f32)>,
}

impl Raster {
    /// Draws the scene for a picture of `size` x `size` pixels.
    pub(crate) fn new(scene: &Scene, camera: &Camera, size: usize) -> Self {
        let side = size * SAMPLES;
        let scale = SAMPLES as f32;
        let corners = scene
            .vertices
            .iter()
            .map(|v| {
                let (x, y, near) = camera.project(v.place);
                (x * scale, y * scale, near)
            })
            .collect();
        let mut raster = Self { side, seen: vec![(0.0, 0); side * side], corners };
        for (number, (triangle, material)) in scene.triangles.iter().enumerate() {
            raster.draw(number as u32 + 1, *triangle, *material != Material::Hair);
        }
        raster
    }

    /// Draws one triangle; of a `closed` surface only those that face the camera are seen.
    fn draw(&mut self, number: u32, triangle: [u32; 3], closed: bool) {
        let [a, b, c] = triangle.map(|v| self.corners[v as usize]);
        let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
        // The picture's y points down, so what faces the camera turns the negative way.
        if area.abs() < 1e-6 || closed && area > 0.0 {
            return;
        }
        let last = self.side as f32 - 1.0;
        let (left, right) = (a.0.min(b.0).min(c.0), a.0.max(b.0).max(c.0));
        let (top, bottom) = (a.1.min(b.1).min(c.1), a.1.max(b.1).max(c.1));
        if right < 0.0 || bottom < 0.0 || left > last || top > last {
            return;
        }
        let inverse = 1.0 / area;
        // A sample's middle is at +0.5; weights are linear along a row.
        let step_b = (c.1 - a.1) * inverse;
        let step_c = -(b.1 - a.1) * inverse;
        let edges = [step_b, step_c, -step_b - step_c].map(|step| (step, 1.0 / step));
        // Casts cut off, which for what is not negative is the floor, and much faster than `floor` and `ceil`.
        let y0 = (top + 0.5).max(0.0) as usize;
        let y_end = (bottom + 0.5).clamp(0.0, last + 1.0) as usize;
        for y in y0..y_end {
            let py = y as f32 + 0.5 - a.1;
            // Weights at x = -0.5 + 0.5; where along the row each of them is not negative.
            let px = 0.5 - a.0;
            let wb = (px * (c.1 - a.1) - py * (c.0 - a.0)) * inverse;
            let wc = ((b.0 - a.0) * py - (b.1 - a.1) * px) * inverse;
            let (mut from, mut to) = (left - 0.5, right - 0.5);
            for (weight, (step, inverse)) in [wb, wc, 1.0 - wb - wc].into_iter().zip(edges) {
                if step > 1e-9 {
                    from = from.max(-weight * inverse);
                } else if step < -1e-9 {
                    to = to.min(-weight * inverse);
                } else if weight < 0.0 {
                    to = -1.0;
                }
            }
            let x0 = (from + 1.0).max(0.0) as usize;
            let x_end = (to + 1.0).clamp(0.0, last + 1.0) as usize;
            if x_end <= x0 {
                continue;
            }
            let (row, first) = (y * self.side, x0 as f32);
            let (step_near, mut near) = (
                step_b * (b.2 - a.2) + step_c * (c.2 - a.2),
                a.2 + (wb + step_b * first) * (b.2 - a.2) + (wc + step_c * first) * (c.2 - a.2),
            );
            for sample in &mut self.seen[row + x0..row + x_end] {
                if near > sample.0 {
                    *sample = (near, number);
                }
                near += step_near;
            }
        }
    }

    /// The triangle seen at sample (x, y) and its nearness.
    pub(crate) fn seen(&self, x: usize, y: usize) -> Option<(usize, f32)> {
        let (near, number) = self.seen[y * self.side + x];
        (number > 0).then(|| (number as usize - 1, near))
    }

    /// The vertex that lies on `triangle` at sample (x, y), perspective-correct.
    pub(crate) fn interpolate(&self, scene: &Scene, triangle: usize, x: usize, y: usize) -> Vertex {
        let corners = scene.triangles[triangle].0;
        let [a, b, c] = corners.map(|v| self.corners[v as usize]);
        let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
        let (px, py) = (x as f32 + 0.5 - a.0, y as f32 + 0.5 - a.1);
        let wb = (px * (c.1 - a.1) - py * (c.0 - a.0)) / area;
        let wc = ((b.0 - a.0) * py - (b.1 - a.1) * px) / area;
        let near = [(1.0 - wb - wc) * a.2, wb * b.2, wc * c.2];
        let scale = 1.0 / (near[0] + near[1] + near[2]);
        let [va, vb, vc] = corners.map(|v| &scene.vertices[v as usize]);
        let [wa, wb, wc] = near.map(|n| n * scale);
        let mean = |f: fn(&Vertex) -> V3| f(va) * wa + f(vb) * wb + f(vc) * wc;
        Vertex {
            place: mean(|v| v.place),
            normal: mean(|v| v.normal),
            rest: mean(|v| v.rest),
            masks: std::array::from_fn(|i| va.masks[i] * wa + vb.masks[i] * wb + vc.masks[i] * wc),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::v3;

    #[test]
    fn the_nearer_triangle_is_seen() {
        let mut scene = Scene::default();
        for z in [0.0, 1.0] {
            let corners = [v3(-9.0, -9.0, z), v3(9.0, -9.0, z), v3(0.0, 9.0, z)];
            let triangle = corners.map(|place| scene.vertex(Vertex { place, ..Vertex::default() }));
            scene.triangles.push((triangle, Material::Skin));
        }
        let camera = Camera { distance: 10.0, focal: 10.0, centre: (4.0, 4.0) };
        let raster = Raster::new(&scene, &camera, 8);
        assert_eq!(raster.seen(8, 8).map(|s| s.0), Some(1));
        let vertex = raster.interpolate(&scene, 1, 8, 8);
        assert!((vertex.place.z - 1.0).abs() < 1e-4);
    }
}
