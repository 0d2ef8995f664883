//! Help, version, wrong usage, languages, and parts that are not in this build.

use crate::harness::{Folder, Run, portrait, program};

fn run(arguments: &[&str]) -> Run {
    Run::of(program().args(arguments))
}

#[test]
fn help_teaches_with_examples() {
    let help = run(&["--help"]).ok().stdout;
    for words in ["classify", "camera", "Examples:", "Exit status: 0 done, 1 something failed, 2 wrong usage."] {
        assert!(help.contains(words), "{words}");
    }
    let help = run(&["classify", "--help"]).ok().stdout;
    for words in
        ["--bundle", "--json", "--screen", "--lang", "Examples:", "OUT-<photo>.png", "/usr/share/lakshan/bundle"]
    {
        assert!(help.contains(words), "{words}");
    }
}

#[test]
fn the_version_is_the_package_s() {
    assert_eq!(run(&["--version"]).ok().stdout, format!("edge-app {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2() {
    let cases: [&[&str]; 7] = [
        &[],
        &["classify"],
        &["diagnose"],
        &["classify", "--loud", "a.jpg"],
        &["classify", "--threads", "0", "a.jpg"],
        &["classify", "--screen-size", "800", "a.jpg"],
        &["camera"],
    ];
    for arguments in cases {
        let run = run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.is_empty());
    }
}

#[test]
fn an_unknown_language_lists_what_is_there() {
    let folder = Folder::new();
    let run = folder.classify(&[&"--lang", &"tlh", &portrait()]).failed(&["no language 'tlh'", "en (English)"]);
    assert_eq!(run.stdout, "");
}

#[cfg(not(feature = "v4l"))]
#[test]
fn a_build_without_cameras_says_so() {
    run(&["camera", "list"]).failed(&["error: this build has no camera support\n", "--features v4l", "libclang"]);
}

#[cfg(not(feature = "gpio"))]
#[test]
fn a_build_without_pins_says_so() {
    run(&["gpio", "info"]).failed(&["error: this build has no GPIO support\n", "--features gpio"]);
}

#[cfg(not(feature = "kms"))]
#[test]
fn a_build_without_kms_says_so() {
    run(&["display", "list"]).failed(&["error: this build has no KMS display support\n", "--features kms"]);
}

#[cfg(not(feature = "window"))]
#[test]
fn a_build_without_windows_says_so() {
    run(&["show", "a.jpg"]).failed(&["error: this build has no window support\n", "--features window"]);
}
