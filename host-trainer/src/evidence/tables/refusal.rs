//! T5 and T6: affected against everybody and everything else, and what the device answers to them.

use lakshan_core::Finding;

use super::super::material::{Case, Material, Outcomes};
use super::super::outsiders::Outsider;
use super::super::plot::{Axis, Chart};
use super::super::report::Section;
use super::super::statistics;
use super::super::table::{Cell, Table, Unit};
use super::{Detection, sensitivity_at, subjects};
use crate::evaluate::metrics::Truth;
use crate::evaluate::novelty::ScoreComparison;

/// Whose photographs a row is about.
type Keep = fn(Truth) -> bool;

pub(super) fn affected(material: &Material) -> Section {
    let mut section = Section::new(
        "T5",
        "Affected against unaffected",
        "Whether a person has any of the twelve at all, and what an answer is worth where few have.",
    );
    let cases: Vec<&Case> = material.cases.iter().collect();
    let detection = Detection::of(material, &cases, |truth| truth == Truth::Unaffected);
    let mut table =
        Table::new("T5", "Any of the twelve against unaffected people, by the refusal score", &["figure", "value"]);
    table.row(vec![Cell::text("AUROC"), detection.estimate(Unit::Plain, statistics::auroc)]);
    table.row(vec![Cell::text("average precision"), detection.estimate(Unit::Plain, statistics::average_precision)]);
    for specificity in [0.90, 0.95] {
        table.row(vec![
            Cell::text(format!("sensitivity at {:.0} % specificity", specificity * 100.0)),
            detection.estimate(Unit::Share, |scores, positive| sensitivity_at(scores, positive, specificity)),
        ]);
    }
    let threshold = f64::from(material.policy().refusal_threshold);
    let passes = |keep: bool| {
        move |scores: &[f64], positive: &[bool]| {
            let kept = scores.iter().zip(positive).filter(|(_, p)| **p == keep);
            statistics::mean(kept.map(|(score, _)| f64::from((*score >= threshold) == keep)))
        }
    };
    let sensitivity = detection.estimate(Unit::Share, passes(true));
    let specificity = detection.estimate(Unit::Share, passes(false));
    let rates = sensitivity.value().zip(specificity.value());
    table.row(vec![Cell::text("at the shipped threshold: sensitivity"), sensitivity]);
    table.row(vec![Cell::text("at the shipped threshold: unaffected refused"), specificity]);
    section.tables.push(table);

    let mut table = Table::new(
        "T5-ppv",
        "Of 1000 people photographed, how many of those not refused have one of the twelve (PPV)",
        &["prevalence", "PPV at the shipped threshold", "PPV at 95 % specificity"],
    );
    let (scores, positive) = detection.arrays();
    let strict = sensitivity_at(scores, positive, 0.95);
    for prevalence in [0.001, 0.01, 0.1] {
        let ppv = rates.and_then(|(se, sp)| statistics::predictive_value(se, sp, prevalence));
        let at_95 = strict.and_then(|se| statistics::predictive_value(se, 0.95, prevalence));
        table.row(vec![
            Cell::text(format!("{} %", prevalence * 100.0)),
            Cell::number(ppv, Unit::Share),
            Cell::number(at_95, Unit::Share),
        ]);
    }
    table.note("This is why it is meant for children who are already of concern, and for nobody else.");
    section.tables.push(table);

    let mut roc = Chart::new("ROC: any of the twelve", Axis::share("false positive rate"), Axis::share("sensitivity"));
    let mut pr = Chart::new("Precision and recall: any of the twelve", Axis::share("recall"), Axis::share("precision"));
    roc.reference(&[(0.0, 0.0), (1.0, 1.0)]);
    let kinds: [(&str, usize, Keep); 2] = [
        ("against unaffected", 0, |truth| truth == Truth::Unaffected),
        ("against other conditions", 1, |truth| truth == Truth::OtherCondition),
    ];
    for (name, colour, keep) in kinds {
        let detection = Detection::of(material, &cases, keep);
        let (scores, positive) = detection.arrays();
        if let (Some(curve), Some(precision)) =
            (statistics::roc(scores, positive), statistics::precision_recall(scores, positive))
        {
            roc.line(name, colour, false, &curve);
            pr.line(name, colour, false, &precision);
        }
    }
    section.plots.push(roc.finish("roc-any", material.notice()));
    section.plots.push(pr.finish("pr-any", material.notice()));
    section
}

pub(super) fn kinds(material: &Material) -> Section {
    let mut section = Section::new(
        "T6",
        "Refusal",
        "What it does with people who have none of the twelve, and with pictures that show no person.",
    );
    let cases: Vec<&Case> = material.cases.iter().collect();
    let mut table = Table::new(
        "T6",
        "The refusal score against each kind of picture that must be refused",
        &["kind", "people or pictures", "AUROC", "let through where 95 % of affected are"],
    );
    let kinds: [(&str, Keep); 3] = [
        ("unaffected people", |truth| truth == Truth::Unaffected),
        ("other conditions", |truth| truth == Truth::OtherCondition),
        ("all negatives", |_| true),
    ];
    let leak = |scores: &[f64], positive: &[bool]| statistics::false_positive_rate_at(scores, positive, 0.95);
    for (name, keep) in kinds {
        let detection = Detection::of(material, &cases, keep);
        let people = subjects(material.cases.iter().filter(|case| case.class().is_none() && keep(case.truth)));
        table.row(vec![
            Cell::text(name),
            Cell::count(people),
            detection.estimate(Unit::Plain, statistics::auroc),
            detection.estimate(Unit::Share, leak),
        ]);
    }
    let (mut scores, mut positive): (Vec<f64>, Vec<bool>) =
        material.affected().iter().map(|case| (f64::from(material.policy().refusal_score(&case.logits)), true)).unzip();
    scores.extend(material.drawings.iter().map(|o| f64::from(material.policy().refusal_score(&o.logits))));
    positive.resize(scores.len(), false);
    table.row(vec![
        Cell::text("non-faces, forced past the detector"),
        Cell::count(material.drawings.len()),
        Cell::number(statistics::auroc(&scores, &positive), Unit::Plain),
        Cell::number(leak(&scores, &positive), Unit::Share),
    ]);
    table.note(
        "Non-faces are drawn textures and objects (noise, clouds, stripes, checks, objects, walls, balls, cartoon faces). \
         On the device nearly all of them end at the face detector; here the network alone has to refuse them.",
    );
    section.tables.push(table);
    section.tables.extend(scores_compared(material));

    let mut table = Table::new(
        "T6-answers",
        "What the whole device answers: detector, quality gate, network, thresholds",
        &[
            "who",
            "photographs",
            "retake",
            "not clear",
            "no match",
            "resembles, true class named",
            "resembles, wrongly",
            "wrongly, above 50 %",
        ],
    );
    let mut add = |name: &str, outcomes: Outcomes, sure: usize| {
        let share = |some: usize| Cell::share(some, outcomes.all);
        table.row(vec![
            Cell::text(name),
            Cell::count(outcomes.all),
            share(outcomes.retake),
            share(outcomes.not_clear),
            share(outcomes.no_match),
            share(outcomes.right),
            share(outcomes.wrong),
            share(sure),
        ]);
    };
    let people: [(&str, Keep); 3] = [
        ("one of the twelve", |truth| truth.class().is_some()),
        ("unaffected", |truth| truth == Truth::Unaffected),
        ("other conditions", |truth| truth == Truth::OtherCondition),
    ];
    for (name, keep) in people {
        let kept = || material.cases.iter().filter(move |case| keep(case.truth));
        let mut outcomes = material.outcomes(kept());
        let without = material.without_face.iter().filter(|truth| keep(**truth)).count();
        (outcomes.all, outcomes.retake) = (outcomes.all + without, outcomes.retake + without);
        let sure = kept().filter(|case| is_surely_wrong(&case.finding(material.policy()), case.truth)).count();
        add(name, outcomes, sure);
    }
    let mut outsiders = |name: &str, pictures: &[Outsider]| {
        let mut outcomes = Outcomes::default();
        pictures.iter().for_each(|picture| outcomes.add(Truth::Unaffected, &picture.finding));
        add(name, outcomes, pictures.iter().filter(|p| is_surely_wrong(&p.finding, Truth::Unaffected)).count());
    };
    outsiders("non-faces", &material.drawings);
    if let Some(strangers) = &material.strangers {
        outsiders("photographs given with --strangers", strangers);
    }
    table.note("Shares are of photographs, with Wilson intervals as if each were of another person.");
    section.tables.push(table);
    section
}

/// The refusal scores that `calibrate` compared, as the bundle records them.
fn scores_compared(material: &Material) -> Option<Table> {
    let recorded = material.manifest.metrics.pointer("/calibration/refusal_scores")?.clone();
    let scores: Vec<ScoreComparison> = serde_json::from_value(recorded).ok()?;
    if scores.is_empty() {
        return None;
    }
    let mut table = Table::new(
        "T6-scores",
        "Refusal scores that were compared on the calibration split",
        &[
            "score",
            "AUROC, unaffected",
            "AUROC, other conditions",
            "AUROC, all",
            "gain over the first",
            "sensitivity",
            "fate",
        ],
    );
    for score in scores {
        let plain = |value| Cell::number(value, Unit::Plain);
        let gain = score.gain.map_or(Cell::text(""), |(low, high)| Cell::text(format!("{low:+.3} to {high:+.3}")));
        let fate = match (score.chosen, score.refusal_temperature) {
            (true, _) => "ships",
            (false, Some(_)) => "not surely better",
            (false, None) => "compared only: the device cannot refuse by it",
        };
        table.row(vec![
            Cell::text(score.name),
            plain(score.auroc_unaffected),
            plain(score.auroc_other),
            plain(score.auroc),
            gain,
            Cell::number(score.sensitivity, Unit::Share),
            Cell::text(fate),
        ]);
    }
    table.note(
        "The gain is the 95 % interval of the paired difference of AUROC. A score of the logits replaces the log-odds only \
         when its interval lies above nothing. Sensitivity is at the specificity that the threshold was set for.",
    );
    Some(table)
}

/// Whether a finding names classes, the true one not among them, and the first with a probability above one half.
pub(in super::super) fn is_surely_wrong(finding: &Finding, truth: Truth) -> bool {
    match finding {
        Finding::Resembles(named) => {
            named.iter().all(|r| Some(r.class) != truth.class()) && named.first().is_some_and(|r| r.probability > 0.5)
        }
        _ => false,
    }
}
