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
    // The corpus holds a true signature, but of something else.
    let signed = format!("forged: {text}");
    assert!(KEYS.verify(signed.as_bytes(), text).is_err(), "a forgery is taken");
});
