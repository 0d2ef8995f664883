//! What doctors look for in each class: the signs of head and face that have a plain name, with how often they are there.
//!
//! The facts are the project's one copy of the Human Phenotype Ontology's annotations, `synth/data/phenotypes.tsv`; the
//! plain names stand in `locales/` under `sign-` and the number. Frequencies are Orphanet's: very frequent 80-99 %,
//! frequent 30-79 %, occasional 5-29 %; rarer signs are not shown.
//!
//! ```
//! use edge_app::signs::{self, Often};
//! let signs = signs::of(lakshan_core::Syndrome::Down);
//! assert!(signs.iter().any(|sign| sign.hpo == "0000582" && sign.often == Often::VeryOften));
//! ```

use lakshan_core::Syndrome;

/// Columns: class, Orphanet number, HPO id, HPO name, frequency of Orphanet, frequency of OMIM.
const PHENOTYPES: &str = include_str!("../../synth/data/phenotypes.tsv");

/// A sign of a syndrome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The seven digits of its HPO id.
    pub hpo: &'static str,
    /// How often it is there.
    pub often: Often,
}

/// How often people with a syndrome have a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Often {
    /// 80 % and more.
    VeryOften,
    /// 30 to 79 %.
    Often,
    /// 5 to 29 %.
    Sometimes,
}

/// The HPO ids of the signs that have a plain name: those that an untrained person can picture.
pub const NAMED: [&str; 48] = [
    "0000154", "0000160", "0000179", "0000233", "0000252", "0000256", "0000268", "0000272", "0000275", "0000276",
    "0000286", "0000294", "0000303", "0000316", "0000337", "0000343", "0000347", "0000369", "0000400", "0000411",
    "0000414", "0000431", "0000463", "0000465", "0000470", "0000486", "0000494", "0000508", "0000520", "0000527",
    "0000545", "0000582", "0000625", "0000664", "0000678", "0001083", "0002007", "0002162", "0002223", "0002286",
    "0002307", "0002714", "0003196", "0005280", "0007418", "0008551", "0010808", "0012368",
];

/// The signs of a class, the commonest first.
pub fn of(class: Syndrome) -> Vec<Sign> {
    let sign = |line: &'static str| {
        let mut fields = line.split('\t');
        let (name, _, id, _, frequency) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let often = match frequency {
            "obligate" | "very frequent" => Often::VeryOften,
            "frequent" => Often::Often,
            "occasional" => Often::Sometimes,
            _ => return None,
        };
        let hpo = id.strip_prefix("HP:")?;
        (name == class.name() && NAMED.contains(&hpo)).then_some(Sign { hpo, often })
    };
    let mut signs: Vec<Sign> = PHENOTYPES.lines().filter_map(sign).collect();
    signs.sort_by_key(|sign| sign.often);
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_signs_and_every_name_is_used() {
        let mut used = Vec::new();
        for class in Syndrome::ALL {
            let signs = of(class);
            assert!((4..=18).contains(&signs.len()), "{class}: {}", signs.len());
            assert!(signs.is_sorted_by_key(|sign| sign.often));
            used.extend(signs.iter().map(|sign| sign.hpo));
            used.sort_unstable();
        }
        for hpo in NAMED {
            assert!(used.contains(&hpo), "{hpo} belongs to no class");
        }
    }
}
