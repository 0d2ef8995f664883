//! Lays one face crop over another: turned, scaled and shifted until the two correlate most.
//!
//! The detector places a face a little differently in a mirrored or cut photograph. The enhanced correlation coefficient
//! (Evangelidis and Psarakis, "Parametric image alignment", 2008) in its inverse compositional form finds the placement in
//! a few steps, whatever brightness and contrast are.

use super::plane::{Plane, normalise, product};

/// How much of the plane's rim is left out on each side: there a cut photograph ends.
const RIM: f32 = 0.22;
/// Below this correlation a step would be drawn out by noise.
const LEAST: f32 = 0.2;
/// A placement outside of these is no longer the same face: scale, and shift in halves of a side.
const SCALES: std::ops::Range<f32> = 0.6..1.6;
const LARGEST_SHIFT: f32 = 0.5;
/// A step smaller than this has arrived.
const ARRIVED: f32 = 5e-4;

/// A complex number: a place, or a turn with a scale.
type Complex = (f32, f32);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn over(a: Complex, b: Complex) -> Complex {
    let length = b.0 * b.0 + b.1 * b.1;
    ((a.0 * b.0 + a.1 * b.1) / length, (a.1 * b.0 - a.0 * b.1) / length)
}

/// Where a place of the first picture lies in the second: `turn` x place + `shift`, as complex numbers from the centre in
/// units of half a side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placement {
    turn: Complex,
    shift: Complex,
}

impl Placement {
    /// Both lie the same.
    pub(super) const SAME: Self = Self { turn: (1.0, 0.0), shift: (0.0, 0.0) };

    fn of(self, place: Complex) -> Complex {
        let turned = times(self.turn, place);
        (turned.0 + self.shift.0, turned.1 + self.shift.1)
    }

    /// This placement after the inverse of a small one: its turn less one, and its shift.
    fn after_inverse(self, turn: Complex, shift: Complex) -> Self {
        let turn = over(self.turn, (1.0 + turn.0, turn.1));
        let moved = times(turn, shift);
        Self { turn, shift: (self.shift.0 - moved.0, self.shift.1 - moved.1) }
    }

    fn is_sound(self) -> bool {
        let scale = (self.turn.0 * self.turn.0 + self.turn.1 * self.turn.1).sqrt();
        SCALES.contains(&scale) && self.shift.0.abs() <= LARGEST_SHIFT && self.shift.1.abs() <= LARGEST_SHIFT
    }
}

/// The places that are compared: all of a plane but its rim.
fn places(side: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
    let inner = (side as f32 * RIM) as usize..side - (side as f32 * RIM) as usize;
    inner.clone().flat_map(move |y| inner.clone().map(move |x| (x, y)))
}

/// A picture that others are laid over.
pub(super) struct Template {
    places: Vec<Complex>,
    /// Its values there, normalised.
    values: Vec<f32>,
    /// How they change with each of the four numbers of a placement, as far as that is no change of brightness.
    slopes: [Vec<f32>; 4],
    /// The inverse of the slopes' products.
    inverse: [[f32; 4]; 4],
}

impl Template {
    pub(super) fn new(plane: &Plane) -> Self {
        let half = (plane.side - 1) as f32 / 2.0;
        let from_centre = |(x, y)| ((x as f32 - half) / half, (y as f32 - half) / half);
        let value = |x: usize, y: usize| plane.values[y * plane.side + x];
        let mut slopes: [Vec<f32>; 4] = Default::default();
        for (x, y) in places(plane.side) {
            let (u, v) = from_centre((x, y));
            let right = (value(x + 1, y) - value(x - 1, y)) / 2.0 * half;
            let down = (value(x, y + 1) - value(x, y - 1)) / 2.0 * half;
            for (slopes, slope) in slopes.iter_mut().zip([right * u + down * v, down * u - right * v, right, down]) {
                slopes.push(slope);
            }
        }
        let mut values: Vec<f32> = places(plane.side).map(|(x, y)| value(x, y)).collect();
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let length = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>().sqrt().max(1e-6);
        normalise(&mut values);
        for slopes in &mut slopes {
            let mean = slopes.iter().sum::<f32>() / slopes.len() as f32;
            slopes.iter_mut().for_each(|slope| *slope = (*slope - mean) / length);
            let along = product(slopes, &values);
            slopes.iter_mut().zip(&values).for_each(|(slope, value)| *slope -= along * value);
        }
        let products = slopes.each_ref().map(|a| slopes.each_ref().map(|b| product(a, b)));
        Self { places: places(plane.side).map(from_centre).collect(), values, inverse: inverse(products), slopes }
    }

    /// The other picture's values where `placement` puts this one's places, normalised.
    fn seen(&self, other: &Plane, placement: Placement) -> Vec<f32> {
        let mut seen: Vec<f32> = self.places.iter().map(|place| other.at(placement.of(*place))).collect();
        normalise(&mut seen);
        seen
    }

    /// The correlation with `other` under a placement, -1 to 1.
    pub(super) fn correlation(&self, other: &Plane, placement: Placement) -> f32 {
        product(&self.seen(other, placement), &self.values)
    }

    /// The placement with the highest correlation that at most `steps` steps from `start` find.
    pub(super) fn align(&self, other: &Plane, start: Placement, steps: usize) -> Placement {
        let (mut placement, mut best) = (start, (start, f32::MIN));
        for _ in 0..steps {
            let seen = self.seen(other, placement);
            let correlation = product(&seen, &self.values);
            if correlation > best.1 {
                best = (placement, correlation);
            }
            let scale = 1.0 / correlation.max(LEAST);
            let error: Vec<f32> = seen.iter().zip(&self.values).map(|(seen, value)| seen * scale - value).collect();
            let along = self.slopes.each_ref().map(|slopes| product(slopes, &error));
            let step = self.inverse.map(|row| row.iter().zip(&along).map(|(a, b)| a * b).sum::<f32>());
            placement = placement.after_inverse((step[0], step[1]), (step[2], step[3]));
            if !placement.is_sound() || step.iter().all(|part| part.abs() < ARRIVED) {
                break;
            }
        }
        best.0
    }
}

/// The inverse of a symmetric matrix, by elimination with pivots. One that has none (a picture without any structure)
/// gives large numbers, whose placements are unsound.
fn inverse(matrix: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    let mut rows: [[f64; 8]; 4] = std::array::from_fn(|row| {
        std::array::from_fn(|column| match column {
            0..4 => f64::from(matrix[row][column]) + if row == column { 1e-9 } else { 0.0 },
            _ => f64::from(u8::from(column - 4 == row)),
        })
    });
    for column in 0..4 {
        let size = |row: usize| rows[row][column].abs();
        let pivot = (column..4).fold(column, |best, row| if size(row) > size(best) { row } else { best });
        rows.swap(column, pivot);
        let divisor = rows[column][column];
        rows[column].iter_mut().for_each(|value| *value /= divisor);
        let of_pivot = rows[column];
        for (_, row) in rows.iter_mut().enumerate().filter(|(at, _)| *at != column) {
            let factor = row[column];
            row.iter_mut().zip(of_pivot).for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
    rows.map(|row| std::array::from_fn(|column| row[4 + column] as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few soft spots, seen through a placement.
    fn spots(side: usize, placement: Placement) -> Plane {
        let half = (side - 1) as f32 / 2.0;
        let spots = [(-0.3, -0.2, 0.1), (0.35, -0.25, 0.12), (0.0, 0.1, 0.08), (0.1, 0.45, 0.2), (-0.4, 0.4, 0.15)];
        let value = |index: usize| {
            let place = ((index % side) as f32 / half - 1.0, (index / side) as f32 / half - 1.0);
            let (x, y) = placement.of(place);
            spots.map(|(u, v, r): (f32, f32, f32)| (-((x - u).powi(2) + (y - v).powi(2)) / (r * r)).exp()).iter().sum()
        };
        Plane { side, values: (0..side * side).map(value).collect() }
    }

    #[test]
    fn finds_turn_scale_and_shift() {
        let truth = Placement { turn: (1.06, 0.05), shift: (0.05, -0.06) };
        // The other picture shows at `truth` of a place what the template shows at the place.
        let template = Template::new(&spots(56, truth));
        let other = spots(56, Placement::SAME);
        let before = template.correlation(&other, Placement::SAME);
        let found = template.align(&other, Placement::SAME, 20);
        assert!(before < 0.9 && template.correlation(&other, found) > 0.999, "{before} {found:?}");
        for (found, truth) in [(found.turn, truth.turn), (found.shift, truth.shift)] {
            assert!((found.0 - truth.0).abs() < 2e-3 && (found.1 - truth.1).abs() < 2e-3, "{found:?} {truth:?}");
        }
    }

    #[test]
    fn a_picture_without_structure_is_like_nothing() {
        let flat = Plane { side: 56, values: vec![0.5; 56 * 56] };
        let other = spots(56, Placement::SAME);
        let placement = Template::new(&flat).align(&other, Placement::SAME, 20);
        assert!(Template::new(&flat).correlation(&other, placement).abs() < 0.1);
        assert!(Template::new(&other).correlation(&flat, Placement::SAME).abs() < 0.1);
    }
}
