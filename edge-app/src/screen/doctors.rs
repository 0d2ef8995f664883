//! What doctors look for in one class, the commonest signs first. It is said of the syndrome, never of the face.

use cosmic_text::Align;
use lakshan_core::Syndrome;

use super::canvas::{Area, Canvas};
use super::icon::{self, Icon};
use super::layout::Layout;
use super::theme;
use crate::signs::{self, Often};
use crate::text::{Message, Texts};

pub(super) fn draw(canvas: &mut Canvas<'_>, class: Syndrome, page: usize, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let inner = layout.body.inset(metrics.gap * 0.6);
    let (head, body) = inner.split_top((62.0 * metrics.scale).max(40.0));
    let (left, words) = head.split_left(head.height);
    icon::draw(canvas, Icon::Doctor, left.inset(head.height * 0.1), theme::RESEMBLES);
    let words = words.split_left(metrics.gap * 0.6).1;
    let (above, below) = words.split_top(words.height * 0.44);
    let style = canvas.style(metrics.body, theme::MUTED).bold().max_lines(1);
    canvas.centred(&texts.get(Message::DoctorsTitle), style, above, metrics.least);
    let style = canvas.style(metrics.body * 1.3, theme::INK).bold().max_lines(1);
    canvas.centred(&texts.class_name(class), style, below, metrics.least);

    let upright = if layout.size.is_portrait() { 1.7 } else { 1.0 };
    let (foot, body) = body.split_bottom((34.0 * metrics.scale).max(22.0) * upright);
    let body = body.split_top(metrics.gap * 0.3).1;
    let all = signs::of(class);
    // Words have less of a narrow screen's width.
    let least_row = (40.0 * metrics.scale).max(25.0) * if layout.size.is_portrait() { 1.1 } else { 1.0 };
    let a_page = ((body.height / least_row) as usize).max(1);
    let pages = all.len().div_ceil(a_page).max(1);
    let page = page % pages;
    // Pages of even length: a last page of one sign looks like an error.
    let a_page = all.len().div_ceil(pages).max(1);
    let height = (body.height / a_page as f32).floor().min(54.0 * metrics.scale);
    for (row, sign) in all.iter().skip(page * a_page).take(a_page).enumerate() {
        let area = Area::new(body.x, body.y + row as f32 * height, body.width, height);
        if row % 2 == 0 {
            canvas.fill(area, theme::PANEL);
        }
        draw_sign(canvas, sign, area, layout, texts);
    }
    let (note, number) = foot.split_left(foot.width * 0.86);
    let style = canvas.style(metrics.small, theme::MUTED).max_lines(3);
    canvas.centred(&texts.get(Message::DoctorsNote), style, note, metrics.least * 0.8);
    page_number(canvas, page, pages, number, layout);
}

fn draw_sign(canvas: &mut Canvas<'_>, sign: &signs::Sign, area: Area, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let inner = Area::new(area.x + metrics.gap * 0.5, area.y, area.width - metrics.gap, area.height);
    let (name, often) = inner.split_left(inner.width * if layout.size.is_portrait() { 0.58 } else { 0.66 });
    let style = canvas.style(metrics.body * 1.1, theme::INK).max_lines(2);
    canvas.centred(&texts.sign(sign.hpo), style, name, metrics.least * 0.9);
    let (message, filled) = match sign.often {
        Often::VeryOften => (Message::OftenVery, 3),
        Often::Often => (Message::OftenOften, 2),
        Often::Sometimes => (Message::OftenSometimes, 1),
    };
    let often = often.split_left(metrics.gap * 0.5).1;
    let side = (area.height * 0.26).min(11.0 * metrics.scale.max(0.6));
    for at in 0..3 {
        let dot = Area::new(often.x + at as f32 * side * 1.5, often.y + (often.height - side) / 2.0, side, side);
        canvas.fill_rounded(dot, side / 2.0, theme::RESEMBLES);
        if at >= filled {
            canvas.fill_rounded(dot.inset(side * 0.18), side / 2.0, theme::PAPER);
        }
    }
    let words = often.split_left(side * 5.2).1;
    let style = canvas.style(metrics.body, theme::INK).max_lines(2);
    canvas.centred(&texts.get(message), style, words, metrics.least * 0.9);
}

/// "2 / 3", at the end of the line.
pub(super) fn page_number(canvas: &mut Canvas<'_>, page: usize, pages: usize, area: Area, layout: &Layout) {
    if pages < 2 {
        return;
    }
    let style = canvas.style(layout.metrics.body, theme::INK).bold().align(Align::Right).max_lines(1);
    // Isolated, so that it does not turn round in a language that is written from the right.
    canvas.centred(&format!("\u{200e}{} / {pages}\u{200e}", page + 1), style, area, layout.metrics.least * 0.8);
}
