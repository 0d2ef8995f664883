//! The whole road in miniature, through the programs: a few faces, one epoch, a bundle, findings. Made once; other
//! modules damage copies of what it leaves.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use lakshan_core::manifest::SYNTHETIC_NOTICE;
use lakshan_core::{InputTensor, Syndrome};
use lakshan_engine::Bundle;
use lakshan_vision::{Analyser, Verdict};
use serde_json::Value;

use crate::harness::{Dir, Program, Run};

/// What the road leaves behind.
pub(crate) struct Road {
    dir: Dir,
    evaluation: Run,
}

impl Road {
    /// The data set.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// The bundle.
    pub(crate) fn bundle(&self) -> PathBuf {
        self.dir.join("bundle")
    }

    /// The training run.
    pub(crate) fn run(&self) -> PathBuf {
        self.dir.join("run")
    }

    /// The rows of the data set's table, in order.
    pub(crate) fn rows(&self) -> Vec<Value> {
        let table = fs::read_to_string(self.data().join("photos.jsonl")).expect("the table was written");
        table.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
    }
}

/// The smallest recipe that goes through every part of training.
pub(crate) const TINY_RECIPE: &str = "--image-size=64 --batch=8 --seed=1 --set=stages.freeze=layer3 --set=keep.ema=0";

/// Walks the road, once for all tests.
pub(crate) fn road() -> &'static Road {
    static ROAD: OnceLock<Road> = OnceLock::new();
    ROAD.get_or_init(walk)
}

fn walk() -> Road {
    let dir = Dir::new("road");
    let trainer = |words: &str| Program::host_trainer().in_folder(dir.path()).words(words).succeeds();
    trainer(
        "synth --out data --subjects-per-class 4 --photos-per-subject 1 --negatives 8 --seed 7 --split 0.5,0.25,0.25",
    );
    trainer("weights fetch");
    trainer(&format!("train --data data --run run --epochs 1 {TINY_RECIPE}"));
    trainer("export --checkpoint run/best.safetensors --out run/model-f32.onnx");
    trainer(
        "quantize --checkpoint run/best.safetensors --data data --out run/model.onnx --calibration-photos 8 \
         --compare-photos 8 --finetune-steps 2 --finetune-batch 4 --finetune-side 64",
    );
    trainer("calibrate --onnx run/model.onnx --data data --out run/calibration.json");
    let evaluation = trainer("evaluate --data data --checkpoint run/best.safetensors --onnx run/model.onnx --out run");
    trainer("bundle --run run --out bundle --name miniature --version 1");
    Road { dir, evaluation }
}

#[test]
fn every_class_and_every_split_is_in_the_data() {
    let rows = road().rows();
    let count = |key: &str, value: &str| rows.iter().filter(|row| row[key] == value).count();
    for class in Syndrome::ALL {
        assert_eq!(count("label", class.id()), 4, "{class}");
    }
    assert_eq!(count("label", "negative"), 8);
    for split in ["train", "calibration", "test"] {
        assert!(count("split", split) >= 12, "{split}: {}", count("split", split));
    }
}

#[test]
fn tables_and_model_card_say_that_the_faces_are_synthetic() {
    let road = road();
    assert!(road.evaluation.stdout.contains(SYNTHETIC_NOTICE), "{}", road.evaluation);
    let card = fs::read_to_string(road.bundle().join("MODEL_CARD.md")).unwrap();
    assert!(card.contains(SYNTHETIC_NOTICE), "{card}");
    let manifest: Value = serde_json::from_slice(&fs::read(road.bundle().join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["provenance"]["kind"], "synthetic");
}

#[test]
fn the_trainer_measures_the_devices_crops_bit_for_bit() {
    let road = road();
    let crops = Crops::of(road);
    let analyser = Analyser::new().unwrap();
    let bundle = Bundle::open(road.bundle()).unwrap();
    let mut compared = 0;
    for (index, row) in road.rows().iter().enumerate() {
        let frame = lakshan_vision::open(road.data().join(row["photo"].as_str().unwrap())).unwrap();
        let Verdict::Accept { crop, .. } = analyser.analyse(&frame, &bundle.manifest().quality).unwrap().verdict else {
            continue;
        };
        assert_eq!(crops.get(index), Some(crop.frame().rgb()), "{}", row["photo"]);
        compared += 1;
    }
    assert!(compared >= 20, "only {compared} photographs passed the quality gate");
}

#[test]
fn classify_prints_what_the_bundle_computes_from_the_trainers_crops() {
    let road = road();
    let crops = Crops::of(road);
    let bundle = Bundle::open(road.bundle()).unwrap();
    let rows = road.rows();
    let tested: Vec<usize> = (0..rows.len()).filter(|index| rows[*index]["split"] == "test").take(6).collect();
    let photos = tested.iter().map(|index| road.data().join(rows[*index]["photo"].as_str().unwrap()));
    let run = Program::edge_app().words("classify --json --bundle").arg(road.bundle()).args(photos).succeeds();
    let mut compared = 0;
    for (index, line) in tested.iter().zip(run.json_lines()) {
        let Some(printed) = line["probabilities"].as_object() else { continue };
        let frame = lakshan_core::Frame::new(224, 224, crops.get(*index).unwrap().to_vec()).unwrap();
        let crop = lakshan_core::FaceCrop::new(frame).unwrap();
        let logits = bundle.network().infer(&InputTensor::from_crop(&crop)).unwrap();
        let probabilities = bundle.manifest().policy.probabilities(&logits);
        for class in Syndrome::ALL {
            let printed = printed[class.id()].as_f64().unwrap();
            let computed = f64::from(probabilities.of(class));
            assert!((printed - computed).abs() < 1e-6, "{class}: printed {printed}, computed {computed}");
        }
        assert_eq!(line["finding"]["kind"], bundle.manifest().policy.decide(&logits).kind());
        compared += 1;
    }
    assert!(compared >= 2, "only {compared} photographs passed the quality gate\n{run}");
}

/// The trainer's crop cache, read as its documentation describes it.
struct Crops {
    pixels: Vec<u8>,
    records: Vec<Option<usize>>,
}

impl Crops {
    fn of(road: &Road) -> Self {
        let folder = road.data().join(".crops-v2");
        let find = |extension: &str| {
            let mut files: Vec<PathBuf> = fs::read_dir(&folder)
                .expect("training made crops")
                .map(|entry| entry.expect("the folder can be listed").path())
                .filter(|path| path.extension().is_some_and(|found| found == extension))
                .collect();
            assert_eq!(files.len(), 1, "one .{extension} file in {}", folder.display());
            fs::read(files.remove(0)).expect("it can be read")
        };
        let index = String::from_utf8(find("jsonl")).expect("the index is text");
        let lines = index.lines().filter(|line| !line.is_empty());
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        let record = |row: &Value| {
            let line = lines.iter().find(|line| line["photo"] == row["photo"]).expect("each photograph has a line");
            line["outcome"]["crop"]["record"].as_u64().map(|number| number as usize)
        };
        Self { pixels: find("rgb"), records: road.rows().iter().map(record).collect() }
    }

    fn get(&self, photo: usize) -> Option<&[u8]> {
        let length = InputTensor::LEN;
        let record = self.records[photo]?;
        Some(&self.pixels[record * length..(record + 1) * length])
    }
}
