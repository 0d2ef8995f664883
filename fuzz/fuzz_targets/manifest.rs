//! Reads whatever bytes it is given as a bundle's manifest, and decides with the policy that it holds; and as a program's.
#![no_main]

use edge_app::programs::ProgramManifest;
use lakshan_core::Logits;
use lakshan_core::manifest::{Manifest, NETWORK_FILE};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    if let Ok(program) = ProgramManifest::parse(data) {
        let text = serde_json::to_vec(&program).expect("a manifest is JSON");
        assert_eq!(ProgramManifest::parse(&text).expect("what was written reads back"), program);
        assert!(Manifest::parse(data).is_err(), "neither is taken for the other");
    }
    let Ok(manifest) = Manifest::parse(data) else { return Corpus::Keep };
    let text = serde_json::to_vec(&manifest).expect("a manifest is JSON");
    let again = Manifest::parse(&text).expect("what was written reads back");
    assert_eq!(again.policy, manifest.policy);
    assert_eq!(again.files, manifest.files);
    for favoured in 0..12 {
        let mut values = [-20.0; 12];
        values[favoured] = 20.0;
        let logits = Logits::new(values).expect("they are finite");
        manifest.policy.decide(&logits);
        manifest.policy.probabilities(&logits);
    }
    let _ = manifest.check_file(NETWORK_FILE, data);
    Corpus::Keep
});
