//! Who trains, who calibrates, who tests: by subject, stratified by label, drawn by seed.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{Dataset, Label, NegativeKind, Split};
use crate::chance::Chance;

/// Shares of training, calibration and test; they add up to one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares([f64; 3]);

impl Shares {
    /// The three shares, in the order of the splits.
    pub fn values(self) -> [f64; 3] {
        self.0
    }

    /// How many of `subjects` train and calibrate, the rest tests: as the shares say, but none of them nobody's while
    /// another has two.
    fn counts(self, subjects: usize) -> [usize; 2] {
        let bound = |share: f64| (share * subjects as f64).round() as usize;
        let train = bound(self.0[0]);
        let calibration = bound(self.0[0] + self.0[1]) - train;
        let mut counts = [train, calibration, subjects - train - calibration];
        for split in 0..3 {
            let largest = (0..3).max_by_key(|&other| counts[other]).unwrap_or(0);
            if self.0[split] > 0.0 && counts[split] == 0 && counts[largest] > 1 {
                counts[largest] -= 1;
                counts[split] += 1;
            }
        }
        [counts[0], counts[1]]
    }

    /// The split of each of `subjects` of one stratum, drawn by seed.
    pub fn assign(self, subjects: usize, seed: u64, stratum: &str) -> Vec<Split> {
        let [train, calibration] = self.counts(subjects);
        let mut order: Vec<usize> = (0..subjects).collect();
        Chance::new(&format!("split {stratum}"), &[seed]).shuffle(&mut order);
        let mut splits = vec![Split::Test; subjects];
        for (place, subject) in order.into_iter().enumerate() {
            if place < train {
                splits[subject] = Split::Train;
            } else if place < train + calibration {
                splits[subject] = Split::Calibration;
            }
        }
        splits
    }
}

impl FromStr for Shares {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shares: Vec<f64> = text.split(',').filter_map(|share| share.trim().parse().ok()).collect();
        let shares: [f64; 3] = shares.try_into().map_err(|_| "three numbers, e.g. 0.7,0.1,0.2".to_owned())?;
        let sound = shares.iter().all(|share| *share >= 0.0) && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-6;
        if sound { Ok(Self(shares)) } else { Err("the shares must not be negative and add up to 1".into()) }
    }
}

/// A number of folds of the data set that cannot be made or asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// No fold is written beside the photographs.
    #[error("the data set has no folds")]
    None,
    /// Some photographs have a fold, others have none.
    #[error("photograph {0} has no fold, others have")]
    Partly(String),
    /// There is no such fold.
    #[error("there is no fold {asked}; the data set has folds 0 to {last}")]
    Unknown {
        /// The fold that was asked for.
        asked: u32,
        /// The last one.
        last: u32,
    },
    /// Fewer subjects than folds.
    #[error("{folds} folds need at least {folds} subjects, there are {subjects}")]
    TooFewSubjects {
        /// How many folds were asked for.
        folds: u32,
        /// How many subjects there are.
        subjects: usize,
    },
}

impl FoldError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::None | Self::Partly(_) => "make them with `host-trainer dataset split DIR --folds 5`",
            Self::Unknown { .. } | Self::TooFewSubjects { .. } => "`host-trainer dataset card DIR` counts the subjects",
        }
    }
}

/// Up to so many folds, the fold behind the tested one calibrates; with more (leave-one-patient-out) a drawn tenth does.
const FOLDS_THAT_CALIBRATE: u32 = 10;
/// Shares of training and calibration among those who do not test, where folds are many.
const MANY_FOLDS: Shares = Shares([0.9, 0.1, 0.0]);

impl Dataset {
    /// Draws the splits anew: whole subjects, each label by itself.
    pub fn draw_splits(&mut self, shares: Shares, seed: u64) {
        let mut drawn: BTreeMap<String, Split> = BTreeMap::new();
        for (stratum, subjects) in self.strata() {
            let splits = shares.assign(subjects.len(), seed, stratum);
            drawn.extend(subjects.into_iter().zip(splits));
        }
        for photo in &mut self.photos {
            photo.split = drawn[&photo.subject];
        }
    }

    /// Deals the subjects of each label into `folds`, drawn by seed; as many folds as subjects is leave-one-patient-out.
    ///
    /// # Errors
    /// When there are fewer subjects than folds.
    pub fn draw_folds(&mut self, folds: u32, seed: u64) -> Result<(), FoldError> {
        let strata = self.strata();
        let subjects = strata.values().map(Vec::len).sum();
        if (folds as usize) > subjects {
            return Err(FoldError::TooFewSubjects { folds, subjects });
        }
        let mut drawn: BTreeMap<String, u32> = BTreeMap::new();
        // One dealer for all labels, so that the folds differ in size by one subject at most.
        let mut next = 0;
        for (stratum, mut subjects) in strata {
            Chance::new(&format!("folds {stratum}"), &[seed]).shuffle(&mut subjects);
            for subject in subjects {
                drawn.insert(subject, next);
                next = (next + 1) % folds;
            }
        }
        for photo in &mut self.photos {
            photo.fold = Some(drawn[&photo.subject]);
        }
        Ok(())
    }

    /// The number of folds.
    ///
    /// # Errors
    /// When photographs have no fold.
    pub fn folds(&self) -> Result<u32, FoldError> {
        let last = self.photos.iter().filter_map(|photo| photo.fold).max().ok_or(FoldError::None)?;
        match self.photos.iter().find(|photo| photo.fold.is_none()) {
            Some(photo) => Err(FoldError::Partly(photo.photo.display().to_string())),
            None => Ok(last + 1),
        }
    }

    /// Sets the splits to those of one round of cross-validation: `fold` tests, the next one calibrates (or a drawn
    /// tenth of the others, where there are more than ten folds), the others train.
    ///
    /// # Errors
    /// When there is no such fold.
    pub fn use_fold(&mut self, fold: u32) -> Result<(), FoldError> {
        let folds = self.folds()?;
        if fold >= folds {
            return Err(FoldError::Unknown { asked: fold, last: folds - 1 });
        }
        if folds > FOLDS_THAT_CALIBRATE {
            // Drawn among all, so that who calibrates does not depend on who tests.
            self.draw_splits(MANY_FOLDS, u64::from(folds));
        }
        for photo in &mut self.photos {
            if photo.fold == Some(fold) {
                photo.split = Split::Test;
            } else if folds <= FOLDS_THAT_CALIBRATE {
                let calibrates = folds > 1 && photo.fold == Some((fold + 1) % folds);
                photo.split = if calibrates { Split::Calibration } else { Split::Train };
            }
        }
        Ok(())
    }

    /// The subjects of each label, in order of their names; the two kinds of negatives apart.
    fn strata(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut strata: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for photo in &self.photos {
            strata.entry(stratum(photo.label)).or_default().push(photo.subject.clone());
        }
        for subjects in strata.values_mut() {
            subjects.sort_unstable();
            subjects.dedup();
        }
        strata
    }
}

fn stratum(label: Label) -> &'static str {
    match label {
        Label::Class(class) => class.id(),
        Label::Negative(NegativeKind::Unaffected) => "unaffected",
        Label::Negative(NegativeKind::OtherCondition) => "other_condition",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lakshan_core::Syndrome;

    use super::*;
    use crate::dataset::tests::dataset_of;

    /// 23 subjects of one class and 11 negatives, two photographs each.
    fn people() -> Dataset {
        let of = |label: Label, name: &str, count: u32| {
            let name = name.to_owned();
            (0..2 * count).map(move |index| (format!("{name}{}", index / 2), label)).collect::<Vec<_>>()
        };
        let negative = Label::Negative(NegativeKind::Unaffected);
        dataset_of([of(Label::Class(Syndrome::Down), "d", 23), of(negative, "n", 11)].concat())
    }

    fn subjects(dataset: &Dataset, split: Split) -> BTreeSet<String> {
        dataset.split(split).into_iter().map(|index| dataset.photos[index].subject.clone()).collect()
    }

    #[test]
    fn shares_are_kept_and_drawn_by_seed() {
        let shares: Shares = "0.7,0.1,0.2".parse().unwrap();
        let splits = shares.assign(40, 1, "down");
        let count = |split| splits.iter().filter(|&&other| other == split).count();
        assert_eq!([count(Split::Train), count(Split::Calibration), count(Split::Test)], [28, 4, 8]);
        assert_eq!(shares.counts(4), [2, 1]);
        assert_eq!(shares.counts(2), [1, 1]);
        assert_eq!(splits, shares.assign(40, 1, "down"));
        assert_ne!(splits, shares.assign(40, 2, "down"));
        for wrong in ["0.7,0.3", "0.7,0.2,0.2", "a,b,c", "1.2,-0.1,-0.1"] {
            assert!(wrong.parse::<Shares>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_label_is_split_by_whole_subjects() {
        let mut people = people();
        people.draw_splits("0.6,0.2,0.2".parse().unwrap(), 3);
        let sets = [Split::Train, Split::Calibration, Split::Test].map(|split| subjects(&people, split));
        assert_eq!(sets.iter().map(BTreeSet::len).sum::<usize>(), 34, "nobody is in two splits");
        for set in &sets {
            assert!(set.iter().any(|name| name.starts_with('d')) && set.iter().any(|name| name.starts_with('n')));
        }
    }

    #[test]
    fn everybody_tests_in_exactly_one_fold() {
        let mut people = people();
        assert_eq!(people.folds(), Err(FoldError::None));
        people.draw_folds(5, 1).unwrap();
        let mut tested = Vec::new();
        for fold in 0..5 {
            people.use_fold(fold).unwrap();
            let test = subjects(&people, Split::Test);
            assert!((6..=7).contains(&test.len()), "fold {fold}: {}", test.len());
            assert!(test.is_disjoint(&subjects(&people, Split::Calibration)));
            assert!((6..=7).contains(&subjects(&people, Split::Calibration).len()));
            tested.extend(test);
        }
        tested.sort();
        assert_eq!(tested.len(), 34);
        tested.dedup();
        assert_eq!(tested.len(), 34);
        assert_eq!(people.use_fold(5), Err(FoldError::Unknown { asked: 5, last: 4 }));
    }

    #[test]
    fn leaving_one_out_tests_one_subject_and_still_calibrates() {
        let mut people = people();
        people.draw_folds(34, 1).unwrap();
        let mut calibrates = BTreeSet::new();
        for fold in 0..34 {
            people.use_fold(fold).unwrap();
            assert_eq!(subjects(&people, Split::Test).len(), 1);
            let set = subjects(&people, Split::Calibration);
            assert!((2..=3).contains(&set.len()), "{set:?}");
            calibrates.extend(set);
        }
        assert_eq!(calibrates.len(), 3, "the same three, whoever tests");
        assert_eq!(people.draw_folds(35, 1), Err(FoldError::TooFewSubjects { folds: 35, subjects: 34 }));
    }
}
