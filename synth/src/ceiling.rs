//! The ceiling: how well anyone could do on these photographs.
//!
//! A Bayes classifier that is **told**, without error, which signs of `features.tsv` the subject has and which not, and
//! the subject's sex. It knows the very frequencies with which they were drawn, takes the classes as equally likely, and
//! is therefore the best that any classifier can be that sees signs. (It is not told how strong a sign is; a sign that a
//! class does not bring is drawn milder, so a reader of strengths could do very slightly better. Age, ancestry and skin
//! tone are drawn alike for all classes and tell nothing.)

use lakshan_core::{Sex, Syndrome};

use crate::frequency::Frequencies;
use crate::signs::Table;
use crate::subject::{Label, Subject, female_rate};

/// Probabilities are kept above this, so that one improbable sign cannot outweigh everything.
const FLOOR: f64 = 1e-4;

/// The probability of each class given the subject's signs and sex, in the order of [`Syndrome::ALL`].
pub fn posterior(subject: &Subject) -> [f64; Syndrome::COUNT] {
    let mut log_likelihood = [0.0_f64; Syndrome::COUNT];
    let frequencies = Frequencies::get();
    let table = Table::get();
    let present: Vec<bool> = table.signs.iter().map(|s| subject.strength(&s.name) > 0.0).collect();
    for (class, total) in Syndrome::ALL.into_iter().zip(&mut log_likelihood) {
        let female = f64::from(female_rate(Label::Affected(class)));
        *total += match subject.sex {
            Sex::Female => female,
            Sex::Male => 1.0 - female,
        }
        .max(FLOOR)
        .ln();
        for axis in &table.axes {
            let p = match axis.iter().find(|&&s| present[s]) {
                Some(&sign) => f64::from(frequencies.in_class(class, sign)),
                None => 1.0 - axis.iter().map(|&s| f64::from(frequencies.in_class(class, s))).sum::<f64>(),
            };
            *total += p.max(FLOOR).ln();
        }
    }
    let best = log_likelihood.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let likelihood = log_likelihood.map(|l| (l - best).exp());
    let sum: f64 = likelihood.iter().sum();
    likelihood.map(|l| l / sum)
}

/// The most probable class.
pub fn classify(subject: &Subject) -> Syndrome {
    let posterior = posterior(subject);
    Syndrome::ALL
        .into_iter()
        .max_by(|a, b| posterior[a.index()].total_cmp(&posterior[b.index()]))
        .expect("twelve classes")
}

/// The share of affected `subjects` whose class the classifier names; negatives are left out. 0 if there are none.
pub fn accuracy<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> f64 {
    let (mut right, mut all) = (0.0, 0.0);
    for subject in subjects {
        if let Label::Affected(class) = subject.label {
            all += 1.0;
            right += f64::from(u8::from(classify(subject) == class));
        }
    }
    if all > 0.0 { right / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_tell_the_classes_apart_but_not_always() {
        for class in Syndrome::ALL {
            let subjects: Vec<_> = (0..200).map(|i| Subject::draw(11, Label::Affected(class), i)).collect();
            println!("{:18} {:.3}", class.id(), accuracy(&subjects));
        }
        let subjects: Vec<_> = Syndrome::ALL
            .into_iter()
            .flat_map(|class| (0..200).map(move |i| Subject::draw(11, Label::Affected(class), i)))
            .collect();
        let accuracy = accuracy(&subjects);
        println!("Bayes ceiling, 12 x 200 subjects: {accuracy:.4}");
        assert!((0.85..1.0).contains(&accuracy), "{accuracy}");
    }

    #[test]
    fn a_posterior_sums_to_one() {
        let subject = Subject::draw(1, Label::Unaffected, 0);
        assert!((posterior(&subject).iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
