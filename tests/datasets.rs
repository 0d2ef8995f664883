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
    fs::remove_dir_all(data.join(".crops-v2")).unwrap();
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
    fs::remove_dir_all(data.join(".crops-v2")).unwrap();
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

/// Copies the first photograph of the training split over the first of the test split, changed on the way.
fn plant(data: &Path, change: impl FnOnce(&image::RgbImage) -> image::RgbImage) -> [String; 2] {
    let rows = road().rows();
    let photo = |split| rows[first_of(&rows, split)]["photo"].as_str().unwrap().to_owned();
    let [train, test] = ["train", "test"].map(photo);
    let picture = image::open(data.join(&train)).unwrap().to_rgb8();
    change(&picture).save(data.join(&test)).unwrap();
    [train, test]
}

#[test]
fn a_planted_picture_in_two_splits_is_found_and_stops_training() {
    use image::imageops;
    type Change = fn(&image::RgbImage) -> image::RgbImage;
    let smaller: Change = |picture| {
        let (width, height) = picture.dimensions();
        imageops::resize(picture, width * 2 / 3, height * 2 / 3, imageops::FilterType::Triangle)
    };
    let mirrored: Change = |picture| imageops::flip_horizontal(picture);
    let cut: Change = |picture| {
        let (width, height) = picture.dimensions();
        imageops::crop_imm(picture, width / 20, height / 30, width * 9 / 10, height * 9 / 10).to_image()
    };
    for (name, change) in [("smaller", smaller), ("mirrored", mirrored), ("cut", cut)] {
        let dir = Dir::new(&format!("a_planted_picture_{name}"));
        let data = copy(&dir);
        let [train, test] = plant(&data, change);
        let check = Program::host_trainer().words("dataset check").arg(&data).fails();
        let check = check.says("1 pictures stand in two splits");
        let line = check.stdout.lines().find(|line| line.contains(&train) && line.contains(&test));
        assert!(line.is_some(), "{name}\n{check}");
        if name == "mirrored" {
            refused(&dir, &data).says("stands in two splits").says(&train).says(&test).says("hint: ");
        }
    }
}

#[test]
fn a_full_disk_or_a_read_only_one_while_crops_are_cut() {
    let dir = Dir::new("crops_without_room");
    let data = copy(&dir);
    fs::remove_dir_all(data.join(".crops-v2")).unwrap();
    let run = |script: &str| {
        let mut command = std::process::Command::new("bash");
        command.args(["-c", script, "bash"]).arg(crate::harness::built_path("host-trainer"));
        let output = command.args(["dataset", "check"]).arg(&data).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked at"), "{stderr}");
        (output.status.code(), stderr)
    };
    // No file may grow beyond 2 MB, 13 crops: to the program the disk is full.
    let (code, said) = run("trap '' XFSZ; ulimit -f 2000; exec \"$@\"");
    assert!(code == Some(1) && said.contains(".crops-v2") && said.contains("hint: free some space"), "{said}");
    // Root may write anywhere, unless it gives up its capabilities.
    let powerless = "exec $([ $(id -u) = 0 ] && echo setpriv --bounding-set=-all --inh-caps=-all) \"$@\"";
    let forbid = |mode| fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    fs::remove_dir_all(data.join(".crops-v2")).unwrap();
    forbid(0o555);
    let (code, said) = run(powerless);
    forbid(0o755);
    assert!(code == Some(1) && said.contains(".crops-v2") && said.contains("make it writable"), "{said}");
    let (code, said) = run("exec \"$@\"");
    assert_eq!(code, Some(0), "{said}");
    // What is kept is read from a place that cannot be written to.
    forbid(0o555);
    let (code, said) = run(powerless);
    forbid(0o755);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_class_that_nobody_trains_is_named() {
    let dir = Dir::new("a_class_that_nobody_trains");
    let data = copy(&dir);
    edit(&data, |rows| {
        let mut subjects = std::collections::BTreeSet::new();
        rows.retain(|row| {
            let keep = row["label"] != "turner" || subjects.is_empty();
            if row["label"] == "turner" {
                subjects.insert(row["subject"].to_string());
            }
            keep
        });
        rows.retain(|row| row["label"] != "williams");
        rows.iter_mut().filter(|row| row["label"] == "turner").for_each(|row| row["split"] = "test".into());
    });
    let check = Program::host_trainer().words("dataset check").arg(&data).succeeds();
    for line in ["turner: nobody trains; it cannot be learnt (0 calibrate, 1 test)", "williams: nobody at all"] {
        assert!(check.stdout.contains(line), "{line}\n{check}");
    }
    refused(&dir, &data).says("the training split holds no face of class").says("hint: ");
}

#[test]
fn a_class_of_one_person_is_named() {
    let dir = Dir::new("a_class_of_one_person");
    let data = copy(&dir);
    edit(&data, |rows| {
        let mut kept = false;
        rows.retain(|row| row["label"] != "apert" || (row["split"] == "train" && !std::mem::replace(&mut kept, true)));
    });
    refused(&dir, &data).says("class apert has a single person").says("--allow-single");
    let words = format!("train --epochs 1 {TINY_RECIPE} --allow-single --run single --data data");
    let run = Program::host_trainer().in_folder(dir.path()).words(&words).succeeds();
    assert!(run.stderr.contains("warning: apert: nobody tests"), "{run}");
}

#[test]
fn a_data_card_counts_people_and_bears_the_notice() {
    let card = Program::host_trainer().words("dataset card").arg(road().data()).succeeds();
    let rows = road().rows();
    assert!(card.stdout.contains(lakshan_core::manifest::SYNTHETIC_NOTICE), "{card}");
    let all = card.stdout.lines().find(|line| line.starts_with("| all |")).unwrap_or_else(|| panic!("{card}"));
    assert!(all.contains(&format!("| {} (", rows.len())), "{all}");
    assert!(card.stdout.contains("0 pairs in two splits"), "{card}");
    let json = Program::host_trainer().words("dataset card --json").arg(road().data()).succeeds();
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["tables"][0]["id"], "T1-classes");
}
