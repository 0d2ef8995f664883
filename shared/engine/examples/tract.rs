//! tract as it comes, without this crate: `cargo run --release -p lakshan-engine --example tract -- MODEL.onnx CROPS.rgb`
//!
//! CROPS.rgb holds crops of 224 x 224 x 3 bytes, one behind the other. The first line that it prints is a JSON array with
//! the logits of each. Then it reads numbers of runs, a line each, and answers each with an array of milliseconds. For
//! benches/peers, which compares the same network in other engines.

use std::io::BufRead;
use std::time::Instant;

use lakshan_core::preprocess::SIZE;
use tract_onnx::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let network = std::fs::read(arguments.next().ok_or("name an ONNX file")?)?;
    let crops = std::fs::read(arguments.next().ok_or("name a file of crops")?)?;

    let plan = onnx()
        .model_for_read(&mut &network[..])?
        .with_input_fact(0, f32::fact([1, 3, SIZE, SIZE]).into())?
        .into_optimized()?
        .into_runnable()?;
    let tensors: Vec<Tensor> = crops.chunks_exact(SIZE * SIZE * 3).map(tensor).collect::<TractResult<_>>()?;
    let mut logits = Vec::new();
    for tensor in &tensors {
        let output = plan.run(tvec!(tensor.clone().into_tvalue()))?;
        logits.push(output[0].try_as_plain_ram()?.as_slice::<f32>()?.to_vec());
    }
    println!("{}", serde_json::json!(logits));
    let first = tensors.first().ok_or("the file of crops holds none")?;
    for runs in std::io::stdin().lock().lines() {
        let mut times = Vec::new();
        for _ in 0..runs?.parse()? {
            let start = Instant::now();
            plan.run(tvec!(first.clone().into_tvalue()))?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        println!("{}", serde_json::json!(times));
    }
    Ok(())
}

/// Pixel - 128 in planes, as every engine gets it.
fn tensor(crop: &[u8]) -> TractResult<Tensor> {
    let values: Vec<f32> =
        (0..3).flat_map(|channel| crop.iter().skip(channel).step_by(3)).map(|byte| f32::from(*byte) - 128.0).collect();
    Tensor::from_shape(&[1, 3, SIZE, SIZE], &values)
}
