//! Installing: who may, what is refused, what is in use afterwards, and the way back.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use edge_app::bundles::{InUse, MAX_STARTS, PROBATION, Place, Slots};
use lakshan_core::manifest::{FILE_NAME, Manifest, SIGNATURE_FILE};
use minisign::KeyPair;
use serde_json::Value;

use crate::harness::{Folder, Run, program};

/// A device's state and keys, and a stick with a signed toy bundle.
pub(crate) struct Device {
    pub(crate) stick: Folder,
    pub(crate) pair: KeyPair,
}

impl Device {
    pub(crate) fn new() -> Self {
        let device = Self { stick: Folder::new(), pair: KeyPair::generate_unencrypted_keypair().unwrap() };
        fs::create_dir(device.stick.path("keys")).unwrap();
        let key = device.pair.pk.to_box().unwrap().into_string();
        device.stick.write("keys/clinic.pub", key.as_bytes());
        let text =
            format!("state = '{}'\nkeys = '{}'\n", device.state().display(), device.stick.path("keys").display());
        device.stick.write("a.toml", text.as_bytes());
        device.bundle(|_| {});
        device
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.stick.path("state")
    }

    /// Writes the manifest with a change, and signs it.
    pub(crate) fn bundle(&self, change: impl FnOnce(&mut Value)) {
        self.stick.write_manifest(change);
        self.sign(&self.pair);
    }

    pub(crate) fn version(&self, version: &str) {
        self.bundle(|manifest| manifest["version"] = version.into());
    }

    pub(crate) fn sign(&self, pair: &KeyPair) {
        let manifest = fs::read(self.path(FILE_NAME)).unwrap();
        let signature = minisign::sign(None, &pair.sk, manifest.as_slice(), Some("toy"), None).unwrap();
        fs::write(self.path(SIGNATURE_FILE), signature.into_string()).unwrap();
    }

    /// A file of the bundle on the stick.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.stick.path("bundle").join(name)
    }

    pub(crate) fn run(&self, words: &str) -> Run {
        let mut command = program();
        command.arg("bundle").args(words.split(' ').filter(|word| !word.is_empty()));
        if words.starts_with("install") || words.starts_with("verify") {
            command.arg(self.stick.path("bundle"));
        }
        Run::of(command.arg("--config").arg(self.stick.path("a.toml")))
    }

    #[track_caller]
    pub(crate) fn install(&self, version: &str) {
        self.version(version);
        let run = self.run("install");
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("the stick may be pulled"), "{}", run.stderr);
    }

    /// Place and version of what is in use among the installed ones.
    pub(crate) fn in_use(&self) -> Option<(String, String)> {
        let list: Value = serde_json::from_str(&self.run("list --json").ok().stdout).unwrap();
        let bundles = list["bundles"].as_array().unwrap().clone();
        let used = bundles.into_iter().find(|bundle| bundle["role"] == "in use")?;
        Some((used["place"].as_str()?.to_owned(), used["version"].as_str()?.to_owned()))
    }

    #[track_caller]
    pub(crate) fn uses(&self, place: &str, version: &str) {
        assert_eq!(self.in_use(), Some((place.to_owned(), version.to_owned())));
    }

    fn start(&self) -> InUse {
        InUse::new(Slots::new(&self.state()), self.stick.path("keys"), self.stick.path("program"))
    }
}

fn version(in_use: &mut InUse) -> String {
    let screener = in_use.open().unwrap();
    screener.bundle().manifest().version.clone()
}

#[test]
fn a_signed_bundle_is_verified_installed_and_gone_back_from() {
    let device = Device::new();
    let verified = device.run("verify").ok();
    assert!(verified.stdout.contains("signed by  clinic.pub (toy)"), "{}", verified.stdout);
    assert_eq!(device.in_use(), None);
    assert!(!device.state().exists(), "a look changes nothing");
    device.run("rollback").failed(&["there is no bundle before"]);
    device.install("1");
    device.uses("a", "1");
    device.install("2");
    device.uses("b", "2");
    device.install("10");
    device.uses("a", "10");
    device.run("rollback").ok();
    device.uses("b", "2");
    device.run("rollback").failed(&["there is no bundle before"]);
    assert_eq!(device.run("remove").ok().stdout, "removed    slot a\n");
    device.run("remove").failed(&["no other bundle"]);
    device.run("remove --all").ok();
    assert_eq!(device.in_use(), None);
}

#[test]
fn what_nobody_trusted_has_signed_is_refused() {
    let device = Device::new();
    fs::remove_file(device.path(SIGNATURE_FILE)).unwrap();
    device.run("install").failed(&["nobody has signed it", "minisign -S"]);
    device.sign(&KeyPair::generate_unencrypted_keypair().unwrap());
    device.run("install").failed(&["a key that this device does not trust", "clinic.pub"]);
    device.sign(&device.pair);
    let manifest = fs::read_to_string(device.path(FILE_NAME)).unwrap();
    fs::write(device.path(FILE_NAME), manifest.replace("1.2.3", "9.9.9")).unwrap();
    device.run("install").failed(&["changed after it was signed"]);
    fs::write(device.path(SIGNATURE_FILE), "untrusted comment: x\nnonsense\n").unwrap();
    device.run("install").failed(&["the signature is damaged"]);
    device.bundle(|_| {});
    fs::remove_file(device.stick.path("keys/clinic.pub")).unwrap();
    device.run("install").failed(&["no key to check a signature with"]);
    device.stick.write("keys/half.pub", b"untrusted comment: x\nRWQ\n");
    device.run("install").failed(&["half.pub is not a public key"]);
    assert_eq!(device.in_use(), None);
}

#[test]
fn an_older_version_is_refused_unless_forced_even_after_removal() {
    let device = Device::new();
    device.install("1.10");
    device.version("1.9");
    device.run("install").failed(&["toy 1.9 is not newer than 1.10", "--force"]);
    device.run("remove --all").ok();
    device.run("install").failed(&["not newer"]);
    assert_eq!(device.run("install --force").code, 0);
    device.uses("a", "1.9");
    device.version("1.10");
    device.run("install").failed(&["not newer than 1.10"]);
}

#[test]
fn a_synthetic_bundle_does_not_replace_a_clinical_one() {
    let device = Device::new();
    device.bundle(|manifest| manifest["provenance"]["kind"] = "patient".into());
    assert_eq!(device.run("install").code, 0);
    device.bundle(|manifest| manifest["name"] = "other".into());
    device.run("install").failed(&["trained on synthetic faces"]);
}

#[test]
fn a_bundle_that_gives_other_logits_than_it_says_is_refused() {
    let device = Device::new();
    device.install("1");
    device.bundle(|manifest| {
        manifest["version"] = "2".into();
        manifest["known_logits"] = serde_json::json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });
    let run = device.run("install");
    let after = run.stderr.split_once("trying it\n").expect("it was copied").1.to_owned();
    Run { stderr: after, ..run }.failed(&["the self-test with the known photograph failed", "logit 0"]);
    device.uses("a", "1");
    assert!(!device.state().join("bundles/incoming").exists());
}

#[test]
fn flipped_and_cut_bundles_are_refused_and_the_old_one_stays() {
    let device = Device::new();
    device.install("1");
    device.version("2");
    let mut random = 5u64;
    let mut below = |limit: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((random >> 33) as usize) % limit
    };
    for round in 0..24 {
        let name = [FILE_NAME, SIGNATURE_FILE, "model.onnx", "MODEL_CARD.md"][round % 4];
        let whole = fs::read(device.path(name)).unwrap();
        let mut bytes = whole.clone();
        if round % 3 == 0 {
            bytes.truncate(below(whole.len()));
        } else {
            // The first line of a signature is a comment that minisign does not sign.
            let begin =
                if name == SIGNATURE_FILE { whole.iter().position(|byte| *byte == b'\n').unwrap() + 1 } else { 0 };
            let place = begin + below(whole.len() - begin - 1);
            bytes[place] ^= 1 << below(8);
        }
        fs::write(device.path(name), &bytes).unwrap();
        device.run("install").failed(&["was not installed"]);
        fs::write(device.path(name), &whole).unwrap();
    }
    device.uses("a", "1");
    assert_eq!(device.run("install").code, 0, "mended, it is taken");
}

#[test]
fn a_new_bundle_with_which_the_program_never_lasts_is_left_after_three_starts() {
    let device = Device::new();
    device.install("1");
    // The first one proves itself.
    let mut first = device.start();
    assert_eq!(version(&mut first), "1");
    first.alive(Instant::now() + PROBATION / 2);
    assert!(Slots::new(&device.state()).state().unwrap().trial.is_some(), "not long enough");
    first.alive(Instant::now() + PROBATION);
    assert_eq!(Slots::new(&device.state()).state().unwrap().trial, None);
    drop(first);
    device.install("2");
    for _ in 0..MAX_STARTS {
        // It crashes.
        let mut start = device.start();
        assert_eq!((version(&mut start), version(&mut start)), ("2".into(), "2".into()), "one start counts once");
    }
    assert_eq!(version(&mut device.start()), "1");
    device.uses("a", "1");
    assert!(device.run("list").ok().stdout.contains("went back by itself: the program was started 3 times"));
    // What has proved itself is never left by itself.
    for _ in 0..5 {
        assert_eq!(version(&mut device.start()), "1");
    }
}

#[test]
fn a_damaged_slot_is_left_on_trial_and_an_error_afterwards() {
    let device = Device::new();
    device.install("1");
    device.start().open().unwrap();
    let mut first = device.start();
    first.open().unwrap();
    first.alive(Instant::now() + PROBATION + Duration::from_secs(1));
    device.install("2");
    fs::write(device.state().join("bundles/b/model.onnx"), "gone").unwrap();
    assert_eq!(version(&mut device.start()), "1", "on trial: back");
    fs::write(device.state().join("bundles/a/MODEL_CARD.md"), "another").unwrap();
    let error = device.start().open().err().unwrap().to_string();
    assert!(error.contains("cannot be used"), "{error}");
}

#[test]
fn a_damaged_state_is_an_error_with_a_way_out() {
    let device = Device::new();
    device.install("1");
    device.stick.write("state/bundles/slots.json", b"{\"active\":");
    device.run("list").failed(&["not known which bundle is in use", "remove --all"]);
    assert!(device.start().open().is_err());
    device.run("remove --all").ok();
    device.install("1");
    device.uses("a", "1");
}

#[test]
fn the_installed_files_are_those_of_the_manifest_and_no_others() {
    let device = Device::new();
    device.stick.write("bundle/autorun.sh", b"#!/bin/sh\n");
    fs::create_dir(device.stick.path("bundle/report")).unwrap();
    device.install("1");
    let slot = Slots::new(&device.state()).path(Place::A).unwrap();
    let mut names: Vec<_> = list(&slot);
    names.sort();
    assert_eq!(names, ["MODEL_CARD.md", "manifest.json", "manifest.json.minisig", "model.onnx"]);
    Manifest::parse(&fs::read(slot.join(FILE_NAME)).unwrap()).unwrap();
}

fn list(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
