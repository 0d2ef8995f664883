//! Reads whatever text it is given as the device's configuration; what is taken must read back as the same.
#![no_main]

use std::path::Path;

use edge_app::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let path = Path::new("fuzzed.toml");
    match Config::parse(text, path) {
        Ok(config) => {
            let again = Config::parse(&config.to_text(), path).expect("what was written reads back");
            assert_eq!(again, config);
        }
        Err(error) => {
            let _ = (error.to_string(), error.hint());
        }
    }
});
