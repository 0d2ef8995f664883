//! T11: bad photographs through the real quality gate: what is refused, what is answered wrongly.

use super::super::corrupt::{Corruption, STRENGTHS};
use super::super::material::{Case, Material, Outcomes, Trial};
use super::super::plot::{Axis, Chart};
use super::super::report::Section;
use super::super::statistics;
use super::super::table::{Cell, Table};
use super::subjects;

pub(super) fn section(material: &Material) -> Section {
    let mut section = Section::new(
        "T11",
        "Bad photographs",
        "Photographs are made worse on purpose. A good gate asks for a new one before the answers turn wrong.",
    );
    let mut table = Table::new(
        "T11",
        "Corrupted photographs through detector, quality gate and network (shares of photographs, Wilson)",
        &[
            "corruption and strength",
            "affected",
            "retake",
            "named rightly",
            "named wrongly",
            "no match or not clear",
            "negatives",
            "negatives: retake",
            "negatives: named",
        ],
    );
    for corruption in Corruption::ALL {
        let mut curves: [Vec<(f64, f64)>; 4] = Default::default();
        for level in 0..STRENGTHS {
            let trials = material.trials.iter().filter(|t| t.corruption == corruption && t.level == level);
            let (affected, negatives): (Vec<&Trial>, Vec<&Trial>) = trials.partition(|t| t.truth.class().is_some());
            let count = |trials: &[&Trial]| {
                let mut outcomes = Outcomes::default();
                trials.iter().for_each(|trial| outcomes.add(trial.truth, &trial.finding));
                outcomes
            };
            let (of, none) = (count(&affected), count(&negatives));
            if of.all + none.all == 0 {
                continue;
            }
            let share = |some: usize| Cell::share(some, of.all);
            table.row(vec![
                Cell::text(format!("{}: {}", corruption.id(), corruption.words(level))),
                Cell::count(of.all),
                share(of.retake),
                share(of.right),
                share(of.wrong),
                share(of.no_match + of.not_clear),
                Cell::count(none.all),
                Cell::share(none.retake, none.all),
                Cell::share(none.wrong, none.all),
            ]);
            let x = (level + 1) as f64;
            for (curve, some) in curves.iter_mut().zip([of.right, of.wrong, of.retake, of.no_match + of.not_clear]) {
                if of.all > 0 {
                    curve.push((x, some as f64 / of.all as f64));
                }
            }
        }
        if curves[0].is_empty() {
            continue;
        }
        let mut chart =
            Chart::new(corruption.id(), Axis::numbers("strength", 1.0, STRENGTHS as f64), Axis::share("affected"))
                .small();
        for (colour, (name, curve)) in ["right", "wrong", "retake", "no answer"].into_iter().zip(&curves).enumerate() {
            chart.line(name, colour, colour > 1, curve);
        }
        let id = format!("robustness-{}", section.plots.len() + 1);
        section.plots.push(chart.finish(&id, material.notice()));
    }
    if table.rows.is_empty() {
        table.note("Not run: --robustness 0.");
    } else {
        table.note("The same photographs, spread over classes and negatives, for every corruption and strength.");
    }
    table.note("A head turned aside cannot be made from a flat picture, so yaw is not among the corruptions; it is read from the test photographs as they are, below.");
    section.tables.push(table);
    section.tables.push(yaw(material));
    section
}

/// Accuracy by the turn that the gate estimates.
fn yaw(material: &Material) -> Table {
    let mut table = Table::new(
        "T11-yaw",
        "Test photographs by the estimated turn of the head (yaw), affected people",
        &["yaw", "people", "retake (any reason)", "top-1, gate or not (Wilson)"],
    );
    let bands: [(&str, f32, f32); 4] = [
        ("under 10 degrees", 0.0, 10.0),
        ("10 to 20", 10.0, 20.0),
        ("20 to 30", 20.0, 30.0),
        ("30 and more", 30.0, f32::INFINITY),
    ];
    for (name, from, to) in bands {
        let within = |case: &&Case| case.yaw_deg.is_some_and(|yaw| (from..to).contains(&yaw.abs()));
        let cases: Vec<&Case> = material.affected().into_iter().filter(within).collect();
        let people = subjects(cases.iter().copied());
        let right = |case: &&Case| Some(material.policy().probabilities(&case.logits).ranked()[0].0) == case.class();
        table.row(vec![
            Cell::text(name),
            Cell::count(people),
            Cell::share(cases.iter().filter(|case| case.refused.is_some()).count(), cases.len()),
            Cell::wilson(statistics::mean(cases.iter().map(|case| f64::from(right(case)))), people),
        ]);
    }
    table
}
