//! The register from the outside: exported, erased, and killed while it is written.

use std::fs;
use std::path::Path;
use std::process::Command;

use edge_app::register::{Encounter, Register};

use crate::harness::{Run, program};

fn config(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("a.toml");
    fs::write(&path, format!("state = '{}'\nregister = true\n", folder.join("state").display())).unwrap();
    path
}

#[test]
fn a_register_is_exported_and_erased() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let run = |words: &[&str]| Run::of(program().arg("records").args(words).arg("--config").arg(&config));
    run(&["export"]).failed(&["there is no register", "register = true"]);
    let register = Register::open(&folder.path().join("state")).unwrap();
    let encounter = Encounter {
        boot: "b".into(),
        unix_seconds: 0,
        time_verified: false,
        bundle: "toy 1".into(),
        finding: "resembles".into(),
        referral_advised: true,
    };
    register.add(&encounter).unwrap();
    drop(register);
    let head = "sequence,boot,time,time_verified,bundle,finding,referral_advised\n";
    let row = "1,b,1970-01-01T00:00:00Z,no,toy 1,resembles,yes\n";
    assert_eq!(run(&["export"]).ok().stdout, format!("{head}{row}"));
    let csv = folder.path().join("day.csv");
    run(&["export", "--to", csv.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(&csv).unwrap(), format!("{head}{row}"));
    assert_eq!(run(&["erase"]).code, 2, "it must be meant");
    assert!(run(&["erase", "--yes"]).stderr.contains("1 rows erased"));
    assert_eq!(run(&["export"]).ok().stdout, head);
}

/// The thousand are by command; see `docs/SECURITY.md`.
#[test]
fn no_acknowledged_row_is_lost_in_twenty_kills() {
    let tests = std::env::current_exe().unwrap();
    let example = tests.ancestors().nth(2).unwrap().join("examples/register_kills");
    assert!(example.exists(), "{} is not built: cargo build --release --examples", example.display());
    let output = Command::new(example).args(["20", "7"]).output().unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{words}{}", String::from_utf8_lossy(&output.stderr));
    assert!(words.contains("20 kills") && words.contains("none lost"), "{words}");
}
