//! How often each sign occurs in each class, from the published figures in `data/phenotypes.tsv`.
//!
//! Rules, in this order:
//! 1. a count n/m in OMIM's annotations with m >= 10 in total is taken as n/m;
//! 2. else Orphanet's band, or OMIM's where Orphanet has none, is taken at its midpoint (obligate 1, very frequent .9,
//!    frequent .55, occasional .17, very rare .02);
//! 3. else a smaller count is taken by the rule of succession, (n+1)/(m+2);
//! 4. else (annotated, but "not stated") .25 is **assumed**.
//!
//! Where several terms look the same, the highest frequency counts. Every sign also occurs in everyone else at
//! [`BASE_RATE`]: dysmorphology calls a measure abnormal beyond two standard deviations, which by definition 2.3 % of
//! people are. No sign is taken as more certain than [`CEILING`].

use std::sync::OnceLock;

use lakshan_core::Syndrome;

use crate::signs::Table;

const PHENOTYPES: &str = include_str!("../data/phenotypes.tsv");

/// How often a sign is seen in people whose condition does not bring it.
pub const BASE_RATE: f32 = 0.025;

/// The highest frequency that any sign is given.
pub const CEILING: f32 = 0.98;

/// What is assumed of a term that is annotated without a frequency.
pub const NOT_STATED: f32 = 0.25;

/// A row of `phenotypes.tsv`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) class: &'static str,
    pub(crate) hpo: &'static str,
    pub(crate) hpo_name: &'static str,
    orphanet: &'static str,
    omim: &'static str,
}

/// Every row of `phenotypes.tsv`.
pub(crate) fn rows() -> Vec<Row> {
    PHENOTYPES
        .lines()
        .filter(|l| !l.starts_with('#'))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let &[class, _, hpo, hpo_name, orphanet, omim] = cells.as_slice() else {
                panic!("phenotypes.tsv: not six cells: {line}");
            };
            Row { class, hpo, hpo_name, orphanet, omim }
        })
        .collect()
}

/// Midpoint of an Orphanet band.
fn band(word: &str) -> Option<f32> {
    match word {
        "obligate" => Some(1.0),
        "very frequent" => Some(0.9),
        "frequent" => Some(0.55),
        "occasional" => Some(0.17),
        "very rare" => Some(0.02),
        _ => None,
    }
}

/// The frequency of one annotation, by the rules above.
fn frequency(orphanet: &str, omim: &str) -> f32 {
    let values = || omim.split("; ").filter_map(|v| v.split_once('=')).map(|(_, value)| value);
    let (mut n, mut m) = (0.0_f32, 0.0_f32);
    for (some, all) in values().filter_map(|v| v.split_once('/')) {
        n += some.parse::<f32>().unwrap_or_else(|_| panic!("phenotypes.tsv: not a count: {omim}"));
        m += all.parse::<f32>().unwrap_or_else(|_| panic!("phenotypes.tsv: not a count: {omim}"));
    }
    if m >= 10.0 {
        n / m
    } else if let Some(f) = band(orphanet).or_else(|| values().find_map(band)) {
        f
    } else if m > 0.0 {
        (n + 1.0) / (m + 2.0)
    } else {
        NOT_STATED
    }
}

/// Frequencies of every sign in every class.
#[derive(Debug)]
pub struct Frequencies {
    /// `[class][sign]`, the sign being on no axis with a rival; [`BASE_RATE`] where the class does not bring it.
    of: Vec<Vec<f32>>,
    /// `[class][sign]`, the term that stands for the sign: the most frequent one.
    terms: Vec<Vec<Option<&'static str>>>,
}

impl Frequencies {
    /// The frequencies compiled into this crate.
    pub fn get() -> &'static Self {
        static FREQUENCIES: OnceLock<Frequencies> = OnceLock::new();
        FREQUENCIES.get_or_init(Self::compute)
    }

    fn compute() -> Self {
        let table = Table::get();
        let signs = table.signs.len();
        let mut of = vec![vec![0.0_f32; signs]; Syndrome::COUNT];
        let mut terms = vec![vec![None; signs]; Syndrome::COUNT];
        for row in rows() {
            let class = Syndrome::ALL
                .into_iter()
                .find(|s| s.name() == row.class)
                .unwrap_or_else(|| panic!("phenotypes.tsv: unknown class {}", row.class));
            let Some(Ok(sign)) = table.term(row.hpo).map(|t| t.shown.clone()) else { continue };
            let f = frequency(row.orphanet, row.omim).min(CEILING);
            if f > of[class.index()][sign] {
                of[class.index()][sign] = f;
                terms[class.index()][sign] = Some(row.hpo);
            }
        }
        for class in &mut of {
            for axis in &table.axes {
                // Rivals on one axis that together exceed certainty are scaled down; the base rate of an axis is shared.
                let sum: f32 = axis.iter().map(|&s| class[s]).sum();
                let scale = if sum > CEILING { CEILING / sum } else { 1.0 };
                let left = CEILING - sum * scale;
                for &s in axis {
                    let base = (BASE_RATE / axis.len() as f32).min(left.max(0.0));
                    class[s] = (class[s] * scale).max(base);
                }
            }
        }
        Self { of, terms }
    }

    /// How often `sign` is present in `class`.
    pub fn in_class(&self, class: Syndrome, sign: usize) -> f32 {
        self.of[class.index()][sign]
    }

    /// How often `sign` is present in people without any of the twelve.
    pub fn in_people(&self, sign: usize) -> f32 {
        let table = Table::get();
        let axis = table.axes.iter().find(|a| a.contains(&sign)).map_or(1, Vec::len);
        BASE_RATE / axis as f32
    }

    /// The HPO term by which `class` has `sign`, if the class is annotated with it.
    pub fn term(&self, class: Syndrome, sign: usize) -> Option<&'static str> {
        self.terms[class.index()][sign]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_refine_bands_only_when_large() {
        assert_eq!(frequency("very frequent", "OMIM:190685=298/524"), 298.0 / 524.0);
        assert_eq!(frequency("very frequent", "OMIM:122470=9/9"), 0.9);
        assert_eq!(frequency("", "OMIM:117550=1/1"), 2.0 / 3.0);
        assert_eq!(frequency("", "OMIM:188400=not stated; OMIM:192430=7/38"), 7.0 / 38.0);
        assert_eq!(frequency("", "OMIM:194050=frequent"), 0.55);
        assert_eq!(frequency("", "OMIM:105830=not stated"), NOT_STATED);
    }

    #[test]
    fn no_axis_exceeds_certainty() {
        let frequencies = Frequencies::get();
        for class in Syndrome::ALL {
            for axis in &Table::get().axes {
                let sum: f32 = axis.iter().map(|&s| frequencies.in_class(class, s)).sum();
                assert!(sum <= 1.0, "{class} {axis:?} {sum}");
            }
        }
    }
}
