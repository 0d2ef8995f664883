//! Signs as a second task: which terms of the Human Phenotype Ontology a person shows, beside which class they have.
//!
//! A class is one word about a face. Doctors note a dozen signs of a patient, and the classes share them: whoever must name the
//! signs too learns from every person with a long philtrum what one looks like, whatever they have. The head that names
//! them hangs on the same pooled features (multi-task learning, Caruana 1997) and is dropped when the network is kept, so that
//! what ships computes twelve logits as before.

use std::collections::{BTreeMap, BTreeSet};

use tch::{Kind, Reduction, TchError, Tensor};

use super::loader::Example;
use crate::dataset::{Dataset, Label, NegativeKind};

/// People of the training split who must show a sign for it to be learnt.
const MIN_PEOPLE: usize = 5;

/// The signs of the people of a training split.
#[derive(Clone, Debug, PartialEq)]
pub struct Signs {
    terms: Vec<String>,
    /// Of each photograph whose signs are known, which terms it shows.
    shown: BTreeMap<usize, Vec<usize>>,
}

impl Signs {
    /// The signs that enough people among `train` show; `None` when there is none.
    ///
    /// A person's signs are known when somebody noted any of them, or found the person unaffected: a sign that was not
    /// noted then counts as not there. Of everybody else nothing is assumed.
    pub fn of(dataset: &Dataset, train: &[Example]) -> Option<Self> {
        let mut people: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for photo in train.iter().map(|example| &dataset.photos[example.photo]) {
            for feature in &photo.features {
                people.entry(&feature.hpo).or_default().insert(&photo.subject);
            }
        }
        let terms: Vec<String> = people
            .into_iter()
            .filter(|(_, people)| people.len() >= MIN_PEOPLE)
            .map(|(term, _)| term.to_owned())
            .collect();
        if terms.is_empty() {
            return None;
        }
        let mut shown = BTreeMap::new();
        for example in train {
            let photo = &dataset.photos[example.photo];
            if photo.features.is_empty() && photo.label != Label::Negative(NegativeKind::Unaffected) {
                continue;
            }
            let found = photo.features.iter().filter_map(|feature| terms.binary_search(&feature.hpo).ok());
            shown.insert(example.photo, found.collect());
        }
        Some(Self::new(terms, shown))
    }

    /// The signs `terms`, of which each photograph in `shown` shows those at the places given, and no other.
    ///
    /// # Panics
    /// When a place is not one of the terms'.
    pub fn new(terms: Vec<String>, shown: BTreeMap<usize, Vec<usize>>) -> Self {
        assert!(shown.values().flatten().all(|place| *place < terms.len()), "a sign without a name");
        Self { terms, shown }
    }

    /// How many signs are learnt.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Never: there is no such value without a sign.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The cross-entropies of all signs, each a yes or no of its own, summed; the mean over those of `photos` whose signs are
    /// known, 0 when there is none. `logits`: `[photos, signs]`.
    ///
    /// # Errors
    /// When shapes disagree or memory runs out.
    pub fn loss(&self, logits: &Tensor, photos: &[usize]) -> Result<Tensor, TchError> {
        let known = photos.iter().zip(0_i64..).filter_map(|(photo, row)| Some((row, self.shown.get(photo)?)));
        let (rows, shown): (Vec<i64>, Vec<&Vec<usize>>) = known.unzip();
        if rows.is_empty() {
            // Still of `logits`, so that the head has a gradient, of 0.
            return logits.f_sum(Kind::Float)?.f_mul_scalar(0.0);
        }
        let mut targets = vec![0.0_f32; rows.len() * self.len()];
        for (row, places) in shown.iter().enumerate() {
            for place in places.iter() {
                targets[row * self.len() + place] = 1.0;
            }
        }
        let shape = [rows.len() as i64, self.len() as i64];
        let targets = Tensor::f_from_slice(&targets)?.f_reshape(shape)?.f_to(logits.device())?;
        let logits = logits.f_index_select(0, &Tensor::f_from_slice(&rows)?.f_to(logits.device())?)?;
        let loss = logits.f_to_kind(Kind::Float)?.f_binary_cross_entropy_with_logits(
            &targets,
            None::<&Tensor>,
            None::<&Tensor>,
            Reduction::Sum,
        )?;
        loss.f_div_scalar(rows.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::ShownFeature;
    use crate::dataset::tests::dataset_of;
    use lakshan_core::Syndrome;

    const LONG: &str = "HP:0000343";
    const RARE: &str = "HP:0000494";
    const WIDE: &str = "HP:0000316";

    #[test]
    fn signs_of_enough_people_are_learnt_and_unknown_ones_are_not_assumed_absent() {
        let down = Label::Class(Syndrome::Down);
        // Two pictures of one person count once.
        let mut people = vec![("p0", down, vec![LONG]), ("p0", down, vec![LONG, RARE])];
        people.extend(["p1", "p2", "p3", "p4"].map(|person| (person, down, vec![WIDE, LONG])));
        people.push(("p5", down, vec![WIDE]));
        people.push(("silent", down, vec![]));
        people.push(("healthy", Label::Negative(NegativeKind::Unaffected), vec![]));
        let mut dataset = dataset_of(people.iter().map(|(person, label, _)| ((*person).to_owned(), *label)).collect());
        for (photo, (_, _, terms)) in dataset.photos.iter_mut().zip(people) {
            let feature = |term: &str| ShownFeature { hpo: term.to_owned(), sign: None, strength: 1.0 };
            photo.features = terms.into_iter().map(feature).collect();
        }
        let train: Vec<Example> = (0..dataset.photos.len()).map(|photo| Example { photo, target: 0 }).collect();
        let signs = Signs::of(&dataset, &train).unwrap();
        assert_eq!(signs.terms, [WIDE, LONG]);
        assert_eq!(signs.shown[&1], [1]);
        assert!(!signs.shown.contains_key(&7) && signs.shown[&8].is_empty());
        assert_eq!(Signs::of(&dataset, &train[..3]), None);
    }

    #[test]
    fn the_loss_is_that_of_independent_answers() {
        let shown = BTreeMap::from([(3, vec![0, 1]), (4, vec![])]);
        let signs = Signs::new(vec![LONG.into(), WIDE.into()], shown);
        let logits = Tensor::from_slice(&[1.0_f32, -2.0, 9.0, 9.0, 0.5, 0.0]).reshape([3, 2]).set_requires_grad(true);
        // The photograph between them is nobody's whose signs are known.
        let loss = signs.loss(&logits, &[3, 7, 4]).unwrap();
        let minus_log = |logit: f64| (1.0 + (-logit).exp()).ln();
        let expected = (minus_log(1.0) + minus_log(-2.0) + minus_log(-0.5) + minus_log(0.0)) / 2.0;
        assert!((f64::try_from(&loss).unwrap() - expected).abs() < 1e-6);
        loss.backward();
        assert_eq!(Vec::<f32>::try_from(logits.grad().get(1)).unwrap(), [0.0, 0.0]);
        assert_eq!(f64::try_from(signs.loss(&logits, &[7, 7, 7]).unwrap()).unwrap(), 0.0);
    }
}
