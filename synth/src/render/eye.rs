//! Eyes: eyeballs with sclera, iris and pupil.

use super::{Lighting, Material, Scene, Vertex};
use crate::noise::Noise;
use crate::vector::{V3, bell, smoothstep, v3};

/// Iris radius as a share of the eyeball's: 5.9 of 12 mm.
const IRIS: f32 = 0.48;

/// How the eyes of one subject look.
#[derive(Clone, Debug)]
pub(crate) struct Eye {
    /// Linear RGB.
    pub(crate) iris: V3,
    /// 1 is a usual cornea.
    pub(crate) iris_size: f32,
    /// Pupil radius as a share of the iris radius.
    pub(crate) pupil: f32,
    pub(crate) brushfield: f32,
    pub(crate) cloudy: f32,
    /// A notch of the iris, below the pupil.
    pub(crate) notch: f32,
    pub(crate) offset: V3,
}

/// Adds an eyeball around `centre` that looks along `gaze`; `up` is the head's.
pub(crate) fn add(scene: &mut Scene, centre: V3, radius: f32, gaze: V3, up: V3) {
    const RINGS: usize = 22;
    const SECTORS: usize = 28;
    let axis = gaze.unit();
    let right = up.cross(axis).unit();
    let over = axis.cross(right);
    let mut first = 0;
    for ring in 0..=RINGS {
        // Rings lie close around the iris.
        let angle = (ring as f32 / RINGS as f32).powf(1.15) * 1.75;
        for sector in 0..SECTORS {
            let turn = sector as f32 / SECTORS as f32 * std::f32::consts::TAU;
            let local = v3(angle.sin() * turn.cos(), angle.sin() * turn.sin(), angle.cos());
            let direction = right * local.x + over * local.y + axis * local.z;
            // The cornea bulges a little.
            let bulge = 1.0 + 0.045 * smoothstep(0.62, 0.2, angle);
            // Lids keep light from the upper part of the ball and from its corners.
            let height = direction.dot(up);
            let openness = 0.9 - 0.6 * smoothstep(0.0, 0.45, height) - 0.3 * smoothstep(-0.2, -0.6, height);
            let vertex = scene.vertex(Vertex {
                place: centre + direction * (radius * bulge),
                normal: direction,
                rest: local,
                masks: [0.0, openness, 0.0, 0.0],
            });
            if ring == 0 && sector == 0 {
                first = vertex;
            }
        }
        if ring > 0 {
            let row = |r: usize, s: usize| first + (r * SECTORS + s % SECTORS) as u32;
            for s in 0..SECTORS {
                scene.quad([row(ring - 1, s), row(ring, s), row(ring, s + 1), row(ring - 1, s + 1)], Material::Eye);
            }
        }
    }
}

impl Eye {
    /// Linear RGB of a lit place on the eyeball.
    pub(crate) fn shade(&self, v: &Vertex, towards_camera: V3, lighting: &Lighting) -> V3 {
        let noise = Noise::get();
        let local = v.rest.unit();
        let radius = (local.x * local.x + local.y * local.y).sqrt() / (IRIS * self.iris_size);
        let radius = if local.z < 0.0 { 9.0 } else { radius };
        let angle = local.y.atan2(local.x);

        let veins = smoothstep(0.35, 0.6, noise.octaves(local * 9.0 + self.offset, 3)) * smoothstep(1.0, 2.2, radius);
        let mut colour =
            v3(0.56, 0.54, 0.51).mix(v3(0.54, 0.28, 0.25), 0.35 * veins + 0.12 * smoothstep(1.5, 2.1, radius));

        let streaks = noise.at(v3(angle.cos() * 9.0, angle.sin() * 9.0, radius * 2.0) + self.offset);
        let ring = 1.0 - 0.6 * smoothstep(0.78, 1.0, radius);
        let collar = 1.0 + 0.35 * bell(radius - self.pupil - 0.12, 0.12);
        let mut iris = self.iris * (ring * collar * (1.0 + 0.45 * streaks));
        if self.brushfield > 0.0 {
            let spots = smoothstep(0.55, 0.9, (angle * 8.0).sin() + 0.3 * streaks) * bell(radius - 0.72, 0.08);
            iris = iris.mix(v3(0.75, 0.73, 0.68), (spots * self.brushfield).min(1.0));
        }
        let pupil_edge = smoothstep(self.pupil + 0.06, self.pupil - 0.03, radius);
        let notch = self.notch * smoothstep(0.35, 0.2, (local.x / IRIS).abs()) * smoothstep(0.1, -0.1, local.y);
        let dark = pupil_edge.max(notch.min(1.0));
        iris = iris.mix(V3::splat(0.006), dark);
        colour = colour.mix(iris, smoothstep(1.06, 0.94, radius));
        if self.cloudy > 0.0 {
            colour = colour.mix(v3(0.55, 0.58, 0.60), (0.75 * self.cloudy).min(0.85) * smoothstep(1.1, 0.7, radius));
        }

        let normal = v.normal.unit();
        let open = v.masks[1];
        let mut light = lighting.floor.mix(lighting.sky, 0.5 + 0.5 * normal.y) * (1.1 * open);
        let mut gloss = V3::ZERO;
        for lamp in &lighting.lamps {
            let diffuse = ((normal.dot(lamp.towards) + 0.25) / 1.25).max(0.0);
            light += lamp.colour * (diffuse * open);
            let half = (lamp.towards + towards_camera).unit();
            gloss += lamp.colour * (normal.dot(half).max(0.0).powf(420.0) * 3.0 * smoothstep(0.3, 0.6, open));
        }
        colour.times(light) + gloss + lighting.sky * 0.02
    }
}
