//! From what is seen at each sample to linear light at each pixel.

use super::hair::strand_light;
use super::raster::SAMPLES;
use super::{Background, Camera, DepthMap, Eye, Hair, Lighting, Material, Raster, Scene, Skin, Vertex};
use crate::noise::Noise;
use crate::vector::{V3, smoothstep, v3};

/// How everything in the scene looks.
#[derive(Debug)]
pub(crate) struct Surfaces<'a> {
    pub(crate) skin: &'a Skin,
    pub(crate) eye: &'a Eye,
    pub(crate) hair: &'a Hair,
    /// Linear RGB of brows and lashes.
    pub(crate) brow_colour: V3,
    pub(crate) cloth: Cloth,
    pub(crate) lighting: &'a Lighting,
    pub(crate) shadow: &'a DepthMap,
    /// The middle of the posed head.
    pub(crate) middle: V3,
}

/// Clothing in one photograph.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cloth {
    pub(crate) colour: V3,
    pub(crate) second: V3,
    /// Stripes in a unit; 0 for none.
    pub(crate) stripes: f32,
}

/// Where clothing covers a place of the base mesh: 1 on the body, 0 above a neckline that is lower in front.
pub(crate) fn clothed(rest: V3) -> f32 {
    let front = smoothstep(0.40, 0.0, rest.x.abs()) * smoothstep(0.2, 0.6, rest.z);
    let neckline =
        5.66 + 0.22 * smoothstep(0.3, -0.2, rest.z) - 0.24 * front + 0.05 * smoothstep(0.3, 0.7, rest.x.abs());
    smoothstep(neckline + 0.05, neckline - 0.05, rest.y)
}

impl Surfaces<'_> {
    fn shade(&self, material: Material, v: &Vertex, camera: &Camera) -> V3 {
        let towards = camera.towards(v.place);
        match material {
            Material::Skin if clothed(v.rest) > 0.5 => {
                let stripe = (v.rest.y * self.cloth.stripes * std::f32::consts::TAU).sin();
                let weave = 1.0 + 0.25 * Noise::get().octaves(v.rest * 6.0, 3);
                let hem = 1.0 - 0.3 * smoothstep(0.75, 0.5, clothed(v.rest));
                let colour =
                    if self.cloth.stripes > 0.0 && stripe > 0.2 { self.cloth.second } else { self.cloth.colour };
                self.matt(colour * (weave * hem), v)
            }
            Material::Skin => self.skin.shade(v, towards, self.lighting, self.shadow),
            Material::Eye => self.eye.shade(v, towards, self.lighting),
            Material::Hair if v.rest.z < 0.0 => {
                strand_light(self.brow_colour * -v.rest.z, v, 1.0, towards, self.lighting, None)
            }
            Material::Hair => self.hair.shade(v, towards, self.lighting, self.shadow, self.middle),
            Material::Teeth => self.matt(v3(0.66, 0.62, 0.52), v),
            Material::Tongue => self.matt(v3(0.72, 0.27, 0.25), v),
        }
    }

    fn matt(&self, colour: V3, v: &Vertex) -> V3 {
        let normal = v.normal.unit();
        let open = v.masks[1];
        let mut light = self.lighting.floor.mix(self.lighting.sky, 0.5 + 0.5 * normal.y) * open;
        for (i, lamp) in self.lighting.lamps.iter().enumerate() {
            let lit = if i == 0 { 0.15 + 0.85 * self.shadow.light(v.place + normal * 0.05, 0.05) } else { 1.0 };
            light += lamp.colour * (normal.dot(lamp.towards).max(0.0) * open * lit);
        }
        colour.times(light)
    }
}

/// Linear light at every pixel, and the mean light from skin, which cameras meter.
pub(crate) fn shade(
    scene: &Scene,
    raster: &Raster,
    camera: &Camera,
    surfaces: &Surfaces,
    background: &Background,
) -> (Vec<V3>, f32) {
    const ALL: f32 = (SAMPLES * SAMPLES) as f32;
    let size = raster.side / SAMPLES;
    let backdrop = background.paint(size);
    let mut light = Vec::with_capacity(size * size);
    let (mut skin_sum, mut skin_samples) = (0.0, 1e-3);
    for y in 0..size {
        for x in 0..size {
            let mut sum = V3::ZERO;
            let mut last: Option<(usize, f32, V3)> = None;
            let mut behind = 0.0;
            for sample in 0..SAMPLES * SAMPLES {
                let (sx, sy) = (x * SAMPLES + sample % SAMPLES, y * SAMPLES + sample / SAMPLES);
                let Some((triangle, near)) = raster.seen(sx, sy) else {
                    behind += 1.0;
                    continue;
                };
                let material = scene.triangles[triangle].1;
                // One shade serves all samples of a pixel that lie on one surface.
                let known = last.filter(|&(seen, depth, _)| {
                    seen == triangle
                        || material != Material::Hair
                            && scene.triangles[seen].1 == material
                            && (near / depth - 1.0).abs() < 0.004
                });
                let colour = known.map_or_else(
                    || surfaces.shade(material, &raster.interpolate(scene, triangle, sx, sy), camera),
                    |(.., colour)| colour,
                );
                last = Some((triangle, near, colour));
                if material == Material::Skin {
                    skin_sum += colour.dot(v3(0.3, 0.59, 0.11));
                    skin_samples += 1.0;
                }
                sum += colour;
            }
            if behind > 0.0 {
                sum += backdrop.at(x, y) * behind;
            }
            light.push(sum * (1.0 / ALL));
        }
    }
    (light, skin_sum / skin_samples)
}
