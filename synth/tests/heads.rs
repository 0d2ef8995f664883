//! Tests that need the head meshes: the folder that `LAKSHAN_HEADS` names (it holds `3dobjs/` and `targets/`).

use std::path::PathBuf;
use std::sync::OnceLock;

use lakshan_core::Syndrome;
use lakshan_synth::{DrawnFeature, Effect, HeadModel, Label, LoadError, Subject, Table, photograph};
use rayon::prelude::*;

fn model() -> &'static HeadModel {
    static MODEL: OnceLock<HeadModel> = OnceLock::new();
    MODEL.get_or_init(|| {
        let folder = std::env::var_os("LAKSHAN_HEADS").map(PathBuf::from).expect(
            "LAKSHAN_HEADS is not set: it names the folder of head meshes (with 3dobjs/ and targets/); \
             `cargo xtask test` fetches it and sets the variable",
        );
        HeadModel::load(&folder).unwrap_or_else(|error| panic!("LAKSHAN_HEADS: {error}"))
    })
}

fn pixels(jpeg: &[u8]) -> image::RgbImage {
    image::load_from_memory(jpeg).expect("our own JPEG decodes").into_rgb8()
}

fn some_subjects() -> Vec<Subject> {
    Syndrome::ALL
        .into_iter()
        .map(Label::Affected)
        .chain([Label::Unaffected, Label::OtherCondition])
        .map(|label| Subject::draw(77, label, 0))
        .collect()
}

#[test]
fn every_target_of_the_table_exists() {
    for sign in &Table::get().signs {
        for effect in &sign.effects {
            if let Effect::Target { path, .. } = effect {
                assert!(model().has_target(path), "{}: no target {path}", sign.name);
            }
        }
    }
}

#[test]
fn threads_do_not_change_a_photograph() {
    let subjects = some_subjects();
    let serial: Vec<_> = subjects.iter().map(|s| photograph(model(), s, 1, 128).jpeg).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("a pool of four threads");
    let parallel: Vec<_> = pool.install(|| subjects.par_iter().map(|s| photograph(model(), s, 1, 128).jpeg).collect());
    assert!(serial == parallel, "the same subjects came out differently in parallel");
}

#[test]
fn a_subject_read_back_from_json_is_photographed_alike() {
    let subject = Subject::draw(78, Label::Affected(Syndrome::Williams), 3);
    let json = serde_json::to_string(&subject).expect("a subject is plain data");
    let again: Subject = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(photograph(model(), &subject, 0, 96).jpeg, photograph(model(), &again, 0, 96).jpeg);
}

#[test]
fn two_photographs_of_one_subject_differ_in_how_they_were_taken() {
    let subject = Subject::draw(79, Label::Unaffected, 0);
    let (one, two) = (photograph(model(), &subject, 0, 128), photograph(model(), &subject, 1, 128));
    assert_ne!(one.capture.yaw_deg, two.capture.yaw_deg);
    assert_ne!(one.jpeg, two.jpeg);
}

#[test]
fn both_eyes_are_in_the_picture_right_eye_left() {
    for subject in some_subjects() {
        let size = 160;
        let taken = photograph(model(), &subject, 0, size);
        let picture = pixels(&taken.jpeg);
        assert_eq!(picture.dimensions(), (size, size));
        let [right, left] = taken.capture.eyes;
        assert!(right[0] < left[0], "{}: the subject's right eye is at the picture's left", subject.id);
        for [x, y] in [right, left] {
            let inside = 0.1 * size as f32..0.9 * size as f32;
            assert!(inside.contains(&x) && inside.contains(&y), "{}: eye at {x}, {y}", subject.id);
        }
    }
}

/// Mean difference of two pictures' levels.
fn difference(a: &image::RgbImage, b: &image::RgbImage) -> f64 {
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

#[test]
fn every_sign_changes_the_picture() {
    let mut person = Subject::draw(80, Label::Unaffected, 0);
    person.features.clear();
    person.age_years = 9.0;
    let without = pixels(&photograph(model(), &person, 0, 384).jpeg);
    let unseen: Vec<_> = Table::get()
        .signs
        .par_iter()
        .filter(|sign| {
            let mut subject = person.clone();
            let (sign_name, hpo) = (sign.name.clone(), sign.hpo[0].clone());
            subject.features.push(DrawnFeature { sign: sign_name, hpo, strength: 1.0 });
            difference(&without, &pixels(&photograph(model(), &subject, 0, 384).jpeg)) == 0.0
        })
        .map(|sign| &sign.name)
        .collect();
    assert!(unseen.is_empty(), "these signs draw nothing: {unseen:?}");
}

#[test]
fn a_missing_folder_is_named() {
    let error = HeadModel::load(std::path::Path::new("no/such/folder")).unwrap_err();
    assert!(matches!(&error, LoadError::Read { path, .. } if path.starts_with("no/such/folder")), "{error}");
}

#[test]
fn another_mesh_is_refused() {
    let folder = std::env::temp_dir().join(format!("lakshan-synth-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("3dobjs")).unwrap();
    std::fs::write(folder.join("3dobjs/base.obj"), "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n").unwrap();
    let error = HeadModel::load(&folder).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(error.to_string().contains("4 vertices instead of"), "{error}");
}
