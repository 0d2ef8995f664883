//! Updates of the program: who may, what is refused, which program runs, and the way back. `echo` plays a new program: it
//! passes any test and says with which words it was started.

use std::fs;
use std::path::Path;
use std::process::Command;

use edge_app::config::Config;
use edge_app::parts::Sticks;
use edge_app::programs::ProgramManifest;
use edge_app::sticks::{Kind, News, StickFolder};
use minisign::KeyPair;
use serde_json::Value;

use crate::harness::{Run, program};
use crate::installing::Device;

const ECHO: &str = "/bin/echo";

/// A device with an installed bundle and a key for programs; `app` is a folder with an update.
fn device() -> Device {
    let device = Device::new();
    device.install("1");
    fs::create_dir(device.stick.path("keys/program")).unwrap();
    let key = device.pair.pk.to_box().unwrap().into_string();
    device.stick.write("keys/program/maker.pub", key.as_bytes());
    fs::create_dir(device.stick.path("app")).unwrap();
    device
}

fn update(device: &Device, version: &str, file: &str) {
    update_by(device, &device.pair, &ProgramManifest::of(version, std::env::consts::ARCH, &fs::read(file).unwrap()));
    fs::copy(file, device.stick.path("app/edge-app")).unwrap();
}

fn update_by(device: &Device, pair: &KeyPair, manifest: &ProgramManifest) {
    let text = serde_json::to_vec(manifest).unwrap();
    let signature = minisign::sign(None, &pair.sk, text.as_slice(), Some("update"), None).unwrap();
    device.stick.write("app/program.json", &text);
    device.stick.write("app/program.json.minisig", signature.into_string().as_bytes());
}

fn app(device: &Device, words: &[&str]) -> Run {
    let mut command = program();
    command.arg("app").arg(words[0]).arg("--config").arg(device.stick.path("a.toml"));
    if matches!(words[0], "install" | "verify") {
        command.arg(device.stick.path("app"));
    }
    Run::of(command.args(&words[1..]))
}

/// What is said by whichever program is started.
fn started(device: &Device) -> String {
    let run = app(device, &["start", "--", "--help"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

/// After what was told on the way, and what the new program itself said.
#[track_caller]
fn refused_late(run: Run, words: &[&str]) {
    let at = run.stderr.rfind("error: ").expect("an error");
    Run { stderr: run.stderr[at..].to_owned(), ..run }.failed(words);
}

fn is_packages(said: &str) -> bool {
    said.contains("Be the device") && said.contains("Usage: edge-app run")
}

fn went_back(device: &Device) -> String {
    let list: Value = serde_json::from_str(&app(device, &["list", "--json"]).ok().stdout).unwrap();
    list["went_back"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_signed_program_runs_from_the_next_start_and_is_gone_back_from() {
    let device = device();
    assert!(is_packages(&started(&device)), "nothing is installed");
    update(&device, "9.0", ECHO);
    assert!(app(&device, &["verify"]).ok().stdout.contains("signed by  maker.pub (update)"));
    let said = app(&device, &["install"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let said = started(&device);
    assert!(said.starts_with("run --program-slot a --config "), "{said}");
    assert!(said.ends_with(" --help\n"), "{said}");
    app(&device, &["rollback"]).ok();
    assert!(is_packages(&started(&device)));
    let list = app(&device, &["list"]).ok().stdout;
    assert!(list.contains("program  in use   0.1.0"), "{list}");
}

#[test]
fn this_program_itself_passes_the_test_that_a_new_one_must_pass() {
    let device = device();
    // A built program is mostly for debuggers, and larger than is taken.
    let own = device.stick.path("stripped");
    let strip = Command::new("strip").arg("-o").arg(&own).arg(env!("CARGO_BIN_EXE_edge-app")).status();
    assert!(strip.unwrap().success());
    let own = own.to_str().unwrap();
    update(&device, "9.0", own);
    let run = app(&device, &["install"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(is_packages(&started(&device)), "it is the same program, from memory");
    // Without its bundle it fails: what cannot judge the known photograph is not taken.
    update(&device, "9.1", own);
    fs::write(device.state().join("bundles/a/model.onnx"), "gone").unwrap();
    refused_late(app(&device, &["install"]), &["the self-test", "the new program: it ended with exit status: 1"]);
}

#[test]
fn what_is_not_signed_for_programs_is_refused() {
    let device = device();
    update(&device, "9.0", ECHO);
    fs::rename(device.stick.path("keys/program"), device.stick.path("keys/other")).unwrap();
    app(&device, &["install"]).failed(&["no key to check a signature with", "program"]);
    fs::rename(device.stick.path("keys/other"), device.stick.path("keys/program")).unwrap();
    let manifest = ProgramManifest::of("9.0", std::env::consts::ARCH, &fs::read(ECHO).unwrap());
    update_by(&device, &KeyPair::generate_unencrypted_keypair().unwrap(), &manifest);
    app(&device, &["install"]).failed(&["a key that this device does not trust", "maker.pub"]);
    update_by(&device, &device.pair, &ProgramManifest { processor: "riscv64".into(), ..manifest.clone() });
    app(&device, &["install"]).failed(&["it is for riscv64"]);
    update_by(&device, &device.pair, &manifest);
    let text = fs::read_to_string(device.stick.path("app/program.json")).unwrap();
    device.stick.write("app/program.json", text.replace("9.0", "9.1").as_bytes());
    app(&device, &["install"]).failed(&["changed after it was signed"]);
    update_by(&device, &device.pair, &manifest);
    device.stick.write("app/edge-app", b"another program");
    app(&device, &["install"]).failed(&["is damaged or was changed"]);
    fs::remove_file(device.stick.path("app/program.json.minisig")).unwrap();
    app(&device, &["install"]).failed(&["nobody has signed it"]);
    // A bundle's folder is no program's.
    fs::copy(device.path("manifest.json"), device.stick.path("app/program.json")).unwrap();
    fs::copy(device.path("manifest.json.minisig"), device.stick.path("app/program.json.minisig")).unwrap();
    app(&device, &["install"]).failed(&["not a valid manifest of a program"]);
    assert!(is_packages(&started(&device)));
}

#[test]
fn an_older_or_failing_program_is_refused() {
    let device = device();
    update(&device, "0.0.9", ECHO);
    app(&device, &["install"]).failed(&["edge-app 0.0.9 is not newer than 0.1.0", "--force"]);
    update(&device, "9.0", "/bin/false");
    refused_late(app(&device, &["install"]), &["the new program: it ended with exit status: 1"]);
    update(&device, "9.0", ECHO);
    assert_eq!(app(&device, &["install"]).code, 0);
    update(&device, "8.0", ECHO);
    app(&device, &["install"]).failed(&["not newer than 9.0"]);
    assert_eq!(app(&device, &["install", "--force"]).code, 0);
    assert!(started(&device).starts_with("run --program-slot b"));
}

#[test]
fn a_program_that_never_lasts_is_left_after_three_starts_and_a_damaged_one_at_once() {
    let device = device();
    update(&device, "9.0", ECHO);
    assert_eq!(app(&device, &["install"]).code, 0);
    for _ in 0..3 {
        assert!(started(&device).starts_with("run --program-slot a"));
    }
    assert!(is_packages(&started(&device)));
    assert_eq!(went_back(&device), "it was started 3 times and never ran for long");

    update(&device, "9.1", ECHO);
    assert_eq!(app(&device, &["install"]).code, 0);
    let slot = device.state().join("app/a/edge-app");
    let mut bytes = fs::read(&slot).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&slot, bytes).unwrap();
    assert!(is_packages(&started(&device)));
    assert!(went_back(&device).contains("SHA-256"), "{}", went_back(&device));
}

#[test]
fn a_program_whose_key_is_gone_or_whose_state_is_damaged_is_not_run() {
    let device = device();
    update(&device, "9.0", ECHO);
    assert_eq!(app(&device, &["install"]).code, 0);
    device.stick.write("state/app/slots.json", b"{");
    assert!(is_packages(&started(&device)));
    fs::remove_file(device.state().join("app/slots.json")).unwrap();
    assert_eq!(app(&device, &["install"]).code, 0);
    fs::remove_file(device.stick.path("keys/program/maker.pub")).unwrap();
    assert!(is_packages(&started(&device)));
}

#[test]
fn a_stick_offers_it_before_a_bundle() {
    let device = device();
    let stick = device.stick.path("sticks/sda1");
    for folder in ["lakshan-a-bundle", "lakshan-app"] {
        fs::create_dir_all(stick.join(folder)).unwrap();
    }
    device.version("2");
    update(&device, "9.0", ECHO);
    let copy = |from: &str, to: &str| {
        let status = Command::new("cp").arg("-r").arg(device.stick.path(from).join(".")).arg(stick.join(to)).status();
        assert!(status.unwrap().success());
    };
    copy("bundle", "lakshan-a-bundle");
    copy("app", "lakshan-app");
    let file = device.stick.path("a.toml");
    let mut sticks =
        StickFolder::new(device.stick.path("sticks"), Config::load(Some(Path::new(&file))).unwrap(), Some(file));
    for (kind, name) in [(Kind::Program, "edge-app"), (Kind::Bundle, "toy")] {
        match sticks.look() {
            Some(News { update: Some(Ok(offer)), .. }) => assert_eq!((offer.kind, offer.name.as_str()), (kind, name)),
            other => panic!("{other:?}"),
        }
        assert_eq!(sticks.install(&mut |_| true), Ok(kind));
    }
    assert_eq!(sticks.look(), Some(News { plugged: true, update: None }));
    assert!(started(&device).starts_with("run --program-slot a"));
}
