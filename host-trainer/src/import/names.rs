//! What a class is called elsewhere: folder names, registry names, OMIM numbers.

use lakshan_core::Syndrome;

use crate::dataset::{Label, NegativeKind, nearest_label};

/// Other names of each class, beside its id and its Orphanet name, as [`normalize`] leaves them.
const SYNONYMS: [(Syndrome, &[&str]); Syndrome::COUNT] = [
    (
        Syndrome::Deletion22q11,
        &[
            "22q11",
            "22q11 2",
            "22q11 deletion",
            "22q11 2 deletion",
            "22q deletion",
            "digeorge",
            "di george",
            "velocardiofacial",
            "velo cardio facial",
            "vcfs",
            "shprintzen",
        ],
    ),
    (Syndrome::Angelman, &["as", "happy puppet"]),
    (Syndrome::Apert, &["acrocephalosyndactyly type 1", "acrocephalosyndactyly type i"]),
    (Syndrome::CorneliaDeLange, &["cdls", "cornelia", "brachmann de lange", "de lange"]),
    (Syndrome::Down, &["downs", "down s", "trisomy 21", "t21", "mongolism"]),
    (Syndrome::HutchinsonGilford, &["progeria", "hutchinson gilford", "hutchinson gilford progeria"]),
    (Syndrome::Marfan, &["mfs", "marfans"]),
    (Syndrome::FragileX, &["fragilex", "fra x", "fraxa", "fxs", "martin bell"]),
    (Syndrome::Sotos, &["cerebral gigantism"]),
    (Syndrome::TreacherCollins, &["treacher", "tcs", "mandibulofacial dysostosis", "franceschetti klein"]),
    (Syndrome::Turner, &["ullrich turner", "45 x", "45x", "monosomy x", "turners"]),
    (Syndrome::Williams, &["williams beuren", "wbs", "ws"]),
];

/// Folder names of people without a known condition.
const UNAFFECTED: [&str; 11] = [
    "unaffected",
    "healthy",
    "normal",
    "normals",
    "control",
    "controls",
    "negative",
    "negatives",
    "no syndrome",
    "none",
    "non syndromic",
];
/// Folder names of people with a condition that is none of the twelve.
const OTHER: [&str; 5] = ["other", "others", "other condition", "other conditions", "other syndromes"];

/// OMIM numbers of each class (phenotype entries; Turner syndrome has none).
const OMIM: [(Syndrome, &[u32]); Syndrome::COUNT - 1] = [
    (Syndrome::Deletion22q11, &[188400, 192430]),
    (Syndrome::Angelman, &[105830]),
    (Syndrome::Apert, &[101200]),
    (Syndrome::CorneliaDeLange, &[122470, 300590, 610759, 614701, 300882]),
    (Syndrome::Down, &[190685]),
    (Syndrome::HutchinsonGilford, &[176670]),
    (Syndrome::Marfan, &[154700]),
    (Syndrome::FragileX, &[300624]),
    (Syndrome::Sotos, &[117550]),
    (Syndrome::TreacherCollins, &[154500, 248390, 613717]),
    (Syndrome::Williams, &[194050]),
];

/// A name that belongs to no class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is no class that is known; the nearest is '{nearest}'")]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The id of the class that it may mean.
    pub nearest: &'static str,
}

/// The label that a folder or a table means by `name`: an id, the Orphanet name or a common synonym, whatever its case
/// and punctuation, with or without "syndrome".
///
/// # Errors
/// When it is none of these.
pub fn label_of(name: &str) -> Result<Label, UnknownName> {
    let plain = normalize(name);
    if UNAFFECTED.contains(&plain.as_str()) {
        return Ok(Label::Negative(NegativeKind::Unaffected));
    }
    if OTHER.contains(&plain.as_str()) {
        return Ok(Label::Negative(NegativeKind::OtherCondition));
    }
    let class = Syndrome::ALL.into_iter().find(|class| {
        let synonyms = SYNONYMS[class.index()].1;
        plain == normalize(class.id()) || plain == normalize(class.name()) || synonyms.contains(&plain.as_str())
    });
    class.map(Label::Class).ok_or_else(|| UnknownName { name: name.to_owned(), nearest: nearest_label(name) })
}

/// The class with one of these OMIM numbers.
pub fn class_of_omim(numbers: impl IntoIterator<Item = u32>) -> Option<Syndrome> {
    numbers
        .into_iter()
        .find_map(|number| OMIM.iter().find(|(_, numbers)| numbers.contains(&number)).map(|(class, _)| *class))
}

/// Lower case, words apart by one space, without the words that say nothing.
fn normalize(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let telling = |word: &&str| !matches!(*word, "syndrome" | "syndromes" | "disease" | "the");
    spaced.split_whitespace().filter(telling).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_a_person_means() {
        for (name, class) in [
            ("Down_Syndrome", Syndrome::Down),
            ("down", Syndrome::Down),
            ("TRISOMY 21", Syndrome::Down),
            ("22q11.2 Deletion Syndrome", Syndrome::Deletion22q11),
            ("DiGeorge", Syndrome::Deletion22q11),
            ("Cornelia-de-Lange", Syndrome::CorneliaDeLange),
            ("CdLS", Syndrome::CorneliaDeLange),
            ("Fragile-X", Syndrome::FragileX),
            ("fragile_x", Syndrome::FragileX),
            ("Progeria", Syndrome::HutchinsonGilford),
            ("Williams-Beuren syndrome", Syndrome::Williams),
            ("treacher collins", Syndrome::TreacherCollins),
        ] {
            assert_eq!(label_of(name), Ok(Label::Class(class)), "{name}");
        }
        assert_eq!(label_of("Healthy"), Ok(Label::Negative(NegativeKind::Unaffected)));
        assert_eq!(label_of("Other syndromes"), Ok(Label::Negative(NegativeKind::OtherCondition)));
        let unknown = label_of("Wiliams").unwrap_err();
        assert_eq!(unknown.nearest, "williams");
        assert!(label_of("").is_err());
    }

    #[test]
    fn the_tables_are_in_class_order_and_no_synonym_means_two() {
        let mut all = Vec::new();
        for (class, (named, synonyms)) in Syndrome::ALL.into_iter().zip(SYNONYMS) {
            assert_eq!(class, named);
            all.extend(synonyms.iter().map(|name| normalize(name)));
            assert!(synonyms.iter().all(|name| normalize(name) == *name), "{class}: a synonym is not in plain form");
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(class_of_omim([1, 614701]), Some(Syndrome::CorneliaDeLange));
        assert_eq!(class_of_omim([]), None);
    }
}
