//! Files of both forms. The fixtures hold `conv.weight` (2 x 3: 0 to 5), a counter and `fc.bias` (0.5, -1.5).

use super::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

#[test]
fn both_forms_are_read_and_counters_left_out() {
    for name in ["small-zip.pth", "small-sequence.pth"] {
        let arrays = read(&fixture(name)).unwrap();
        assert_eq!(arrays.keys().collect::<Vec<_>>(), ["conv.weight", "fc.bias"], "{name}");
        assert_eq!(arrays["conv.weight"], Array { shape: vec![2, 3], values: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0] });
        assert_eq!(arrays["fc.bias"].values, [0.5, -1.5]);
    }
}

#[test]
fn a_call_is_refused_not_made() {
    let error = read(&fixture("calls.pth")).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with("it holds more than tensors: a call of "), "{cause}");
}

#[test]
fn no_damage_makes_it_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.pth");
    for name in ["small-zip.pth", "small-sequence.pth"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(read(&path).is_err(), "{name} cut at {cut}");
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x41;
            std::fs::write(&path, flipped).unwrap();
            let _ = read(&path);
        }
    }
}

#[test]
fn strides_are_followed() {
    let storage = machine::StorageRef { key: "0".into(), element: Some(Element::F32) };
    let data: Vec<u8> = (0..6).flat_map(|value| (value as f32).to_le_bytes()).collect();
    let turned = TensorRef { storage, offset: 0, shape: vec![3, 2], stride: vec![1, 3] };
    assert_eq!(gather(&turned, Element::F32, &data).unwrap().values, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    let beyond = TensorRef { offset: 1, ..turned };
    assert!(gather(&beyond, Element::F32, &data).is_none());
}
