//! Draws a contact sheet, one row a class: `contact_sheet MODEL_DIR OUT.png [SEED] [COLUMNS] [THUMB]`.

use std::path::Path;
use std::time::Instant;

use lakshan_synth::{HeadModel, contact_sheet};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, out, rest @ ..] = args.as_slice() else {
        return Err("usage: contact_sheet MODEL_DIR OUT.png [SEED] [COLUMNS] [THUMB]".into());
    };
    let number = |i: usize, otherwise: u32| rest.get(i).map_or(Ok(otherwise), |a| a.parse::<u32>());
    let (seed, columns, thumb) = (number(0, 1)?, number(1, 8)?, number(2, 200)?);
    let start = Instant::now();
    let model = HeadModel::load(Path::new(dir))?;
    eprintln!("loaded in {:.2} s", start.elapsed().as_secs_f32());
    let start = Instant::now();
    contact_sheet(&model, u64::from(seed), columns, thumb).save(out)?;
    let photographs = columns * 14;
    eprintln!("{:.1} photographs/s", photographs as f32 / start.elapsed().as_secs_f32());
    Ok(())
}
