//! Skin: its colour from place to place, and how it is lit.

use super::{DepthMap, Lighting, Vertex};
use crate::noise::Noise;
use crate::vector::{V3, bell, smoothstep, v3};

/// Colours (8-bit sRGB) of evenly lit skin at the ten Monk tones. The scale's own swatches (Monk 2019) are greyer than
/// skin is in a photograph; these keep their lightness and order and add the red of blood.
const TONES: [[u8; 3]; 10] = [
    [243, 214, 196],
    [238, 204, 182],
    [233, 193, 165],
    [224, 178, 145],
    [205, 157, 120],
    [165, 118, 82],
    [133, 90, 63],
    [103, 68, 50],
    [74, 50, 40],
    [54, 38, 33],
];

/// Linear RGB of an 8-bit sRGB colour.
pub(crate) fn linear([r, g, b]: [u8; 3]) -> V3 {
    v3(f32::from(r), f32::from(g), f32::from(b)).map(|c| (c / 255.0).powf(2.2))
}

/// The skin of one subject.
#[derive(Clone, Debug)]
pub(crate) struct Skin {
    /// Monk tone, 1 to 10, continuous.
    pub(crate) tone: f32,
    /// Blood: 0 pale, 1 rosy.
    pub(crate) redness: f32,
    pub(crate) freckles: f32,
    /// Uneven pigment, 0 to 1.
    pub(crate) mottling: f32,
    pub(crate) shine: f32,
    /// Where this subject's texture lies in the noise.
    pub(crate) offset: V3,
    pub(crate) hirsutism: f32,
    pub(crate) beard: f32,
    pub(crate) red_lids: f32,
    pub(crate) wet_chin: f32,
    /// Repaired cleft of the lip: side (-1 or 1) times strength.
    pub(crate) lip_scar: f32,
    pub(crate) hair_colour: V3,
    /// How much of the scalp's colour is hair, 0 to 1.
    pub(crate) scalp_hair: f32,
    /// Hair lies on the sides of the neck.
    pub(crate) low_nape: f32,
    /// Hair loss in patches, 0 to 1.
    pub(crate) patches: f32,
}

/// Bald patches: positive where hair is lost. Shared by the painted scalp and the strands that grow on it.
pub(crate) fn patch(rest: V3, offset: V3) -> f32 {
    Noise::get().octaves(rest * 1.9 + offset, 2) * 3.0
}

impl Skin {
    /// Linear RGB of the tone.
    fn base(&self) -> V3 {
        let t = (self.tone - 1.0).clamp(0.0, 8.999);
        let low = linear(TONES[t as usize]);
        low.mix(linear(TONES[t as usize + 1]), t.fract()) * 0.92
    }

    /// Albedo at a vertex, and how far hair covers it there.
    fn albedo(&self, v: &Vertex) -> V3 {
        let noise = Noise::get();
        let [lips, openness, scalp, inside] = v.masks;
        let r = v.rest;
        let (side, front) = (r.x.abs(), smoothstep(0.7, 1.1, r.z));
        let base = self.base();
        let fair = smoothstep(8.0, 2.0, self.tone);

        let wide = noise.octaves(r * 3.0 + self.offset, 2);
        let fine = noise.octaves(r * 21.0 + self.offset, 3);
        let mut colour = base * (1.0 + 0.10 * self.mottling * wide + 0.10 * fine);

        // Blood near the surface: cheeks, nose, chin, ears; less where pigment hides it.
        let cheeks = bell(side - 0.44, 0.17) * bell(r.y - 6.95, 0.17);
        let nose = bell(r.x, 0.12) * bell(r.y - 6.95, 0.1) * smoothstep(1.4, 1.6, r.z);
        let chin = 0.5 * bell(r.x, 0.15) * bell(r.y - 6.32, 0.1);
        let ears = 0.8 * smoothstep(0.72, 0.85, side);
        let blood =
            (cheeks + nose + chin + ears) * front.max(ears) * (0.25 + 0.75 * self.redness) + 0.25 * wide * self.redness;
        let red = v3(1.04, 0.80, 0.80).mix(v3(1.05, 0.92, 0.90), 1.0 - fair);
        colour = colour.times(V3::splat(1.0).mix(red, blood.clamp(0.0, 1.0)));

        // Darker below the eyes and along the lids.
        let below_eyes = bell(side - 0.27, 0.12) * bell(r.y - 7.13, 0.06) * front;
        colour = colour * (1.0 - 0.13 * below_eyes);
        let around_eyes = bell(side - 0.308, 0.13) * bell(r.y - 7.28, 0.06) * front;
        if self.red_lids > 0.0 {
            colour = colour.times(V3::splat(1.0).mix(v3(1.05, 0.5, 0.5), (self.red_lids * around_eyes).min(1.0)));
        }
        colour = colour * (1.0 - 0.12 * around_eyes);

        if self.freckles > 0.0 {
            let spots =
                smoothstep(0.25, 0.5, noise.at(r * 41.0 + self.offset)) * bell(side, 0.5) * bell(r.y - 7.0, 0.3);
            colour = colour.times(V3::splat(1.0).mix(v3(0.78, 0.66, 0.56), spots * self.freckles * front));
        }

        let lip =
            base.mix(v3(0.42, 0.12, 0.11), 0.40 + 0.2 * self.redness).times(v3(0.95, 0.72, 0.72)) * (1.0 + 0.15 * fine);
        colour = colour.mix(lip, smoothstep(0.15, 0.75, lips) * 0.9);
        if self.lip_scar != 0.0 {
            let x = r.x - 0.085 * self.lip_scar.signum();
            let line =
                bell(x + 0.02 * noise.at(r * 15.0), 0.02) * smoothstep(6.58, 6.64, r.y) * smoothstep(6.90, 6.82, r.y);
            colour = colour.mix(v3(0.45, 0.14, 0.13), 0.8 * line * self.lip_scar.abs().min(1.0) * front);
        }
        colour = colour.mix(v3(0.11, 0.02, 0.02), smoothstep(0.4, 0.9, inside) * (1.0 - smoothstep(0.1, 0.5, lips)));

        colour.mix(self.hair_colour * (0.6 + 0.5 * fine), self.hair_cover(r, scalp, openness))
    }

    /// How far painted hair covers the skin: scalp, beard shadow, hirsutism, nape.
    fn hair_cover(&self, r: V3, scalp: f32, openness: f32) -> f32 {
        let noise = Noise::get();
        let streaks = noise.at(v3(r.x * 60.0, r.y * 14.0, r.z * 60.0) + self.offset);
        let mut cover: f32 = 0.0;
        if scalp > 0.01 && self.scalp_hair > 0.0 {
            let mut hair = smoothstep(0.25, 0.75, scalp + 0.18 * streaks) * self.scalp_hair;
            if self.patches > 0.0 {
                hair *= smoothstep(0.3, -0.1, patch(r, self.offset) - 0.9 + self.patches);
            }
            cover = cover.max(hair);
        }
        let side = r.x.abs();
        if self.beard > 0.0 {
            let jaw = smoothstep(6.85, 6.6, r.y) * smoothstep(5.95, 6.15, r.y) * smoothstep(0.5, 0.8, r.z);
            let moustache = bell(r.y - 6.76, 0.05) * bell(r.x, 0.2) * smoothstep(1.3, 1.4, r.z);
            cover = cover.max(self.beard * jaw.max(moustache) * (0.35 + 0.35 * streaks) * openness);
        }
        if self.hirsutism > 0.0 {
            let forehead = smoothstep(7.5, 7.75, r.y) * smoothstep(0.15, 0.6, side);
            let cheek = smoothstep(0.40, 0.62, side) * smoothstep(6.5, 6.8, r.y) * smoothstep(7.5, 7.2, r.y);
            let lip = bell(r.y - 6.76, 0.05) * bell(r.x, 0.2) * smoothstep(1.3, 1.4, r.z);
            let where_ =
                (forehead + cheek + 0.8 * lip).min(1.0) * smoothstep(0.3, 0.6, r.z) * smoothstep(0.82, 0.72, side);
            cover = cover.max(self.hirsutism.min(1.2) * where_ * (0.42 + 0.5 * streaks).max(0.0));
        }
        if self.low_nape > 0.0 {
            let neck = smoothstep(0.45, 0.15, r.z) * smoothstep(5.95, 6.25, r.y) * smoothstep(6.9, 6.7, r.y);
            cover = cover.max(self.low_nape.min(1.0) * neck * (0.7 + 0.4 * streaks));
        }
        cover.clamp(0.0, 0.97)
    }

    /// Linear RGB of lit skin.
    pub(crate) fn shade(&self, v: &Vertex, towards_camera: V3, lighting: &Lighting, shadow: &DepthMap) -> V3 {
        let noise = Noise::get();
        let [lips, openness, scalp, _] = v.masks;
        let albedo = self.albedo(v);
        let pores = v3(
            noise.at(v.rest * 34.0 + self.offset),
            noise.at(v.rest * 34.0 - self.offset),
            noise.at(v.rest * 29.0 + self.offset + V3::splat(9.0)),
        );
        let smooth = v.normal.unit();
        let normal = (smooth + pores * 0.03).unit();
        let open = openness * openness.sqrt();

        // Light scattered below the surface returns beyond the edge of shade, red furthest.
        let wrap = v3(0.34, 0.16, 0.10);
        let mut light = lighting.floor.mix(lighting.sky, 0.5 + 0.5 * normal.y) * open;
        let mut gloss = V3::ZERO;
        let wet = self.wet_chin
            * bell(v.rest.x - 0.06, 0.1)
            * smoothstep(6.62, 6.55, v.rest.y)
            * smoothstep(6.1, 6.3, v.rest.y);
        let (sharper, strength) =
            if wet > 0.2 { (true, 0.9 * wet) } else { (lips > 0.5, self.shine * (1.0 + 1.5 * lips)) };
        for (i, lamp) in lighting.lamps.iter().enumerate() {
            let lit = if i == 0 { shadow.light(v.place + smooth * 0.03, 0.035) } else { 1.0 };
            let reach = 0.12 + 0.88 * lit;
            let cosine = normal.dot(lamp.towards);
            let diffuse = wrap.map(|w| ((cosine + w) / (1.0 + w)).max(0.0));
            light += diffuse.times(lamp.colour) * (reach * (0.35 + 0.65 * open));
            let half = (lamp.towards + towards_camera).unit();
            let facing = 1.0 - towards_camera.dot(half).max(0.0);
            let fresnel = 0.35 + 0.65 * facing.powi(4);
            let mirror = normal.dot(half).max(0.0).powi(24);
            let mirror = if sharper { mirror * mirror } else { mirror };
            gloss += lamp.colour * (mirror * strength * fresnel * lit * open);
        }
        let rim = (1.0 - smooth.dot(towards_camera).max(0.0)).powi(4) * 0.10 * open;
        let dry = 1.0 - 0.8 * smoothstep(0.3, 0.7, scalp) * self.scalp_hair;
        albedo.times(light) + (gloss + lighting.sky * rim) * dry
    }
}
