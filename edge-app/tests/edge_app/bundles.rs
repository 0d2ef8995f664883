//! Bundles that must be refused, each with its file and its fault, before any photograph is looked at.

use std::fs;

use crate::harness::{Folder, Run, logits, network, portrait, program};

#[track_caller]
fn refused(folder: &Folder, words: &[&str]) {
    let run = folder.classify(&[&portrait()]).failed(words);
    assert_eq!(run.stdout, "");
    assert_eq!(run.stderr.matches("error: ").count(), 1);
    assert!(run.stderr.starts_with("error: cannot use the bundle "), "{}", run.stderr);
}

#[test]
fn no_such_folder() {
    let folder = Folder::new();
    fs::remove_dir_all(folder.path("bundle")).unwrap();
    refused(&folder, &["no bundle folder"]);
}

#[test]
fn none_found() {
    let empty = tempfile::tempdir().unwrap();
    let mut command = program();
    command.current_dir(empty.path()).arg("classify").arg(portrait());
    let run = Run::of(&mut command).failed(&["no bundle found", "models/demo", "--bundle"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_missing_file() {
    for file in ["manifest.json", "model.onnx", "MODEL_CARD.md"] {
        let folder = Folder::new();
        fs::remove_file(folder.path("bundle").join(file)).unwrap();
        refused(&folder, &[file, "missing"]);
    }
}

#[test]
fn a_wrong_hash() {
    let folder = Folder::new();
    let mut bytes = fs::read(folder.path("bundle/model.onnx")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    folder.write("bundle/model.onnx", &bytes);
    refused(&folder, &["model.onnx", "SHA-256"]);
}

#[test]
fn a_truncated_network() {
    let folder = Folder::new();
    let bytes = fs::read(folder.path("bundle/model.onnx")).unwrap();
    folder.write("bundle/model.onnx", &bytes[..bytes.len() / 2]);
    refused(&folder, &["model.onnx", "bytes long"]);
    // Even when its maker listed it so.
    folder.write_manifest(|_| {});
    refused(&folder, &["model.onnx", "not a whole ONNX file"]);
}

#[test]
fn another_input_shape() {
    let folder = Folder::new();
    folder.write_manifest(|json| json["input_shape"][2] = 112.into());
    refused(&folder, &["manifest.json", "input shape is [1, 3, 112, 224]"]);
    folder.write("bundle/model.onnx", &network(logits(&[]), 112));
    folder.write_manifest(|_| {});
    refused(&folder, &["model.onnx", "112"]);
}

#[test]
fn a_missing_class() {
    let folder = Folder::new();
    folder.write_manifest(|json| drop(json["classes"].as_array_mut().unwrap().remove(4)));
    refused(&folder, &["manifest.json", "class 4 is 'hgps', expected 'down'"]);
}

#[test]
fn a_newer_format() {
    let folder = Folder::new();
    folder.write_manifest(|json| json["format_version"] = 2.into());
    refused(&folder, &["manifest.json", "format version is 2, this program reads 1", "same release"]);
}

#[test]
fn not_json() {
    let folder = Folder::new();
    folder.write("bundle/manifest.json", b"{");
    refused(&folder, &["manifest.json", "not a valid manifest"]);
}
