//! The details screen: all twelve classes as bars, in their fixed order, so that a class is always in the same place.

use cosmic_text::Align;
use lakshan_core::Syndrome;

use super::canvas::{Area, Canvas};
use super::layout::{Layout, Metrics};
use super::{AllClassesScreen, theme};
use crate::text::{Message, Texts};

pub(super) fn draw(canvas: &mut Canvas<'_>, screen: &AllClassesScreen, layout: &Layout, texts: &Texts) {
    let metrics = layout.metrics;
    let area = layout.body.inset(metrics.gap * 0.6);
    let title = canvas.style(metrics.body * 1.1, theme::INK).bold().max_lines(1);
    let note = canvas.style(metrics.small, theme::MUTED).max_lines(2);
    let mut y = area.y;
    y += canvas.text(&texts.get(Message::ScreenAllTitle), title, (area.x, y), area.width);
    y += canvas.text(&texts.get(Message::ScreenAllNote), note, (area.x, y), area.width);
    let rows = area.split_top(y - area.y + metrics.gap * 0.2).1;
    let height = (rows.height / Syndrome::COUNT as f32).floor();
    for class in Syndrome::ALL {
        let row = Area::new(rows.x, rows.y + height * class.index() as f32, rows.width, height);
        draw_row(canvas, screen, class, row, &metrics, texts);
    }
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    screen: &AllClassesScreen,
    class: Syndrome,
    row: Area,
    metrics: &Metrics,
    texts: &Texts,
) {
    let named = screen.named.contains(&class);
    let probability = screen.probabilities.of(class);
    let size = (row.height * 0.66).min(metrics.body);
    let mut style = canvas.style(size, theme::INK).max_lines(1);
    style.bold = named;
    let name_width = (row.width * 0.5).min(size * 17.5);
    let value_width = size * 3.0;
    let name = texts.class_name(class);
    let least = metrics.least * 0.8;
    let one_line = canvas.fits(&name, super::canvas::Style { size: least, ..style }, (name_width, row.height));
    let words = Area::new(row.x, row.y, name_width, row.height);
    canvas.centred(&name, style.max_lines(if one_line { 1 } else { 2 }), words, least);

    let track = Area::new(
        row.x + name_width + metrics.gap * 0.5,
        row.y + (row.height * 0.2).round(),
        row.width - name_width - value_width - metrics.gap,
        (row.height * 0.6).round(),
    );
    canvas.fill_rounded(track, 2.0, theme::TRACK);
    let accent = theme::accent(&lakshan_core::Finding::Resembles(Vec::new()));
    let filled = Area::new(track.x, track.y, track.width * probability, track.height);
    if filled.width >= 1.0 {
        canvas.fill_rounded(filled, 2.0, if named { accent } else { theme::BAR });
    }
    // The marks keep number and sign in order in a language that is written from the right.
    let value = format!("\u{200e}{:.0} %\u{200e}", probability * 100.0);
    let at = (row.right() - value_width, row.y + (row.height - style.line_height()) / 2.0);
    canvas.text(&value, style.align(Align::Right), at, value_width);
}
