//! The report's statistics against scikit-learn and scipy on the same arrays, to 1e-6.

#[path = "python/run.rs"]
mod python;

use std::collections::BTreeMap;

use host_trainer::chance::Chance;
use host_trainer::evidence::bootstrap::{Bootstrap, RESAMPLES};
use host_trainer::evidence::statistics as ours;

const CLASSES: usize = 12;
/// A multiple of 15, so that equally filled bins are equal to the last value.
const PHOTOGRAPHS: usize = 600;
const TOLERANCE: f64 = 1e-6;

/// Arrays with ties among the scores and none among the probabilities.
struct Arrays {
    scores: Vec<f64>,
    positive: Vec<bool>,
    probabilities: Vec<Vec<f64>>,
    truths: Vec<usize>,
    answers: Vec<usize>,
    values: Vec<f64>,
}

fn arrays() -> Arrays {
    let mut chance = Chance::new("statistics", &[11]);
    let positive: Vec<bool> = (0..PHOTOGRAPHS).map(|_| chance.happens(0.4)).collect();
    let score = |is: &bool, chance: &mut Chance| {
        let lift = if *is { 0.8 } else { 0.0 };
        ((f64::from(chance.unit() + chance.unit()) + lift) * 20.0).round() / 20.0
    };
    let scores = positive.iter().map(|is| score(is, &mut chance)).collect();
    let (mut probabilities, mut truths, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..PHOTOGRAPHS {
        // The last class never occurs, but is answered.
        let truth = at % (CLASSES - 1);
        let weights: Vec<f64> = (0..CLASSES)
            .map(|class| {
                let own = if class == truth { 3.0 } else { 0.0 };
                f64::from(chance.range(-2.0, 2.0) + own).exp() * (1.0 + at as f64 * 1e-7)
            })
            .collect();
        let sum: f64 = weights.iter().sum();
        let p: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        answers.push((0..CLASSES).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap());
        truths.push(truth);
        probabilities.push(p);
    }
    let values = (0..PHOTOGRAPHS).map(|_| f64::from(chance.unit())).collect();
    Arrays { scores, positive, probabilities, truths, answers, values }
}

/// What the Python script computes.
fn theirs(arrays: &Arrays, draws: &[Vec<usize>]) -> BTreeMap<String, f64> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arrays.json");
    let given = serde_json::json!({
        "scores": arrays.scores, "positive": arrays.positive, "probabilities": arrays.probabilities,
        "truths": arrays.truths, "answers": arrays.answers, "values": arrays.values, "draws": draws,
    });
    std::fs::write(&path, given.to_string()).unwrap();
    serde_json::from_slice(&python::run("statistics.py", [path])).unwrap()
}

#[test]
fn statistics_agree_with_scikit_learn_and_scipy() {
    let arrays = arrays();
    let Arrays { scores, positive, probabilities, truths, answers, values } = &arrays;
    // Two photographs a person.
    let people: Vec<String> = (0..PHOTOGRAPHS).map(|at| (at / 2).to_string()).collect();
    let bootstrap = Bootstrap::new(people.iter().map(String::as_str));
    let draws: Vec<Vec<usize>> = (0..RESAMPLES).map(|number| bootstrap.draw(number)).collect();
    let theirs = theirs(&arrays, &draws);

    let confidence: Vec<f64> = probabilities.iter().zip(answers).map(|(p, answer)| p[*answer]).collect();
    let right: Vec<bool> = truths.iter().zip(answers).map(|(truth, answer)| truth == answer).collect();
    let of_class = |class: usize| {
        let stated: Vec<f64> = probabilities.iter().map(|p| p[class]).collect();
        let so: Vec<bool> = truths.iter().map(|truth| *truth == class).collect();
        ours::calibration_error(&stated, &so, 15)
    };
    let sensitivity = ours::roc(scores, positive).unwrap().into_iter().rfind(|(alarms, _)| *alarms <= 0.1);
    let mean = |drawn: &[usize]| ours::mean(drawn.iter().map(|at| values[*at]));
    let (low, high) = bootstrap.interval(mean).unwrap();
    let means: Vec<f64> = draws.iter().map(|drawn| mean(drawn).unwrap()).collect();
    let mut found = vec![
        ("auroc", ours::auroc(scores, positive).unwrap()),
        ("auroc by scipy", ours::auroc(scores, positive).unwrap()),
        ("average precision", ours::average_precision(scores, positive).unwrap()),
        ("false positive rate at 95", ours::false_positive_rate_at(scores, positive, 0.95).unwrap()),
        ("sensitivity at 90", sensitivity.unwrap().1),
        ("matthews", ours::matthews(truths, answers, CLASSES).unwrap()),
        ("balanced accuracy", ours::balanced_accuracy(truths, answers, CLASSES).unwrap()),
        ("macro f1", ours::macro_f1(truths, answers, CLASSES).unwrap()),
        ("brier", ours::brier(probabilities, truths).unwrap()),
        ("log loss", ours::log_loss(probabilities, truths).unwrap()),
        ("calibration error", ours::calibration_error(&confidence, &right, 15).unwrap()),
        ("classwise error", ours::mean((0..CLASSES).filter_map(of_class)).unwrap()),
        ("mcnemar", ours::mcnemar(3, 14)),
        ("bootstrap low", low),
        ("bootstrap high", high),
        ("bootstrap median", ours::quantile(&means, 0.5).unwrap()),
    ];
    for (name, some, every) in [("wilson small", 4, 5), ("wilson none", 0, 20), ("wilson large", 957, 972)] {
        let (low, high) = ours::wilson(f64::from(some) / f64::from(every), every as usize).unwrap();
        found.push((Box::leak(format!("{name} low").into_boxed_str()), low));
        found.push((Box::leak(format!("{name} high").into_boxed_str()), high));
    }
    assert_eq!(found.len(), theirs.len(), "each of theirs is compared: {:?}", theirs.keys());
    for (name, value) in found {
        let expected = theirs.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert!((value - expected).abs() <= TOLERANCE, "{name}: {value}, theirs {expected}");
    }
}
