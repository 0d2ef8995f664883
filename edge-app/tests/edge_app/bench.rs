//! `bench`: what it prints, what it says of each node, and the choice of a kernel. Only that times are there is tested,
//! not what they are.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Folder, Run, portrait, program};

fn bench(arguments: &[&str]) -> Run {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    Run::of(program().args(["bench", "--runs", "1", "--threads", "1", "--bundle"]).arg(demo).args(arguments))
}

/// On the toy bundle, which is quick.
fn staged(folder: &Folder, arguments: &[&str]) -> Run {
    let mut command = program();
    command.arg("bench").arg("--runs").arg("2").arg("--bundle").arg(folder.path("bundle")).args(arguments);
    Run::of(&mut command)
}

#[test]
fn json_has_every_field() {
    let measured: Value = serde_json::from_str(&bench(&["--json", "--per-layer"]).ok().stdout).unwrap();
    for field in ["median_ms", "p95_ms", "min_ms", "load_ms", "first_ms", "gmac_per_s"] {
        assert!(measured[field].as_f64().unwrap() > 0.0, "{field}");
    }
    assert_eq!((&measured["threads"], &measured["runs"]), (&1.into(), &1.into()));
    assert_eq!(measured["kernel"], measured["kernels"][0]);
    let layers = measured["layers"].as_array().unwrap();
    let counts: u64 = layers.iter().map(|layer| layer["layers"].as_u64().unwrap()).sum();
    assert_eq!(counts, 56, "53 convolutions, two pools, and the way to bytes: {layers:?}");
    // Where the kernel has a multiplication of its own, each layer that multiplies is compared with it.
    let peak = measured["peak_gmac_per_s"].as_f64();
    for layer in layers {
        let multiplies = layer["gmac_per_s"].as_f64().unwrap() > 0.0;
        assert_eq!(layer["of_peak"].is_number(), peak.is_some() && multiplies, "{layer}");
    }
}

#[test]
fn a_kernel_can_be_chosen() {
    let run = bench(&["--kernel", "scalar", "--per-layer"]).ok();
    assert!(run.stdout.contains("threads 1, scalar, "), "{}", run.stdout);
    assert!(run.stdout.contains("3x3 stride 1"), "{}", run.stdout);
}

#[test]
fn a_kernel_that_is_not_here_is_wrong_usage() {
    let run = bench(&["--kernel", "sse9"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("this processor has no kernel 'sse9'; it has ") && run.stderr.contains("scalar"));
}

#[test]
fn a_photograph_is_timed_stage_by_stage() {
    let photo = portrait();
    let photo = photo.to_str().unwrap();
    let run = staged(&Folder::new(), &["--json", "--explain", "--photo", photo]).ok();
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
    let run = staged(&Folder::new(), &["--explain", "--photo", photo.to_str().unwrap()]).ok();
    assert!(run.stdout.contains("\nphotograph of 200 x 250: "), "{}", run.stdout);
    assert!(run.stdout.lines().any(|line| line.starts_with("MaxPool") && line.ends_with(": float kernels")));
}

#[test]
fn without_a_photograph_no_stages_are_printed() {
    let run = staged(&Folder::new(), &["--json"]).ok();
    let measured: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(measured.get("stages").is_none() && measured.get("detector_nodes").is_none());
    staged(&Folder::new(), &["--photo", "no-such-photo.jpg"]).failed(&["no-such-photo.jpg"]);
}
