//! The screens on which one of several entries is chosen: language, consent, menu.

use cosmic_text::Align;

use super::canvas::{Area, Canvas};
use super::frame;
use super::icon::{self, Icon};
use super::layout::Layout;
use super::{Screen, theme};
use crate::text::{self, Message, Texts};

/// Each language in its own script, so that nobody needs to read another to find it.
pub(super) fn language(canvas: &mut Canvas<'_>, screen: &Screen, selected: usize, layout: &Layout, texts: &Texts) {
    frame::heading(canvas, Icon::Speech, &texts.get(Message::LanguageTitle), layout);
    for (at, (area, (_, name))) in layout.entries(screen).into_iter().zip(text::languages()).enumerate() {
        let (mut style, inner) = entry(canvas, area, at == selected, layout);
        // The tallest script decides.
        style.leading = 1.6;
        canvas.centred(name, style.align(Align::Center).max_lines(1), inner, layout.metrics.least);
    }
}

pub(super) fn menu(
    canvas: &mut Canvas<'_>,
    screen: &Screen,
    items: &[super::MenuItem],
    selected: usize,
    layout: &Layout,
    texts: &Texts,
) {
    frame::heading(canvas, Icon::Menu, &texts.get(Message::ButtonMenu), layout);
    for (at, (area, item)) in layout.entries(screen).into_iter().zip(items).enumerate() {
        let (style, inner) = entry(canvas, area, at == selected, layout);
        with_icon(canvas, Icon::from(*item), &texts.menu_item(*item), style, inner, layout);
    }
}

pub(super) fn consent(canvas: &mut Canvas<'_>, screen: &Screen, agreed: bool, layout: &Layout, texts: &Texts) {
    let body = frame::heading(canvas, Icon::Agreement, &texts.get(Message::ConsentTitle), layout);
    let entries = layout.entries(screen);
    let top = entries.first().map_or(body.bottom(), |area| area.y);
    let words = Area::new(body.x, body.y, body.width, top - body.y - layout.metrics.gap * 0.5);
    let (ask, rest) = words.split_top(words.height * 0.36);
    let style = canvas.style(layout.metrics.body * 1.45, theme::INK);
    let taken = canvas.block(&texts.get(Message::ConsentAsk), style.bold(), ask, layout.metrics.least);
    let rest = Area::new(rest.x, ask.y + taken, rest.width, words.bottom() - ask.y - taken);
    canvas.block(&texts.get(Message::ConsentSay), style, rest, layout.metrics.least);
    let answers = [(Icon::Tick, Message::ConsentYes, true), (Icon::Cross, Message::ConsentNo, false)];
    for (area, (icon, message, answer)) in entries.into_iter().zip(answers) {
        let (style, inner) = entry(canvas, area, agreed == answer, layout);
        with_icon(canvas, icon, &texts.get(message), style, inner, layout);
    }
}

/// Draws an entry's box: a thick dark border and a pointer mark the chosen one. Gives the style of its words, and the room
/// for them.
pub(super) fn entry(
    canvas: &mut Canvas<'_>,
    area: Area,
    marked: bool,
    layout: &Layout,
) -> (super::canvas::Style, Area) {
    let (scale, radius) = (layout.metrics.scale, (8.0 * layout.metrics.scale).max(4.0));
    let (ground, ink) = if marked { (theme::INSTRUCTION, theme::PAPER) } else { (theme::PANEL, theme::INK) };
    canvas.fill_rounded(area, radius, ground);
    if marked {
        canvas.outline(area, radius, (5.0 * scale).max(3.0), theme::INK);
        let side = (area.height * 0.16).min(area.width * 0.06);
        let dot = Area::new(area.x + side * 0.9, area.y + (area.height - side) / 2.0, side, side);
        canvas.fill_rounded(dot, side / 2.0, theme::PAPER);
    } else {
        canvas.outline(area, radius, (2.0 * scale).max(1.0), theme::BAR);
    }
    let side = (area.height * 0.16).min(area.width * 0.06) * 2.4;
    let inner = Area::new(area.x + side, area.y + 3.0, area.width - 2.0 * side, area.height - 6.0);
    (canvas.style(26.0 * scale.max(0.65), ink).bold(), inner)
}

pub(super) fn with_icon(
    canvas: &mut Canvas<'_>,
    icon: Icon,
    words: &str,
    style: super::canvas::Style,
    area: Area,
    layout: &Layout,
) {
    let side = (area.height * 0.72).min(area.width * 0.2);
    let (left, rest) = area.split_left(side);
    icon::draw(canvas, icon, left, style.colour);
    canvas.centred(words, style.max_lines(2), rest.split_left(layout.metrics.gap * 0.6).1, layout.metrics.least);
}
