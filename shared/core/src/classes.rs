//! The twelve syndromes, their stable ids and the order that every vector of twelve numbers follows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the twelve classes, in the order of the network's outputs.
///
/// ```
/// use lakshan_core::Syndrome;
/// assert_eq!(Syndrome::Down.index(), 4);
/// assert_eq!("down".parse(), Ok(Syndrome::Down));
/// assert_eq!(Syndrome::from_index(11), Some(Syndrome::Williams));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Syndrome {
    /// 22q11.2 deletion syndrome, ORPHA:567.
    Deletion22q11,
    /// Angelman syndrome, ORPHA:72.
    Angelman,
    /// Apert syndrome, ORPHA:87.
    Apert,
    /// Cornelia de Lange syndrome, ORPHA:199.
    CorneliaDeLange,
    /// Down syndrome, ORPHA:870.
    Down,
    /// Hutchinson-Gilford progeria syndrome, ORPHA:740.
    HutchinsonGilford,
    /// Marfan syndrome, ORPHA:558.
    Marfan,
    /// Fragile X syndrome, ORPHA:908.
    FragileX,
    /// Sotos syndrome, ORPHA:821.
    Sotos,
    /// Treacher Collins syndrome, ORPHA:861.
    TreacherCollins,
    /// Turner syndrome, ORPHA:881.
    Turner,
    /// Williams syndrome, ORPHA:904.
    Williams,
}

impl Syndrome {
    /// How many classes there are: the length of every score vector.
    pub const COUNT: usize = 12;

    /// All classes, in output order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Deletion22q11,
        Self::Angelman,
        Self::Apert,
        Self::CorneliaDeLange,
        Self::Down,
        Self::HutchinsonGilford,
        Self::Marfan,
        Self::FragileX,
        Self::Sotos,
        Self::TreacherCollins,
        Self::Turner,
        Self::Williams,
    ];

    /// The stable id used in files, folder names and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Deletion22q11 => "22q11ds",
            Self::Angelman => "angelman",
            Self::Apert => "apert",
            Self::CorneliaDeLange => "cdl",
            Self::Down => "down",
            Self::HutchinsonGilford => "hgps",
            Self::Marfan => "marfan",
            Self::FragileX => "fragile_x",
            Self::Sotos => "sotos",
            Self::TreacherCollins => "treacher_collins",
            Self::Turner => "turner",
            Self::Williams => "williams",
        }
    }

    /// The English name, as the Orphanet nomenclature has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deletion22q11 => "22q11.2 deletion syndrome",
            Self::Angelman => "Angelman syndrome",
            Self::Apert => "Apert syndrome",
            Self::CorneliaDeLange => "Cornelia de Lange syndrome",
            Self::Down => "Down syndrome",
            Self::HutchinsonGilford => "Hutchinson-Gilford progeria syndrome",
            Self::Marfan => "Marfan syndrome",
            Self::FragileX => "Fragile X syndrome",
            Self::Sotos => "Sotos syndrome",
            Self::TreacherCollins => "Treacher Collins syndrome",
            Self::Turner => "Turner syndrome",
            Self::Williams => "Williams syndrome",
        }
    }

    /// The place of this class in every vector of twelve, 0 to 11.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The class at `index` of a vector of twelve.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }
}

impl fmt::Display for Syndrome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A class id that is none of the twelve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown class id '{0}'")]
pub struct UnknownClass(pub String);

impl FromStr for Syndrome {
    type Err = UnknownClass;

    fn from_str(id: &str) -> Result<Self, UnknownClass> {
        Self::ALL.into_iter().find(|class| class.id() == id).ok_or_else(|| UnknownClass(id.to_owned()))
    }
}

impl TryFrom<String> for Syndrome {
    type Error = UnknownClass;

    fn try_from(id: String) -> Result<Self, UnknownClass> {
        id.parse()
    }
}

impl From<Syndrome> for String {
    fn from(class: Syndrome) -> Self {
        class.id().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_ids_and_indices_agree() {
        for (index, class) in Syndrome::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), index);
            assert_eq!(Syndrome::from_index(index), Some(class));
            assert_eq!(class.id().parse(), Ok(class));
        }
        assert_eq!(Syndrome::from_index(Syndrome::COUNT), None);
        assert_eq!("Down".parse::<Syndrome>(), Err(UnknownClass("Down".into())));
    }

    #[test]
    fn a_class_is_its_id_in_json() {
        assert_eq!(serde_json::to_string(&Syndrome::FragileX).unwrap(), "\"fragile_x\"");
        assert!(serde_json::from_str::<Syndrome>("\"healthy\"").is_err());
    }
}
