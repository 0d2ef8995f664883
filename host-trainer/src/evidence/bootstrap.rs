//! Patient-level bootstrap: subjects are drawn again, not photographs, because photographs of one person resemble each other.

use std::collections::HashMap;

use rayon::prelude::*;

use super::statistics::quantile;
use crate::chance::Chance;

/// How often the subjects are drawn again.
pub const RESAMPLES: usize = 1000;
const SEED: u64 = 5;

/// The photographs of each subject, to be drawn again together.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    subjects: Vec<Vec<usize>>,
}

impl Bootstrap {
    /// Groups photographs, given by the subject of each, in order.
    pub fn new<'a>(subjects: impl IntoIterator<Item = &'a str>) -> Self {
        let mut places = HashMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (photo, subject) in subjects.into_iter().enumerate() {
            let place = *places.entry(subject).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(photo);
        }
        Self { subjects: groups }
    }

    /// How many subjects there are.
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// The photographs of draw `number`: as many subjects as there are, each perhaps several times. The same for every
    /// statistic, so that differences between two are paired.
    pub fn draw(&self, number: usize) -> Vec<usize> {
        let mut chance = Chance::new("bootstrap", &[SEED, number as u64]);
        let drawn = (0..self.subjects.len()).map(|_| chance.below(self.subjects.len()));
        drawn.flat_map(|subject| self.subjects[subject].iter().copied()).collect()
    }

    /// The 2.5th and 97.5th percentile of a statistic over [`RESAMPLES`] draws. Draws on which it cannot be measured
    /// are left out; `None` when those are more than half.
    pub fn interval(&self, statistic: impl Fn(&[usize]) -> Option<f64> + Sync) -> Option<(f64, f64)> {
        if self.subjects.is_empty() {
            return None;
        }
        let draws = (0..RESAMPLES).into_par_iter();
        let values: Vec<f64> = draws.filter_map(|number| statistic(&self.draw(number))).collect();
        if values.len() * 2 < RESAMPLES {
            return None;
        }
        Some((quantile(&values, 0.025)?, quantile(&values, 0.975)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photographs_of_a_subject_stay_together() {
        let bootstrap = Bootstrap::new(["a", "b", "a", "c"]);
        assert_eq!(bootstrap.subjects(), 3);
        for number in 0..50 {
            let drawn = bootstrap.draw(number);
            let count = |photo| drawn.iter().filter(|drawn| **drawn == photo).count();
            assert_eq!(count(0), count(2));
            assert_eq!(count(0) + count(1) + count(3), 3);
        }
        assert_eq!(bootstrap.draw(7), bootstrap.draw(7));
        assert_ne!(bootstrap.draw(7), bootstrap.draw(8));
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_textbook() {
        let subjects: Vec<String> = (0..400).map(|at| at.to_string()).collect();
        let bootstrap = Bootstrap::new(subjects.iter().map(String::as_str));
        let share = |drawn: &[usize]| Some(drawn.iter().filter(|at| **at < 100).count() as f64 / drawn.len() as f64);
        let (low, high) = bootstrap.interval(share).unwrap();
        // .25 and 1.96 standard errors of sqrt(.25 * .75 / 400) = .0217 to either side.
        assert!((low - 0.2076).abs() < 0.01 && (high - 0.2924).abs() < 0.01, "{low} {high}");
        assert_eq!(Bootstrap::new([]).interval(|_| Some(1.0)), None);
        assert_eq!(bootstrap.interval(|_| None), None);
    }
}
