//! The screens of one message each: working, red flags, faults, and what is told in the same way.

use cosmic_text::Align;

use super::canvas::{Area, Canvas};
use super::icon::{self, Icon};
use super::layout::Layout;
use super::start::draw_checks;
use super::{Fault, theme};
use crate::self_test::{Check, Outcome};
use crate::text::{Message, Texts};

pub(super) fn working(canvas: &mut Canvas<'_>, layout: &Layout, texts: &Texts) {
    let (title, words) = (texts.get(Message::WorkingTitle), texts.get(Message::WorkingWait));
    waiting(canvas, Icon::Hourglass, &title, &words, layout);
}

/// Something takes its time.
pub(super) fn waiting(canvas: &mut Canvas<'_>, icon: Icon, title: &str, words: &str, layout: &Layout) {
    let metrics = &layout.metrics;
    let inner = layout.body.inset(metrics.gap);
    let (above, below) = inner.split_top(inner.height * 0.55);
    icon::draw(canvas, icon, above.inset(metrics.gap), theme::INSTRUCTION);
    let style = canvas.style(40.0 * metrics.scale.max(0.65), theme::INK).bold().align(Align::Center);
    let taken = canvas.block(title, style.max_lines(2), below, metrics.body);
    let rest = below.split_top(taken + metrics.gap * 0.5).1;
    let style = canvas.style(metrics.body * 1.1, theme::MUTED).align(Align::Center);
    canvas.block(words, style, rest, metrics.least);
}

/// Four signs that mean "refer now", whatever any screen says.
pub(super) fn red_flags(canvas: &mut Canvas<'_>, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let (head, rest) = layout.body.split_top(layout.body.height * 0.2);
    canvas.fill(head, theme::URGENT);
    let style = canvas.style(metrics.body * 1.6, theme::PAPER).bold().max_lines(2);
    let inner = Area::new(head.x + metrics.gap, head.y, head.width - 2.0 * metrics.gap, head.height);
    canvas.centred(&texts.get(Message::RedFlagsTitle), style, inner, metrics.small);
    let rest = rest.inset(metrics.gap * 0.6);
    let (note, rest) = rest.split_bottom(rest.height * 0.2);
    let style = canvas.style(metrics.body, theme::INK);
    canvas.centred(&texts.get(Message::RedFlagsNote), style, note, metrics.least);
    let flags = [
        (Icon::Heart, Message::RedFlagHeart),
        (Icon::Breath, Message::RedFlagBreath),
        (Icon::Fits, Message::RedFlagFits),
        (Icon::Feeding, Message::RedFlagFeeding),
    ];
    let columns = if layout.size.is_portrait() { 1 } else { 2 };
    let (width, height) = (rest.width / columns as f32, rest.height * columns as f32 / 4.0);
    for (at, (icon, message)) in flags.into_iter().enumerate() {
        let (column, row) = ((at % columns) as f32, (at / columns) as f32);
        let area = Area::new(rest.x + column * width, rest.y + row * height, width, height).inset(metrics.gap * 0.3);
        let (left, words) = area.split_left((area.height * 0.8).min(area.width * 0.26));
        icon::draw(canvas, icon, left.inset(left.width * 0.06), theme::URGENT);
        let style = canvas.style(metrics.body * 1.35, theme::INK).bold();
        canvas.centred(&texts.get(message), style, words.split_left(metrics.gap * 0.6).1, metrics.least);
    }
}

/// What is wrong, what to do, and a line for the engineer.
pub(super) fn fault(canvas: &mut Canvas<'_>, fault: &Fault, layout: &Layout, texts: &Texts) {
    let failed: Vec<Check> = match fault {
        Fault::SelfTestFailed(checks) => {
            checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).take(4).cloned().collect()
        }
        _ => Vec::new(),
    };
    let details = match fault {
        Fault::BundleRefused(why) | Fault::Storage(why) | Fault::Internal(why) => why.clone(),
        Fault::SelfTestFailed(_) => failed.iter().find_map(|check| reason(&check.outcome)).unwrap_or_default(),
        Fault::CameraLost | Fault::CameraMissing | Fault::LowMemory => String::new(),
    };
    let (title, words) = (texts.fault(fault), texts.fault_remedy(fault));
    let told = Told { icon: Icon::from(fault), ground: theme::FAULT, title, words, checks: &failed, details: &details };
    self::told(canvas, &told, layout, texts);
}

/// Something that the person is told.
pub(super) struct Told<'a> {
    pub(super) icon: Icon,
    /// Of the header.
    pub(super) ground: [u8; 3],
    /// What it is.
    pub(super) title: String,
    /// What to do about it.
    pub(super) words: String,
    /// Parts of the device that failed.
    pub(super) checks: &'a [Check],
    /// A line for the engineer, in English; may be empty.
    pub(super) details: &'a str,
}

/// A header, what to do, and a line for the engineer.
pub(super) fn told(canvas: &mut Canvas<'_>, told: &Told<'_>, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let (head, body) = layout.body.split_top((layout.body.height * 0.36).round());
    canvas.fill(head, told.ground);
    let inner = head.inset(metrics.gap);
    let (left, words) = inner.split_left(inner.height.min(inner.width * 0.24));
    icon::draw(canvas, told.icon, left, theme::PAPER);
    let style = canvas.style(38.0 * metrics.scale.max(0.65), theme::PAPER).bold().max_lines(3);
    canvas.centred(&told.title, style, words.split_left(metrics.gap).1, metrics.small);

    let body = body.inset(metrics.gap);
    let (details, checks) = (told.details, told.checks);
    let (foot, body) = body.split_bottom(if details.is_empty() { 0.0 } else { (body.height * 0.26).round() });
    let (list, body) = body.split_bottom(if checks.is_empty() { 0.0 } else { (body.height * 0.45).round() });
    draw_checks(canvas, checks, list, layout, texts);
    let style = canvas.style(28.0 * metrics.scale.max(0.65), theme::INK);
    canvas.block(&told.words, style, body, metrics.least);
    if !details.is_empty() {
        let label = canvas.style(metrics.small, theme::MUTED).bold().max_lines(1);
        let taken = canvas.block(&texts.get(Message::FaultDetails), label, foot, metrics.least * 0.9);
        let rest = foot.split_top(taken).1;
        let style = canvas.style(metrics.small, theme::MUTED).foreign();
        let lines = ((rest.height / style.line_height()) as usize).max(1);
        canvas.text(details, style.max_lines(lines).may_shorten(), (rest.x, rest.y), rest.width);
    }
}

fn reason(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Failed(why) => Some(why.clone()),
        _ => None,
    }
}
