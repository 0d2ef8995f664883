//! Reads whatever text it is given as the script of a simulated session.
#![no_main]

use edge_app::simulate::script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match script::parse(text) {
        Ok(lines) => assert!(lines.len() <= text.lines().count()),
        Err(error) => assert!(error.number <= text.lines().count(), "{error}"),
    }
});
