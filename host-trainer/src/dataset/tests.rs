//! Every fault of a data set gives its own error.

use super::*;
use lakshan_core::manifest::DataKind;

/// A data set in memory: a photograph for each subject and label, all in training.
pub(crate) fn dataset_of(people: Vec<(String, Label)>) -> Dataset {
    let photo = |(index, (subject, label))| Photo {
        photo: format!("{index}.jpg").into(),
        subject,
        label,
        split: Split::Train,
        fold: None,
        age_years: None,
        sex: None,
        ancestry: None,
        skin_tone: None,
        features: Vec::new(),
    };
    let info = Info {
        format_version: FORMAT_VERSION,
        name: "people".into(),
        provenance: Provenance { kind: DataKind::Synthetic, statement: String::new() },
        photographs: None,
        generator: serde_json::Value::Null,
    };
    Dataset { root: PathBuf::new(), info, photos: people.into_iter().enumerate().map(photo).collect() }
}

fn line(photo: &str, subject: &str, label: &str, split: &str) -> String {
    let kind = if label == "negative" { "\"unaffected\"" } else { "null" };
    format!(r#"{{"photo":"{photo}","subject":"{subject}","label":"{label}","negative_kind":{kind},"split":"{split}"}}"#)
}

/// A data set with these lines; every file that ends in `.jpg` and is named `there*` exists.
fn dataset(lines: &[String]) -> (tempfile::TempDir, Result<Dataset, DatasetError>) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["there1.jpg", "there2.jpg", "there3.jpg"] {
        fs::write(folder.path().join(name), b"x").unwrap();
    }
    let info = r#"{"format_version":1,"name":"t","provenance":{"kind":"synthetic","statement":"none"}}"#;
    fs::write(folder.path().join(INFO_FILE), info).unwrap();
    fs::write(folder.path().join(PHOTOS_FILE), lines.join("\n")).unwrap();
    let opened = Dataset::open(folder.path());
    (folder, opened)
}

fn fault(lines: &[String]) -> String {
    dataset(lines).1.unwrap_err().to_string()
}

#[test]
fn reads_what_it_writes() {
    let (folder, opened) =
        dataset(&[line("there1.jpg", "a", "down", "train"), line("there2.jpg", "b", "negative", "test")]);
    let opened = opened.unwrap();
    opened.write().unwrap();
    let again = Dataset::open(folder.path()).unwrap();
    assert_eq!(again.photos, opened.photos);
    assert_eq!(again.info, opened.info);
    assert_eq!(again.split(Split::Test), [1]);
    assert_eq!(again.photos[1].label, Label::Negative(NegativeKind::Unaffected));
}

#[test]
fn names_the_line_of_an_unknown_class() {
    let fault = fault(&[line("there1.jpg", "a", "down", "train"), line("there2.jpg", "b", "willliams", "train")]);
    assert!(fault.ends_with("photos.jsonl:2: unknown class 'willliams'; the nearest known is 'williams'"), "{fault}");
}

#[test]
fn names_the_subject_in_two_splits() {
    let fault = fault(&[line("there1.jpg", "anna", "down", "train"), line("there2.jpg", "anna", "down", "test")]);
    assert!(fault.ends_with("subject 'anna' is in two splits: train (line 1) and test (line 2)"), "{fault}");
}

#[test]
fn names_the_subject_with_two_labels() {
    let fault = fault(&[line("there1.jpg", "anna", "down", "train"), line("there2.jpg", "anna", "apert", "train")]);
    assert!(fault.contains("subject 'anna' has two labels: down (line 1) and apert (line 2)"), "{fault}");
}

#[test]
fn finds_duplicates_and_missing_files_and_paths_that_lead_out() {
    let twice = [line("there1.jpg", "a", "down", "train"), line("there1.jpg", "a", "down", "train")];
    assert!(fault(&twice).contains(":2: there1.jpg stands in line 1 already"));
    assert!(fault(&[line("gone.jpg", "a", "down", "train")]).contains(":1: no such file: "));
    assert!(fault(&[line("../there1.jpg", "a", "down", "train")]).contains("does not lie inside"));
    assert!(fault(&[]).contains("lists no photograph"));
}

#[test]
fn names_the_line_that_is_no_record() {
    let broken = [line("there1.jpg", "a", "down", "train"), "{\"photo\":".to_owned()];
    assert!(fault(&broken).contains("photos.jsonl:2 is not a valid record"));
    let split = [line("there1.jpg", "a", "down", "validation")];
    assert!(fault(&split).contains(":1 is not a valid record"));
}

#[test]
fn a_folder_without_description_is_no_dataset() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Dataset::open(folder.path()), Err(DatasetError::NotADataset { .. })));
}
