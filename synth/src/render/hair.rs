//! Hair: strands that grow from the scalp, are combed, fall and lie on the head; and how hair is lit.

mod skull;

use std::f32::consts::{PI, TAU};

use self::skull::{Roots, Skull};
use super::skin::patch;
use super::{DepthMap, Ground, Lighting, Strand, Vertex};
use crate::chance::Chance;
use crate::geometry::CENTRE;
use crate::noise::Noise;
use crate::vector::{V3, smoothstep, v3};

/// How a head of hair is worn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HairStyle {
    Bald,
    Cropped,
    Short,
    Swept,
    Bob,
    Long,
    Tied,
    Afro,
}

/// The hair of one subject.
#[derive(Clone, Debug)]
pub(crate) struct Hair {
    pub(crate) style: HairStyle,
    /// Linear RGB.
    pub(crate) colour: V3,
    /// Share of grey strands.
    pub(crate) grey: f32,
    /// Hairline above the forehead, up if positive, in units of the sign's full amount.
    pub(crate) hairline: f32,
    /// 1 is full hair.
    pub(crate) density: f32,
    pub(crate) patches: f32,
    pub(crate) sparse_front: f32,
    pub(crate) sideburn: f32,
    pub(crate) low_nape: f32,
    pub(crate) curl: f32,
    /// Where the parting is, in units of half the head's width.
    pub(crate) part: f32,
    pub(crate) offset: V3,
}

impl Hair {
    /// How much of the scalp at a place of the base mesh is under hair, 0 to 1.
    pub(crate) fn scalp(&self, r: V3) -> f32 {
        // The hairline's height by the angle from the front: forehead, temple, before the ear, over it, nape.
        const LINE: [(f32, f32); 9] = [
            (0.0, 7.93),
            (0.45, 7.94),
            (0.72, 7.86),
            (0.95, 7.62),
            (1.2, 7.42),
            (1.55, 7.20),
            (1.9, 7.20),
            (2.2, 6.80),
            (PI, 6.55),
        ];
        let angle = r.x.abs().atan2(r.z - 0.5);
        let next = LINE.iter().position(|p| p.0 >= angle).unwrap_or(LINE.len() - 1).max(1);
        let ((a, low), (b, high)) = (LINE[next - 1], LINE[next]);
        let mut line = low + (high - low) * ((angle - a) / (b - a)).clamp(0.0, 1.0);
        let front = smoothstep(1.25, 0.8, angle);
        line += 0.17 * self.hairline * front;
        // Hair that grows down in front of the ear onto the cheek.
        line -= 0.42 * self.sideburn.min(1.2) * smoothstep(0.95, 1.15, angle) * smoothstep(1.6, 1.4, angle);
        line -= 0.30 * self.low_nape.min(1.2) * smoothstep(1.9, 2.2, angle);
        smoothstep(line - 0.04, line + 0.06, r.y)
    }

    /// Where a root may grow, given what has been lost.
    fn grows(&self, r: V3, chance: &mut Chance) -> bool {
        let keep = chance.unit();
        let mut density = self.scalp(r) * self.density;
        if self.patches > 0.0 {
            density *= smoothstep(0.3, -0.1, patch(r, self.offset) - 0.9 + self.patches);
        }
        let front = smoothstep(0.6, 1.1, r.z) * smoothstep(7.7, 7.9, r.y);
        density *= 1.0 - 0.85 * self.sparse_front.min(1.0) * front;
        keep < density
    }

    /// Length, strands and thickness of the style: units, number, units.
    fn measures(&self) -> (f32, usize, f32) {
        match self.style {
            HairStyle::Bald => (0.0, 0, 0.0),
            HairStyle::Cropped => (0.14, 5200, 0.012),
            HairStyle::Short => (0.55, 4600, 0.013),
            HairStyle::Swept => (0.95, 4600, 0.013),
            HairStyle::Bob => (1.75, 4600, 0.014),
            HairStyle::Long => (3.0, 4600, 0.014),
            HairStyle::Tied => (1.9, 4800, 0.014),
            HairStyle::Afro => (0.50, 5600, 0.016),
        }
    }

    /// Grows all strands on the fine vertices.
    pub(crate) fn grow(&self, ground: &mut Ground, chance: &mut Chance) {
        let (length, count, width) = self.measures();
        if count == 0 {
            return;
        }
        let skull = Skull::new(ground.model, ground.vertices);
        let roots = Roots::new(ground.model, ground.vertices, self);
        let middle = (ground.pose)(CENTRE, v3(0.0, 9.0, 0.0));
        for _ in 0..count {
            let (triangle, weights) = roots.draw(chance);
            let at =
                |source: &[V3]| triangle.iter().zip(weights).fold(V3::ZERO, |s, (&v, w)| s + source[v as usize] * w);
            let (root, rest) = (at(ground.vertices), at(&ground.model.regions.rest));
            let random = chance.unit();
            // Cut shorter towards the nape, as barbers do, unless it is worn long.
            let cut = match self.style {
                HairStyle::Short | HairStyle::Swept => 0.25 + 0.75 * smoothstep(6.7, 7.7, rest.y),
                _ => 1.0,
            };
            let own_length = length * cut * chance.range(0.75, 1.1);
            // Hair on the cheek before the ear is short whatever the style.
            let before_ear = rest.y < 7.35 && rest.z > 0.3;
            let own_length = if before_ear { own_length.min(0.12) } else { own_length };
            if !self.grows(rest, chance) {
                continue;
            }
            let points = self.strand(root, own_length, &skull, chance);
            if points.len() < 2 {
                continue;
            }
            let lightness = if random < self.grey { 2.0 } else { 0.75 + 0.5 * chance.unit() };
            let placed: Vec<V3> = points.iter().map(|&p| (ground.pose)(p, rest)).collect();
            // The head hides what grows on its back, unless it falls below.
            let falls = matches!(self.style, HairStyle::Bob | HairStyle::Long | HairStyle::Tied);
            if !falls && placed.iter().all(|&p| (p - middle).unit().dot(ground.towards_camera) < -0.5) {
                continue;
            }
            ground.strand(&placed, Strand { width, tip: 0.35, random, lightness });
        }
    }

    /// The course of one strand from its root.
    fn strand(&self, root: V3, length: f32, skull: &Skull, chance: &mut Chance) -> Vec<V3> {
        let steps = match self.style {
            HairStyle::Cropped => 3,
            HairStyle::Short | HairStyle::Afro => 6,
            HairStyle::Swept => 8,
            _ => 12,
        };
        let step = length / steps as f32;
        let lift = chance.range(0.0, 0.09);
        let (curl_phase, curl_turn) = (chance.range(0.0, TAU), chance.range(0.7, 1.3));
        let jitter = v3(chance.normal(), chance.normal(), chance.normal()) * 0.09;
        let crown = CENTRE + v3(0.3 * self.part, 1.0, -0.35);
        let radial = (root - CENTRE).unit();
        let mut place = root;
        let mut direction = radial;
        let mut points = vec![root - radial * 0.02];
        for i in 0..steps {
            let outward = (place - CENTRE).unit();
            let away = place - crown;
            let tangent = (away - outward * away.dot(outward)).unit();
            let mut way = self.comb(root, place, tangent);
            if !matches!(self.style, HairStyle::Cropped | HairStyle::Afro) {
                // Combed hair hugs the head and falls.
                way = way - outward * way.dot(outward).max(0.0);
            }
            let stiffness = match self.style {
                HairStyle::Cropped | HairStyle::Afro => 0.75,
                _ => 0.45,
            };
            direction = (direction * stiffness + way + jitter).unit();
            let turn = curl_phase + i as f32 * 1.9 * curl_turn;
            let wave = v3(turn.cos(), (turn * 1.3).sin(), turn.sin()) * (self.curl * 0.8);
            let to = place + (direction + wave).unit() * step;
            place = skull.keep_out(to, 0.03 + lift * (0.5 + i as f32 / steps as f32));
            if self.in_face(place, root) {
                break;
            }
            points.push(place);
        }
        points
    }

    /// Where the style leads a strand at `place`; `tangent` leads down the head from the crown.
    fn comb(&self, root: V3, place: V3, tangent: V3) -> V3 {
        let down = v3(0.0, -1.0, 0.0);
        let outward = (place - CENTRE).unit();
        let side = if root.x > self.part * 0.5 { 1.0 } else { -1.0 };
        match self.style {
            HairStyle::Bald => outward,
            HairStyle::Cropped => outward * 0.6 + tangent * 0.8,
            HairStyle::Afro => outward * 1.2 + tangent * (0.8 * Noise::get().at(place * 5.0 + self.offset)),
            HairStyle::Short => tangent * 0.9 + down * 0.25,
            HairStyle::Swept => {
                let front = smoothstep(0.4, 0.9, root.z);
                let sweep = v3(side * 0.9, -0.05, -0.45) * smoothstep(0.9, 0.5, place.x.abs());
                sweep * front + tangent * (1.0 - front) * 0.8 + down * 0.3
            }
            HairStyle::Bob | HairStyle::Long => {
                // Away from the parting, back over the ear, then down behind it.
                let high = smoothstep(7.3, 8.0, place.y) * smoothstep(0.85, 0.4, place.x.abs());
                let sideways = v3(side * 0.9, -0.1, -0.45) * high;
                let back =
                    v3(0.0, 0.0, -0.8) * smoothstep(0.0, 0.4, place.z) * (1.0 - high) * smoothstep(6.9, 7.2, place.y);
                let in_ = v3(-0.25 * place.x, 0.0, 0.0) * smoothstep(7.0, 6.6, place.y);
                sideways + back + in_ + down * (0.3 + 0.9 * (1.0 - high))
            }
            HairStyle::Tied => {
                let knot = v3(0.0, 7.55, -0.75);
                let to = knot - place;
                if to.length() < 0.25 { down + v3(0.0, 0.0, -0.3) } else { to.unit() }
            }
        }
    }

    /// Whether hair would hang into the face there; the forehead may be covered by a fringe.
    fn in_face(&self, place: V3, root: V3) -> bool {
        let fringe = match self.style {
            HairStyle::Short => 7.66,
            _ => 7.75,
        };
        let low_root = root.y < 7.5;
        place.z > 0.72 && place.y < fringe && place.x.abs() < 0.78 && !(low_root && self.sideburn > 0.0)
            || place.z > 0.95 && place.y < 7.0
            || self.style != HairStyle::Afro && before_ear(place)
    }

    /// Linear RGB of a lit strand.
    pub(crate) fn shade(
        &self,
        v: &Vertex,
        towards_camera: V3,
        lighting: &Lighting,
        shadow: &DepthMap,
        middle: V3,
    ) -> V3 {
        let (along, lightness) = (v.rest.x, v.rest.z);
        let colour = if lightness > 1.5 { v3(0.42, 0.41, 0.40) } else { self.colour * lightness };
        strand_light(colour, v, along, towards_camera, lighting, Some((shadow, middle)))
    }
}

/// Whether hair would cover an ear there: it is cut around the ears, or worn behind them.
fn before_ear(place: V3) -> bool {
    place.x.abs() > 0.6 && (0.24..0.95).contains(&place.z) && (6.7..7.38).contains(&place.y)
}

/// Kajiya and Kay's light on a thread, with a soft shade from the side of the head that it lies on.
pub(crate) fn strand_light(
    colour: V3,
    v: &Vertex,
    along: f32,
    towards_camera: V3,
    lighting: &Lighting,
    head: Option<(&DepthMap, V3)>,
) -> V3 {
    let thread = v.normal.unit();
    let open = v.masks[1] * (0.45 + 0.55 * smoothstep(0.0, 0.5, along));
    let outward = head.map_or(towards_camera, |(_, middle)| (v.place - middle).unit());
    let mut light = lighting.floor.mix(lighting.sky, 0.5 + 0.5 * outward.y) * open;
    let mut gloss = V3::ZERO;
    for (i, lamp) in lighting.lamps.iter().enumerate() {
        let lit = match head {
            Some((shadow, _)) if i == 0 => 0.25 + 0.75 * shadow.light(v.place + outward * 0.06, 0.06),
            _ => 1.0,
        };
        let cosine = thread.dot(lamp.towards);
        let sine = (1.0 - cosine * cosine).max(0.0).sqrt();
        let side = ((outward.dot(lamp.towards) + 0.35) / 1.35).clamp(0.0, 1.0);
        light += lamp.colour * (sine * side * open * lit);
        let half = (lamp.towards + towards_camera).unit();
        let shine = (1.0 - thread.dot(half).powi(2)).max(0.0).powi(40);
        gloss += lamp.colour * (shine * side * open * lit);
    }
    colour.times(light) + (colour * 0.5 + V3::splat(0.03)).times(gloss) * 0.6
}
