//! The report of a bundle: complete, honest about what is too small, self-contained, and readable in a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use lakshan_core::manifest::SYNTHETIC_NOTICE;
use serde_json::Value;

use crate::harness::{Dir, Program, Run, project};
use crate::road::road;

struct Made {
    dir: Dir,
    run: Run,
}

/// The report of the miniature bundle, made once.
fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = Dir::new("report");
        let run = Program::host_trainer()
            .words("evaluate --robustness 6 --bundle")
            .arg(road().bundle())
            .arg("--dataset")
            .arg(road().data())
            .arg("--checkpoint")
            .arg(road().run().join("best.safetensors"))
            .arg("--run")
            .arg(road().run())
            .arg("--strangers")
            .arg(project().join("shared/vision/tests/faces"))
            .arg("--report")
            .arg(dir.join("out"))
            .succeeds();
        Made { dir, run }
    })
}

fn text(name: &str) -> String {
    fs::read_to_string(made().dir.join("out").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json() -> Value {
    serde_json::from_str(&text("report.json")).expect("the report is JSON")
}

#[test]
fn all_tables_are_there_and_every_one_bears_the_notice() {
    let report = json();
    assert_eq!(report["notice"], SYNTHETIC_NOTICE);
    let sections = report["sections"].as_array().unwrap();
    let ids: Vec<&str> = sections.iter().map(|section| section["id"].as_str().unwrap()).collect();
    let expected: Vec<String> = (1..=13).map(|number| format!("T{number}")).collect();
    assert_eq!(ids, expected);
    assert!(sections.iter().all(|section| !section["tables"].as_array().unwrap().is_empty()));
    let page = text("report.html");
    let tables = page.matches("<table").count();
    let plots = page.matches("<svg").count();
    let galleries = page.matches("class=\"gallery\"").count();
    // Title, every table's caption (the gates have none), gates, every plot, the gallery.
    let notices = page.matches(SYNTHETIC_NOTICE).count();
    assert_eq!(notices, tables + plots + galleries + 1, "{tables} tables, {plots} plots");
    let printed = SYNTHETIC_NOTICE.replace(';', "\\3b ");
    assert!(page.contains(&format!("@bottom-center {{ content: \"{printed}\"")), "each printed page says it");
    assert!(plots >= 20, "{plots} plots");
    let csv = text("report.csv");
    assert!(csv.lines().skip(1).all(|line| line.ends_with(SYNTHETIC_NOTICE)));
    for id in ["gates", "T1-classes", "T2", "T8-classes", "T10", "T11", "T13"] {
        assert!(csv.lines().any(|line| line.starts_with(&format!("{id},"))), "{id} is not in the CSV");
    }
}

#[test]
fn failed_gates_come_first_and_small_numbers_say_so() {
    let report = json();
    let outcomes: Vec<&str> =
        report["gates"].as_array().unwrap().iter().map(|gate| gate["outcome"].as_str().unwrap()).collect();
    let place =
        |outcome: &&str| ["failed", "not_measurable", "passed"].iter().position(|word| word == outcome).unwrap();
    assert!(outcomes.iter().map(place).is_sorted(), "{outcomes:?}");
    assert_eq!(outcomes.len(), 11, "{outcomes:?}");
    let page = text("report.html");
    assert!(page.contains("n too small"), "one person a class is too few");
    let printed: Vec<&str> = made().run.stdout.lines().filter(|line| line.contains("(asked: ")).collect();
    assert_eq!(printed.len(), outcomes.len());
    // What cannot be measured is no number anywhere.
    assert!(!page.contains("NaN") && !made().run.stdout.contains("NaN"));
}

#[test]
fn the_page_needs_nothing_from_outside() {
    let page = text("report.html");
    for word in ["http:", "https:", "<script", "<link", "url(", "@import", "src=\"/", "href=\"/"] {
        assert!(!page.contains(word), "the page holds {word}");
    }
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("size: A4"));
}

/// A browser of the user's own, or Debian's.
fn chromium() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    found.into_iter().find(|path| path.is_file()).expect("no chromium on PATH; `cargo xtask setup` installs it")
}

fn browse(dir: &Path, args: &[&str]) -> std::process::Output {
    let page = dir.join("out/report.html");
    let profile = dir.join("profile");
    let output = Command::new(chromium())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(args)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("chromium starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn a_browser_reads_it_shows_it_and_prints_it_on_a4() {
    let dir = made().dir.path();
    let dom = String::from_utf8(browse(dir, &["--dump-dom"]).stdout).unwrap();
    assert_eq!(dom.matches("<table").count(), text("report.html").matches("<table").count());
    assert_eq!(dom.matches("<svg").count(), dom.matches("</svg>").count());
    let (picture, paper) = (dir.join("report.png"), dir.join("report.pdf"));
    browse(dir, &["--window-size=1200,2000", &format!("--screenshot={}", picture.display())]);
    let shown = lakshan_vision::open(&picture).expect("the screenshot is a picture");
    assert_eq!((shown.width(), shown.height()), (1200, 2000));
    // Paper, ink and the red of a failed or the amber of the notice: not an empty page.
    let colours: std::collections::HashSet<&[u8]> = shown.rgb().chunks_exact(3).collect();
    assert!(colours.len() > 50, "{} colours", colours.len());
    browse(dir, &["--no-pdf-header-footer", &format!("--print-to-pdf={}", paper.display())]);
    let pdf = fs::read(&paper).unwrap();
    let pdf = String::from_utf8_lossy(&pdf);
    assert!(pdf.starts_with("%PDF-"));
    // A4 is 595 by 842 points.
    let sizes: Vec<&str> = pdf.split("/MediaBox").skip(1).map(|rest| rest.split(']').next().unwrap_or("")).collect();
    let a4 = |size: &&str| size.contains("594.9") || size.contains("595");
    assert!(!sizes.is_empty() && sizes.iter().all(a4), "{sizes:?}");
}

#[test]
fn two_bundles_are_compared() {
    let dir = Dir::new("compare");
    let run = Program::host_trainer()
        .words("evaluate --compare")
        .args([road().bundle(), project().join("models/demo")])
        .arg("--data")
        .arg(road().data())
        .arg("--report")
        .arg(dir.path())
        .succeeds();
    for words in ["became bad", "McNemar", SYNTHETIC_NOTICE, "first:", "skin tone"] {
        assert!(run.stdout.contains(words), "no '{words}'\n{run}");
    }
    let comparison: Value = serde_json::from_slice(&fs::read(dir.join("comparison.json")).unwrap()).unwrap();
    assert_eq!(comparison["sections"].as_array().unwrap().len(), 2);
    assert!(fs::read_to_string(dir.join("comparison.html")).unwrap().contains(SYNTHETIC_NOTICE));
}

#[test]
fn a_report_needs_a_bundle_with_our_classes() {
    let dir = Dir::new("report_classes");
    let out = dir.join("out");
    let data = road().data();
    let report = |bundle: &Path| {
        let evaluate = Program::host_trainer().words("evaluate --bundle").arg(bundle).arg("--data").arg(&data);
        evaluate.arg("--report").arg(&out).fails().says("hint: ")
    };
    let bundle = dir.copy(&road().bundle(), "bundle");
    let path = bundle.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest["classes"].as_array_mut().unwrap().swap(4, 5);
    fs::write(&path, manifest.to_string()).unwrap();
    report(&bundle).says("class 4 is 'hgps', expected 'down'");
    report(&dir.join("nothing")).says("no bundle folder");
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn an_empty_split_is_named_and_a_missing_class_is_not_measurable() {
    let dir = Dir::new("report_empty");
    let rows = road().rows();
    let data = |name: &str, keep: &dyn Fn(&Value) -> bool| {
        let folder = dir.copy(&road().data(), name);
        let kept = rows.iter().filter(|row| keep(row)).map(Value::to_string).collect::<Vec<_>>();
        fs::write(folder.join("photos.jsonl"), kept.join("\n") + "\n").unwrap();
        folder
    };
    let evaluate = |folder: PathBuf| {
        let run = Program::host_trainer().words("evaluate --robustness 0 --bundle").arg(road().bundle());
        run.arg("--data").arg(folder).arg("--report").arg(dir.join("out"))
    };
    let empty = data("empty", &|row| row["split"] != "test");
    evaluate(empty).fails().says("has no photographs in its test split");
    let lacking = data("lacking", &|row| row["split"] != "test" || row["label"] != "down");
    evaluate(lacking).succeeds();
    let report: Value = serde_json::from_slice(&fs::read(dir.join("out/report.json")).unwrap()).unwrap();
    let tables: Vec<&Value> =
        report["sections"].as_array().unwrap().iter().flat_map(|s| s["tables"].as_array().unwrap()).collect();
    let row = |table: &str, name: &str| {
        let table = tables.iter().find(|found| found["id"] == table).unwrap();
        let rows = table["rows"].as_array().unwrap();
        rows.iter().find(|row| row[0]["text"] == name).unwrap().as_array().unwrap().clone()
    };
    let down = row("T3", "Down syndrome");
    assert_eq!(down[1]["value"], 0);
    assert!([2, 6, 7, 8].iter().all(|cell| down[*cell]["kind"] == "not_measurable"), "{down:?}");
    assert_eq!(row("T8-classes", "Down syndrome")[2]["kind"], "not_measurable");
    let loss = report["gates"].as_array().unwrap().iter().find(|gate| gate["name"] == "top-1 loss of int8").unwrap();
    assert_eq!(loss["outcome"], "not_measurable", "no checkpoint was given");
}

#[test]
fn the_shipped_bundle_carries_its_report() {
    let folder = project().join("models/demo");
    let report: Value = serde_json::from_slice(&fs::read(folder.join("report/report.json")).unwrap()).unwrap();
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(report["network"], manifest["files"]["model.onnx"], "it is of the network that ships");
    // Numbers that are read and written again may differ in their last digit.
    let outcomes = |gates: &Value| -> Vec<(Value, Value)> {
        let gates = gates.as_array().unwrap();
        gates.iter().map(|gate| (gate["name"].clone(), gate["outcome"].clone())).collect()
    };
    assert_eq!(outcomes(&report["gates"]), outcomes(&manifest["metrics"]["gates"]));
    assert!(!outcomes(&report["gates"]).is_empty());
    let card = fs::read_to_string(folder.join("MODEL_CARD.md")).unwrap();
    for gate in report["gates"].as_array().unwrap() {
        assert!(card.contains(gate["name"].as_str().unwrap()), "{gate}");
    }
    let page = fs::read(folder.join("report/report.html")).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
}
