//! One step of Catmull and Clark's subdivision, as fixed weights: the mesh's connections never change, so that a
//! changed head is subdivided by one sparse product.

use std::collections::BTreeMap;

use crate::vector::V3;

/// A finer mesh whose vertices are weighted means of the coarse ones.
#[derive(Debug)]
pub(crate) struct Subdivision {
    /// For each fine vertex, a range of `terms`.
    starts: Vec<u32>,
    /// Coarse vertex and weight.
    terms: Vec<(u32, f32)>,
    /// Fine quads; four for each coarse quad, in order.
    pub(crate) quads: Vec<[u32; 4]>,
}

impl Subdivision {
    /// Subdivides `quads` over `vertices` coarse vertices. Fine vertex i < `vertices` is coarse vertex i, moved.
    pub(crate) fn new(vertices: usize, quads: &[[u32; 4]]) -> Self {
        let mut edges: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for (face, quad) in quads.iter().enumerate() {
            for k in 0..4 {
                edges.entry(edge(quad[k], quad[(k + 1) % 4])).or_default().push(face as u32);
            }
        }
        let edge_index: BTreeMap<(u32, u32), u32> =
            edges.keys().enumerate().map(|(i, &e)| (e, (vertices + i) as u32)).collect();
        let first_face = (vertices + edges.len()) as u32;

        let mut rows: Vec<BTreeMap<u32, f32>> = vec![BTreeMap::new(); vertices];
        smooth_corners(&mut rows, quads, &edges);
        for (&(a, b), faces) in &edges {
            let mut row = BTreeMap::new();
            if let &[left, right] = faces.as_slice() {
                add(&mut row, a, 0.25);
                add(&mut row, b, 0.25);
                for face in [left, right] {
                    quads[face as usize].iter().for_each(|&v| add(&mut row, v, 1.0 / 16.0));
                }
            } else {
                add(&mut row, a, 0.5);
                add(&mut row, b, 0.5);
            }
            rows.push(row);
        }
        for quad in quads {
            let mut row = BTreeMap::new();
            quad.iter().for_each(|&v| add(&mut row, v, 0.25));
            rows.push(row);
        }

        let mut fine = Vec::with_capacity(quads.len() * 4);
        for (face, quad) in quads.iter().enumerate() {
            for k in 0..4 {
                let next = edge_index[&edge(quad[k], quad[(k + 1) % 4])];
                let before = edge_index[&edge(quad[(k + 3) % 4], quad[k])];
                fine.push([quad[k], next, first_face + face as u32, before]);
            }
        }
        let mut starts = vec![0];
        let mut terms = Vec::new();
        for row in rows {
            terms.extend(row);
            starts.push(terms.len() as u32);
        }
        Self { starts, terms, quads: fine }
    }

    /// The fine vertices of a mesh with these coarse ones.
    pub(crate) fn apply(&self, coarse: &[V3]) -> Vec<V3> {
        self.mean(|v| coarse[v], V3::ZERO, |sum, value, weight| sum + value * weight)
    }

    /// A scalar attribute at the fine vertices.
    pub(crate) fn apply_scalar(&self, coarse: &[f32]) -> Vec<f32> {
        self.mean(|v| coarse[v], 0.0, |sum, value, weight| sum + value * weight)
    }

    fn mean<T: Copy>(&self, at: impl Fn(usize) -> T, zero: T, add: impl Fn(T, T, f32) -> T) -> Vec<T> {
        self.starts
            .windows(2)
            .map(|w| {
                self.terms[w[0] as usize..w[1] as usize]
                    .iter()
                    .fold(zero, |sum, &(v, weight)| add(sum, at(v as usize), weight))
            })
            .collect()
    }
}

fn edge(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

fn add(row: &mut BTreeMap<u32, f32>, vertex: u32, weight: f32) {
    *row.entry(vertex).or_insert(0.0) += weight;
}

/// Catmull and Clark's vertex rule: (F + 2R + (n-3)P) / n inside, (A + 6P + B) / 8 on a border.
fn smooth_corners(rows: &mut [BTreeMap<u32, f32>], quads: &[[u32; 4]], edges: &BTreeMap<(u32, u32), Vec<u32>>) {
    let mut faces_of: Vec<Vec<u32>> = vec![Vec::new(); rows.len()];
    for (face, quad) in quads.iter().enumerate() {
        quad.iter().for_each(|&v| faces_of[v as usize].push(face as u32));
    }
    let mut neighbours: Vec<Vec<(u32, bool)>> = vec![Vec::new(); rows.len()];
    for (&(a, b), faces) in edges {
        let border = faces.len() != 2;
        neighbours[a as usize].push((b, border));
        neighbours[b as usize].push((a, border));
    }
    for (v, row) in rows.iter_mut().enumerate() {
        let own = v as u32;
        let border: Vec<u32> = neighbours[v].iter().filter(|n| n.1).map(|n| n.0).collect();
        let n = faces_of[v].len() as f32;
        if border.is_empty() && n >= 3.0 {
            add(row, own, (n - 3.0) / n);
            for &face in &faces_of[v] {
                quads[face as usize].iter().for_each(|&c| add(row, c, 0.25 / (n * n)));
            }
            for &(other, _) in &neighbours[v] {
                add(row, own, 1.0 / (n * n));
                add(row, other, 1.0 / (n * n));
            }
        } else if let &[a, b] = border.as_slice() {
            add(row, own, 0.75);
            add(row, a, 0.125);
            add(row, b, 0.125);
        } else {
            add(row, own, 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::v3;

    #[test]
    fn a_cube_becomes_rounder_and_keeps_its_centre() {
        let corners: Vec<V3> =
            (0..8).map(|i| v3((i & 1) as f32, ((i >> 1) & 1) as f32, (i >> 2) as f32) * 2.0 - V3::splat(1.0)).collect();
        let quads = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]];
        let division = Subdivision::new(8, &quads);
        let fine = division.apply(&corners);
        assert_eq!(fine.len(), 8 + 12 + 6);
        assert_eq!(division.quads.len(), 24);
        // A cube's corner moves to 5/9 of its place.
        assert!((fine[7] - V3::splat(5.0 / 9.0)).length() < 1e-6, "{:?}", fine[7]);
        let sum = fine.iter().fold(V3::ZERO, |s, &v| s + v);
        assert!(sum.length() < 1e-5);
        let ones = division.apply_scalar(&[1.0; 8]);
        assert!(ones.iter().all(|w| (w - 1.0).abs() < 1e-6));
    }
}
