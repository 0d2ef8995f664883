//! Bundles that the trainer signs are those that the device and the minisign program take, and the other way round.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{Dir, Program};
use crate::road::road;

/// Keys of `host-trainer keys new`, and the device's folder of keys with the public one.
fn keys(dir: &Dir) -> (PathBuf, PathBuf) {
    Program::host_trainer().in_folder(dir.path()).words("keys new clinic --no-password").succeeds();
    fs::create_dir(dir.join("keys")).unwrap();
    fs::copy(dir.join("clinic.pub"), dir.join("keys/clinic.pub")).unwrap();
    (dir.join("clinic.key"), dir.join("keys"))
}

fn verify(bundle: &Path, keys: &Path) -> Program {
    Program::edge_app().words("bundle verify --keys").arg(keys).arg(bundle)
}

/// The minisign program; it must be there, as `cargo xtask setup` sees to.
fn minisign(words: &[&dyn AsRef<std::ffi::OsStr>]) -> bool {
    let mut command = Command::new("minisign");
    command.args(words.iter().map(|word| word.as_ref()));
    let output = command.output().expect("minisign is installed: cargo xtask setup");
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.success()
}

#[test]
fn the_device_and_minisign_take_what_the_trainer_signed() {
    let dir = Dir::new("the_trainer_signed");
    let (secret, keys) = keys(&dir);
    let bundle = dir.join("bundle");
    let program = Program::host_trainer().words("bundle --name miniature --version 7 --run").arg(road().run());
    program.arg("--sign").arg(secret).arg("--out").arg(&bundle).succeeds();
    let shown = verify(&bundle, &keys).succeeds();
    // The trainer has said what the network gives for the known photograph, so nothing is left to warn of.
    for words in ["self-test  passed\n", "clinic.pub (lakshan bundle miniature 7)"] {
        assert!(shown.stdout.contains(words), "{shown}");
    }
    let (manifest, key) = (bundle.join("manifest.json"), keys.join("clinic.pub"));
    assert!(minisign(&[&"-V", &"-m", &manifest, &"-p", &key]));
    let mut text = fs::read(&manifest).unwrap();
    text.push(b'\n');
    fs::write(&manifest, text).unwrap();
    assert!(!minisign(&[&"-V", &"-m", &manifest, &"-p", &key]), "one more byte is another file");
    verify(&bundle, &keys).fails().says("changed after it was signed");
}

#[test]
fn the_device_takes_what_minisign_signed() {
    let dir = Dir::new("minisign_signed");
    let bundle = dir.copy(&road().bundle(), "bundle");
    let (secret, public) = (dir.join("other.key"), dir.join("other.pub"));
    assert!(minisign(&[&"-G", &"-W", &"-s", &secret, &"-p", &public]));
    fs::create_dir(dir.join("keys")).unwrap();
    verify(&bundle, &dir.join("keys")).fails().says("nobody has signed it");
    assert!(minisign(&[&"-S", &"-s", &secret, &"-m", &bundle.join("manifest.json"), &"-t", &"by hand"]));
    verify(&bundle, &dir.join("keys")).fails().says("no key to check a signature with");
    fs::copy(&public, dir.join("keys/other.pub")).unwrap();
    let shown = verify(&bundle, &dir.join("keys")).succeeds();
    assert!(shown.stdout.contains("other.pub (by hand)"), "{shown}");
    let manifest: Value = serde_json::from_slice(&fs::read(bundle.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["known_logits"].as_array().map(Vec::len), Some(12));
    // minisign's keys without a password have no checksum, so the trainer cannot know them from damaged ones.
    let program = Program::host_trainer().words("bundle --name miniature --version 8 --run").arg(road().run());
    program.arg("--sign").arg(secret).arg("--out").arg(&bundle).fails().says("not -W");
}
