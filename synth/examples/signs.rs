//! Draws one person with one sign at a time at strength 1, in the order of `features.tsv`; the first cell has none.
//! `signs MODEL_DIR OUT.png [COLUMNS] [THUMB] [FIRST] [COUNT]`.

use std::path::Path;

use image::RgbImage;
use image::imageops::{self, FilterType};
use lakshan_core::Sex;
use lakshan_synth::{DrawnFeature, HeadModel, Label, Subject, Table, photograph};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [dir, out, rest @ ..] = args.as_slice() else {
        return Err("usage: signs MODEL_DIR OUT.png [COLUMNS] [THUMB] [FIRST] [COUNT]".into());
    };
    let number = |i: usize, otherwise: u32| rest.get(i).map_or(Ok(otherwise), |a| a.parse::<u32>());
    let (columns, thumb, first, count) = (number(0, 8)?, number(1, 200)?, number(2, 0)?, number(3, 200)?);
    let model = HeadModel::load(Path::new(dir))?;
    let person = (0..)
        .map(|i| Subject::draw(3, Label::Unaffected, i))
        .filter(|s| (6.0..14.0).contains(&s.age_years) && s.skin_tone < 6 && s.sex == Sex::Male)
        .find(|s| {
            let capture = photograph(&model, s, 0, 128).capture;
            let width = (capture.eyes[0][0] - capture.eyes[1][0]).abs();
            capture.yaw_deg.abs() < 8.0 && capture.pitch_deg.abs() < 4.0 && capture.roll_deg.abs() < 4.0 && width > 21.0
        })
        .expect("someone looks straight ahead");
    let signs: Vec<_> = Table::get().signs.iter().skip(first as usize).take(count as usize).collect();
    let cells: Vec<RgbImage> = (0..=signs.len())
        .into_par_iter()
        .map(|cell| {
            let mut subject = person.clone();
            subject.features.clear();
            if let Some(sign) = cell.checked_sub(1).map(|i| signs[i]) {
                let (name, hpo) = (sign.name.clone(), sign.hpo[0].clone());
                subject.features.push(DrawnFeature { sign: name, hpo, strength: 1.0 });
            }
            let taken = photograph(&model, &subject, 0, 768);
            let picture = image::load_from_memory(&taken.jpeg).expect("our own JPEG decodes").into_rgb8();
            let [[x0, y0], [x1, y1]] = taken.capture.eyes;
            let side = 5.0 * (x1 - x0);
            let (left, top) = ((x0 + x1 - side) / 2.0, (y0 + y1) / 2.0 - 0.5 * side);
            let picture =
                imageops::crop_imm(&picture, left.max(0.0) as u32, top.max(0.0) as u32, side as u32, side as u32)
                    .to_image();
            imageops::resize(&picture, thumb, thumb, FilterType::Triangle)
        })
        .collect();
    let rows = (cells.len() as u32).div_ceil(columns);
    let mut sheet = RgbImage::new(columns * thumb, rows * thumb);
    for (i, picture) in cells.iter().enumerate() {
        let (x, y) = (i as u32 % columns * thumb, i as u32 / columns * thumb);
        imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
    }
    sheet.save(out)?;
    for (i, sign) in signs.iter().enumerate() {
        println!("{} {}", i + 1, sign.name);
    }
    Ok(())
}
