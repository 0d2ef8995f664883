//! The shape of one subject's head: ancestry, sex, age, build, freely varying features, signs, expression.

use lakshan_core::Sex;

use crate::chance::Chance;
use crate::geometry;
use crate::head::HeadModel;
use crate::signs::{Effect, Table};
use crate::subject::Subject;
use crate::vector::V3;

/// Standard deviation of a freely varying feature, as a weight of its target; a sign has 0.6 to 1.1.
const VARIATION_SD: f32 = 0.17;
/// Standard deviation of the difference between the two sides of the face.
const ASYMMETRY_SD: f32 = 0.06;

/// The ages in years at which MakeHuman's four age targets are true.
const AGES: [(&str, f32); 4] = [("baby", 1.0), ("child", 10.0), ("young", 25.0), ("old", 90.0)];

/// What a face does in one photograph, as weights of MakeHuman's expression units.
pub(crate) type Expression = Vec<(&'static str, f32)>;

/// The head's coarse vertices, in the base mesh's size and place whatever the age.
pub(crate) fn shape(model: &HeadModel, subject: &Subject, identity: &mut Chance, expression: &Expression) -> Vec<V3> {
    let mut vertices = model.rest.clone();
    add_person(model, &mut vertices, subject, identity);
    normalize(model, &mut vertices);
    for [low, high] in &model.variation {
        let common = identity.normal_within(VARIATION_SD, 2.2 * VARIATION_SD);
        for (l, h) in low.iter().zip(high) {
            let weight = common + identity.normal_within(ASYMMETRY_SD, 2.0 * ASYMMETRY_SD);
            model.add(&mut vertices, if weight < 0.0 { l } else { h }, weight.abs());
        }
    }
    let table = Table::get();
    for feature in &subject.features {
        let Some(sign) = table.sign(&feature.sign) else { continue };
        for effect in &table.signs[sign].effects {
            match effect {
                Effect::Target { path, weight } => model.add(&mut vertices, path, weight * feature.strength),
                Effect::Drawn { name, amount } => {
                    geometry::deform(model, &mut vertices, name, amount * feature.strength);
                }
            }
        }
    }
    // A short neck lowers the head: bring it back to where hair and camera expect it.
    let lift = measure(model, &model.rest).0 - measure(model, &vertices).0;
    for v in &mut vertices {
        *v += lift;
    }
    for &(unit, weight) in expression {
        for (ancestry, share) in ancestries(subject) {
            model.add(&mut vertices, &format!("expression/units/{ancestry}/{unit}"), weight * share);
        }
    }
    geometry::keep_mouth_inside(model, &mut vertices);
    vertices
}

fn ancestries(subject: &Subject) -> [(&'static str, f32); 3] {
    let a = subject.ancestry;
    [("african", a.african), ("asian", a.asian), ("caucasian", a.european)]
}

/// Ancestry, sex, age and build.
fn add_person(model: &HeadModel, vertices: &mut [V3], subject: &Subject, identity: &mut Chance) {
    // Before puberty the sexes are alike: a boy's face lies near the middle of both targets.
    let grown = ((subject.age_years - 9.0) / 9.0).clamp(0.0, 1.0);
    let distance = 0.15 + 0.3 * grown + identity.range(-0.1, 0.05);
    let male = match subject.sex {
        Sex::Male => 0.5 + distance,
        Sex::Female => 0.5 - distance,
    };
    let build = identity.normal_within(0.35, 0.8);
    for (age, share) in age_shares(subject.age_years) {
        for (sex, sex_share) in [("male", male), ("female", 1.0 - male)] {
            for (ancestry, weight) in ancestries(subject) {
                let name = format!("macrodetails/{ancestry}-{sex}-{age}");
                model.add(vertices, &name, share * sex_share * weight);
            }
            let weight = if build < 0.0 { "minweight" } else { "maxweight" };
            let name = format!("macrodetails/universal-{sex}-{age}-averagemuscle-{weight}");
            model.add(vertices, &name, share * sex_share * build.abs());
        }
    }
}

/// Shares of the two age targets around `years`.
fn age_shares(years: f32) -> [(&'static str, f32); 2] {
    let years = years.clamp(AGES[0].1, AGES[3].1);
    let upper = (1..3).find(|&i| years <= AGES[i].1).unwrap_or(3);
    let ((young, from), (old, to)) = (AGES[upper - 1], AGES[upper]);
    let t = (years - from) / (to - from);
    [(young, 1.0 - t), (old, t)]
}

/// Brings the head to the base mesh's size and place, so that targets made for adults fit a baby.
fn normalize(model: &HeadModel, vertices: &mut [V3]) {
    let (from_eyes, from_size) = measure(model, vertices);
    let (to_eyes, to_size) = measure(model, &model.rest);
    let scale = to_size / from_size;
    for v in vertices {
        *v = to_eyes + (*v - from_eyes) * scale;
    }
}

/// The middle between the eyes, and the size of the head: the root mean square distance of its vertices from there.
fn measure(model: &HeadModel, vertices: &[V3]) -> (V3, f32) {
    let mut middle = V3::ZERO;
    for eye in &model.eyeballs {
        let sum = eye.iter().fold(V3::ZERO, |s, &v| s + vertices[v as usize]);
        middle += sum * (0.5 / eye.len() as f32);
    }
    let (mut sum, mut n) = (0.0, 0.0);
    for (v, rest) in vertices.iter().zip(&model.rest) {
        if rest.y > 6.5 {
            let d = *v - middle;
            sum += d.dot(d);
            n += 1.0;
        }
    }
    (middle, (sum / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_shares_meet_at_the_targets_ages() {
        assert_eq!(age_shares(0.5), [("baby", 1.0), ("child", 0.0)]);
        assert_eq!(age_shares(10.0), [("baby", 0.0), ("child", 1.0)]);
        assert_eq!(age_shares(17.5), [("child", 0.5), ("young", 0.5)]);
        assert!(age_shares(40.0)[1].1 > 0.2);
    }
}
