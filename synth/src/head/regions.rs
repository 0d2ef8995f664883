//! What lies where on the head: lips, lids, ears, scalp, clothing, as masks at the fine vertices.

use super::Subdivision;
use crate::vector::{V3, smoothstep};

const REGIONS: &str = include_str!("../../data/regions.tsv");

/// Masks, 0 to 1, at every vertex of the subdivided mesh.
#[derive(Debug)]
pub(crate) struct Regions {
    pub(crate) lips: Vec<f32>,
    pub(crate) ears: Vec<f32>,
    /// Inside the mouth.
    pub(crate) inside: Vec<f32>,
    /// The place of every fine vertex on the base mesh: texture coordinates that follow every change of shape.
    pub(crate) rest: Vec<V3>,
    /// How open each vertex is to light from all sides, on the base mesh.
    pub(crate) openness: Vec<f32>,
}

impl Regions {
    /// Reads the masks; `kept` maps a vertex of the body to one of the cut-out head.
    pub(super) fn new(kept: &[Option<u32>], rest: &[V3], division: &Subdivision, skin_quads: usize) -> Self {
        let mut masks = [(); 4].map(|()| vec![0.0; rest.len()]);
        for line in REGIONS.lines().filter(|l| !l.starts_with('#')).skip(1) {
            let mut cells = line.split('\t');
            let vertex: usize = cells.next().and_then(|c| c.parse().ok()).expect("regions.tsv starts with a vertex");
            let Some(Some(place)) = kept.get(vertex) else { continue };
            for mask in &mut masks {
                mask[*place as usize] = cells.next().and_then(|c| c.parse().ok()).expect("regions.tsv has four masks");
            }
        }
        let [lips, _lids, ears, inside] = masks.map(|m| division.apply_scalar(&m));
        let rest = division.apply(rest);
        let mut openness = openness(&rest, &division.quads[..skin_quads]);
        for &vertex in division.quads[skin_quads..].iter().flatten() {
            // Teeth and tongue are seen only where they are in the light.
            openness[vertex as usize] = 0.6;
        }
        Self { lips, ears, inside, rest, openness }
    }
}

/// Share of directions from which each vertex is seen, by drawing the mesh into depth maps from many sides.
fn openness(vertices: &[V3], quads: &[[u32; 4]]) -> Vec<f32> {
    const SIDES: usize = 72;
    const MAP: usize = 256;
    let triangles: Vec<[u32; 3]> = quads.iter().flat_map(|&[a, b, c, d]| [[a, b, c], [a, c, d]]).collect();
    let normals = crate::render::normals(vertices, quads);
    let mut seen = vec![0.0_f32; vertices.len()];
    let mut possible = vec![1e-6_f32; vertices.len()];
    for side in 0..SIDES {
        // Fibonacci's even spread over the sphere.
        let y = 1.0 - 2.0 * (side as f32 + 0.5) / SIDES as f32;
        let angle = side as f32 * 2.399_963;
        let r = (1.0 - y * y).sqrt();
        let towards = crate::vector::v3(r * angle.cos(), y, r * angle.sin());
        let map = crate::render::DepthMap::new(vertices, &triangles, towards, MAP);
        for (v, &p) in vertices.iter().enumerate() {
            let facing = normals[v].dot(towards);
            if facing > 0.0 {
                possible[v] += facing;
                seen[v] += facing * map.light(p + normals[v] * 0.02, 0.03);
            }
        }
    }
    seen.iter().zip(&possible).map(|(s, p)| smoothstep(-0.25, 1.0, s / p)).collect()
}
