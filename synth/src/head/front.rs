//! The face seen from the front on the base mesh: which triangle lies at (x, y).

use super::Subdivision;
use crate::vector::V3;

const CELLS: usize = 320;
const LEFT: f32 = -1.0;
const BOTTOM: f32 = 6.5;
const SIDE: f32 = 2.0;

/// A map from (x, y) of the base mesh to the front-most skin triangle.
#[derive(Debug)]
pub(crate) struct Front {
    cells: Vec<Option<[u32; 3]>>,
}

impl Front {
    pub(super) fn new(rest: &[V3], division: &Subdivision, skin_quads: usize) -> Self {
        let mut cells = vec![None; CELLS * CELLS];
        let mut depth = vec![f32::MIN; CELLS * CELLS];
        let at = |p: f32, low: f32| (p - low) / SIDE * CELLS as f32;
        for &[a, b, c, d] in &division.quads[..skin_quads] {
            for triangle in [[a, b, c], [a, c, d]] {
                let [p, q, r] = triangle.map(|v| rest[v as usize]);
                let range = |f: fn(V3) -> f32, low: f32| {
                    let (p, q, r) = (at(f(p), low), at(f(q), low), at(f(r), low));
                    let first = p.min(q).min(r).floor().max(0.0) as usize;
                    let last = p.max(q).max(r).ceil();
                    first..(last.max(0.0) as usize + 1).min(CELLS)
                };
                for y in range(|v| v.y, BOTTOM) {
                    for x in range(|v| v.x, LEFT) {
                        let middle = |i: usize, low: f32| low + (i as f32 + 0.5) * SIDE / CELLS as f32;
                        let Some(w) = weights(p, q, r, middle(x, LEFT), middle(y, BOTTOM)) else { continue };
                        let z = w[0] * p.z + w[1] * q.z + w[2] * r.z;
                        if w.iter().all(|&w| w >= -1e-3) && z > depth[y * CELLS + x] {
                            depth[y * CELLS + x] = z;
                            cells[y * CELLS + x] = Some(triangle);
                        }
                    }
                }
            }
        }
        Self { cells }
    }

    /// The place on a changed head, and on the base mesh, that lies at (x, y) of the base mesh's face.
    pub(crate) fn on_surface(&self, x: f32, y: f32, vertices: &[V3], rest: &[V3]) -> Option<(V3, V3)> {
        let cell = |p: f32, low: f32| (p - low) / SIDE * CELLS as f32;
        let (cx, cy) = (cell(x, LEFT), cell(y, BOTTOM));
        if !(0.0..CELLS as f32).contains(&cx) || !(0.0..CELLS as f32).contains(&cy) {
            return None;
        }
        let triangle = self.cells[cy as usize * CELLS + cx as usize]?;
        let [p, q, r] = triangle.map(|v| rest[v as usize]);
        // The point may lie just outside the triangle that holds its cell's middle: go on in the triangle's plane.
        let w = weights(p, q, r, x, y)?.map(|w| w.clamp(-1.0, 2.0));
        let on = |source: &[V3]| {
            let [p, q, r] = triangle.map(|v| source[v as usize]);
            p * w[0] + q * w[1] + r * w[2]
        };
        Some((on(vertices), on(rest)))
    }
}

/// Barycentric weights of (x, y) in a triangle seen along z.
fn weights(p: V3, q: V3, r: V3, x: f32, y: f32) -> Option<[f32; 3]> {
    let area = (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    if area.abs() < 1e-8 {
        return None;
    }
    let b = ((x - p.x) * (r.y - p.y) - (y - p.y) * (r.x - p.x)) / area;
    let c = ((q.x - p.x) * (y - p.y) - (q.y - p.y) * (x - p.x)) / area;
    Some([1.0 - b - c, b, c])
}
