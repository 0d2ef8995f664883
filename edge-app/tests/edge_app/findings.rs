//! The words on stdout, the pictures on request, and the exit status.

use std::io::Read;
use std::process::Stdio;

use lakshan_core::Syndrome;

use crate::harness::{Folder, Run, logits, portrait, program};

#[test]
fn a_resemblance_is_told_in_words_then_bars_then_facts() {
    let folder = Folder::with_logits(logits(&[(Syndrome::Down, 3.0), (Syndrome::Williams, 2.0)]));
    let run = folder.classify(&[&portrait()]).ok();
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], portrait().display().to_string());
    assert_eq!(lines[1], "  Looks similar to Down syndrome or Williams syndrome (moderate resemblance)");
    let full = "█".repeat(21) + "▉";
    assert_eq!(lines[3], format!("  {:<36}  {full}········   73.1 %", "Down syndrome"));
    assert!(lines[4].starts_with("  Williams syndrome ") && lines[4].ends_with(" 26.9 %"), "{}", lines[4]);
    assert_eq!(lines[3..15].iter().filter(|line| line.ends_with('%')).count(), 12);
    let label = |name: &str| lines.iter().find_map(|line| line.strip_prefix(&format!("  {name:<8} "))).unwrap();
    assert!(label("next").starts_with("Refer to a doctor."));
    assert!(label("face").contains(" px at ("));
    for stage in ["decode", "detect", "crop", "infer", "total"] {
        assert!(label("time").contains(stage));
    }
    assert_eq!(label("bundle"), "toy 1.2.3: no data: made up in a test");
    assert!(label("notice").to_lowercase().contains(lakshan_core::manifest::SYNTHETIC_NOTICE));
    assert_eq!(label("remark"), "A sign, never a diagnosis.");
    assert!(!run.stdout.to_lowercase().contains("healthy"));
}

#[test]
fn no_match_and_not_clear_have_their_own_words() {
    let no_match = Folder::with_logits(logits(&[])).classify(&[&portrait()]).ok();
    assert!(no_match.stdout.contains("\n  No match among these 12\n"), "{}", no_match.stdout);
    let four = [Syndrome::Down, Syndrome::Apert, Syndrome::Sotos, Syndrome::Turner].map(|class| (class, 4.0));
    let not_clear = Folder::with_logits(logits(&four)).classify(&[&portrait()]).ok();
    assert!(not_clear.stdout.contains("\n  Not clear: please refer if you are concerned\n"), "{}", not_clear.stdout);
}

#[test]
fn a_bundle_of_patients_bears_no_notice() {
    let folder = Folder::new();
    folder.write_manifest(|json| json["provenance"]["kind"] = "patient".into());
    assert!(!folder.classify(&[&portrait()]).ok().stdout.contains("synthetic"));
}

#[test]
fn what_fails_is_told_and_the_others_go_on_in_order() {
    let folder = Folder::new();
    let bad = folder.write("bad.jpg", b"no picture");
    for threads in ["1", "4"] {
        let run = folder.classify(&[&"--threads", &threads, &portrait(), &bad, &portrait()]).failed(&["bad.jpg"]);
        assert_eq!(run.stdout.matches("Looks similar to Down syndrome").count(), 2);
        assert_eq!(run.stderr.matches("error: ").count(), 1);
    }
}

#[test]
fn screens_go_to_one_file_or_one_a_photograph() {
    let folder = Folder::new();
    let out = folder.path("out.png");
    let size = |name: &str| image::image_dimensions(folder.path(name)).unwrap();
    folder.classify(&[&"--screen", &out, &portrait()]).ok();
    assert_eq!(size("out.png"), (800, 480));
    let sheet = folder.path("sheet.png");
    let arguments: [&dyn AsRef<std::ffi::OsStr>; 10] = [
        &"--screen",
        &out,
        &"--all-screen",
        &folder.path("all.png"),
        &"--screen-size",
        &"480x320",
        &"--contact-sheet",
        &sheet,
        &portrait(),
        &crate::harness::vision_test_file("faces/C001074.jpg"),
    ];
    folder.classify(&arguments).ok();
    for name in ["out-B000755.png", "out-C001074.png", "all-B000755.png", "all-C001074.png"] {
        assert_eq!(size(name), (480, 320), "{name}");
    }
    assert_eq!(size("sheet.png").0, 440);
}

#[test]
fn a_screen_that_cannot_be_written_is_an_error_and_leaves_nothing() {
    let folder = Folder::new();
    let out = folder.path("missing/out.png");
    let run = folder.classify(&[&"--screen", &out, &portrait()]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.starts_with("error: cannot write ") && run.stderr.contains("missing/out.png"), "{}", run.stderr);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let folder = Folder::new();
    let mut command = program();
    command.arg("classify").arg("--bundle").arg(folder.path("bundle")).args(vec![portrait(); 40]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn the_environment_may_name_the_bundle() {
    let folder = Folder::new();
    let mut command = program();
    command.env("LAKSHAN_BUNDLE", folder.path("bundle")).arg("classify").arg(portrait());
    assert!(Run::of(&mut command).ok().stdout.contains("toy 1.2.3"));
}
