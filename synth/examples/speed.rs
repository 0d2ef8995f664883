//! Times photographs at 512 x 512 pixels on all cores: `speed MODEL_DIR [PHOTOGRAPHS]`.

use std::path::Path;
use std::time::Instant;

use lakshan_core::Syndrome;
use lakshan_synth::{HeadModel, Label, Subject, photograph};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = args.next().ok_or("usage: speed MODEL_DIR [PHOTOGRAPHS]")?;
    let count: u32 = args.next().map_or(Ok(100), |a| a.parse())?;
    let model = HeadModel::load(Path::new(&dir))?;
    let start = Instant::now();
    let bytes: usize = (0..count)
        .into_par_iter()
        .map(|i| {
            let label = Label::Affected(Syndrome::ALL[i as usize % Syndrome::COUNT]);
            photograph(&model, &Subject::draw(5, label, i), 0, 512).jpeg.len()
        })
        .sum();
    let seconds = start.elapsed().as_secs_f32();
    println!("{:.1} photographs/s, {} kB each", count as f32 / seconds, bytes / 1000 / count as usize);
    Ok(())
}
