//! `bench`: the numbers that it prints, and what it says of each node.

use serde_json::Value;

use crate::harness::{Folder, Run, portrait, program};

fn bench(folder: &Folder, arguments: &[&str]) -> Run {
    let mut command = program();
    command.arg("bench").arg("--runs").arg("2").arg("--bundle").arg(folder.path("bundle")).args(arguments);
    Run::of(&mut command)
}

#[test]
fn a_photograph_is_timed_stage_by_stage() {
    let photo = portrait();
    let photo = photo.to_str().unwrap();
    let run = bench(&Folder::new(), &["--json", "--explain", "--photo", photo]).ok();
    let measured: Value = serde_json::from_str(&run.stdout).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    for field in ["median_ms", "p95_ms", "min_ms", "load_ms", "first_ms"] {
        assert!(number(&measured[field]) > 0.0, "{field}");
    }
    let stages = &measured["stages"];
    assert_eq!((&stages["width"], &stages["height"]), (&200.into(), &250.into()));
    let parts = ["decode_ms", "detect_ms", "crop_ms", "tensor_ms"].map(|field| number(&stages[field]));
    assert!(parts.iter().all(|part| *part > 0.0), "{parts:?}");
    assert!(number(&stages["all_ms"]) > 0.0);
    let detector = measured["detector_nodes"].as_array().unwrap();
    assert!(detector.len() > 100 && detector.iter().all(|node| node["fused"] == true), "{detector:?}");
}

#[test]
fn words_name_the_stages_and_every_node() {
    let photo = portrait();
    let run = bench(&Folder::new(), &["--explain", "--photo", photo.to_str().unwrap()]).ok();
    assert!(run.stdout.contains("\nphotograph of 200 x 250: "), "{}", run.stdout);
    assert!(run.stdout.lines().any(|line| line.starts_with("MaxPool") && line.ends_with(": float kernels")));
}

#[test]
fn without_a_photograph_no_stages_are_printed() {
    let run = bench(&Folder::new(), &["--json"]).ok();
    let measured: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(measured.get("stages").is_none() && measured.get("detector_nodes").is_none());
    bench(&Folder::new(), &["--photo", "no-such-photo.jpg"]).failed(&["no-such-photo.jpg"]);
}
