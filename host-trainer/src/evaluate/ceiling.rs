//! The ceiling on synthetic data: a Bayes classifier that is told each subject's drawn signs and sex.

use lakshan_core::Ancestry;
use lakshan_synth as synth;

use super::metrics::{Scored, Truth};
use crate::dataset::Photo;

/// A subject whose signs are not told: the data set is not one of ours.
#[derive(Debug, thiserror::Error)]
#[error("photograph {photo} of the synthetic data set states no {what}, so the ceiling cannot be computed")]
pub struct NotStated {
    /// Which photograph.
    photo: String,
    /// What is missing.
    what: String,
}

/// The classifier's answer for one photograph, as log-probabilities of the twelve classes.
///
/// # Errors
/// When sex is not stated or a sign is not one that the renderer knows.
pub fn answer(photo: &Photo) -> Result<Scored, NotStated> {
    let missing = |what: String| NotStated { photo: photo.photo.display().to_string(), what };
    let table = synth::Table::get();
    let features = photo.features.iter().map(|feature| {
        let sign = match &feature.sign {
            Some(sign) => table.sign(sign),
            None => table.term(&feature.hpo).and_then(|term| term.shown.as_ref().ok().copied()),
        };
        let sign = sign.ok_or_else(|| missing(format!("known sign for {}", feature.hpo)))?;
        Ok(synth::DrawnFeature {
            sign: table.signs[sign].name.clone(),
            hpo: feature.hpo.clone(),
            strength: feature.strength,
        })
    });
    let subject = synth::Subject {
        id: photo.subject.clone(),
        // The classifier is not told the label, age, ancestry or skin tone; they are here because the type wants them.
        label: synth::Label::Unaffected,
        features: features.collect::<Result<_, NotStated>>()?,
        age_years: photo.age_years.unwrap_or_default(),
        sex: photo.sex.ok_or_else(|| missing("sex".to_owned()))?,
        ancestry: Ancestry { african: 1.0 / 3.0, asian: 1.0 / 3.0, european: 1.0 / 3.0 },
        skin_tone: photo.skin_tone.unwrap_or(5),
        key: 0,
    };
    let logits = synth::ceiling::posterior(&subject).map(|p| p.max(1e-30).ln() as f32);
    let logits = lakshan_core::Logits::new(logits).expect("logarithms of positive numbers");
    Ok(Scored { subject: photo.subject.clone(), truth: Truth::of(photo.label), logits })
}

#[cfg(test)]
mod tests {
    use lakshan_core::Syndrome;

    use super::*;
    use crate::dataset::{Label, ShownFeature, Split};

    fn photo(subject: &synth::Subject) -> Photo {
        Photo {
            photo: "photos/a.jpg".into(),
            subject: subject.id.clone(),
            label: Label::Class(Syndrome::Apert),
            split: Split::Test,
            fold: None,
            age_years: None,
            sex: Some(subject.sex),
            ancestry: None,
            skin_tone: None,
            features: subject
                .features
                .iter()
                .map(|f| ShownFeature { hpo: f.hpo.clone(), sign: Some(f.sign.clone()), strength: f.strength })
                .collect(),
        }
    }

    #[test]
    fn a_record_is_answered_as_its_subject_was_drawn() {
        for index in 0..20 {
            let subject = synth::Subject::draw(3, synth::Label::Affected(Syndrome::Apert), index);
            let answer = answer(&photo(&subject)).unwrap();
            assert_eq!(answer.logits.top(), synth::ceiling::classify(&subject));
        }
    }

    #[test]
    fn what_is_not_stated_is_named() {
        let subject = synth::Subject::draw(3, synth::Label::Affected(Syndrome::Apert), 0);
        let error = answer(&Photo { sex: None, ..photo(&subject) }).unwrap_err();
        assert!(error.to_string().contains("photos/a.jpg of the synthetic data set states no sex"), "{error}");
        let unknown = ShownFeature { hpo: "HP:9999999".into(), sign: None, strength: 1.0 };
        let error = answer(&Photo { features: vec![unknown], ..photo(&subject) }).unwrap_err();
        assert!(error.to_string().contains("HP:9999999"), "{error}");
    }
}
