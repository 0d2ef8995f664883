//! The screens of USB sticks: an update that is found, installed or refused; the register that is saved.

use cosmic_text::Align;

use super::canvas::{Area, Canvas};
use super::choice::{entry, with_icon};
use super::frame;
use super::icon::Icon;
use super::layout::Layout;
use super::plain::{self, Told};
use super::{Screen, StickScreen, theme};
use crate::sticks::{Kind, Offer, Refused, Step};
use crate::text::{Message, Texts};

pub(super) fn draw(canvas: &mut Canvas<'_>, screen: &Screen, stick: &StickScreen, layout: &Layout, texts: &Texts) {
    let good = |icon: Icon, title: Message, words: Message| {
        let (title, words) = (texts.get(title), texts.get(words));
        Told { icon, ground: theme::GOOD, title, words, checks: &[], details: "" }
    };
    match stick {
        StickScreen::Found { offer, selected } => found(canvas, screen, offer, *selected, layout, texts),
        StickScreen::Installing(step) => installing(canvas, *step, layout, texts),
        StickScreen::Installed(_) => {
            plain::told(canvas, &good(Icon::Tick, Message::InstalledTitle, Message::InstalledDo), layout, texts);
        }
        StickScreen::Refused(refused) => {
            let words = texts.get(Message::RefusedDo);
            not_done(canvas, Icon::Parcel, refused, Message::RefusedTitle, words, layout, texts);
        }
        StickScreen::Saving => {
            let (title, words) = (texts.get(Message::SavingTitle), texts.get(Message::InstallingCopy));
            plain::waiting(canvas, Icon::Disk, &title, &words, layout);
        }
        StickScreen::Saved { rows } => {
            let words = texts.with(Message::SavedDo, &[("rows", &rows.to_string())]);
            let told = Told { words, ..good(Icon::Tick, Message::SavedTitle, Message::SavedTitle) };
            plain::told(canvas, &told, layout, texts);
        }
        StickScreen::NotSaved(refused) => {
            let words = texts.get(Message::NotSavedDo);
            not_done(canvas, Icon::Disk, refused, Message::NotSavedTitle, words, layout, texts);
        }
    }
}

fn not_done(
    canvas: &mut Canvas<'_>,
    icon: Icon,
    refused: &Refused,
    title: Message,
    words: String,
    layout: &Layout,
    texts: &Texts,
) {
    let words = format!("{} {words}", texts.refusal(refused.reason));
    let (title, details) = (texts.get(title), refused.details.as_str());
    plain::told(canvas, &Told { icon, ground: theme::FAULT, title, words, checks: &[], details }, layout, texts);
}

/// What was found, who signed it, and whether it shall be installed.
fn found(canvas: &mut Canvas<'_>, screen: &Screen, offer: &Offer, yes: bool, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let body = frame::heading(canvas, Icon::Parcel, &texts.get(Message::UpdateTitle), layout);
    let entries = layout.entries(screen);
    let top = entries.first().map_or(body.bottom(), |area| area.y);
    let words = Area::new(body.x, body.y, body.width, top - body.y - metrics.gap * 0.5);
    let (ask, rest) = words.split_bottom(words.height * 0.28);
    let kind = match offer.kind {
        Kind::Bundle => Message::UpdateBundle,
        Kind::Program => Message::UpdateProgram,
    };
    let rows = [(kind, format!("{} {}", offer.name, offer.version)), (Message::UpdateSigned, offer.signer.clone())];
    let height = rest.height / rows.len() as f32;
    for (at, (label, words)) in rows.into_iter().enumerate() {
        let row = Area::new(rest.x, rest.y + at as f32 * height, rest.width, height);
        let style = canvas.style(metrics.small, theme::MUTED).bold().max_lines(1);
        let taken = canvas.block(&texts.get(label), style, row, metrics.least * 0.9);
        let rest = row.split_top(taken).1;
        let style = canvas.style(metrics.body * 1.3, theme::INK).bold().foreign();
        let style = canvas.fitting(&words, style, (rest.width, rest.height), metrics.least * 0.9);
        let most = ((rest.height / style.line_height()) as usize).max(1);
        canvas.text(&words, style.max_lines(most).may_shorten(), (rest.x, rest.y), rest.width);
    }
    let style = canvas.style(metrics.body * 1.45, theme::INK).bold().max_lines(2);
    canvas.centred(&texts.get(Message::UpdateAsk), style, ask, metrics.least);
    let answers = [(Icon::Tick, Message::UpdateYes, true), (Icon::Cross, Message::UpdateNo, false)];
    for (area, (icon, message, answer)) in entries.into_iter().zip(answers) {
        let (style, inner) = entry(canvas, area, yes == answer, layout);
        with_icon(canvas, icon, &texts.get(message), style, inner, layout);
    }
}

/// A bar that fills, and whether the stick may be pulled.
fn installing(canvas: &mut Canvas<'_>, step: Step, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let (icon, words, done) = match step {
        Step::Copying(percent) => (Icon::Parcel, Message::InstallingCopy, f32::from(percent.min(100)) / 100.0),
        Step::Testing => (Icon::Hourglass, Message::InstallingTest, 1.0),
    };
    let (foot, _) = layout.body.inset(metrics.gap).split_bottom((56.0 * metrics.scale).max(36.0));
    plain::waiting(canvas, icon, &texts.get(Message::InstallingTitle), &texts.get(words), layout);
    let (bar, number) = foot.split_left(foot.width * 0.84);
    let bar = bar.inset(bar.height * 0.25);
    canvas.fill_rounded(bar, bar.height / 2.0, theme::TRACK);
    canvas.fill_rounded(bar.split_left(bar.width * done).0, bar.height / 2.0, theme::INSTRUCTION);
    let style = canvas.style(metrics.body, theme::INK).bold().align(Align::Center).max_lines(1);
    // Isolated, so that it does not turn round in a language that is written from the right.
    canvas.centred(&format!("\u{200e}{:.0} %\u{200e}", done * 100.0), style, number, metrics.least * 0.9);
}
