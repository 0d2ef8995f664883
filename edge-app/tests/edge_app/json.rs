//! `--json`: the fields that other programs rely on.

use lakshan_core::Syndrome;
use serde_json::Value;

use crate::harness::{Folder, logits, portrait, vision_test_file};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn a_resemblance_has_every_field() {
    let folder = Folder::with_logits(logits(&[(Syndrome::Down, 3.0), (Syndrome::Williams, 2.0)]));
    let run = folder.classify(&[&"--json", &portrait(), &portrait()]).ok();
    let lines = lines(&run.stdout);
    assert_eq!(lines.len(), 2);
    let line = &lines[0];
    assert_eq!(keys(line), ["bundle", "face", "finding", "logits", "milliseconds", "notice", "photo", "probabilities"]);
    assert_eq!(line["photo"], portrait().to_str().unwrap());
    assert_eq!(keys(&line["finding"]), ["classes", "kind", "reason"]);
    assert_eq!(line["finding"]["kind"], "resembles");
    assert_eq!(line["finding"]["reason"], Value::Null);
    let classes = line["finding"]["classes"].as_array().unwrap();
    assert_eq!(classes.iter().map(|class| &class["id"]).collect::<Vec<_>>(), ["down", "williams"]);
    assert_eq!(classes[0]["probability"], line["probabilities"]["down"]);

    let probabilities = line["probabilities"].as_object().unwrap();
    assert_eq!(probabilities.len(), 12);
    assert!(Syndrome::ALL.iter().all(|class| probabilities.contains_key(class.id())));
    let sum: f64 = probabilities.values().map(|value| value.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    let logits = line["logits"].as_object().unwrap();
    assert!(Syndrome::ALL.iter().all(|class| logits[class.id()].is_f64()) && logits.len() == 12);
    assert!(logits["down"].as_f64() > logits["turner"].as_f64(), "the class that is named has the larger one");

    let face = &line["face"];
    assert_eq!(keys(face), ["height", "keypoints", "score", "width", "x", "y"]);
    assert_eq!(keys(&face["keypoints"]), ["left_ear", "left_eye", "mouth", "nose", "right_ear", "right_eye"]);
    assert!(face["keypoints"]["nose"]["x"].is_f64() && face["score"].as_f64().unwrap() > 0.5);
    assert_eq!(line["bundle"]["name"], "toy");
    assert_eq!(line["bundle"]["version"], "1.2.3");
    assert_eq!(line["bundle"]["provenance"], "no data: made up in a test");
    let times = &line["milliseconds"];
    assert_eq!(keys(times), ["crop", "decode", "detect", "infer", "total"]);
    let time = |stage: &str| times[stage].as_f64().unwrap();
    assert!(time("total") >= time("decode") + time("detect") + time("infer"));
    assert_eq!(line["notice"], lakshan_core::manifest::SYNTHETIC_NOTICE);
}

#[test]
fn what_was_not_reached_is_null() {
    let folder = Folder::new();
    let grey = folder.picture("grey.png", image::RgbImage::from_pixel(300, 300, image::Rgb([128; 3])));
    let run = folder.classify(&[&"--json", &grey]).ok();
    let line = &lines(&run.stdout)[0];
    assert_eq!(line["finding"]["kind"], "retake");
    assert_eq!(line["finding"]["reason"], "no_face");
    assert_eq!(line["finding"]["classes"], Value::Array(Vec::new()));
    for pointer in ["/probabilities", "/logits", "/face", "/milliseconds/crop", "/milliseconds/infer"] {
        assert_eq!(line.pointer(pointer), Some(&Value::Null), "{pointer}");
    }
    assert!(line["milliseconds"]["detect"].is_f64());
}

#[test]
fn a_photograph_that_fails_has_no_line() {
    let folder = Folder::new();
    let bad = folder.write("bad.jpg", b"");
    let run = folder.classify(&[&"--json", &bad, &portrait()]).failed(&["bad.jpg", "empty"]);
    assert_eq!(lines(&run.stdout).len(), 1);
}

#[test]
fn each_portrait_has_one_face_with_the_eyes_in_the_upper_half() {
    let folder = Folder::new();
    let portraits: Vec<_> = std::fs::read_dir(vision_test_file("faces"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jpg"))
        .collect();
    assert_eq!(portraits.len(), 6);
    for portrait in portraits {
        let run = folder.classify(&[&"--json", &portrait]).ok();
        let line = &lines(&run.stdout)[0];
        assert_eq!(line["finding"]["kind"], "resembles", "{line}");
        let number = |pointer: &str| line["face"].pointer(pointer).and_then(Value::as_f64).unwrap();
        for eye in ["/keypoints/left_eye/y", "/keypoints/right_eye/y"] {
            let share = (number(eye) - number("/y")) / number("/height");
            assert!((0.0..0.5).contains(&share), "{}: {share}", portrait.display());
        }
    }
}
