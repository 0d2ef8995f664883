//! The table of signs: which HPO term looks like what on a synthetic head (`data/features.tsv`).

use std::sync::OnceLock;

const FEATURES: &str = include_str!("../data/features.tsv");

/// One thing done to a head at strength 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A MakeHuman target, `folder/name` without the file's ending.
    Target {
        /// Path below `targets/`.
        path: String,
        /// Weight at strength 1.
        weight: f32,
    },
    /// Geometry or texture drawn by the code of one part, e.g. `brow:synophrys`.
    Drawn {
        /// `part:effect`.
        name: String,
        /// Amount at strength 1.
        amount: f32,
    },
}

/// What several HPO terms look like: the unit in which subjects differ.
#[derive(Clone, Debug)]
pub struct Sign {
    /// Its short name in `features.tsv`.
    pub name: String,
    /// Signs on the same axis exclude each other.
    pub axis: String,
    /// What is done to the head.
    pub effects: Vec<Effect>,
    /// The terms shown this way, in the table's order.
    pub hpo: Vec<String>,
}

/// A row of `features.tsv`.
#[derive(Clone, Debug)]
pub struct Term {
    /// HPO id, `HP:0000286`.
    pub hpo: String,
    /// HPO name.
    pub name: String,
    /// Index into [`Table::signs`], or why nothing is drawn.
    pub shown: Result<usize, String>,
}

/// The parsed table.
#[derive(Debug)]
pub struct Table {
    /// Every HPO term of `phenotypes.tsv`.
    pub terms: Vec<Term>,
    /// Every sign, in the table's order.
    pub signs: Vec<Sign>,
    /// The signs of each axis; an axis holds one sign or several that exclude each other.
    pub axes: Vec<Vec<usize>>,
}

impl Table {
    /// The table that is compiled into this crate.
    pub fn get() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| parse(FEATURES))
    }

    /// The index of the sign called `name`.
    pub fn sign(&self, name: &str) -> Option<usize> {
        self.signs.iter().position(|s| s.name == name)
    }

    /// The term with this HPO id.
    pub fn term(&self, hpo: &str) -> Option<&Term> {
        self.terms.iter().find(|t| t.hpo == hpo)
    }
}

/// Parses the table. It is part of the program, so a fault in it is a fault of the program and panics.
fn parse(text: &str) -> Table {
    let mut table = Table { terms: Vec::new(), signs: Vec::new(), axes: Vec::new() };
    for line in text.lines().filter(|l| !l.starts_with('#')).skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[hpo, name, sign, axis, shown] = cells.as_slice() else {
            panic!("features.tsv: not five cells: {line}");
        };
        let shown = match shown.strip_prefix("not shown: ") {
            Some(why) => Err(why.to_owned()),
            None => {
                let index = table.sign(sign).unwrap_or_else(|| {
                    table.signs.push(Sign {
                        name: sign.to_owned(),
                        axis: axis.to_owned(),
                        effects: shown.split(", ").flat_map(effects).collect(),
                        hpo: Vec::new(),
                    });
                    table.signs.len() - 1
                });
                table.signs[index].hpo.push(hpo.to_owned());
                Ok(index)
            }
        };
        table.terms.push(Term { hpo: hpo.to_owned(), name: name.to_owned(), shown });
    }
    for i in 0..table.signs.len() {
        let axis = &table.signs[i].axis;
        match table.axes.iter_mut().find(|a| table.signs[a[0]].axis == *axis) {
            Some(members) => members.push(i),
            None => table.axes.push(vec![i]),
        }
    }
    table
}

/// Parses one `name:amount`; a `?` in a target's name stands for the left and the right one.
fn effects(cell: &str) -> Vec<Effect> {
    let (name, amount) = cell.rsplit_once(':').unwrap_or_else(|| panic!("features.tsv: no amount: {cell}"));
    let amount: f32 = amount.parse().unwrap_or_else(|_| panic!("features.tsv: not a number: {cell}"));
    if name.contains(':') {
        return vec![Effect::Drawn { name: name.to_owned(), amount }];
    }
    let target = |path: String| Effect::Target { path, weight: amount };
    if name.contains('?') {
        vec![target(name.replace('?', "l")), target(name.replace('?', "r"))]
    } else {
        vec![target(name.to_owned())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_of_the_phenotypes_has_a_row_and_the_same_name() {
        let table = Table::get();
        for row in crate::frequency::rows() {
            let term = table.term(row.hpo).unwrap_or_else(|| panic!("{} has no row in features.tsv", row.hpo));
            assert_eq!(term.name, row.hpo_name);
        }
    }

    #[test]
    fn a_question_mark_means_both_sides() {
        let both = effects("ears/?-ear-lobe-decr:0.5");
        assert_eq!(both.len(), 2);
        assert_eq!(both[1], Effect::Target { path: "ears/r-ear-lobe-decr".into(), weight: 0.5 });
    }

    #[test]
    fn philtrum_cannot_be_long_and_short() {
        let table = Table::get();
        let (long, short) = (table.sign("long_philtrum").unwrap(), table.sign("short_philtrum").unwrap());
        assert!(table.axes.iter().any(|a| a.contains(&long) && a.contains(&short)));
    }
}
