//! Times loading and running a classifier: `cargo run --release -p lakshan-engine --example time -- MODEL.onnx [RUNS]`
//!
//! Prints one line: milliseconds to load, and the least and the median to run a grey crop.

use std::time::Instant;

use lakshan_core::{FaceCrop, Frame, InputTensor};
use lakshan_engine::Network;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let bytes = std::fs::read(arguments.next().ok_or("name an ONNX file")?)?;
    let runs: usize = arguments.next().as_deref().unwrap_or("20").parse()?;
    let crop = FaceCrop::new(Frame::new(224, 224, vec![100; 224 * 224 * 3])?).ok_or("a crop's size")?;
    let input = InputTensor::from_crop(&crop);

    let start = Instant::now();
    let network = Network::from_onnx(&bytes)?;
    let load = start.elapsed().as_secs_f64() * 1e3;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        network.infer(&input)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "load {load:.0} ms, run {:.1} ms least, {:.1} ms median of {}",
        times[0],
        times[times.len() / 2],
        times.len()
    );
    Ok(())
}
