//! The device's parts from the command line: configuration, cameras of files, the self-test.

use std::fs;

use crate::harness::{Folder, Run, portrait, program};

fn run(arguments: &[&str]) -> Run {
    Run::of(program().args(arguments))
}

#[test]
fn the_printed_configuration_is_read_back_and_a_typing_error_is_named() {
    let folder = Folder::new();
    let printed = run(&["config", "--print"]).ok().stdout;
    for words in ["[camera]", "source = \"auto\"", "# The pin of the capture button", "[light]"] {
        assert!(printed.contains(words), "{words}");
    }
    let file = folder.write("device.toml", printed.replace("width = 1280", "width = 640").as_bytes());
    let file = file.to_str().unwrap();
    let again = run(&["config", "--print", "--config", file]).ok().stdout;
    assert_eq!(again, printed.replace("width = 1280", "width = 640"));

    let wrong = folder.write("wrong.toml", b"[camera]\nwidht = 640\n");
    run(&["config", "--config", wrong.to_str().unwrap()])
        .failed(&["unknown key 'camera.widht'", "did you mean 'camera.width'?"]);
    let wrong = folder.write("wrong.toml", b"[camera\n");
    run(&["config", "--config", wrong.to_str().unwrap()]).failed(&["is not valid TOML", "caused by:"]);
    run(&["config", "--config", "/nowhere.toml"]).failed(&["cannot read the configuration /nowhere.toml"]);
}

#[test]
fn a_folder_is_a_camera_when_it_is_named_and_a_snapshot_needs_a_file() {
    let folder = Folder::new();
    let pictures = folder.path("pictures");
    fs::create_dir(&pictures).unwrap();
    fs::copy(portrait(), pictures.join("a.jpg")).unwrap();
    let camera = format!("folder:{}", pictures.display());
    let counted = run(&["camera", "probe", "--camera", &camera, "--seconds", "1"]).ok().stdout;
    assert!(counted.contains("uses 1 pictures of") && counted.contains("0 damaged"), "{counted}");

    let wrong = run(&["camera", "snapshot", "--camera", &camera]);
    assert_eq!(wrong.code, 2, "without a named file nothing is written: {}", wrong.stderr);
    let out = folder.path("out.png");
    let taken = run(&["camera", "snapshot", "--camera", &camera, "--skip", "0", "--to", out.to_str().unwrap()]);
    assert_eq!(taken.code, 0, "{}", taken.stderr);
    assert!(taken.stderr.contains("it may show a person"), "{}", taken.stderr);
    let (taken, photo) = (image::open(&out).unwrap(), image::open(portrait()).unwrap());
    assert_eq!((taken.width(), taken.height()), (photo.width(), photo.height()));

    run(&["camera", "probe", "--camera", "folder:/nowhere"]).failed(&["cannot list /nowhere"]);
    run(&["camera", "probe", "--camera", "rpicam:/nowhere/rpicam-vid"]).failed(&["cannot start", "rpicam-apps"]);
}

#[test]
fn the_self_test_looks_at_all_and_fails_when_a_part_does() {
    let folder = Folder::new();
    let pictures = folder.path("pictures");
    fs::create_dir(&pictures).unwrap();
    fs::copy(portrait(), pictures.join("a.jpg")).unwrap();
    let shown = folder.path("shown");
    let config = format!(
        "state = '{}'\n[camera]\nsource = 'folder:{}'\n[display]\nkind = 'png:{}'\n[buttons]\nkind = 'none'\n",
        folder.path("").display(),
        pictures.display(),
        shown.display()
    );
    let file = folder.write("device.toml", config.as_bytes());
    let bundle = folder.path("bundle");
    let look = || {
        let mut command = program();
        command.args(["self-test", "--json", "--config"]).arg(&file).arg("--bundle").arg(&bundle);
        let run = Run::of(&mut command);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let outcomes: Vec<(String, String)> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| (check["part"].as_str().unwrap().into(), check["outcome"].as_str().unwrap().into()))
            .collect();
        (run.code, outcomes)
    };
    let outcome = |outcomes: &[(String, String)], part: &str| {
        outcomes.iter().find(|(name, _)| name == part).map(|(_, outcome)| outcome.clone()).unwrap()
    };
    let (code, outcomes) = look();
    assert_eq!(outcomes.len(), 10);
    // The toy bundle's logits are known to nobody.
    for (part, expected) in [
        ("bundle", "warned"),
        ("known_photograph", "warned"),
        ("camera", "passed"),
        ("screen", "passed"),
        ("buttons", "skipped"),
        ("light", "skipped"),
    ] {
        assert_eq!(outcome(&outcomes, part), expected, "{part}");
    }
    assert_eq!(code, 0, "{outcomes:?}");

    fs::write(bundle.join("MODEL_CARD.md"), "something else").unwrap();
    let (code, outcomes) = look();
    assert_eq!((code, outcome(&outcomes, "bundle").as_str()), (1, "failed"));
    assert_eq!(outcome(&outcomes, "known_photograph"), "skipped");
}

#[cfg(not(feature = "evdev"))]
#[test]
fn a_build_without_keyboards_says_so() {
    run(&["gpio", "test", "--buttons", "evdev"])
        .failed(&["error: this build has no keyboard and touch screen support\n", "--features evdev"]);
}
