//! What a bundle must reach. A gate that is missed is printed first, with its number, and hidden by nothing.

use lakshan_core::policy::Policy;
use serde::{Deserialize, Serialize};

use super::material::{Case, Material};
use super::statistics;
use super::table::{Cell, Unit};
use super::tables::{self, GATE_ALPHA, GroupKind};
use crate::evaluate::calibration::with_alpha;
use crate::evaluate::metrics::Truth;

/// How a gate came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Missed.
    Failed,
    /// There was nothing to measure it on.
    NotMeasurable,
    /// Reached.
    Passed,
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What is asked.
    pub name: String,
    /// The bound, in words.
    pub asked: String,
    /// What was found.
    pub found: Cell,
    /// How it came out: the value itself is held against the bound, not its interval.
    pub outcome: Outcome,
    /// What else belongs to it.
    pub note: String,
}

fn gate(name: &str, asked: &str, found: Cell, holds: impl Fn(f64) -> bool, note: impl Into<String>) -> Gate {
    let outcome = match found.value() {
        None => Outcome::NotMeasurable,
        Some(value) if holds(value) => Outcome::Passed,
        Some(_) => Outcome::Failed,
    };
    Gate { name: name.to_owned(), asked: asked.to_owned(), found, outcome, note: note.into() }
}

/// All gates, the failed ones first.
pub fn gates(material: &Material) -> Vec<Gate> {
    let affected = material.affected();
    let policy = material.policy();
    let mut gates = vec![
        gate("top-1 loss of int8", "at most 0.5 point", tables::top1_loss(material), |loss| loss <= 0.005, ""),
        gate(
            "int8 and f32 name the same class first",
            "at least 99 %",
            tables::agreement(material),
            |share| share >= 0.99,
            parity_note(material),
        ),
        gate("expected calibration error", "at most 0.05", calibration(material, &affected), |error| error <= 0.05, ""),
    ];
    let (at_gate, _) = with_alpha(policy, &material.calibration, GATE_ALPHA);
    gates.extend(sets(&affected, &at_gate));
    gates.extend(refusal(material));
    gates.extend(gap(material));
    gates.extend(outsiders(material));
    let leaks = material.twins.iter().filter(|twin| twin.is_leak()).count();
    gates.push(gate("pictures that stand in two splits", "none", Cell::count(leaks), |leaks| leaks == 0.0, ""));
    gates.sort_by_key(|gate| match gate.outcome {
        Outcome::Failed => 0,
        Outcome::NotMeasurable => 1,
        Outcome::Passed => 2,
    });
    gates
}

fn parity_note(material: &Material) -> String {
    let Some(parity) = tables::parity_of(material) else { return "needs --checkpoint".to_owned() };
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0));
    format!(
        "all photographs, negatives included; affected {}, negatives {}, the answer of thirteen (a class or none) {}",
        percent(parity.affected_agreement),
        percent(parity.negative_agreement),
        percent(Some(parity.agreement))
    )
}

fn calibration(material: &Material, affected: &[&Case]) -> Cell {
    tables::Affected::of(material, affected).estimate(Unit::Plain, tables::top_label_error)
}

fn sets(affected: &[&Case], policy: &Policy) -> [Gate; 2] {
    let sets = tables::sets(affected, policy, false);
    let people = tables::subjects(affected.iter().copied());
    let coverage = Cell::wilson(tables::coverage(&sets), people);
    let size = Cell::number(tables::mean_size(&sets), Unit::Plain);
    let name = |what: &str| format!("{what} of the conformal sets at alpha {GATE_ALPHA:.2}");
    [
        gate(&name("coverage"), "0.88 to 0.94", coverage, |share| (0.88..=0.94).contains(&share), ""),
        gate(&name("mean size"), "at most 2.0", size, |size| size <= 2.0, ""),
    ]
}

fn refusal(material: &Material) -> [Gate; 2] {
    let policy = material.policy();
    let passes = |case: &&Case| policy.refusal_score(&case.logits) >= policy.refusal_threshold;
    let unaffected: Vec<&Case> = material.cases.iter().filter(|case| case.truth == Truth::Unaffected).collect();
    let refused = unaffected.iter().filter(|case| !passes(case)).count();
    let people = tables::subjects(unaffected.iter().copied());
    let share = (!unaffected.is_empty()).then(|| refused as f64 / unaffected.len() as f64);
    let affected = material.affected();
    let named = statistics::mean(affected.iter().map(|case| f64::from(passes(case))));
    let sensitivity =
        named.map_or(String::new(), |share| format!("at a sensitivity of {:.1} % of the affected", share * 100.0));
    let all: Vec<&Case> = material.cases.iter().collect();
    let auroc = tables::Detection::of(material, &all, |_| true).estimate(Unit::Plain, statistics::auroc);
    [
        gate(
            "unaffected faces refused",
            "at least 90 %",
            Cell::wilson(share, people),
            |share| share >= 0.90,
            sensitivity,
        ),
        gate("AUROC of refusal, all negatives", "at least 0.90", auroc, |auroc| auroc >= 0.90, ""),
    ]
}

fn gap(material: &Material) -> Option<Gate> {
    let gaps = GroupKind::ALL.into_iter().filter_map(|kind| Some((kind, tables::gap(material, kind)?)));
    let largest = gaps.max_by(|a, b| a.1.0.value().unwrap_or(0.0).total_cmp(&b.1.0.value().unwrap_or(0.0)));
    let (found, note) = match largest {
        Some((kind, (cell, best, worst))) => (cell, format!("{}: best {best}, worst {worst}", kind.name())),
        None => (Cell::NotMeasurable, "fewer than two groups of 20 people".to_owned()),
    };
    Some(gate("largest gap of top-1 between groups", "at most 10 points", found, |gap| gap <= 0.10, note))
}

fn outsiders(material: &Material) -> Vec<Gate> {
    let sure = |pictures: &[super::outsiders::Outsider]| {
        pictures.iter().filter(|picture| tables::is_surely_wrong(&picture.finding, Truth::Unaffected)).count()
    };
    let sixth = |share: f64| share <= 1.0 / 6.0;
    let asked = "at most one in six";
    let drawings = Cell::share(sure(&material.drawings), material.drawings.len());
    let mut gates = vec![gate("non-faces answered \"resembles\" above 50 %", asked, drawings, sixth, "")];
    let strangers = material.strangers.as_deref().unwrap_or_default();
    let note = if material.strangers.is_none() { "needs --strangers" } else { "" };
    let found = Cell::share(sure(strangers), strangers.len());
    gates.push(gate("given portraits answered \"resembles\" above 50 %", asked, found, sixth, note));
    gates
}
