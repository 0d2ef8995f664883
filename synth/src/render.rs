//! The renderer: triangles to pixels in software, lit as skin, eyes, hair and cloth are.

mod background;
mod camera;
mod depth_map;
mod eye;
mod hair;
mod light;
mod raster;
mod scene;
mod sensor;
mod shade;
mod skin;
mod strand;

pub(crate) use background::Background;
pub(crate) use camera::Camera;
pub(crate) use depth_map::DepthMap;
pub(crate) use eye::{Eye, add as add_eye};
pub(crate) use hair::{Hair, HairStyle};
pub(crate) use light::Lighting;
pub(crate) use raster::Raster;
pub(crate) use scene::{Material, Scene, Vertex};
pub(crate) use sensor::Sensor;
pub(crate) use shade::{Cloth, Surfaces, clothed, shade};
pub(crate) use skin::Skin;
pub(crate) use strand::{Ground, Strand};

use crate::vector::V3;

/// Smooth normals: at each vertex the mean of its faces' normals, weighted by their areas.
pub(crate) fn normals(vertices: &[V3], quads: &[[u32; 4]]) -> Vec<V3> {
    let mut normals = vec![V3::ZERO; vertices.len()];
    for quad in quads {
        let [a, b, c, d] = quad.map(|v| vertices[v as usize]);
        let normal = (c - a).cross(d - b);
        for &v in quad {
            normals[v as usize] += normal;
        }
    }
    normals.into_iter().map(V3::unit).collect()
}
