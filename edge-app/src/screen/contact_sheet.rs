//! A contact sheet: many photographs, each with its finding in words below it.

use cosmic_text::Align;
use lakshan_core::{Finding, Frame};
use tiny_skia::Pixmap;

use super::canvas::{Area, Canvas};
use super::{BundleLine, Fonts, theme};
use crate::text::{Message, Texts};

/// Width of a tile, pixels.
const TILE_WIDTH: u32 = 220;
/// Height of a tile, pixels: a square picture and three lines of text.
const TILE_HEIGHT: u32 = 292;
/// Distance of things from each other, pixels.
const GAP: f32 = 10.0;
/// Height of one line above the tiles, pixels: disclaimer, notice, bundle.
const LINE: f32 = 28.0;
/// Height of the three of them, pixels.
const HEADING: u32 = 3 * LINE as u32;
/// The most tiles in a row.
const MOST_COLUMNS: u32 = 6;

/// One photograph of the sheet.
#[derive(Clone, Debug)]
pub struct Tile {
    /// What stands below the picture, e.g. the file's name.
    pub label: String,
    /// The photograph, or its face.
    pub picture: Frame,
    /// What was found.
    pub finding: Finding,
}

/// Draws the tiles in rows of up to six.
pub fn contact_sheet(tiles: &[Tile], bundle: &BundleLine, texts: &Texts, fonts: &mut Fonts) -> Pixmap {
    let columns = (tiles.len() as u32).clamp(1, MOST_COLUMNS);
    let rows = (tiles.len() as u32).div_ceil(columns).max(1);
    let mut canvas = Canvas::new(columns * TILE_WIDTH, HEADING + rows * TILE_HEIGHT, theme::PAPER, texts, fonts);
    heading(&mut canvas, bundle, texts);
    for (at, tile) in tiles.iter().enumerate() {
        let (column, row) = (at as u32 % columns, at as u32 / columns);
        let (x, y) = (column * TILE_WIDTH, HEADING + row * TILE_HEIGHT);
        let area = Area::new(x as f32, y as f32, TILE_WIDTH as f32, TILE_HEIGHT as f32);
        draw_tile(&mut canvas, tile, area, texts);
    }
    canvas.pixmap
}

fn heading(canvas: &mut Canvas<'_>, bundle: &BundleLine, texts: &Texts) {
    let width = canvas.pixmap.width() as f32 - 2.0 * GAP;
    let mut line = |at: f32, words: &str, ground: [u8; 3]| {
        canvas.fill(Area::new(0.0, at * LINE, width + 2.0 * GAP, LINE), ground);
        let style = canvas.style(15.0, theme::INK).bold().max_lines(1);
        let style = canvas.fitting(words, style, (width, LINE), 8.0);
        canvas.text(words, style, (GAP, at * LINE + (LINE - style.line_height()) / 2.0), width);
    };
    line(0.0, &texts.get(Message::Disclaimer), theme::PANEL);
    if bundle.synthetic {
        line(1.0, &texts.get(Message::NoticeSynthetic), theme::WARNING);
    }
    let name = texts.with(Message::ScreenBundle, &[("name", &bundle.name), ("version", &bundle.version)]);
    let line = format!("{name} · {}", bundle.statement);
    let style = canvas.style(13.0, theme::MUTED).max_lines(1);
    let style = canvas.fitting(&line, style, (width, LINE), 9.0).may_shorten();
    canvas.text(&line, style, (GAP, 2.0 * LINE + 6.0), width);
}

fn draw_tile(canvas: &mut Canvas<'_>, tile: &Tile, area: Area, texts: &Texts) {
    let inner = area.inset(GAP);
    let box_side = inner.width;
    let (width, height) = (tile.picture.width() as f32, tile.picture.height() as f32);
    let scale = (box_side / width).min(box_side / height);
    let (width, height) = (width * scale, height * scale);
    canvas.fill(Area::new(inner.x, inner.y, box_side, box_side), theme::PANEL);
    let at = (inner.x + (box_side - width) / 2.0, inner.y + (box_side - height) / 2.0);
    canvas.picture(&tile.picture, Area::new(at.0, at.1, width, height), theme::TRACK);

    let mut y = inner.y + box_side;
    canvas.fill(Area::new(inner.x, y, box_side, 5.0), theme::accent(&tile.finding));
    y += 9.0;
    let words = texts.finding(&tile.finding);
    let style = canvas.style(14.0, theme::accent(&tile.finding)).bold().max_lines(2);
    let style = canvas.fitting(&words, style, (box_side, 36.0), 9.0);
    canvas.text(&words, style, (inner.x, y), box_side);
    let label = canvas.style(11.0, theme::MUTED).max_lines(1).align(Align::Left);
    canvas.text(&tile.label, label, (inner.x, inner.bottom() - label.line_height() + 4.0), box_side);
}
