//! T12 and T13: the network that ships against the one that was trained, and against simpler ones.

use lakshan_core::{Logits, Syndrome};

use super::super::bootstrap::Bootstrap;
use super::super::material::{Case, Material};
use super::super::report::Section;
use super::super::statistics;
use super::super::table::{Cell, Table, Unit};
use super::{Affected, Detection, top1};
use crate::evaluate::metrics::{self, Parity, Scored};
use crate::runs::outputs::Estimate;

/// The two networks on the same photographs; `None` without a checkpoint.
pub(in super::super) fn parity_of(material: &Material) -> Option<Parity> {
    let scored = |case: &Case, logits| Scored { subject: case.photo.subject.clone(), truth: case.truth, logits };
    let float: Option<Vec<Scored>> = material.cases.iter().map(|case| Some(scored(case, case.float?))).collect();
    let int8: Vec<Scored> = material.cases.iter().map(|case| scored(case, case.logits)).collect();
    metrics::parity(&float?, &int8)
}

/// Top-1 of f32 less that of int8, among the affected, with its paired interval.
pub(in super::super) fn top1_loss(material: &Material) -> Cell {
    let affected = material.affected();
    let pairs: Option<Vec<(bool, bool)>> = affected
        .iter()
        .map(|case| Some((Some(case.float?.top()) == case.class(), Some(case.logits.top()) == case.class())))
        .collect();
    let Some(pairs) = pairs else { return Cell::NotMeasurable };
    let loss = |places: &mut dyn Iterator<Item = usize>| {
        statistics::mean(places.map(|at| f64::from(pairs[at].0) - f64::from(pairs[at].1)))
    };
    let bootstrap = Bootstrap::new(affected.iter().map(|case| case.photo.subject.as_str()));
    let interval = bootstrap.interval(|drawn| loss(&mut drawn.iter().copied()));
    Cell::estimate(loss(&mut (0..pairs.len())), interval, bootstrap.subjects(), Unit::Points)
}

/// Share of all photographs, negatives included, for which both name the same class first.
pub(in super::super) fn agreement(material: &Material) -> Cell {
    let same: Option<Vec<bool>> =
        material.cases.iter().map(|case| Some(case.float?.top() == case.logits.top())).collect();
    let Some(same) = same else { return Cell::NotMeasurable };
    Cell::share(same.iter().filter(|same| **same).count(), same.len())
}

pub(super) fn parity(material: &Material) -> Section {
    let mut section = Section::new(
        "T12",
        "The device against the workstation",
        "Rounding to 8 bits must not change the answers; and what an answer costs.",
    );
    let mut table = Table::new(
        "T12",
        "The int8 network in the device's engine against the f32 checkpoint in libtorch, same photographs",
        &["figure", "value"],
    );
    match parity_of(material) {
        Some(parity) => {
            let share = |value: Option<f64>| Cell::number(value, Unit::Share);
            table.row(vec![Cell::text("photographs, negatives included"), Cell::count(parity.photographs)]);
            table.row(vec![Cell::text("top-1 loss of int8 (paired bootstrap)"), top1_loss(material)]);
            table.row(vec![Cell::text("same class first, all photographs"), agreement(material)]);
            table.row(vec![Cell::text("same class first, affected"), share(parity.affected_agreement)]);
            table
                .row(vec![Cell::text("same class first, negatives (none is right)"), share(parity.negative_agreement)]);
            table.row(vec![Cell::text("same answer of thirteen (a class, or none)"), share(Some(parity.agreement))]);
            let kind = |logits: &Logits| material.policy().decide(logits).kind();
            let same_kind = |case: &Case| Some(kind(case.float.as_ref()?) == kind(&case.logits));
            let same: Option<Vec<bool>> = material.cases.iter().map(same_kind).collect();
            let same = same.and_then(|same| statistics::mean(same.into_iter().map(f64::from)));
            table.row(vec![Cell::text("same kind of finding"), share(same)]);
            let largest = f64::from(parity.largest_logit_difference);
            table.row(vec![Cell::text("largest difference of a logit"), Cell::number(Some(largest), Unit::Plain)]);
            table.note(
                "On negatives no class is right and the first is often nearly tied with the second, so that the smallest \
                 rounding changes it; the device names none of them where it refuses.",
            );
        }
        None => table.note("Not measurable without the f32 network: give --checkpoint."),
    }
    section.tables.push(table);
    let cost = &material.cost;
    let mut table = Table::new("T12-cost", "What an answer costs here", &["figure", "value"]);
    for (name, q) in [("fastest", 0.0), ("median", 0.5), ("95th percentile", 0.95)] {
        let value = statistics::quantile(&cost.milliseconds, q);
        table.row(vec![Cell::text(format!("one inference, {name}")), Cell::number(value, Unit::Milliseconds)]);
    }
    table.row(vec![Cell::text("threads"), Cell::count(cost.threads)]);
    table.row(vec![Cell::text("integer kernels"), Cell::text(cost.kernel.unwrap_or("none, computed in floats"))]);
    let megabytes = |bytes: Option<u64>| Cell::number(bytes.map(|bytes| bytes as f64 / 1e6), Unit::Megabytes);
    table.row(vec![Cell::text("network file"), megabytes(Some(cost.file))]);
    table.row(vec![Cell::text("peak memory of this program, data set included"), megabytes(cost.peak_memory)]);
    table.note("Of the machine that made this report, whatever else it was doing. On the device: edge-app bench.");
    section.tables.push(table);
    section
}

pub(super) fn baselines(material: &Material) -> Section {
    let mut section = Section::new("T13", "Baselines", "What simpler means reach on the same photographs.");
    let mut table = Table::new(
        "T13",
        "Affected people of the test split",
        &["network", "top-1", "balanced accuracy", "macro-F1", "AUROC against negatives"],
    );
    let cases = material.affected();
    let affected = Affected::of(material, &cases);
    let all: Vec<&Case> = material.cases.iter().collect();
    table.row(vec![
        Cell::text("this bundle"),
        affected.estimate(Unit::Share, top1),
        affected.estimate(Unit::Share, |a| statistics::balanced_accuracy(&a.truths, &a.answers, Syndrome::COUNT)),
        affected.estimate(Unit::Plain, |a| statistics::macro_f1(&a.truths, &a.answers, Syndrome::COUNT)),
        Detection::of(material, &all, |_| true).estimate(Unit::Plain, statistics::auroc),
    ]);
    let truths = &affected.arrays.truths;
    let count = |class: usize| truths.iter().filter(|truth| **truth == class).count();
    let majority = (0..Syndrome::COUNT).max_by_key(|class| (count(*class), usize::MAX - class)).unwrap_or(0);
    let answers = vec![majority; truths.len()];
    let right = statistics::mean(truths.iter().map(|truth| f64::from(*truth == majority)));
    table.row(vec![
        Cell::text("the commonest class, always"),
        Cell::number(right, Unit::Share),
        Cell::number(statistics::balanced_accuracy(truths, &answers, Syndrome::COUNT), Unit::Share),
        Cell::number(statistics::macro_f1(truths, &answers, Syndrome::COUNT), Unit::Plain),
        Cell::number((!truths.is_empty()).then_some(0.5), Unit::Plain),
    ]);
    match &material.baselines {
        Some(baselines) => {
            for baseline in baselines {
                let figures = &baseline.figures;
                let cell = |estimate: Estimate, unit| {
                    Cell::estimate(Some(estimate.value), estimate.interval, affected.bootstrap.subjects(), unit)
                };
                table.row(vec![
                    Cell::text(baseline.name.clone()),
                    cell(figures.top1, Unit::Share),
                    cell(figures.balanced_accuracy, Unit::Share),
                    cell(figures.macro_f1, Unit::Plain),
                    figures.auroc.map_or(Cell::text("cannot refuse"), |auroc| cell(auroc, Unit::Plain)),
                ]);
            }
        }
        None => {
            for name in ["frozen ImageNet ResNet-50 with a linear layer", "the 2018 recipe (Singh and Kisku)"] {
                let mut row = vec![Cell::text(name)];
                row.extend((0..4).map(|_| Cell::text("not run")));
                table.row(row);
            }
            table.note(
                "`host-trainer baselines` trains them on the same splits and leaves baselines.json beside the run.",
            );
        }
    }
    section.tables.push(table);
    section
}
