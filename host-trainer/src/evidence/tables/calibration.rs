//! T7: whether a stated probability comes true as often as it says.

use lakshan_core::policy::Policy;
use lakshan_core::{Logits, Syndrome};

use super::super::bootstrap::Bootstrap;
use super::super::material::{Arrays, Case, Material};
use super::super::plot::{Axis, Chart};
use super::super::report::Section;
use super::super::statistics::{self, calibration_error, equal_mass_bins};
use super::super::table::{Cell, Table, Unit};
use super::{Affected, CALIBRATION_BINS};
use crate::evaluate::calibration::temperature;
use crate::evaluate::metrics::Scored;

/// The error of the first class's probability.
pub(in super::super) fn top_label_error(arrays: &Arrays) -> Option<f64> {
    calibration_error(&arrays.confidence(), &arrays.right(), CALIBRATION_BINS)
}

/// The mean over the classes of each one's error.
fn classwise_error(arrays: &Arrays) -> Option<f64> {
    statistics::mean((0..Syndrome::COUNT).filter_map(|class| {
        let stated: Vec<f64> = arrays.probabilities.iter().map(|p| p[class]).collect();
        let so: Vec<bool> = arrays.truths.iter().map(|truth| *truth == class).collect();
        calibration_error(&stated, &so, CALIBRATION_BINS)
    }))
}

pub(super) fn section(material: &Material) -> Section {
    let mut section = Section::new(
        "T7",
        "Calibration",
        "Of all answers given with, say, 80 %, about 80 % should be right. The error is how far that is from true.",
    );
    let affected = material.affected();
    let bootstrap = Bootstrap::new(affected.iter().map(|case| case.photo.subject.as_str()));
    let shipped = material.policy();
    let plain = Policy { temperature: 1.0, class_bias: [0.0; Syndrome::COUNT], ..shipped.clone() };
    let int8 = |policy: &Policy| Arrays::of(affected.iter().copied(), policy);
    let mut versions = vec![("int8, before", int8(&plain)), ("int8, after (ships)", int8(shipped))];
    let floats: Option<Vec<(Syndrome, &Logits)>> =
        affected.iter().map(|case| Some((case.class()?, case.float.as_ref()?))).collect();
    if let Some(floats) = floats.filter(|floats| !floats.is_empty()) {
        versions.push(("f32, before", Arrays::new(floats.iter().copied(), &plain)));
        if let Some(scored) = &material.calibration_float {
            let own = Policy { temperature: temperature(&truths(scored)), ..plain.clone() };
            versions.push(("f32, after (its own temperature)", Arrays::new(floats.iter().copied(), &own)));
        }
    }
    let mut table = Table::new(
        "T7",
        "Among people who have one of the twelve",
        &["network", "ECE, first class", "ECE, mean of classes", "Brier score", "negative log-likelihood"],
    );
    for (name, arrays) in versions {
        let affected = Affected { arrays, bootstrap: bootstrap.clone() };
        table.row(vec![
            Cell::text(name),
            affected.estimate(Unit::Plain, top_label_error),
            affected.estimate(Unit::Plain, classwise_error),
            affected.estimate(Unit::Plain, |a| statistics::brier(&a.probabilities, &a.truths)),
            affected.estimate(Unit::Plain, |a| statistics::log_loss(&a.probabilities, &a.truths)),
        ]);
        let mut chart = Chart::new(name, Axis::share("stated"), Axis::share("came true")).small();
        chart.reference(&[(0.0, 0.0), (1.0, 1.0)]);
        let bins = equal_mass_bins(&affected.arrays.confidence(), &affected.arrays.right(), CALIBRATION_BINS);
        for bin in &bins {
            if let Some((low, high)) = statistics::wilson(bin.observed, bin.count) {
                chart.whisker(bin.stated, low, high);
            }
        }
        chart.dots(0, &bins.iter().map(|bin| (bin.stated, bin.observed)).collect::<Vec<_>>());
        let id = format!("reliability-{}", section.plots.len() + 1);
        section.plots.push(chart.finish(&id, material.notice()));
    }
    table.note(format!(
        "Error over {CALIBRATION_BINS} bins with equally many photographs. The bootstrap's interval lies above the value, \
         because a drawn-again sample is never better calibrated than the sample itself."
    ));
    table.note(format!(
        "Temperature {:.3}{}, fitted on the calibration split to the outputs of the int8 network.",
        shipped.temperature,
        if shipped.class_bias == plain.class_bias { "" } else { " and a bias for each class" }
    ));
    section.tables.push(table);
    section.tables.push(any(material));
    section
}

/// How far the log-odds of "any" may be read as a probability.
fn any(material: &Material) -> Table {
    let mut table = Table::new(
        "T7-any",
        "The probability of any of the twelve against none, negatives included, as the network gives it",
        &["network", "ECE", "Brier score"],
    );
    let of = |logits: fn(&Case) -> Option<&Logits>| {
        let sigmoid = |logits: &Logits| 1.0 / (1.0 + (-f64::from(logits.affected_log_odds())).exp());
        let stated: Vec<f64> = material.cases.iter().filter_map(logits).map(sigmoid).collect();
        let so: Vec<bool> = material.cases.iter().map(|case| case.class().is_some()).collect();
        let brier = statistics::mean(stated.iter().zip(&so).map(|(p, so)| (p - f64::from(*so)).powi(2)));
        (stated.len() == so.len()).then(|| (calibration_error(&stated, &so, CALIBRATION_BINS), brier))
    };
    for (name, figures) in [("int8", of(|case| Some(&case.logits))), ("f32", of(|case| case.float.as_ref()))] {
        if let Some((error, brier)) = figures {
            table.row(vec![Cell::text(name), Cell::number(error, Unit::Plain), Cell::number(brier, Unit::Plain)]);
        }
    }
    table.note(
        "It holds at the share of affected people in this split only; the device never shows it, it only compares it \
         with the threshold.",
    );
    table
}

fn truths(scored: &[Scored]) -> Vec<(Syndrome, Logits)> {
    scored.iter().filter_map(|s| Some((s.truth.class()?, s.logits))).collect()
}
