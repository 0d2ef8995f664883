//! Compares integers with floats: `cargo run --release -p lakshan-engine --example compare -- MODEL.onnx [CROP.rgb ...]`
//!
//! A crop is 224 x 224 x 3 bytes, RGB. Without one, a few patterns are taken. For each: both classes, both logits' largest
//! difference relative to the spread of the logits, and both times.

use std::time::Instant;

use lakshan_core::{FaceCrop, Frame, InputTensor};
use lakshan_engine::{Network, Options};

const BYTES: usize = 224 * 224 * 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let model = std::fs::read(arguments.next().ok_or("name an ONNX file")?)?;
    let mut crops = arguments.map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    if crops.is_empty() {
        crops = (1..6).map(|step| (0..BYTES).map(|at| (at / 7 * step % 256) as u8).collect()).collect();
    }
    let start = Instant::now();
    let integers = Network::from_onnx(&model)?;
    let load = start.elapsed();
    let floats = Network::from_onnx_with(&model, Options { integers: false, ..Options::default() })?;
    let left = integers.graph().explain().iter().filter(|node| node.obstacle.is_some()).count();
    println!("loaded in {load:.1?}, kernel {:?}, {left} nodes in floats", integers.graph().instructions());
    for crop in crops {
        let crop = FaceCrop::new(Frame::new(224, 224, crop)?).ok_or("a crop's size")?;
        let input = InputTensor::from_crop(&crop);
        let start = Instant::now();
        let a = integers.infer(&input)?;
        let middle = Instant::now();
        let b = floats.infer(&input)?;
        let (first, second) = (middle - start, middle.elapsed());
        let (a, b) = (a.values(), b.values());
        let largest = |values: &[f32]| (0..values.len()).max_by(|x, y| values[*x].total_cmp(&values[*y]));
        let length = b.iter().map(|value| value * value).sum::<f32>().sqrt();
        let difference = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
        println!(
            "class {:?} and {:?}, difference {:.4} of the logits' length {length:.2}, {first:.1?} and {second:.1?}",
            largest(a),
            largest(b),
            difference / length
        );
    }
    Ok(())
}
