//! T8 and T9: the sets of classes that are named, and what is gained by answering less often.

use lakshan_core::policy::{MAX_CLASSES, Policy};
use lakshan_core::{Finding, Syndrome};

use super::super::bootstrap::Bootstrap;
use super::super::material::{Case, Material};
use super::super::plot::{Axis, Chart};
use super::super::report::Section;
use super::super::statistics::{self, risk_coverage};
use super::super::table::{Cell, Table, Unit};
use super::{Affected, GATE_ALPHA, GroupKind, groups_of, subjects};
use crate::evaluate::calibration::with_alpha;

/// The conformal set of an affected case.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Set {
    pub(in super::super) class: Syndrome,
    pub(in super::super) size: usize,
    pub(in super::super) covers: bool,
}

/// The sets of `cases` under `policy`. With `never_empty` an empty set becomes the likeliest class.
pub(in super::super) fn sets(cases: &[&Case], policy: &Policy, never_empty: bool) -> Vec<Set> {
    let set = |case: &&Case| {
        let class = case.class()?;
        let probabilities = policy.probabilities(&case.logits);
        let named = policy.set(&probabilities);
        let first = never_empty && named.is_empty();
        let covers = named.iter().any(|r| r.class == class) || first && probabilities.ranked()[0].0 == class;
        Some(Set { class, size: named.len() + usize::from(first), covers })
    };
    cases.iter().filter_map(set).collect()
}

/// Share of the sets that hold the true class.
pub(in super::super) fn coverage(sets: &[Set]) -> Option<f64> {
    statistics::mean(sets.iter().map(|set| f64::from(set.covers)))
}

/// Mean number of classes.
pub(in super::super) fn mean_size(sets: &[Set]) -> Option<f64> {
    statistics::mean(sets.iter().map(|set| set.size as f64))
}

pub(super) fn conformal(material: &Material) -> Section {
    let mut section = Section::new(
        "T8",
        "Sets of classes",
        "Instead of one class the device may name up to three; the set should hold the right one as often as promised.",
    );
    let cases = material.affected();
    let bootstrap = Bootstrap::new(cases.iter().map(|case| case.photo.subject.as_str()));
    let shipped_alpha = material.manifest.metrics.pointer("/calibration/alpha").and_then(|alpha| alpha.as_f64());
    let (at_gate, pooled) = with_alpha(material.policy(), &material.calibration, GATE_ALPHA);
    let shipped_name = match shipped_alpha {
        Some(alpha) => format!("as shipped (alpha {alpha:.2})"),
        None => "as shipped".to_owned(),
    };
    let versions = [
        (shipped_name, sets(&cases, material.policy(), false)),
        (format!("alpha {GATE_ALPHA:.2}, held against the gate"), sets(&cases, &at_gate, false)),
        (format!("alpha {GATE_ALPHA:.2}, an empty set replaced by the first class"), sets(&cases, &at_gate, true)),
    ];
    let mut table = Table::new(
        "T8",
        "Sets of people who have one of the twelve",
        &["thresholds", "coverage", "mean size", "median size", "one class", "empty", "more than three"],
    );
    for (name, sets) in &versions {
        let drawn = |figure: fn(&[Set]) -> Option<f64>, unit| {
            let of = |places: &[usize]| figure(&places.iter().map(|at| sets[*at]).collect::<Vec<_>>());
            Cell::estimate(figure(sets), bootstrap.interval(of), bootstrap.subjects(), unit)
        };
        let share = |keep: &dyn Fn(usize) -> bool| {
            Cell::number(statistics::mean(sets.iter().map(|set| f64::from(keep(set.size)))), Unit::Share)
        };
        let sizes: Vec<f64> = sets.iter().map(|set| set.size as f64).collect();
        table.row(vec![
            Cell::text(name.clone()),
            drawn(coverage, Unit::Share),
            drawn(mean_size, Unit::Plain),
            Cell::number(statistics::quantile(&sizes, 0.5), Unit::Plain),
            share(&|size| size == 1),
            share(&|size| size == 0),
            share(&|size| size > MAX_CLASSES),
        ]);
    }
    table.note(
        "An empty set is answered \"not clear\". A network whose first class is right more often than the asked coverage \
         must leave some sets empty to come down to it; filling them with the first class lifts the coverage to at least \
         the top-1 share, which is no fault of the sets but misses an upper bound.",
    );
    if !pooled.is_empty() {
        let ids: Vec<&str> = pooled.iter().map(|class| class.id()).collect();
        table.note(format!(
            "Too few calibration patients at alpha {GATE_ALPHA:.2}, threshold pooled over all classes: {}.",
            ids.join(", ")
        ));
    }
    section.tables.push(table);

    let mut table = Table::new(
        "T8-classes",
        "Coverage of each class (Wilson)",
        &["class", "people", "as shipped", "mean size", &format!("alpha {GATE_ALPHA:.2}"), "mean size at it"],
    );
    for class in Syndrome::ALL {
        let people = subjects(cases.iter().copied().filter(|case| case.class() == Some(class)));
        let mut row = vec![Cell::text(class.name()), Cell::count(people)];
        for (_, sets) in &versions[..2] {
            let of: Vec<Set> = sets.iter().copied().filter(|set| set.class == class).collect();
            row.extend([Cell::wilson(coverage(&of), people), Cell::number(mean_size(&of), Unit::Plain)]);
        }
        table.row(row);
    }
    section.tables.push(table);

    let mut chart =
        Chart::new("Number of classes in the set", Axis::numbers("classes", -0.6, 6.6), Axis::share("photographs"));
    for (version, (name, sets)) in versions[..2].iter().enumerate() {
        for size in 0..=6_usize {
            let fits = |set: &&Set| if size == 6 { set.size >= 6 } else { set.size == size };
            let share = sets.iter().filter(fits).count() as f64 / sets.len().max(1) as f64;
            let left = size as f64 - 0.4 + 0.4 * version as f64;
            chart.bar(version, (left, left + 0.38), share);
        }
        chart.named(name, version);
    }
    section.plots.push(chart.finish("set-sizes", material.notice()));
    section
}

pub(super) fn selective(material: &Material) -> Section {
    let mut section = Section::new(
        "T9",
        "Answering less often",
        "If only the surest answers were given, how many of them would be wrong; and whom the device leaves without one.",
    );
    let cases = material.affected();
    let affected = Affected::of(material, &cases);
    let mut table = Table::new("T9", "Affected people, first class, surest first", &["figure", "value"]);
    table.row(vec![
        Cell::text("area under the risk-coverage curve"),
        affected.estimate(Unit::Plain, |a| statistics::area_under_risk_coverage(&a.confidence(), &a.right())),
    ]);
    for coverage in [0.7, 0.8, 0.9] {
        table.row(vec![
            Cell::text(format!("accuracy when {:.0} % are answered", coverage * 100.0)),
            affected.estimate(Unit::Share, |a| accuracy_at(&risk_coverage(&a.confidence(), &a.right()), coverage)),
        ]);
    }
    section.tables.push(table);
    let curve = risk_coverage(&affected.arrays.confidence(), &affected.arrays.right());
    let highest = curve.iter().map(|(_, risk)| *risk).fold(0.02, f64::max);
    let mut chart =
        Chart::new("Risk and coverage", Axis::share("answered"), Axis::shares("wrong among them", 0.0, highest));
    chart.line("first class, surest first", 0, false, &curve);
    section.plots.push(chart.finish("risk-coverage", material.notice()));

    let mut table = Table::new(
        "T9-refusals",
        "Affected people without a named class, by group (shares of photographs, Wilson)",
        &["group", "photographs", "retake (quality gate)", "no match", "not clear", "named rightly", "named wrongly"],
    );
    let mut row = |name: String, cases: &[&Case]| {
        let outcomes = material.outcomes(cases.iter().copied());
        let share = |some: usize| Cell::share(some, outcomes.all);
        table.row(vec![
            Cell::text(name),
            Cell::count(outcomes.all),
            share(outcomes.retake),
            share(outcomes.no_match),
            share(outcomes.not_clear),
            share(outcomes.right),
            share(outcomes.wrong),
        ]);
    };
    row("all".to_owned(), &cases);
    for class in Syndrome::ALL {
        let of: Vec<&Case> = cases.iter().copied().filter(|case| case.class() == Some(class)).collect();
        row(class.id().to_owned(), &of);
    }
    for kind in GroupKind::ALL {
        for group in groups_of(kind) {
            let of: Vec<&Case> = cases.iter().copied().filter(|case| group.holds(&case.photo)).collect();
            row(format!("{}: {}", kind.name(), group.name), &of);
        }
    }
    if !material.without_face.is_empty() {
        let lost = material.without_face.iter().filter(|truth| truth.class().is_some()).count();
        table.note(format!("{lost} further photographs of affected people showed no face or could not be read."));
    }
    section.tables.push(table);

    let mut table = Table::new(
        "T9-gate",
        "Why the quality gate asked for another photograph, negatives included",
        &["reason", "photographs"],
    );
    let outcomes = material.outcomes(material.cases.iter());
    for (reason, count) in &outcomes.reasons {
        table.row(vec![Cell::text(*reason), Cell::count(*count)]);
    }
    table.row(vec![Cell::text("no_face or unreadable"), Cell::count(material.without_face.len())]);
    table.row(vec![Cell::text("accepted"), Cell::count(outcomes.accepted())]);
    let quality = &material.manifest.quality;
    table.note(format!(
        "The gate asks for: eyes at least {:.0} pixels apart, {:.0} % of the head inside, mean luma {:.0} to {:.0}, at most \
         {:.0} % burnt, sharpness {:.2}, yaw within {:.0} and roll within {:.0} degrees. These limits come from altered \
         public-domain portraits and rendered heads (shared/vision/src/quality.rs says how each was measured), not from \
         the calibration split; T11 shows what they let through.",
        quality.min_inter_eye_px,
        quality.min_inside_fraction * 100.0,
        quality.min_mean_luma,
        quality.max_mean_luma,
        quality.max_burnt_fraction * 100.0,
        quality.min_sharpness,
        quality.max_yaw_deg,
        quality.max_roll_deg
    ));
    section.tables.push(table);
    section
}

/// Accuracy of the surest `coverage` of the answers.
fn accuracy_at(curve: &[(f64, f64)], coverage: f64) -> Option<f64> {
    curve.iter().find(|(answered, _)| *answered >= coverage - 1e-12).map(|(_, risk)| 1.0 - risk)
}

/// Whether the device names a class at all.
pub(in super::super) fn is_answered(finding: &Finding) -> bool {
    matches!(finding, Finding::Resembles(_))
}
