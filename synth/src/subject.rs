//! A subject: a person who does not exist, with a class, the signs drawn for them, age, sex, ancestry and skin tone.

use lakshan_core::{Ancestry, Sex, Syndrome};
use serde::{Deserialize, Serialize};

use crate::chance::{Chance, mix};
use crate::frequency::Frequencies;
use crate::signs::Table;

/// What a subject has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// One of the twelve syndromes.
    Affected(Syndrome),
    /// Nothing: signs only at the rate at which anyone has them.
    Unaffected,
    /// Another, unnamed condition: several signs that are no class's profile.
    OtherCondition,
}

impl Label {
    /// The class id, or `unaffected` or `other_condition`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Affected(syndrome) => syndrome.id(),
            Self::Unaffected => "unaffected",
            Self::OtherCondition => "other_condition",
        }
    }

    /// A number for keys, distinct for every label.
    fn number(self) -> u64 {
        match self {
            Self::Affected(syndrome) => syndrome.index() as u64,
            Self::Unaffected => 100,
            Self::OtherCondition => 101,
        }
    }
}

/// A sign that a subject has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrawnFeature {
    /// The sign's name in `features.tsv`.
    pub sign: String,
    /// The HPO term it stands for, `HP:0000286`.
    pub hpo: String,
    /// How strong it is; 1 is what `features.tsv` states.
    pub strength: f32,
}

/// A person who does not exist. Everything that a photograph needs follows from these fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Unique among the subjects of one seed: `down-00012`.
    pub id: String,
    /// What the subject has.
    pub label: Label,
    /// The signs drawn, in the order of `features.tsv`.
    pub features: Vec<DrawnFeature>,
    /// Age in years.
    pub age_years: f32,
    /// Sex.
    pub sex: Sex,
    /// Ancestry.
    pub ancestry: Ancestry,
    /// Skin tone on the Monk scale, 1 (lightest) to 10.
    pub skin_tone: u8,
    /// Key of everything else about the person (features of the face that are no sign, hair, eyes).
    pub key: u64,
}

/// Streams of a subject's key; photographs use [`PHOTO_STREAM`] + their number.
const PERSON_STREAM: u64 = 1;
const SIGN_STREAM: u64 = 2;
pub(crate) const SHAPE_STREAM: u64 = 3;
pub(crate) const LOOK_STREAM: u64 = 4;
pub(crate) const HAIR_STREAM: u64 = 5;
pub(crate) const PHOTO_STREAM: u64 = 1 << 20;

impl Subject {
    /// Draws subject `index` of `label`. The same arguments always give the same subject.
    pub fn draw(seed: u64, label: Label, index: u32) -> Self {
        let key = mix(&[seed, label.number(), u64::from(index)]);
        let mut person = Chance::new(key, PERSON_STREAM);
        let age_years = draw_age(&mut person);
        let sex = draw_sex(&mut person, label);
        let ancestry = draw_ancestry(&mut person);
        let skin_tone = draw_skin_tone(&mut person, ancestry);
        let features = draw_features(&mut Chance::new(key, SIGN_STREAM), label);
        Self {
            id: format!("{}-{index:05}", label.id()),
            label,
            features,
            age_years,
            sex,
            ancestry,
            skin_tone,
            // JSON readers in other languages hold integers as f64: keep the key exact there.
            key: key >> 11,
        }
    }

    /// The strength of the sign called `name`, 0 if the subject does not have it.
    pub fn strength(&self, name: &str) -> f32 {
        self.features.iter().find(|f| f.sign == name).map_or(0.0, |f| f.strength)
    }
}

/// 0.5 to 40 years, the same for every class: one tenth below 1.5, seven tenths 1.5 to 16, one fifth above.
fn draw_age(chance: &mut Chance) -> f32 {
    match chance.weighted(&[0.10, 0.70, 0.20]) {
        0 => chance.range(0.5, 1.5),
        1 => 1.5 + 14.5 * chance.unit().powf(1.2),
        _ => chance.range(16.0, 40.0),
    }
}

/// How often a subject of `label` is female: Turner syndrome is a condition of girls and women; most who are diagnosed
/// with fragile X are male; else one half.
pub(crate) fn female_rate(label: Label) -> f32 {
    match label {
        Label::Affected(Syndrome::Turner) => 1.0,
        Label::Affected(Syndrome::FragileX) => 0.25,
        _ => 0.5,
    }
}

fn draw_sex(chance: &mut Chance, label: Label) -> Sex {
    if chance.happens(female_rate(label)) { Sex::Female } else { Sex::Male }
}

/// Mostly one ancestry with a share of the others; a fifth are evenly mixed, as much of South Asia would come out.
fn draw_ancestry(chance: &mut Chance) -> Ancestry {
    let main = chance.below(3);
    let mixed = chance.happens(0.25);
    let mut weights = [0.0_f32; 3];
    for (i, w) in weights.iter_mut().enumerate() {
        let share = -(1.0 - chance.unit()).ln();
        *w = if mixed { share } else { share * 0.15 + if i == main { 1.0 } else { 0.0 } };
    }
    let sum: f32 = weights.iter().sum();
    Ancestry { african: weights[0] / sum, asian: weights[1] / sum, european: weights[2] / sum }
}

/// A Monk tone around the mean of the ancestry's range, wide enough that ancestry does not fix it.
fn draw_skin_tone(chance: &mut Chance, ancestry: Ancestry) -> u8 {
    let mean = 8.0 * ancestry.african + 4.6 * ancestry.asian + 2.6 * ancestry.european;
    (mean + chance.normal_within(1.3, 3.0)).round().clamp(1.0, 10.0) as u8
}

/// Draws at most one sign of every axis. Signs that a class brings are strong; others are milder.
fn draw_features(chance: &mut Chance, label: Label) -> Vec<DrawnFeature> {
    let table = Table::get();
    let frequencies = Frequencies::get();
    let mut drawn = Vec::new();
    for axis in &table.axes {
        // Always two numbers an axis, so that one axis never shifts the draws of another.
        let (which, strength) = (chance.unit(), chance.unit());
        let mut left = which;
        for &sign in axis {
            let term = match label {
                Label::Affected(class) => {
                    left -= frequencies.in_class(class, sign);
                    frequencies.term(class, sign)
                }
                Label::Unaffected | Label::OtherCondition => {
                    left -= frequencies.in_people(sign);
                    None
                }
            };
            if left < 0.0 {
                let strength = match term {
                    Some(_) => 0.6 + 0.5 * strength,
                    None => 0.4 + 0.4 * strength,
                };
                let hpo = term.unwrap_or(&table.signs[sign].hpo[0]).to_owned();
                drawn.push((sign, hpo, strength));
                break;
            }
        }
    }
    if label == Label::OtherCondition {
        add_other_condition(chance, &mut drawn);
    }
    drawn.sort_by_key(|&(sign, ..)| sign);
    drawn
        .into_iter()
        .map(|(sign, hpo, strength)| DrawnFeature { sign: table.signs[sign].name.clone(), hpo, strength })
        .collect()
}

/// Four to nine strong signs from axes drawn at random: a combination that no class's profile was asked for.
fn add_other_condition(chance: &mut Chance, drawn: &mut Vec<(usize, String, f32)>) {
    let table = Table::get();
    let wanted = drawn.len() + 4 + chance.below(6);
    while drawn.len() < wanted {
        let axis = &table.axes[chance.below(table.axes.len())];
        if drawn.iter().any(|(sign, ..)| axis.contains(sign)) {
            continue;
        }
        let sign = axis[chance.below(axis.len())];
        drawn.push((sign, table.signs[sign].hpo[0].clone(), chance.range(0.6, 1.1)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_depends_on_its_arguments_only() {
        let label = Label::Affected(Syndrome::Down);
        let one = Subject::draw(1, label, 5);
        let _ = Subject::draw(1, label, 6);
        assert_eq!(one, Subject::draw(1, label, 5));
        assert_ne!(one.key, Subject::draw(2, label, 5).key);
    }

    #[test]
    fn turner_is_female() {
        for index in 0..50 {
            assert_eq!(Subject::draw(3, Label::Affected(Syndrome::Turner), index).sex, Sex::Female);
        }
    }

    #[test]
    fn age_does_not_depend_on_the_class() {
        let mean = |label| (0..2000).map(|i| Subject::draw(4, label, i).age_years).sum::<f32>() / 2000.0;
        let unaffected = mean(Label::Unaffected);
        for class in Syndrome::ALL {
            let difference = (mean(Label::Affected(class)) - unaffected).abs();
            assert!(difference < 1.0, "{class}: {difference}");
        }
    }

    #[test]
    fn drawing_reproduces_the_frequencies() {
        let table = Table::get();
        let n = 5000;
        for class in Syndrome::ALL {
            let mut counts = vec![0; table.signs.len()];
            for index in 0..n {
                for feature in Subject::draw(9, Label::Affected(class), index).features {
                    counts[table.sign(&feature.sign).unwrap()] += 1;
                }
            }
            for (sign, count) in counts.into_iter().enumerate() {
                let expected = Frequencies::get().in_class(class, sign);
                let seen = count as f32 / n as f32;
                // Five standard errors.
                let tolerance = 5.0 * (expected * (1.0 - expected) / n as f32).sqrt() + 1e-3;
                let name = &table.signs[sign].name;
                assert!((seen - expected).abs() < tolerance, "{class} {name}: {seen} for {expected}");
            }
        }
    }
}
