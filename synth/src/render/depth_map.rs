//! What a distant light sees: depths from one direction, for shadows and openness.

use crate::vector::{V3, v3};

/// Depths of a mesh seen from a direction, without perspective.
#[derive(Debug)]
pub(crate) struct DepthMap {
    size: usize,
    /// Nearness to the light, one for each cell.
    nearness: Vec<f32>,
    right: V3,
    up: V3,
    towards: V3,
    origin: (f32, f32),
    scale: f32,
}

impl DepthMap {
    /// Draws `triangles` as seen from the direction `towards` the light, into `size` x `size` cells.
    pub(crate) fn new(vertices: &[V3], triangles: &[[u32; 3]], towards: V3, size: usize) -> Self {
        let towards = towards.unit();
        let helper = if towards.y.abs() < 0.9 { v3(0.0, 1.0, 0.0) } else { v3(0.0, 0.0, 1.0) };
        let right = helper.cross(towards).unit();
        let up = towards.cross(right);
        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for triangle in triangles {
            for &v in triangle {
                let (x, y) = (right.dot(vertices[v as usize]), up.dot(vertices[v as usize]));
                low = (low.0.min(x), low.1.min(y));
                high = (high.0.max(x), high.1.max(y));
            }
        }
        let extent = (high.0 - low.0).max(high.1 - low.1).max(1e-3);
        let scale = (size as f32 - 3.0) / extent;
        let mut map = Self { size, nearness: vec![f32::MIN; size * size], right, up, towards, origin: low, scale };
        let cells: Vec<(f32, f32, f32)> = vertices.iter().map(|&p| map.cell(p)).collect();
        for &[a, b, c] in triangles {
            map.draw([cells[a as usize], cells[b as usize], cells[c as usize]]);
        }
        map
    }

    fn cell(&self, p: V3) -> (f32, f32, f32) {
        (
            (self.right.dot(p) - self.origin.0) * self.scale + 1.0,
            (self.up.dot(p) - self.origin.1) * self.scale + 1.0,
            self.towards.dot(p),
        )
    }

    fn draw(&mut self, [a, b, c]: [(f32, f32, f32); 3]) {
        let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
        // Closed surfaces: what faces the light is enough.
        if area < 1e-9 {
            return;
        }
        let inverse = 1.0 / area;
        let range = |p: f32, q: f32, r: f32| {
            let low = (p.min(q).min(r) + 1.0).max(0.0) as usize;
            let end = (p.max(q).max(r) + 1.0).max(0.0) as usize;
            low..end.min(self.size)
        };
        for y in range(a.1, b.1, c.1) {
            for x in range(a.0, b.0, c.0) {
                let (px, py) = (x as f32, y as f32);
                let wb = ((px - a.0) * (c.1 - a.1) - (py - a.1) * (c.0 - a.0)) * inverse;
                let wc = ((b.0 - a.0) * (py - a.1) - (b.1 - a.1) * (px - a.0)) * inverse;
                let wa = 1.0 - wb - wc;
                if wa >= 0.0 && wb >= 0.0 && wc >= 0.0 {
                    let depth = wa * a.2 + wb * b.2 + wc * c.2;
                    let cell = &mut self.nearness[y * self.size + x];
                    *cell = cell.max(depth);
                }
            }
        }
    }

    /// How much of the light reaches `p`, 0 to 1, softened over two cells; `bias` keeps a surface from shading itself.
    pub(crate) fn light(&self, p: V3, bias: f32) -> f32 {
        let (x, y, depth) = self.cell(p);
        if x < 0.0 || y < 0.0 {
            return 1.0;
        }
        let (x0, y0) = (x as usize, y as usize);
        if x0 + 1 >= self.size || y0 + 1 >= self.size {
            return 1.0;
        }
        let open = |x: usize, y: usize| f32::from(u8::from(self.nearness[y * self.size + x] <= depth + bias));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let low = open(x0, y0) * (1.0 - fx) + open(x0 + 1, y0) * fx;
        let high = open(x0, y0 + 1) * (1.0 - fx) + open(x0 + 1, y0 + 1) * fx;
        low * (1.0 - fy) + high * fy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roof_shades_what_lies_under_it() {
        let roof = [v3(-1.0, 1.0, -1.0), v3(1.0, 1.0, -1.0), v3(1.0, 1.0, 1.0), v3(-1.0, 1.0, 1.0)];
        let map = DepthMap::new(&roof, &[[0, 2, 1], [0, 3, 2]], v3(0.0, 1.0, 0.0), 64);
        assert_eq!(map.light(V3::ZERO, 0.01), 0.0);
        assert_eq!(map.light(v3(0.0, 2.0, 0.0), 0.01), 1.0);
    }
}
