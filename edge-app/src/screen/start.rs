//! The start screen: the name, and what was looked at so far.

use super::canvas::{Area, Canvas};
use super::frame;
use super::icon::{self, Icon};
use super::layout::Layout;
use super::theme;
use crate::self_test::{Check, Outcome};
use crate::text::{Message, Texts};

pub(super) fn draw(canvas: &mut Canvas<'_>, checks: &[Check], layout: &Layout, texts: &Texts) {
    let title = texts.get(if checks.is_empty() { Message::StartTitle } else { Message::StartDone });
    let icon = if checks.is_empty() { Icon::Hourglass } else { Icon::Resembles };
    let body = frame::heading(canvas, icon, &title, layout);
    let metrics = &layout.metrics;
    let (foot, body) = body.split_bottom((34.0 * metrics.scale).max(20.0));
    let style = canvas.style(metrics.body, theme::MUTED).bold();
    canvas.centred(&texts.get(Message::Disclaimer), style.max_lines(1), foot, metrics.least);
    if checks.is_empty() {
        let side = (body.height * 0.7).min(body.width * 0.5);
        let middle = Area::new(body.x + (body.width - side) / 2.0, body.y + (body.height - side) / 2.0, side, side);
        icon::draw(canvas, Icon::Resembles, middle, theme::INSTRUCTION);
        return;
    }
    draw_checks(canvas, checks, body, layout, texts);
}

/// One line a part, with the outcome as icon and word.
pub(super) fn draw_checks(canvas: &mut Canvas<'_>, checks: &[Check], area: Area, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let columns = if layout.size.is_portrait() { 1 } else { 2 };
    let rows = checks.len().div_ceil(columns).max(1);
    let height = (area.height / rows as f32).floor().min(44.0 * metrics.scale);
    let width = (area.width - metrics.gap * (columns as f32 - 1.0)) / columns as f32;
    for (at, check) in checks.iter().enumerate() {
        let (column, row) = ((at / rows) as f32, (at % rows) as f32);
        let line = Area::new(area.x + column * (width + metrics.gap), area.y + row * height, width, height);
        let (icon, colour, word) = match check.outcome {
            Outcome::Passed => (Icon::Tick, theme::GOOD, Message::CheckPassed),
            Outcome::Warned(_) => (Icon::Warning, theme::RESEMBLES, Message::CheckWarned),
            Outcome::Failed(_) => (Icon::Cross, theme::URGENT, Message::CheckFailed),
            Outcome::Skipped(_) => (Icon::Dash, theme::MUTED, Message::CheckSkipped),
        };
        let (left, rest) = line.split_left(height);
        icon::draw(canvas, icon, left.inset(height * 0.18), colour);
        let (name, state) = rest.split_left(rest.width * 0.58);
        let style = canvas.style(metrics.body, theme::INK).max_lines(1);
        canvas.centred(&texts.part(check.part), style, name, metrics.least * 0.9);
        let style = canvas.style(metrics.body * 0.9, colour).bold().max_lines(1);
        canvas.centred(&texts.get(word), style, state, metrics.least * 0.9);
    }
}
