//! Whole sessions from scripts, held against their transcripts; `UPDATE_GOLDEN=1` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use lakshan_core::Syndrome;

use crate::harness::{Folder, Run, logits, program};

/// The crate's folder: scripts are named relative to it, so that no transcript holds a path of this machine.
fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The network that the script asks for in a remark.
fn bundle(script: &str) -> Folder {
    let of = |classes: &[Syndrome]| {
        let favoured: Vec<(Syndrome, f32)> = classes.iter().map(|class| (*class, 6.0)).collect();
        Folder::with_logits(logits(&favoured))
    };
    use Syndrome::{Angelman, Apert, CorneliaDeLange, Down};
    match script.lines().find_map(|line| line.strip_prefix("# network: ")) {
        Some("down") => of(&[Down]),
        Some("four") => of(&[Down, Angelman, Apert, CorneliaDeLange]),
        Some("none") => of(&[]),
        other => panic!("no such network: {other:?}"),
    }
}

fn simulate(name: &str, more: &[&dyn AsRef<std::ffi::OsStr>]) -> Run {
    let script = PathBuf::from(format!("tests/sessions/{name}.script"));
    let folder = bundle(&fs::read_to_string(crate_folder().join(&script)).unwrap());
    let mut command = program();
    command.current_dir(crate_folder()).arg("simulate").arg("--script").arg(script);
    command.arg("--bundle").arg(folder.path("bundle")).args(more.iter().map(|argument| argument.as_ref()));
    Run::of(&mut command)
}

/// Runs the script and compares; gives the transcript for what else is to be said of it.
#[track_caller]
fn golden(name: &str) -> String {
    let transcript = simulate(name, &[]).ok().stdout;
    let path = crate_folder().join(format!("tests/sessions/{name}.transcript"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &transcript).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (line, (found, expected)) in transcript.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}.transcript, line {}", line + 1);
    }
    assert_eq!(transcript.lines().count(), expected.lines().count(), "{name}.transcript");
    transcript
}

/// The lines of one kind, without their time.
fn of_kind<'a>(transcript: &'a str, kind: &str) -> Vec<&'a str> {
    let words = transcript.lines().filter_map(|line| line.get(10..)?.strip_prefix(kind));
    words.map(str::trim).collect()
}

#[test]
fn happy_path() {
    let transcript = golden("happy-path");
    let screens = of_kind(&transcript, "screen");
    assert!(screens.iter().any(|screen| screen.starts_with("result") && screen.contains("resembles down")));
    assert!(screens.last().unwrap().starts_with("consent"));
    assert_eq!(of_kind(&transcript, "does").last(), Some(&"wipe"));
}

#[test]
fn retake() {
    let screens = golden("retake");
    assert!(screens.contains("retake too_dark") && screens.contains("resembles down"));
}

#[test]
fn refusal() {
    assert!(golden("no-match").contains("no_match"));
    assert!(golden("not-clear").contains("not_clear"));
}

#[test]
fn consent_refused() {
    let transcript = golden("consent-refused");
    assert!(!of_kind(&transcript, "does").iter().any(|effect| effect.starts_with("keep")));
    assert!(!of_kind(&transcript, "screen").iter().any(|screen| screen.starts_with("aim")));
}

#[test]
fn camera_lost_and_found_in_each_state() {
    let transcript = golden("camera-lost");
    assert!(transcript.matches("fault            camera_lost").count() >= 5, "{transcript}");
    assert!(transcript.contains("camera_missing"));
}

#[test]
fn an_update_on_a_stick() {
    let transcript = golden("update");
    let screens = of_kind(&transcript, "screen");
    let shown = |words: &str| screens.iter().filter(|screen| screen.starts_with(words)).count();
    assert_eq!((shown("refused          pulled"), shown("refused          unsigned")), (1, 1), "{transcript}");
    assert_eq!((shown("refused          self_test"), shown("saved")), (1, 1), "{transcript}");
    assert_eq!(of_kind(&transcript, "does").iter().filter(|effect| **effect == "start again").count(), 1);
    let result = screens.iter().position(|screen| screen.starts_with("result")).unwrap();
    // Only when the patient is gone.
    assert!(screens[result + 1].starts_with("update-found"), "{screens:?}");
    let wiped = transcript.split("result  ").nth(1).unwrap().split("update-found").next().unwrap();
    assert!(wiped.contains("does   wipe"), "{wiped}");
}

#[test]
fn wrong_bundle() {
    assert!(golden("wrong-bundle").contains("bundle_refused"));
}

#[test]
fn idle_wipe() {
    golden("idle-wipe");
}

#[test]
fn language_change() {
    assert!(golden("language-change").contains("storage: the disk is full"));
}

#[test]
fn low_memory() {
    assert!(golden("low-memory").contains("low_memory"));
}

#[test]
fn clock_unset() {
    let transcript = golden("clock-unset");
    assert!(transcript.contains("clock warned") && transcript.contains("resembles down"));
}

#[test]
fn every_instruction() {
    let transcript = golden("guidance");
    for id in ["no_face", "come_closer", "more_light", "less_light", "turn_to_light", "hold_still", "good"] {
        assert!(of_kind(&transcript, "screen").iter().any(|screen| screen.ends_with(id)), "{id}: {transcript}");
    }
}

#[test]
fn stale_answer() {
    golden("stale-answer");
}

#[test]
fn broken_part() {
    assert!(golden("broken-part").contains("does   power off"));
}

#[test]
fn the_pictures_of_the_guide_are_those_of_the_screens() {
    let docs = crate_folder().join("../docs");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let drawn = tempfile::tempdir().unwrap();
    let frames = if update { docs.join("health-worker") } else { drawn.path().to_owned() };
    let mut command = program();
    command.current_dir(crate_folder().join("..")).args(["simulate", "--script", "docs/health-worker.script"]);
    let transcript = Run::of(command.arg("--frames").arg(&frames)).ok().stdout;
    // What the guide says of them.
    for screen in ["aim              good", "resembles down", "no_match", "retake too_dark", "camera_lost"] {
        assert!(transcript.contains(screen), "no '{screen}' in\n{transcript}");
    }
    let mut compared = 0;
    for entry in fs::read_dir(docs.join("health-worker")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        let pixels = |path: &Path| image::open(path).unwrap_or_else(|error| panic!("{name:?}: {error}")).to_rgb8();
        // Not assert_eq, which would print every pixel.
        assert!(pixels(&path) == pixels(&frames.join(name)), "{name:?} differs; UPDATE_GOLDEN=1 draws it anew");
        compared += 1;
    }
    assert!(compared >= 10, "{compared}");
}

#[test]
fn every_script_is_tested() {
    let source = include_str!("sessions.rs");
    for entry in fs::read_dir(crate_folder().join("tests/sessions")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "script") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(source.contains(&format!("golden(\"{name}\")")), "{name}");
        }
    }
}

#[test]
fn pictures_are_drawn_for_each_change() {
    let frames = tempfile::tempdir().unwrap();
    let run = simulate("clock-unset", &[&"--frames", &frames.path(), &"--screen-size", &"480x320"]).ok();
    let mut names: Vec<String> =
        fs::read_dir(frames.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names.len(), of_kind(&run.stdout, "screen").len(), "{names:?}");
    assert!(names[0].starts_with("001-start") && names.iter().any(|name| name.contains("result")));
    for name in names {
        let picture = image::open(frames.path().join(name)).unwrap();
        assert_eq!((picture.width(), picture.height()), (480, 320));
    }
}

#[test]
fn a_script_with_a_fault_is_refused_with_its_line() {
    let folder = Folder::new();
    let script = folder.write("x.script", b"wait 1\njump\n");
    let mut command = program();
    command.arg("simulate").arg("--script").arg(script).arg("--bundle").arg(folder.path("bundle"));
    Run::of(&mut command).failed(&["line 2", "jump", "--help"]);

    let script = folder.write("x.script", b"camera nobody.jpg\n");
    let mut command = program();
    command.arg("simulate").arg("--script").arg(script).arg("--bundle").arg(folder.path("bundle"));
    Run::of(&mut command).failed(&["line 1", "nobody.jpg"]);
}
