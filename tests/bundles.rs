//! Bundles that are damaged or made for another program: refused, with the first fault named.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Dir, Program, Run};
use crate::road::road;

/// A copy of a good bundle.
fn copy(dir: &Dir) -> PathBuf {
    dir.copy(&road().bundle(), "bundle")
}

/// Changes the manifest as JSON.
fn edit(bundle: &Path, change: impl FnOnce(&mut Value)) {
    let path = bundle.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
}

/// What the device says of it. The photograph does not matter: the bundle is opened first.
#[track_caller]
fn refused(bundle: &Path) -> Run {
    let photo = road().data().join(road().rows()[0]["photo"].as_str().unwrap());
    Program::edge_app().words("classify --json --bundle").arg(bundle).arg(photo).fails().says("hint: ")
}

#[test]
fn one_changed_byte_of_the_network() {
    let dir = Dir::new("one_changed_byte");
    let bundle = copy(&dir);
    let path = bundle.join("model.onnx");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    refused(&bundle).says("model.onnx").says("SHA-256");
}

#[test]
fn a_cut_off_network() {
    let dir = Dir::new("a_cut_off_network");
    let bundle = copy(&dir);
    let path = bundle.join("model.onnx");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    refused(&bundle).says("model.onnx").says("bytes long");
}

#[test]
fn a_cut_off_network_whose_hash_was_mended() {
    let dir = Dir::new("a_cut_off_network_mended");
    let bundle = copy(&dir);
    let path = bundle.join("model.onnx");
    let bytes = fs::read(&path).unwrap();
    let cut = &bytes[..bytes.len() / 2];
    fs::write(&path, cut).unwrap();
    let entry = serde_json::to_value(lakshan_core::manifest::FileEntry::of(cut)).unwrap();
    edit(&bundle, |manifest| manifest["files"]["model.onnx"] = entry);
    refused(&bundle).says("model.onnx").says("cannot be used");
}

#[test]
fn a_missing_class() {
    let dir = Dir::new("a_missing_class");
    let bundle = copy(&dir);
    edit(&bundle, |manifest| drop(manifest["classes"].as_array_mut().unwrap().remove(4)));
    refused(&bundle).says("class 4 is 'hgps', expected 'down'");
}

#[test]
fn another_input_shape() {
    let dir = Dir::new("another_input_shape");
    let bundle = copy(&dir);
    edit(&bundle, |manifest| manifest["input_shape"] = serde_json::json!([1, 3, 112, 112]));
    refused(&bundle).says("[1, 3, 112, 112]");
}

#[test]
fn a_newer_format() {
    let dir = Dir::new("a_newer_format");
    let bundle = copy(&dir);
    edit(&bundle, |manifest| manifest["format_version"] = 99.into());
    refused(&bundle).says("format version is 99");
}

#[test]
fn another_preprocessing() {
    let dir = Dir::new("another_preprocessing");
    let bundle = copy(&dir);
    edit(&bundle, |manifest| manifest["preprocess_version"] = 99.into());
    refused(&bundle).says("preprocessing 99");
}

#[test]
fn a_manifest_that_is_no_json_and_one_that_is_not_there() {
    let dir = Dir::new("a_manifest_that_is_no_json");
    let bundle = copy(&dir);
    fs::write(bundle.join("manifest.json"), "{").unwrap();
    refused(&bundle).says("manifest.json");
    fs::remove_file(bundle.join("manifest.json")).unwrap();
    refused(&bundle).says("manifest.json is missing");
}

#[test]
fn no_folder_at_all() {
    let dir = Dir::new("no_folder_at_all");
    refused(&dir.join("nowhere")).says("nowhere");
}
