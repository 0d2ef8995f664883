//! What is in front of the camera: triangles with materials.

use crate::vector::V3;

/// What a triangle is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    /// Skin, and what clothing covers.
    Skin,
    Eye,
    Teeth,
    Tongue,
    /// Hair of the head, brows and lashes.
    Hair,
}

/// A corner of a triangle.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Vertex {
    /// Place in front of the camera, the head being posed.
    pub(crate) place: V3,
    /// Normal; of hair, the strand's direction.
    pub(crate) normal: V3,
    /// Texture place: skin, the place on the base mesh; eye, the direction from the eyeball's centre relative
    /// to the gaze; hair, (share of the way to the tip, random number of the strand, lightness).
    pub(crate) rest: V3,
    /// Skin: lips, openness, scalp, inside of the mouth. Others: openness in `[1]`.
    pub(crate) masks: [f32; 4],
}

/// Triangles in front of the camera.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    pub(crate) vertices: Vec<Vertex>,
    pub(crate) triangles: Vec<([u32; 3], Material)>,
}

impl Scene {
    /// Adds a vertex and gives its number.
    pub(crate) fn vertex(&mut self, vertex: Vertex) -> u32 {
        self.vertices.push(vertex);
        self.vertices.len() as u32 - 1
    }

    /// Adds a quad as two triangles.
    pub(crate) fn quad(&mut self, [a, b, c, d]: [u32; 4], material: Material) {
        self.triangles.push(([a, b, c], material));
        self.triangles.push(([a, c, d], material));
    }
}
