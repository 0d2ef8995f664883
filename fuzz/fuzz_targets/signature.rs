//! Reads whatever it is given as a signature's file. None of them is one: nobody holds the secret key any more.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use edge_app::bundles::TrustedKeys;
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<TrustedKeys> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys");
    TrustedKeys::read(&folder).expect("the folder holds a public key")
});

fuzz_target!(|text: &str| {
    let (signature, signed) = text.split_once('\u{0}').unwrap_or((text, "x"));
    assert!(KEYS.verify(signed.as_bytes(), signature).is_err(), "a forgery is taken");
});
