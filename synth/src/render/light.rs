//! Light: a few distant lamps over a sky and a floor.

use crate::chance::Chance;
use crate::vector::{V3, v3};

/// A distant lamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lamp {
    /// Direction towards the lamp, of length 1.
    pub(crate) towards: V3,
    /// Linear RGB.
    pub(crate) colour: V3,
}

/// All the light of a photograph.
#[derive(Clone, Debug)]
pub(crate) struct Lighting {
    /// What it is called in the manifest.
    pub(crate) name: &'static str,
    /// The first is the key light, the one that casts shadows.
    pub(crate) lamps: Vec<Lamp>,
    pub(crate) sky: V3,
    pub(crate) floor: V3,
}

/// Linear RGB of a black body, roughly (Krystek-like polynomial is not needed: white at 6500 K, warm below).
fn temperature(kelvin: f32) -> V3 {
    let t = (kelvin - 6500.0) / 4000.0;
    v3(1.0 - 0.22 * t, 1.0 - 0.02 * t.abs(), 1.0 + 0.38 * t).map(|c| c.max(0.1))
}

/// The direction at `azimuth` (0 is the camera's, positive to the picture's right) and `height`, degrees.
fn direction(azimuth: f32, height: f32) -> V3 {
    let (a, h) = (azimuth.to_radians(), height.to_radians());
    v3(a.sin() * h.cos(), h.sin(), a.cos() * h.cos())
}

impl Lighting {
    /// Draws one of five kinds of light.
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let side = if chance.happens(0.5) { 1.0 } else { -1.0 };
        let kind = chance.weighted(&[0.28, 0.26, 0.18, 0.18, 0.10]);
        // Key azimuth and height, key, sky and floor strength, colour temperature.
        let (name, azimuth, height, key, sky, floor, kelvin) = match kind {
            0 => ("window", (25.0, 65.0), (10.0, 40.0), (0.6, 0.95), (0.28, 0.45), (0.12, 0.25), (5200.0, 7500.0)),
            1 => ("indoor", (0.0, 40.0), (30.0, 60.0), (0.45, 0.75), (0.3, 0.5), (0.18, 0.3), (3600.0, 5200.0)),
            2 => ("overcast", (0.0, 50.0), (35.0, 70.0), (0.25, 0.45), (0.55, 0.75), (0.22, 0.35), (6000.0, 8200.0)),
            3 => ("flash", (0.0, 12.0), (0.0, 15.0), (0.65, 0.9), (0.15, 0.3), (0.1, 0.2), (5500.0, 6800.0)),
            _ => ("sun", (15.0, 60.0), (25.0, 55.0), (0.9, 1.2), (0.3, 0.42), (0.2, 0.32), (5000.0, 6200.0)),
        };
        let mut within = |(low, high): (f32, f32)| chance.range(low, high);
        let towards = direction(side * within(azimuth), within(height));
        let colour = temperature(within(kelvin));
        let mut lamps = vec![Lamp { towards, colour: colour * within(key) }];
        let fill = direction(-side * within((15.0, 60.0)), within((0.0, 30.0)));
        lamps.push(Lamp { towards: fill, colour: temperature(within((4500.0, 7500.0))) * within((0.08, 0.25)) });
        let (sky, floor, tint) = (within(sky), within(floor), within((5200.0, 8000.0)));
        if chance.happens(0.35) {
            let rim = direction(side * chance.range(110.0, 160.0), chance.range(5.0, 45.0));
            lamps.push(Lamp {
                towards: rim,
                colour: temperature(chance.range(4000.0, 8000.0)) * chance.range(0.2, 0.6),
            });
        }
        Self { name, lamps, sky: temperature(tint) * sky, floor: v3(1.0, 0.95, 0.88) * floor }
    }
}
