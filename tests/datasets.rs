//! Data sets with faults: training stops before it begins, and names file and line.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Dir, Program, Run};
use crate::road::{TINY_RECIPE, road};

fn copy(dir: &Dir) -> PathBuf {
    dir.copy(&road().data(), "data")
}

/// Changes the rows of the table.
fn edit(data: &Path, change: impl FnOnce(&mut Vec<Value>)) {
    let mut rows = road().rows();
    change(&mut rows);
    let text: Vec<String> = rows.iter().map(Value::to_string).collect();
    fs::write(data.join("photos.jsonl"), text.join("\n")).unwrap();
}

/// The index of the first row of a split.
fn first_of(rows: &[Value], split: &str) -> usize {
    rows.iter().position(|row| row["split"] == split).unwrap()
}

/// Trains on it and wants an error; nothing may be left that looks like a run.
#[track_caller]
fn refused(dir: &Dir, data: &Path) -> Run {
    let words = format!("train --epochs 1 {TINY_RECIPE} --run run --data");
    let run = Program::host_trainer().in_folder(dir.path()).words(&words).arg(data).fails();
    for left in ["last.safetensors", "best.safetensors"] {
        assert!(!dir.join("run").join(left).exists(), "{left} was written\n{run}");
    }
    run
}

#[test]
fn an_unknown_class_is_named_with_the_nearest() {
    let dir = Dir::new("an_unknown_class");
    let data = copy(&dir);
    edit(&data, |rows| rows[2]["label"] = "williems".into());
    refused(&dir, &data).says("photos.jsonl:3").says("'williems'").says("'williams'");
}

#[test]
fn a_subject_in_two_splits() {
    let dir = Dir::new("a_subject_in_two_splits");
    let data = copy(&dir);
    edit(&data, |rows| {
        let (train, test) = (first_of(rows, "train"), first_of(rows, "test"));
        let (subject, label) = (rows[train]["subject"].clone(), rows[train]["label"].clone());
        rows[test]["subject"] = subject;
        rows[test]["label"] = label;
        rows[test]["negative_kind"] = rows[train]["negative_kind"].clone();
    });
    let subject = road().rows()[first_of(&road().rows(), "train")]["subject"].as_str().unwrap().to_owned();
    refused(&dir, &data).says(&subject).says("train").says("test");
}

#[test]
fn an_unreadable_photograph_stops_training_unless_it_may_be_skipped() {
    let dir = Dir::new("an_unreadable_photograph");
    let data = copy(&dir);
    fs::remove_dir_all(data.join(".crops-v1")).unwrap();
    let rows = road().rows();
    // One that is not needed: its class keeps others.
    let photo = rows[first_of(&rows, "train")]["photo"].as_str().unwrap().to_owned();
    fs::write(data.join(&photo), b"").unwrap();
    refused(&dir, &data).says(&photo);
    let words = format!("train --epochs 1 {TINY_RECIPE} --skip-unreadable --run skipped --data data");
    Program::host_trainer().in_folder(dir.path()).words(&words).succeeds();
    assert!(dir.join("skipped/best.safetensors").exists());
}

#[test]
fn a_photograph_that_is_not_there() {
    let dir = Dir::new("a_photograph_that_is_not_there");
    let data = copy(&dir);
    fs::remove_dir_all(data.join(".crops-v1")).unwrap();
    edit(&data, |rows| rows[0]["photo"] = "photos/nowhere.jpg".into());
    refused(&dir, &data).says("photos/nowhere.jpg");
}

#[test]
fn a_path_that_leads_outside() {
    let dir = Dir::new("a_path_that_leads_outside");
    let data = copy(&dir);
    edit(&data, |rows| rows[0]["photo"] = "../secret.jpg".into());
    refused(&dir, &data).says("photos.jsonl:1").says("../secret.jpg");
}

#[test]
fn a_folder_that_is_no_data_set() {
    let dir = Dir::new("a_folder_that_is_no_data_set");
    refused(&dir, dir.path()).says("dataset.json");
    refused(&dir, &dir.join("nowhere")).says("nowhere");
}
