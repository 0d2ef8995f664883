//! What a stranger sees first: the shipped bundle on the shipped samples.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use lakshan_core::Syndrome;
use lakshan_core::manifest::SYNTHETIC_NOTICE;
use serde_json::Value;

use crate::harness::{Dir, Program, project};

/// The samples by label: a class id or `negative`. Files are named `<label>-<n>.jpg`.
fn samples() -> BTreeMap<String, Vec<PathBuf>> {
    let mut samples = BTreeMap::<String, Vec<PathBuf>>::new();
    let folder = project().join("models/samples");
    for entry in fs::read_dir(&folder).expect("models/samples is there") {
        let path = entry.expect("the folder can be listed").path();
        if path.extension().is_none_or(|extension| extension != "jpg") {
            continue;
        }
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let (label, number) = stem.rsplit_once('-').unwrap_or_else(|| panic!("{stem} is not <label>-<n>"));
        assert!(number.parse::<u32>().is_ok(), "{stem} is not <label>-<n>");
        assert!(label == "negative" || label.parse::<Syndrome>().is_ok(), "{stem}: no such class");
        samples.entry(label.to_owned()).or_default().push(path);
    }
    samples.values_mut().for_each(|paths| paths.sort());
    samples
}

/// The findings for all samples, as in `edge-app classify --json models/samples/*.jpg`.
fn findings() -> Vec<(String, Value)> {
    let samples = samples();
    let labels: Vec<String> =
        samples.iter().flat_map(|(label, paths)| std::iter::repeat_n(label.clone(), paths.len())).collect();
    let run = Program::edge_app().words("classify --json").args(samples.into_values().flatten()).succeeds();
    let lines = run.json_lines();
    assert_eq!(lines.len(), labels.len(), "one line a photograph\n{run}");
    labels.into_iter().zip(lines).collect()
}

#[test]
fn there_are_two_of_every_class_and_some_of_none() {
    let samples = samples();
    for class in Syndrome::ALL {
        assert!(samples.get(class.id()).is_some_and(|paths| paths.len() >= 2), "{class}");
    }
    assert!(samples.get("negative").is_some_and(|paths| paths.len() >= 2));
}

#[test]
fn most_are_named_rightly() {
    let findings = findings();
    let first = |line: &Value| {
        let probabilities = line["probabilities"].as_object()?;
        let best = probabilities.iter().max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap()))?;
        Some(best.0.clone())
    };
    let affected: Vec<_> = findings.iter().filter(|(label, _)| label != "negative").collect();
    let right = affected.iter().filter(|(label, line)| first(line).as_ref() == Some(label)).count();
    assert!(right * 10 >= affected.len() * 6, "{right} of {} have the right class first", affected.len());
    let negatives: Vec<_> = findings.iter().filter(|(label, _)| label == "negative").collect();
    let quiet = negatives.iter().filter(|(_, line)| line["finding"]["kind"] != "resembles").count();
    assert!(quiet * 2 > negatives.len(), "{quiet} of {} negatives resemble nothing", negatives.len());
    let retaken = findings.iter().filter(|(_, line)| line["finding"]["kind"] == "retake").count();
    assert_eq!(retaken, 0, "a sample that must be taken again shows nobody anything");
}

#[test]
fn every_line_keeps_the_promised_form() {
    for (label, line) in findings() {
        let kind = line["finding"]["kind"].as_str().unwrap();
        assert!(["retake", "not_clear", "no_match", "resembles"].contains(&kind), "{line}");
        assert_eq!(line["finding"]["reason"].is_null(), kind != "retake", "{line}");
        let classes = line["finding"]["classes"].as_array().unwrap();
        let expected = if kind == "resembles" { 1..=3 } else { 0..=0 };
        assert!(expected.contains(&classes.len()), "{line}");
        let probabilities = line["probabilities"].as_object().unwrap_or_else(|| panic!("{label}: {line}"));
        let ids: Vec<&str> = probabilities.keys().map(String::as_str).collect();
        let mut known = Syndrome::ALL.map(Syndrome::id);
        known.sort_unstable();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, known, "{line}");
        let sum: f64 = probabilities.values().map(|p| p.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "probabilities add up to {sum}: {line}");
        for class in classes {
            assert_eq!(probabilities[class["id"].as_str().unwrap()], class["probability"], "{line}");
        }
        for key in ["x", "y", "width", "height", "keypoints", "score"] {
            assert!(!line["face"][key].is_null(), "face.{key}: {line}");
        }
        for key in ["decode", "detect", "crop", "infer", "total"] {
            assert!(line["milliseconds"][key].as_f64().is_some_and(|ms| ms > 0.0), "milliseconds.{key}: {line}");
        }
        for key in ["name", "version", "provenance"] {
            assert!(line["bundle"][key].as_str().is_some_and(|text| !text.is_empty()), "bundle.{key}: {line}");
        }
        assert!(line["photo"].as_str().unwrap().contains(&label), "{line}");
    }
}

#[test]
fn the_answer_does_not_depend_on_order_or_threads() {
    let samples: Vec<PathBuf> = samples().into_values().flatten().take(4).collect();
    let lines = |threads: &str, photos: Vec<&PathBuf>| {
        let run = Program::edge_app().words("classify --json --threads").arg(threads).args(photos).succeeds();
        let mut lines = run.json_lines();
        lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("milliseconds")));
        lines
    };
    let forwards = lines("1", samples.iter().collect());
    let mut backwards = lines("3", samples.iter().rev().collect());
    backwards.reverse();
    assert_eq!(forwards, backwards);
}

#[test]
fn the_words_name_the_finding_the_classes_and_the_bundle() {
    let photo = samples()["down"][0].clone();
    let run = Program::edge_app().arg("classify").arg(&photo).succeeds();
    for class in Syndrome::ALL {
        assert!(run.stdout.contains(class.name()), "{class} is not listed\n{run}");
    }
    assert!(run.stdout.to_lowercase().contains(SYNTHETIC_NOTICE), "{run}");
    for word in ["healthy", "diagnosed", "normal face"] {
        assert!(!run.stdout.to_lowercase().contains(word), "says '{word}'\n{run}");
    }
}

#[test]
fn the_shipped_model_card_makes_no_clinical_claim() {
    let card = fs::read_to_string(project().join("models/demo/MODEL_CARD.md")).unwrap();
    assert!(card.contains(SYNTHETIC_NOTICE), "{card}");
}

#[test]
fn a_bad_photograph_does_not_stop_the_others() {
    let dir = Dir::new("a_bad_photograph");
    let good = samples()["down"][0].clone();
    let whole = fs::read(&good).unwrap();
    let bad = [
        dir.join("absent.jpg"),
        dir.write("empty.jpg", b""),
        dir.write("text.jpg", b"not a picture"),
        dir.write("cut.jpg", &whole[..whole.len() / 3]),
    ];
    let run = Program::edge_app().words("classify --json").args(&bad).arg(&good).fails();
    let lines = run.json_lines();
    assert_eq!(lines.len(), 1, "{run}");
    assert_eq!(lines[0]["photo"], good.to_string_lossy().as_ref());
    let errors = run.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, bad.len(), "one error for each bad photograph\n{run}");
    for path in &bad {
        assert!(run.stderr.contains(&*path.to_string_lossy()), "{} is not named\n{run}", path.display());
    }
}
