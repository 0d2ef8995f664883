//! For tests: programs that we did not write, run on what we made.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// Runs a script of `host-trainer/tests/python` with the pinned packages of `tests/python/requirements.txt`; what it printed.
///
/// # Panics
/// When there is no such Python, or the script fails.
pub(crate) fn run<A: AsRef<OsStr>>(script: &str, arguments: impl IntoIterator<Item = A>) -> Vec<u8> {
    let python = std::env::var_os("LAKSHAN_PYTHON").expect(
        "LAKSHAN_PYTHON must name a Python with the packages of tests/python/requirements.txt; \
         `cargo xtask setup` makes one and prints its path, `cargo xtask test` sets it",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let output = Command::new(&python).arg(script).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask setup`", python.display()));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}\nIf a package is missing, run `cargo xtask setup`.");
    output.stdout
}
