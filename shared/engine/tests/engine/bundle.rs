use std::fs;
use std::path::Path;

use lakshan_core::Syndrome;
use lakshan_core::manifest::{
    DataKind, FORMAT_VERSION, FileEntry, MODEL_CARD_FILE, Manifest, NETWORK_FILE, Provenance,
};
use lakshan_core::policy::Policy;
use lakshan_core::quality::QualityThresholds;
use lakshan_engine::{Bundle, BundleError};
use tempfile::TempDir;

use crate::{TINY_QDQ, chain};

fn manifest(network: &[u8], card: &[u8]) -> Manifest {
    Manifest {
        format_version: FORMAT_VERSION,
        name: "test".into(),
        version: "1".into(),
        classes: Syndrome::ALL.map(|class| class.id().to_owned()).to_vec(),
        preprocess_version: lakshan_core::preprocess::VERSION,
        input_shape: vec![1, 3, 224, 224],
        policy: Policy {
            temperature: 1.0,
            class_bias: [0.0; 12],
            refusal_temperature: 1.0,
            refusal_threshold: 0.0,
            set_thresholds: [0.1; 12],
        },
        quality: QualityThresholds {
            min_inter_eye_px: 1.0,
            min_inside_fraction: 0.1,
            min_mean_luma: 1.0,
            max_mean_luma: 254.0,
            max_burnt_fraction: 1.0,
            min_sharpness: 0.0,
            max_yaw_deg: 90.0,
            max_roll_deg: 90.0,
        },
        files: [(NETWORK_FILE.to_owned(), FileEntry::of(network)), (MODEL_CARD_FILE.to_owned(), FileEntry::of(card))]
            .into(),
        provenance: Provenance { kind: DataKind::Synthetic, statement: "made up".into() },
        training: serde_json::Value::Null,
        metrics: serde_json::Value::Null,
        known_logits: None,
    }
}

/// A good bundle, holding `network`.
fn bundle(network: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let card = b"# A card";
    fs::write(folder.path().join(NETWORK_FILE), network).unwrap();
    fs::write(folder.path().join(MODEL_CARD_FILE), card).unwrap();
    let json = serde_json::to_vec_pretty(&manifest(network, card)).unwrap();
    fs::write(folder.path().join("manifest.json"), json).unwrap();
    folder
}

/// The error and its causes after `change` was made to a good bundle's folder.
fn fault(change: impl FnOnce(&Path)) -> (BundleError, String) {
    let folder = bundle(TINY_QDQ);
    change(folder.path());
    let error = Bundle::open(folder.path()).expect_err("must be refused");
    let words = chain(&error).replace(folder.path().to_str().unwrap(), "DIR");
    assert!(!error.hint().is_empty());
    (error, words)
}

#[test]
fn a_good_one_opens() {
    let folder = bundle(TINY_QDQ);
    assert_eq!(Bundle::open(folder.path()).unwrap().manifest().name, "test");
}

#[test]
fn a_missing_folder_or_file_is_named() {
    let error = Bundle::open("no/such/folder").unwrap_err();
    assert_eq!(error.to_string(), "there is no bundle folder no/such/folder");
    for name in ["manifest.json", NETWORK_FILE, MODEL_CARD_FILE] {
        let (error, words) = fault(|folder| fs::remove_file(folder.join(name)).unwrap());
        assert!(matches!(error, BundleError::Missing { .. }));
        assert_eq!(words, format!("DIR/{name} is missing"));
    }
}

#[test]
fn a_changed_file_is_named() {
    let (_, words) = fault(|folder| fs::write(folder.join(NETWORK_FILE), &TINY_QDQ[..100]).unwrap());
    let length = TINY_QDQ.len();
    assert_eq!(
        words,
        format!("DIR/model.onnx is damaged or was changed\nit is 100 bytes long, the manifest says {length}")
    );
    let (_, words) = fault(|folder| fs::write(folder.join(MODEL_CARD_FILE), "# B card").unwrap());
    assert!(words.starts_with("DIR/MODEL_CARD.md is damaged or was changed\nits SHA-256 is "), "{words}");
}

#[test]
fn a_manifest_that_does_not_fit_is_named() {
    let (error, words) = fault(|folder| {
        let path = folder.join("manifest.json");
        let json = fs::read_to_string(&path).unwrap().replace("\"format_version\": 1", "\"format_version\": 9");
        fs::write(path, json).unwrap();
    });
    assert_eq!(words, "DIR/manifest.json does not fit this program\nformat version is 9, this program reads 1");
    assert_eq!(error.hint(), "use a bundle and a program of the same release");
    let (_, words) = fault(|folder| fs::write(folder.join("manifest.json"), "{").unwrap());
    assert!(words.contains("it is not a valid manifest"), "{words}");
    let (error, _) = fault(|folder| fs::write(folder.join("manifest.json"), vec![b' '; (1 << 20) + 1]).unwrap());
    assert!(matches!(error, BundleError::TooLarge { .. }));
}

#[test]
fn a_network_that_does_not_load_is_named_even_when_its_hash_is_right() {
    let folder = bundle(&TINY_QDQ[..TINY_QDQ.len() / 2]);
    let words = chain(&Bundle::open(folder.path()).unwrap_err());
    assert!(words.contains("model.onnx cannot be used\nit is not a whole ONNX file\n"), "{words}");
}

#[test]
fn a_folder_in_a_files_place_is_refused() {
    let (error, _) = fault(|folder| {
        fs::remove_file(folder.join(MODEL_CARD_FILE)).unwrap();
        fs::create_dir(folder.join(MODEL_CARD_FILE)).unwrap();
    });
    assert!(matches!(error, BundleError::Read { .. }));
}
