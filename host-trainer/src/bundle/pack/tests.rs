//! Packing, and every reason not to.

use lakshan_core::manifest::{DataKind, Provenance, SYNTHETIC_NOTICE};
use lakshan_core::{Logits, preprocess::SIZE};

use super::*;
use crate::evaluate::calibration::{Calibration, Targets, fit};
use crate::evaluate::metrics::{Scored, Truth};
use crate::evaluate::report::Figures;
use crate::onnx::float_model;
use crate::onnx::fold::tests::toy;
use lakshan_engine::onnx::Message;

fn scored(subject: usize, truth: Truth, class: Syndrome) -> Scored {
    let mut values = [-1.0; 12];
    values[class.index()] = 4.0;
    Scored { subject: subject.to_string(), truth, logits: Logits::new(values).unwrap() }
}

fn contents() -> Contents {
    let network = float_model(&toy(4, 1, 12), SIZE).encode_to_vec();
    let mut all: Vec<Scored> =
        (0..12).map(|i| scored(i, Truth::Class(Syndrome::ALL[i % 3]), Syndrome::ALL[i % 3])).collect();
    all.extend((12..20).map(|i| scored(i, Truth::Unaffected, Syndrome::Down)));
    let (policy, fit) = fit(&all, None, Targets::default()).unwrap();
    let provenance = Provenance { kind: DataKind::Synthetic, statement: "twenty made-up subjects".into() };
    let report = Report {
        notice: Some(SYNTHETIC_NOTICE.into()),
        dataset: "toy".into(),
        split: "test".into(),
        without_face: 0,
        ceiling: None,
        float: None,
        onnx: Some(Figures::of("int8", &all)),
        parity: None,
    };
    Contents {
        name: "toy".into(),
        version: "1".into(),
        calibration: Calibration {
            policy,
            fit,
            dataset: "toy".into(),
            notice: Some(SYNTHETIC_NOTICE.into()),
            provenance,
            network: FileEntry::of(&network),
        },
        network,
        report,
        evidence: None,
        training: serde_json::json!({ "epochs": 3 }),
        signer: None,
    }
}

#[test]
fn a_packed_bundle_opens_and_replaces_an_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("bundle");
    let mut contents = contents();
    assert_eq!(pack(&contents, &out).unwrap().manifest().version, "1");
    contents.version = "2".into();
    assert_eq!(pack(&contents, &out).unwrap().manifest().version, "2");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    let card = fs::read_to_string(out.join(manifest::MODEL_CARD_FILE)).unwrap();
    for expected in [
        "synthetic faces and has no clinical accuracy",
        SYNTHETIC_NOTICE,
        "not measurable",
        "n too small",
        "\"epochs\": 3",
    ] {
        assert!(card.contains(expected), "the card lacks {expected:?}:\n{card}");
    }
    // Every table of figures bears the notice.
    let tables = card.split("### ").skip(1);
    assert!(tables.clone().count() >= 3 && tables.into_iter().all(|table| table.contains(SYNTHETIC_NOTICE)), "{card}");
}

#[test]
fn parts_of_different_networks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut contents = contents();
    contents.network[100] ^= 1;
    let error = pack(&contents, &folder.path().join("bundle")).unwrap_err();
    assert!(matches!(error, PackError::OtherNetwork { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_bundle_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "ten years of work").unwrap();
    assert!(matches!(pack(&contents(), folder.path()).unwrap_err(), PackError::InTheWay(_)));
    assert!(folder.path().join("thesis.txt").exists());
}

#[test]
fn a_bundle_that_the_device_would_refuse_is_not_put_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("bundle");
    pack(&contents(), &out).unwrap();
    let mut contents = contents();
    contents.network = b"no network".to_vec();
    contents.calibration.network = FileEntry::of(&contents.network);
    assert!(matches!(pack(&contents, &out).unwrap_err(), PackError::Open(_)));
    assert!(Bundle::open(&out).is_ok(), "the old one is still there");
}
