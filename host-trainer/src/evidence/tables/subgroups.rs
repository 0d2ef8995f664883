//! T10: whether it works equally well for everybody.

use lakshan_core::Sex;

use super::super::bootstrap::Bootstrap;
use super::super::material::{Arrays, Case, Material};
use super::super::plot::Forest;
use super::super::report::Section;
use super::super::statistics;
use super::super::table::{Cell, Table, Unit};
use super::sets::{coverage, is_answered, sets};
use super::{Affected, Detection, subjects, top1};
use crate::dataset::Photo;
use crate::evaluate::metrics::{MIN_SUBJECTS, Truth};

/// What groups differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Age when photographed.
    Age,
    /// Sex.
    Sex,
    /// Ancestry with the largest share.
    Ancestry,
    /// Skin tone on the Monk scale.
    Skin,
}

impl GroupKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Age, Self::Sex, Self::Ancestry, Self::Skin];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Sex => "sex",
            Self::Ancestry => "ancestry",
            Self::Skin => "skin tone",
        }
    }
}

/// One group of people.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// In words.
    pub name: &'static str,
    holds: fn(&Photo) -> bool,
}

impl Group {
    /// Whether the person on `photo` belongs to it; never, when that is not recorded.
    pub fn holds(&self, photo: &Photo) -> bool {
        (self.holds)(photo)
    }
}

/// The groups of a kind; nobody is in two.
pub fn groups_of(kind: GroupKind) -> Vec<Group> {
    fn age(photo: &Photo, from: f32, to: f32) -> bool {
        photo.age_years.is_some_and(|age| age >= from && age < to)
    }
    fn tone(photo: &Photo, from: u8, to: u8) -> bool {
        photo.skin_tone.is_some_and(|tone| (from..=to).contains(&tone))
    }
    /// 0 African, 1 Asian, 2 European; the first of equals.
    fn largest(photo: &Photo, which: usize) -> bool {
        photo.ancestry.is_some_and(|a| {
            let shares = [a.african, a.asian, a.european];
            (1..3).fold(0, |best, at| if shares[at] > shares[best] { at } else { best }) == which
        })
    }
    let group = |name, holds| Group { name, holds };
    match kind {
        GroupKind::Age => vec![
            group("under 2", |p| age(p, 0.0, 2.0)),
            group("2 to 9", |p| age(p, 2.0, 10.0)),
            group("10 to 19", |p| age(p, 10.0, 20.0)),
            group("20 and over", |p| age(p, 20.0, f32::INFINITY)),
        ],
        GroupKind::Sex => {
            vec![group("female", |p| p.sex == Some(Sex::Female)), group("male", |p| p.sex == Some(Sex::Male))]
        }
        GroupKind::Ancestry => vec![
            group("African", |p| largest(p, 0)),
            group("Asian", |p| largest(p, 1)),
            group("European", |p| largest(p, 2)),
        ],
        GroupKind::Skin => vec![
            group("Monk 1 to 3", |p| tone(p, 1, 3)),
            group("Monk 4 to 7", |p| tone(p, 4, 7)),
            group("Monk 8 to 10", |p| tone(p, 8, 10)),
        ],
    }
}

/// The gap of top-1 between the best and the worst group of a kind that have enough people: with its interval (paired
/// draws), the best and the worst group's names. `None` when fewer than two groups have enough.
pub fn gap(material: &Material, kind: GroupKind) -> Option<(Cell, &'static str, &'static str)> {
    let cases = material.affected();
    let arrays = Arrays::of(cases.iter().copied(), material.policy());
    let right = arrays.right();
    let members = |group: &Group| cases.iter().map(|case| group.holds(&case.photo)).collect::<Vec<bool>>();
    let all: Vec<usize> = (0..cases.len()).collect();
    let share = |drawn: &[usize], members: &[bool]| {
        statistics::mean(drawn.iter().filter(|at| members[**at]).map(|at| f64::from(right[*at])))
    };
    let groups: Vec<(&'static str, Vec<bool>, f64)> = groups_of(kind)
        .iter()
        .filter_map(|group| {
            let people = subjects(cases.iter().copied().filter(|case| group.holds(&case.photo)));
            let members = members(group);
            let value = share(&all, &members).filter(|_| people >= MIN_SUBJECTS)?;
            Some((group.name, members, value))
        })
        .collect();
    let best = groups.iter().max_by(|a, b| a.2.total_cmp(&b.2))?;
    let worst = groups.iter().min_by(|a, b| a.2.total_cmp(&b.2)).filter(|_| groups.len() > 1)?;
    let bootstrap = Bootstrap::new(cases.iter().map(|case| case.photo.subject.as_str()));
    let difference = |drawn: &[usize]| Some(share(drawn, &best.1)? - share(drawn, &worst.1)?);
    let cell = Cell::estimate(difference(&all), bootstrap.interval(difference), bootstrap.subjects(), Unit::Points);
    Some((cell, best.0, worst.0))
}

pub(super) fn section(material: &Material) -> Section {
    let mut section = Section::new(
        "T10",
        "Groups of people",
        "Whether it works as well for each group as for all; the worst is named.",
    );
    let mut table = Table::new(
        "T10",
        "Figures of each group",
        &[
            "group",
            "affected people",
            "top-1 (Wilson)",
            "macro-F1",
            "set holds the class",
            "a class is named",
            "AUROC against unaffected",
            "unaffected people",
            "unaffected refused",
        ],
    );
    let mut forest = vec![];
    let mut row = |name: String, keep: &dyn Fn(&Photo) -> bool, material: &Material| {
        let all: Vec<&Case> = material.cases.iter().filter(|case| keep(&case.photo)).collect();
        let affected: Vec<&Case> = all.iter().copied().filter(|case| case.class().is_some()).collect();
        let people = subjects(affected.iter().copied());
        let figures = Affected::of(material, &affected);
        let top = Cell::wilson(top1(&figures.arrays), people);
        let estimate = match &top {
            Cell::Estimate { value, low, high, .. } => Some((*value, *low, *high)),
            _ => None,
        };
        forest.push((format!("{name} ({people})"), estimate, people >= MIN_SUBJECTS));
        let answered = affected.iter().filter(|case| is_answered(&case.finding(material.policy()))).count();
        let unaffected: Vec<&Case> = all.iter().copied().filter(|case| case.truth == Truth::Unaffected).collect();
        let threshold = material.policy().refusal_threshold;
        let refused = unaffected.iter().filter(|c| material.policy().refusal_score(&c.logits) < threshold).count();
        let others = subjects(unaffected.iter().copied());
        let detection = Detection::of(material, &all, |truth| truth == Truth::Unaffected);
        let macro_f1 = figures.estimate(Unit::Plain, |a| statistics::macro_f1(&a.truths, &a.answers, 12));
        let holds = coverage(&sets(&affected, material.policy(), false));
        let of = |some: usize, all: usize| (all > 0).then(|| some as f64 / all as f64);
        table.row(vec![
            Cell::text(name),
            Cell::count(people),
            top,
            macro_f1,
            Cell::wilson(holds, people),
            Cell::wilson(of(answered, affected.len()), people),
            detection.estimate(Unit::Plain, statistics::auroc),
            Cell::count(others),
            Cell::wilson(of(refused, unaffected.len()), others),
        ]);
    };
    row("all".to_owned(), &|_| true, material);
    for kind in GroupKind::ALL {
        for group in groups_of(kind) {
            row(format!("{}: {}", kind.name(), group.name), &|photo| group.holds(photo), material);
        }
    }
    table.note("Camera: not measurable, the data set does not record it.");
    table.note(format!("Under {MIN_SUBJECTS} people a figure is marked \"n too small\" and is in no gap."));
    section.tables.push(table);
    let reference = forest[0].1.map(|(value, _, _)| value);
    let forest = Forest { title: "Top-1 by group, 95 % intervals (people)".into(), rows: forest, reference };
    section.plots.push(forest.finish("groups", material.notice()));
    let mut table = Table::new(
        "T10-gaps",
        "Gap of top-1 between the best and the worst group (patient-level bootstrap)",
        &["groups by", "gap", "best", "worst"],
    );
    for kind in GroupKind::ALL {
        let (cell, best, worst) = gap(material, kind).unwrap_or((Cell::NotMeasurable, "", ""));
        table.row(vec![Cell::text(kind.name()), cell, Cell::text(best), Cell::text(worst)]);
    }
    section.tables.push(table);
    section
}
