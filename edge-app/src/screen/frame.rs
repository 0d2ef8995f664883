//! What every screen has in common: disclaimer and notice above, and the labels of the three buttons below.

use cosmic_text::Align;

use super::canvas::{Area, Canvas};
use super::icon::{self, Icon};
use super::layout::Layout;
use super::{BundleLine, Screen, StickScreen, theme};
use crate::sticks::Step;
use crate::text::{Message, Texts};

/// What the buttons back, menu and capture are called on a screen; `None` for one that does nothing there.
pub(super) fn labels(screen: &Screen) -> [Option<(Icon, Message)>; 3] {
    use Message as M;
    let back = Some((Icon::Back, M::ButtonBack));
    let menu = Some((Icon::Menu, M::ButtonMenu));
    let more = Some((Icon::More, M::ButtonMore));
    let next = Some((Icon::Down, M::ButtonNext));
    let choose = Some((Icon::Tick, M::ButtonChoose));
    let again = Some((Icon::Again, M::ButtonAgain));
    let ok = Some((Icon::Tick, M::ButtonOk));
    match screen {
        Screen::Start { checks } if checks.is_empty() => [None, None, None],
        Screen::Start { .. } => [None, menu, ok],
        Screen::Language { .. } | Screen::Menu { .. } | Screen::Consent { .. } => [back, next, choose],
        Screen::Aim(_) => [back, menu, Some((Icon::Shutter, M::ButtonTake))],
        Screen::Capture { .. } | Screen::Working => [Some((Icon::Cross, M::ButtonStop)), None, None],
        Screen::Result(result) if matches!(result.finding, lakshan_core::Finding::Retake(_)) => [back, menu, again],
        Screen::Result(_) | Screen::AllClasses(_) | Screen::DoctorsLookFor { .. } | Screen::About { .. } => {
            [back, menu, more]
        }
        Screen::RedFlags => [back, menu, ok],
        Screen::Stick(stick) => match stick {
            StickScreen::Found { .. } => [back, next, choose],
            StickScreen::Installing(Step::Copying(_)) => [Some((Icon::Cross, M::ButtonStop)), None, None],
            // It goes on by itself, and what comes of it is told at the start.
            StickScreen::Installing(Step::Testing) | StickScreen::Saving => [back, None, None],
            StickScreen::Installed(_) => [None, None, ok],
            StickScreen::Refused(_) | StickScreen::Saved { .. } | StickScreen::NotSaved(_) => [back, None, ok],
        },
        Screen::Fault(_) => [back, menu, again],
    }
}

/// Draws disclaimer, notice and labels.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    screen: &Screen,
    bundle: Option<&BundleLine>,
    layout: &Layout,
    texts: &Texts,
) {
    strip(canvas, bundle, layout, texts);
    bar(canvas, screen, layout, texts);
}

/// What a result is and is not stands on every screen; while the bundle knows synthetic faces only, so does that.
fn strip(canvas: &mut Canvas<'_>, bundle: Option<&BundleLine>, layout: &Layout, texts: &Texts) {
    let disclaimer = texts.get(Message::Disclaimer);
    if !bundle.is_some_and(|bundle| bundle.synthetic) {
        return line(canvas, &disclaimer, theme::PANEL, layout.strip, layout);
    }
    let style = canvas.style(layout.metrics.small, theme::INK).bold().max_lines(1);
    let width = canvas.text_width(&disclaimer, style, layout.strip.width);
    let (left, right) = layout.strip_parts(width);
    line(canvas, &disclaimer, theme::PANEL, left, layout);
    line(canvas, &texts.get(Message::NoticeSynthetic), theme::WARNING, right, layout);
}

/// Words on a ground of their own, in the largest letters that fit.
fn line(canvas: &mut Canvas<'_>, words: &str, ground: [u8; 3], area: Area, layout: &Layout) {
    canvas.fill(area, ground);
    let style = canvas.style(layout.metrics.small, theme::INK).bold().align(Align::Center).max_lines(1);
    canvas.centred(words, style, Area::new(area.x + 4.0, area.y, area.width - 8.0, area.height), 8.0);
}

/// The same order at the same edge on every screen and in every language: the buttons below do not move.
fn bar(canvas: &mut Canvas<'_>, screen: &Screen, layout: &Layout, texts: &Texts) {
    let mirrored = std::mem::replace(&mut canvas.mirrored, false);
    canvas.fill(layout.bar, theme::BAR_GROUND);
    let (metrics, labels) = (&layout.metrics, labels(screen));
    for (at, (area, label)) in layout.buttons().into_iter().zip(labels).enumerate() {
        if at > 0 {
            let line = (2.0 * metrics.scale).max(1.0);
            canvas.fill(Area::new(area.x - line / 2.0, area.y, line, area.height), theme::MUTED);
        }
        let Some((icon, message)) = label else { continue };
        let words = texts.get(message);
        let side = (area.height * 0.5).round();
        let gap = metrics.gap * 0.5;
        let room = area.width - side - 3.0 * gap;
        let style = canvas.style(metrics.body * 1.05, theme::PAPER).bold().max_lines(2);
        let style = canvas.fitting(&words, style, (room, area.height), metrics.least);
        let width = canvas.text_width(&words, style, room).min(room);
        let x = area.x + ((area.width - side - gap - width) / 2.0).max(gap);
        icon::draw(canvas, icon, Area::new(x, area.y, side, area.height), theme::PAPER);
        canvas.centred(
            &words,
            style,
            Area::new(x + side + gap, area.y, width.ceil() + 2.0, area.height),
            metrics.least,
        );
    }
    canvas.mirrored = mirrored;
}

/// Draws a screen's heading: an icon and a title; gives what is below.
pub(super) fn heading(canvas: &mut Canvas<'_>, icon: Icon, title: &str, layout: &Layout) -> Area {
    let (area, rest) = layout.heading();
    let (left, words) = area.split_left(area.height);
    icon::draw(canvas, icon, left, theme::INK);
    let style = canvas.style(layout.metrics.body * 1.3, theme::INK).bold().max_lines(2);
    canvas.centred(title, style, words.split_left(layout.metrics.gap * 0.6).1, layout.metrics.least);
    rest
}
