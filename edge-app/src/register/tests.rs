//! Rows in, rows out, and nothing left of what was erased.

use super::*;

fn encounter(finding: &str) -> Encounter {
    Encounter {
        boot: "0d9c".to_owned(),
        unix_seconds: 86_400,
        time_verified: false,
        bundle: "demo, \"the\" 1".to_owned(),
        finding: finding.to_owned(),
        referral_advised: finding == "resembles",
    }
}

fn exported(register: &Register) -> String {
    let mut out = Vec::new();
    register.export(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const HEAD: &str = "sequence,boot,time,time_verified,bundle,finding,referral_advised\n";

#[test]
fn what_is_added_is_exported_and_what_is_erased_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("deep");
    assert!(matches!(Register::open_existing(&state), Err(RegisterError::Missing(_))));
    let register = Register::open(&state).unwrap();
    assert_eq!(exported(&register), HEAD);
    assert_eq!(register.add(&encounter("no_match")).unwrap(), 1);
    assert_eq!(register.add(&encounter("resembles")).unwrap(), 2);
    // A second process reads while the first has it open.
    let other = Register::open_existing(&state).unwrap();
    let rows = "1,0d9c,1970-01-02T00:00:00Z,no,\"demo, \"\"the\"\" 1\",no_match,no\n\
                2,0d9c,1970-01-02T00:00:00Z,no,\"demo, \"\"the\"\" 1\",resembles,yes\n";
    assert_eq!(exported(&other), format!("{HEAD}{rows}"));
    assert_eq!(register.erase().unwrap(), 2);
    assert_eq!(exported(&other), HEAD);
    drop(other);
    for entry in fs::read_dir(&state).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"0d9c"), "a row is still in the file");
    }
    assert_eq!(register.add(&encounter("retake")).unwrap(), 3, "numbers go on");
    register.integrity().unwrap().unwrap();
}

#[test]
fn a_register_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(FILE), "no database at all, but a text that is long enough".repeat(30)).unwrap();
    assert!(matches!(Register::open(folder.path()), Err(RegisterError::Database { .. })));
    let folder = tempfile::tempdir().unwrap();
    let register = Register::open(folder.path()).unwrap();
    register.database.execute_batch("PRAGMA user_version = 7").unwrap();
    drop(register);
    assert!(matches!(Register::open(folder.path()), Err(RegisterError::Version { found: 7, .. })));
    let folder = tempfile::tempdir().unwrap();
    let register = Register::open(folder.path()).unwrap();
    assert!(register.add(&encounter("healthy")).is_err(), "there is no such finding");
}

#[test]
fn a_spreadsheet_finds_no_formula() {
    assert_eq!(quoted("=1+1"), "\"'=1+1\"");
    assert_eq!(quoted("plain"), "plain");
}
