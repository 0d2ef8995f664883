//! A contact sheet: one row a class, one column a subject.

use image::RgbImage;
use image::imageops::{self, FilterType};
use lakshan_core::Syndrome;
use rayon::prelude::*;

use crate::head::HeadModel;
use crate::photograph::photograph;
use crate::subject::{Label, Subject};

/// Draws `columns` subjects of each class (rows in the order of [`Syndrome::ALL`], then unaffected, then other
/// conditions), each `thumb` pixels square.
pub fn contact_sheet(model: &HeadModel, seed: u64, columns: u32, thumb: u32) -> RgbImage {
    let rows: Vec<Label> =
        Syndrome::ALL.into_iter().map(Label::Affected).chain([Label::Unaffected, Label::OtherCondition]).collect();
    let cells: Vec<(u32, u32, RgbImage)> = (0..rows.len() as u32 * columns)
        .into_par_iter()
        .map(|cell| {
            let (row, column) = (cell / columns, cell % columns);
            let subject = Subject::draw(seed, rows[row as usize], column);
            let jpeg = photograph(model, &subject, 0, 512).jpeg;
            let picture = image::load_from_memory(&jpeg).expect("our own JPEG decodes").into_rgb8();
            (row, column, imageops::resize(&picture, thumb, thumb, FilterType::Triangle))
        })
        .collect();
    let mut sheet = RgbImage::new(columns * thumb, rows.len() as u32 * thumb);
    for (row, column, picture) in cells {
        imageops::replace(&mut sheet, &picture, i64::from(column * thumb), i64::from(row * thumb));
    }
    sheet
}
