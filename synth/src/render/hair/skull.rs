//! What hair grows from and lies on: roots spread over the scalp, and the head's reach in every direction.

use std::f32::consts::{PI, TAU};

use super::Hair;
use crate::chance::Chance;
use crate::geometry::CENTRE;
use crate::head::HeadModel;
use crate::vector::V3;

/// Draws roots evenly over the scalp.
pub(super) struct Roots {
    triangles: Vec<[u32; 3]>,
    /// Sum of areas up to and with each triangle.
    sums: Vec<f32>,
}

impl Roots {
    pub(super) fn new(model: &HeadModel, vertices: &[V3], hair: &Hair) -> Self {
        let (mut triangles, mut sums, mut sum) = (Vec::new(), Vec::new(), 0.0);
        let regions = &model.regions;
        for &[a, b, c, d] in &model.division.quads[..model.skin_quads] {
            let on_scalp = |v: u32| {
                let r = regions.rest[v as usize];
                r.y > 6.2 && regions.ears[v as usize] < 0.3 && hair.scalp(r) > 0.01
            };
            if ![a, b, c, d].into_iter().any(on_scalp) {
                continue;
            }
            for triangle in [[a, b, c], [a, c, d]] {
                let [p, q, r] = triangle.map(|v| vertices[v as usize]);
                sum += (q - p).cross(r - p).length();
                triangles.push(triangle);
                sums.push(sum);
            }
        }
        Self { triangles, sums }
    }

    pub(super) fn draw(&self, chance: &mut Chance) -> ([u32; 3], [f32; 3]) {
        let place = chance.unit() * self.sums.last().copied().unwrap_or(0.0);
        let index = self.sums.partition_point(|&s| s < place).min(self.triangles.len() - 1);
        let (mut u, mut v) = (chance.unit(), chance.unit());
        if u + v > 1.0 {
            (u, v) = (1.0 - u, 1.0 - v);
        }
        (self.triangles[index], [1.0 - u - v, u, v])
    }
}

/// How far the head reaches from its centre in every direction, so that hair lies on it and not in it.
pub(super) struct Skull {
    reach: Vec<f32>,
}

const LONGITUDES: usize = 48;
const LATITUDES: usize = 24;

impl Skull {
    pub(super) fn new(model: &HeadModel, vertices: &[V3]) -> Self {
        let mut reach = vec![0.0_f32; LONGITUDES * LATITUDES];
        let regions = &model.regions;
        for (v, &p) in vertices.iter().enumerate() {
            if regions.rest[v].y > 5.9 && regions.ears[v] < 0.3 && regions.inside[v] < 0.3 {
                let away = p - CENTRE;
                let (x, y) = cell(away);
                let i = (y as usize).min(LATITUDES - 1) * LONGITUDES + x as usize % LONGITUDES;
                reach[i] = reach[i].max(away.length());
            }
        }
        // Directions that no vertex fell into take the mean of their neighbours.
        for _ in 0..8 {
            let before = reach.clone();
            for y in 0..LATITUDES {
                for x in 0..LONGITUDES {
                    if before[y * LONGITUDES + x] == 0.0 {
                        let (mut sum, mut n) = (0.0, 0.0);
                        for (dx, dy) in [(1, 0), (LONGITUDES - 1, 0), (0, 1_usize), (0, usize::MAX)] {
                            let ny = y.wrapping_add(dy);
                            if ny < LATITUDES {
                                let value = before[ny * LONGITUDES + (x + dx) % LONGITUDES];
                                if value > 0.0 {
                                    sum += value;
                                    n += 1.0;
                                }
                            }
                        }
                        if n > 0.0 {
                            reach[y * LONGITUDES + x] = sum / n;
                        }
                    }
                }
            }
        }
        Self { reach }
    }

    /// `place`, pushed out to at least `gap` above the head.
    pub(super) fn keep_out(&self, place: V3, gap: f32) -> V3 {
        if place.y < 6.0 {
            return place;
        }
        let away = place - CENTRE;
        let (x, y) = cell(away);
        let (x, y) = (x - 0.5, (y - 0.5).clamp(0.0, LATITUDES as f32 - 1.001));
        let (fx, fy) = (x - x.floor(), y.fract());
        let (x0, y0) = (x.floor().rem_euclid(LONGITUDES as f32) as usize % LONGITUDES, y as usize);
        let at = |x: usize, y: usize| self.reach[y * LONGITUDES + x % LONGITUDES];
        let row = |y: usize| at(x0, y) * (1.0 - fx) + at(x0 + 1, y) * fx;
        let reach = row(y0) * (1.0 - fy) + row(y0 + 1) * fy + gap;
        let distance = away.length();
        if distance < reach { CENTRE + away * (reach / distance.max(1e-3)) } else { place }
    }
}

/// Longitude and latitude of a direction, in cells.
fn cell(away: V3) -> (f32, f32) {
    let longitude = (away.x.atan2(away.z) / TAU + 0.5) * LONGITUDES as f32;
    let latitude = ((away.y / away.length().max(1e-6)).clamp(-1.0, 1.0).acos() / PI) * LATITUDES as f32;
    (longitude, latitude)
}
