//! Brows and lashes: short hairs that grow in a band above each eye and along the lids.

use lakshan_core::Sex;

use crate::chance::Chance;
use crate::render::{Ground, Strand};
use crate::subject::Subject;
use crate::vector::{V3, bell, smoothstep, v3};

/// The brows of one subject.
#[derive(Clone, Debug)]
pub(crate) struct Brows {
    /// Linear RGB.
    pub(crate) colour: V3,
    hairs: usize,
    /// Half the height of the band, units.
    thickness: f32,
    arch: f32,
    synophrys: f32,
    flare: f32,
    height: f32,
    slope: f32,
}

impl Brows {
    /// Brows with these amounts of the signs; density runs from -1 (absent) over 0 (usual) to 1 (thick).
    pub(crate) fn new(
        colour: V3,
        density: f32,
        synophrys: f32,
        arch: f32,
        flare: f32,
        subject: &Subject,
        chance: &mut Chance,
    ) -> Self {
        let grown = ((subject.age_years - 0.5) / 14.0).clamp(0.0, 1.0);
        let male = if subject.sex == Sex::Male { 1.12 } else { 1.0 };
        let usual = (0.62 + 0.38 * grown) * male * chance.range(0.8, 1.2);
        // Absent is absent: a strength above .6 of the sign leaves next to nothing.
        let full = if density >= 0.0 { 1.0 + 1.1 * density } else { (1.0 + 1.25 * density).max(0.0) };
        Self {
            colour,
            hairs: (260.0 * usual * full * (1.0 + 0.2 * synophrys)) as usize,
            thickness: 0.029 * (0.85 + 0.15 * usual) * (1.0 + 0.55 * density.max(0.0)),
            arch: chance.normal_within(0.22, 0.4) + arch,
            synophrys,
            flare,
            height: chance.normal_within(0.012, 0.025),
            slope: chance.normal_within(0.015, 0.03),
        }
    }

    /// Grows both brows.
    pub(crate) fn grow(&self, ground: &mut Ground, chance: &mut Chance) {
        for side in [-1.0, 1.0] {
            for _ in 0..self.hairs {
                let along = chance.unit();
                let across = (chance.unit() + chance.unit() - 1.0) * 1.1;
                let (length, random, lightness) = (chance.range(0.05, 0.085), chance.unit(), chance.range(0.7, 1.2));
                let (root, tip) = self.hair(along, across, length);
                plant(ground, side, [root, tip], random, lightness);
            }
            let between = (110.0 * self.synophrys.min(1.3)) as usize;
            for _ in 0..between {
                let x = chance.unit() * 0.14;
                let y = self.line(0.0) - 0.01 + 0.035 * (chance.unit() + chance.unit() - 1.0);
                let (dx, dy) = (chance.range(-0.01, 0.03), chance.range(0.03, 0.06));
                let (random, lightness) = (chance.unit(), chance.range(0.8, 1.3));
                plant(ground, side, [(x, y), (x + dx, y + dy)], random, lightness);
            }
        }
    }

    /// Height of the band's middle, `along` from the inner (0) to the outer end (1), on the base mesh.
    fn line(&self, along: f32) -> f32 {
        let arch = 0.035 * bell(along - 0.62, 0.3) * (1.0 + 2.2 * self.arch) - 0.045 * smoothstep(0.7, 1.1, along);
        7.475 + self.height + arch + self.slope * (along - 0.5)
    }

    /// Root and tip of one hair of the left brow, on the base mesh seen from the front.
    fn hair(&self, along: f32, across: f32, length: f32) -> ((f32, f32), (f32, f32)) {
        let flare = self.flare * bell(along, 0.22);
        let taper = smoothstep(-0.08, 0.12, along) * (1.0 - 0.6 * smoothstep(0.55, 1.0, along));
        let thickness = self.thickness * taper * (1.0 + 0.9 * flare);
        let x = 0.125 + 0.40 * along;
        let y = self.line(along) + across * thickness + 0.03 * flare;
        // Inner hairs stand up, outer ones lie along the brow; upper ones point down, lower ones up.
        let angle =
            1.25 * (1.0 - smoothstep(0.0, 0.35, along)) + 0.25 - 0.45 * smoothstep(0.5, 1.0, along) - 0.25 * across
                + 0.3 * flare;
        ((x, y), (x + length * angle.cos(), y + length * angle.sin()))
    }
}

/// Plants one hair of a brow; `ends` lie on the left brow of the base mesh, seen from the front.
fn plant(ground: &mut Ground, side: f32, ends: [(f32, f32); 2], random: f32, lightness: f32) {
    let model = ground.model;
    let points = ends.iter().enumerate().filter_map(|(i, &(x, y))| {
        let (place, rest) = model.front.on_surface(side * x, y, ground.vertices, &model.regions.rest)?;
        Some((ground.pose)(place + v3(0.0, 0.0, 0.006 + 0.012 * i as f32), rest))
    });
    let points: Vec<V3> = points.collect();
    if points.len() == 2 {
        ground.strand(&points, Strand { width: 0.0052, tip: 0.3, random, lightness: -lightness });
    }
}

/// Lashes along both lids of both eyes, and the dark line of their roots; `length` 1 is usual.
pub(crate) fn lashes(ground: &mut Ground, length: f32) {
    let (model, vertices, pose) = (ground.model, ground.vertices, ground.pose);
    for (strip, pairs) in model.lashes.iter().enumerate() {
        let upper = strip % 2 == 0;
        let mut ends: Vec<(V3, V3, V3)> = pairs
            .iter()
            .map(|&[root, tip]| (vertices[root as usize], vertices[tip as usize], model.rest[root as usize]))
            .collect();
        ends.sort_by(|a, b| a.2.x.total_cmp(&b.2.x));
        for pair in ends.windows(2) {
            let line: Vec<V3> = pair.iter().map(|e| pose(e.0 + v3(0.0, 0.0, 0.004), e.2)).collect();
            let width = if upper { 0.011 } else { 0.004 };
            ground.strand(&line, Strand { width, tip: 1.0, random: 0.5, lightness: -0.5 });
            if length < 0.15 {
                continue;
            }
            let hairs = if upper { 3 } else { 2 };
            for k in 0..hairs {
                let t = (k as f32 + 0.5) / hairs as f32;
                let (root, tip) = (pair[0].0.mix(pair[1].0, t), pair[0].1.mix(pair[1].1, t));
                let rest = pair[0].2;
                let out = (tip - root) * (length * if upper { 0.75 } else { 0.45 });
                let middle = root + out * 0.55 - v3(0.0, if upper { 0.012 * length } else { 0.0 }, 0.0);
                let points = [root, middle, root + out].map(|p| pose(p, rest));
                ground.strand(&points, Strand { width: 0.0075, tip: 0.3, random: 0.5, lightness: -0.5 });
            }
        }
    }
}
