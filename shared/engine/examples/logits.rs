//! Logits of raw crops: `cargo run --release -p lakshan-engine --example logits -- MODEL.onnx CROPS.rgb`
//!
//! CROPS.rgb holds crops of 224 x 224 x 3 bytes, one behind the other. Prints a line of JSON for each: its twelve logits.

use lakshan_core::preprocess::SIZE;
use lakshan_core::{FaceCrop, Frame, InputTensor};
use lakshan_engine::Network;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let network = Network::from_onnx(&std::fs::read(arguments.next().ok_or("name an ONNX file")?)?)?;
    let crops = std::fs::read(arguments.next().ok_or("name a file of crops")?)?;
    for crop in crops.chunks_exact(SIZE * SIZE * 3) {
        let crop = FaceCrop::new(Frame::new(SIZE as u32, SIZE as u32, crop.to_vec())?).ok_or("a crop's size")?;
        println!("{}", serde_json::json!(network.infer(&InputTensor::from_crop(&crop))?.values()));
    }
    Ok(())
}
