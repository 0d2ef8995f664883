//! Hairs as ribbons that face the camera: on the scalp, the brows and the lids.

use super::{Material, Scene, Vertex};
use crate::head::HeadModel;
use crate::vector::{V3, v3};

/// What hairs grow on, and where they are drawn.
pub(crate) struct Ground<'a> {
    pub(crate) scene: &'a mut Scene,
    pub(crate) model: &'a HeadModel,
    /// Of the unposed head.
    pub(crate) vertices: &'a [V3],
    /// Brings a place of the unposed head, with its place on the base mesh, to the camera.
    pub(crate) pose: &'a dyn Fn(V3, V3) -> V3,
    pub(crate) towards_camera: V3,
}

/// How one hair looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strand {
    /// At the root, units.
    pub(crate) width: f32,
    /// Width at the tip, share of that at the root.
    pub(crate) tip: f32,
    /// The hair's own number, 0 to 1.
    pub(crate) random: f32,
    /// Factor of the colour; below 0 it is the colour of brows and lashes.
    pub(crate) lightness: f32,
}

impl Ground<'_> {
    /// Adds a hair along `points`, which lie before the camera already.
    pub(crate) fn strand(&mut self, points: &[V3], strand: Strand) {
        let last = points.len() - 1;
        let mut before: Option<[u32; 2]> = None;
        for (i, &p) in points.iter().enumerate() {
            let along = i as f32 / last as f32;
            let tangent = (points[(i + 1).min(last)] - points[i.saturating_sub(1)]).unit();
            let half = 0.5 * strand.width * (1.0 - (1.0 - strand.tip) * along);
            let side = tangent.cross(self.towards_camera).unit() * half;
            let pair = [p - side, p + side].map(|place| {
                self.scene.vertex(Vertex {
                    place,
                    normal: tangent,
                    rest: v3(along, strand.random, strand.lightness),
                    masks: [0.0, 1.0, 0.0, 0.0],
                })
            });
            if let Some([a, b]) = before {
                self.scene.quad([a, b, pair[1], pair[0]], Material::Hair);
            }
            before = Some(pair);
        }
    }
}
