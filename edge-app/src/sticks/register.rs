//! The register from the screen to a stick: written by this program where it may, else by the helper that may mount.
//!
//! On a device the sticks are mounted read-only and this program cannot change that. It lays the file into [`OUT`], and the
//! unit `lakshan-register.service` makes the stick writable, copies the file, makes it read-only again, says how that went in
//! [`RESULT`] beside the sticks, and takes the file away.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::folder::{UNMOUNTED_WITHIN, is_gone_within};
use super::{Reason, Refused};
use crate::register::{self, Register};
use crate::report;

/// The folder that the helper looks at. It exists on a device, whose service has it as its runtime directory.
const OUT: &str = "/run/lakshan/out";
/// What the helper says, in the folder of the sticks: `saved`, or why not.
const RESULT: &str = ".register-result";
/// How long the helper may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes the register in `state` to the stick and gives the number of its rows.
pub(super) fn save(state: &Path, sticks: &Path, stick: &Path) -> Result<usize, Refused> {
    save_through(Path::new(OUT), state, sticks, stick)
}

fn save_through(out: &Path, state: &Path, sticks: &Path, stick: &Path) -> Result<usize, Refused> {
    let device =
        |error: &anyhow::Error| Refused { reason: Reason::Device, details: report::in_one_line(error.as_ref()) };
    let register = Register::open_existing(state).map_err(|error| device(&error.into()))?;
    let name = register.file_name().map_err(|error| device(&error.into()))?;
    if !out.is_dir() {
        return register::export(&register, &stick.join(name))
            .map_err(|error| Refused { reason: of_stick(stick), ..device(&error) });
    }
    let path = out.join(name);
    let rows = register::export(&register, &path).map_err(|error| device(&error))?;
    let end = Instant::now() + PATIENCE;
    while path.exists() {
        if Instant::now() >= end {
            // Nobody may find it there later and write it to another stick.
            let _ = fs::remove_file(&path);
            return Err(Refused { reason: Reason::Device, details: "nothing has written it to the stick".to_owned() });
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    match fs::read_to_string(sticks.join(RESULT)) {
        Ok(words) if words.trim() == "saved" => Ok(rows),
        Ok(words) => Err(Refused { reason: of_stick(stick), details: words.trim().to_owned() }),
        Err(error) => {
            Err(Refused { reason: of_stick(stick), details: format!("it was not said how it went: {error}") })
        }
    }
}

/// Why a stick could not be written: it is gone, or it will not be written.
fn of_stick(stick: &Path) -> Reason {
    if is_gone_within(stick, UNMOUNTED_WITHIN) { Reason::Pulled } else { Reason::Stick }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Encounter;

    fn one_row(state: &Path) {
        let encounter = Encounter {
            boot: "0f3c9a52-1111-2222-3333-444455556666".to_owned(),
            unix_seconds: 0,
            time_verified: false,
            bundle: "demo 1".to_owned(),
            finding: "no_match".to_owned(),
            referral_advised: false,
        };
        Register::open(state).unwrap().add(&encounter).unwrap();
    }

    #[test]
    fn where_it_may_write_it_writes() {
        let folder = tempfile::tempdir().unwrap();
        let (state, stick) = (folder.path().join("state"), folder.path().join("stick"));
        let save = || save_through(&folder.path().join("none"), &state, folder.path(), &stick);
        assert_eq!(save().unwrap_err().reason, Reason::Device, "there is no register");
        one_row(&state);
        assert_eq!(save().unwrap_err().reason, Reason::Pulled, "there is no stick");
        fs::create_dir(&stick).unwrap();
        assert_eq!(save(), Ok(1));
        let text = fs::read_to_string(stick.join("lakshan-register-0f3c9a52.csv")).unwrap();
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn else_the_helper_writes_and_says_how_it_went() {
        for (said, expected) in [("saved\n", Ok(1)), ("the stick is full\n", Err("the stick is full"))] {
            let folder = tempfile::tempdir().unwrap();
            let (state, out) = (folder.path().join("state"), folder.path().join("out"));
            one_row(&state);
            fs::create_dir(&out).unwrap();
            let helper = std::thread::spawn({
                let (out, result) = (out.clone(), folder.path().join(RESULT));
                move || {
                    let file = out.join("lakshan-register-0f3c9a52.csv");
                    while !file.exists() {
                        std::thread::sleep(Duration::from_millis(10));
                    }
                    fs::write(result, said).unwrap();
                    fs::remove_file(file).unwrap();
                }
            });
            let saved = save_through(&out, &state, folder.path(), &folder.path().join("stick"));
            helper.join().unwrap();
            assert_eq!(saved.map_err(|refused| refused.details), expected.map_err(str::to_owned));
        }
    }
}
