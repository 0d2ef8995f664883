//! Many result screens on one sheet: each PNG at half its size, three in a row.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

const COLUMNS: usize = 3;
const GAP_PX: usize = 8;
const PAPER: u8 = 40;

/// 8-bit RGB pixels, row by row.
struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// Writes the sheet of `screens`, which are all of one size, to `out`.
pub(crate) fn write(screens: &[PathBuf], out: &Path) -> Result<()> {
    ensure!(!screens.is_empty(), "no result screen to put on the sheet");
    let mut tiles = Vec::with_capacity(screens.len());
    for path in screens {
        let picture = read(path).with_context(|| format!("cannot read {}", path.display()))?;
        tiles.push(half(&picture));
    }
    let sheet = lay_out(&tiles);
    save(&sheet, out).with_context(|| format!("cannot write {}", out.display()))
}

fn read(path: &Path) -> Result<Picture> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path)?));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut buffer = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let info = reader.next_frame(&mut buffer)?;
    let rgb = match info.color_type {
        png::ColorType::Rgb => buffer,
        png::ColorType::Rgba => buffer.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        other => bail!("a result screen is in colour, this is {other:?}"),
    };
    Ok(Picture { width: info.width as usize, height: info.height as usize, rgb })
}

/// Each pixel the mean of two by two.
fn half(picture: &Picture) -> Picture {
    let (width, height) = (picture.width / 2, picture.height / 2);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let at = |dx, dy| u32::from(picture.rgb[((2 * y + dy) * picture.width + 2 * x + dx) * 3 + channel]);
                rgb.push(((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4) as u8);
            }
        }
    }
    Picture { width, height, rgb }
}

fn lay_out(tiles: &[Picture]) -> Picture {
    let cell_width = tiles.iter().map(|tile| tile.width).max().unwrap_or(0) + GAP_PX;
    let cell_height = tiles.iter().map(|tile| tile.height).max().unwrap_or(0) + GAP_PX;
    let columns = COLUMNS.min(tiles.len());
    let width = columns * cell_width + GAP_PX;
    let height = tiles.len().div_ceil(columns) * cell_height + GAP_PX;
    let mut rgb = vec![PAPER; width * height * 3];
    for (index, tile) in tiles.iter().enumerate() {
        let left = GAP_PX + index % columns * cell_width;
        let top = GAP_PX + index / columns * cell_height;
        for (y, row) in tile.rgb.chunks_exact(tile.width * 3).enumerate() {
            let start = ((top + y) * width + left) * 3;
            rgb[start..start + row.len()].copy_from_slice(row);
        }
    }
    Picture { width, height, rgb }
}

fn save(picture: &Picture, out: &Path) -> Result<()> {
    let partial = out.with_extension("png.partial");
    let mut file = BufWriter::new(File::create(&partial)?);
    let mut encoder = png::Encoder::new(&mut file, picture.width.try_into()?, picture.height.try_into()?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&picture.rgb)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    std::fs::rename(&partial, out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_left_to_right_then_down() {
        let dir = tempfile::tempdir().unwrap();
        let screens: Vec<PathBuf> = (0..4)
            .map(|index| {
                let path = dir.path().join(format!("{index}.png"));
                save(&Picture { width: 8, height: 4, rgb: vec![50 + index; 8 * 4 * 3] }, &path).unwrap();
                path
            })
            .collect();
        let out = dir.path().join("sheet.png");
        write(&screens, &out).unwrap();
        let sheet = read(&out).unwrap();
        assert_eq!((sheet.width, sheet.height), (3 * (4 + GAP_PX) + GAP_PX, 2 * (2 + GAP_PX) + GAP_PX));
        let at = |x: usize, y: usize| sheet.rgb[(y * sheet.width + x) * 3];
        let second = GAP_PX + 4 + GAP_PX;
        assert_eq!([at(0, 0), at(GAP_PX, GAP_PX), at(second, GAP_PX)], [PAPER, 50, 51]);
        assert_eq!(at(GAP_PX, GAP_PX + 2 + GAP_PX), 53);
        assert_eq!(at(second, GAP_PX + 2 + GAP_PX), PAPER, "the last row is not full");
    }

    #[test]
    fn something_else_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text.png");
        std::fs::write(&path, "no picture").unwrap();
        let error = write(&[path], &dir.path().join("sheet.png")).unwrap_err();
        assert!(error.to_string().contains("text.png"));
        assert!(write(&[], &dir.path().join("sheet.png")).is_err());
    }
}
