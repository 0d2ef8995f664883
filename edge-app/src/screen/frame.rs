//! What every screen has in common: the notice above, the disclaimer and the bundle below.

use cosmic_text::Align;

use super::canvas::{Area, Canvas, Style};
use super::{BundleLine, Size, theme};
use crate::text::{Message, Texts};

/// Sizes in pixels for one screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metrics {
    /// Distance of things from the border and from each other.
    pub(super) gap: f32,
    /// Size of running text.
    pub(super) body: f32,
    /// Size of secondary text.
    pub(super) small: f32,
    /// How much larger everything is than on the 800 x 480 screen.
    pub(super) scale: f32,
}

impl Metrics {
    /// Text never falls below what can be read on a 3.5 inch screen.
    pub(super) fn of(size: Size) -> Self {
        let scale = size.scale();
        Self { gap: (16.0 * scale).max(9.0), body: (20.0 * scale).max(14.0), small: (15.0 * scale).max(11.0), scale }
    }
}

/// Draws notice and footer; gives the area between them.
pub(super) fn draw(canvas: &mut Canvas<'_>, bundle: Option<&BundleLine>, size: Size, texts: &Texts) -> Area {
    let metrics = Metrics::of(size);
    let mut area = Area::new(0.0, 0.0, size.width as f32, size.height as f32);
    let Some(bundle) = bundle else { return area };
    if bundle.synthetic {
        area = notice(canvas, area, &metrics, texts);
    }
    footer(canvas, bundle, area, &metrics, texts)
}

fn notice(canvas: &mut Canvas<'_>, area: Area, metrics: &Metrics, texts: &Texts) -> Area {
    let words = texts.get(Message::NoticeSynthetic);
    let width = area.width - 2.0 * metrics.gap;
    let style = Style::new(metrics.small, theme::INK).bold().align(Align::Center);
    let style = canvas.fitting(&words, style.max_lines(2), (width, f32::MAX), 10.0);
    let height = canvas.text_height(&words, style, width);
    let pad = (metrics.gap * 0.3).round();
    let (strip, rest) = area.split_top(height + 2.0 * pad);
    canvas.fill(strip, theme::WARNING);
    canvas.text(&words, style, (metrics.gap, strip.y + pad), width);
    rest
}

fn footer(canvas: &mut Canvas<'_>, bundle: &BundleLine, area: Area, metrics: &Metrics, texts: &Texts) -> Area {
    let disclaimer = texts.get(Message::Disclaimer);
    let name = texts.with(Message::ScreenBundle, &[("name", &bundle.name), ("version", &bundle.version)]);
    let strong = Style::new(metrics.small, theme::INK).bold().max_lines(1);
    let weak = Style::new((metrics.small * 0.86).max(10.0), theme::MUTED).max_lines(1);
    let pad = (metrics.gap * 0.4).round();
    let width = area.width - 2.0 * metrics.gap;
    let origin = canvas.fitting(&bundle.statement, weak.max_lines(2), (width, f32::MAX), 9.0);
    let origin_height = canvas.text_height(&bundle.statement, origin, width);
    let (strip, rest) = area.split_bottom(strong.line_height() + origin_height + 2.0 * pad);
    canvas.fill(strip, theme::PANEL);
    let taken = canvas.text_width(&disclaimer, strong, width) + metrics.gap;
    let first = strip.y + pad;
    canvas.text(&disclaimer, strong, (metrics.gap, first), width);
    canvas.text(&name, weak.align(Align::Right), (metrics.gap + taken, first + 1.0), width - taken);
    canvas.text(&bundle.statement, origin, (metrics.gap, first + strong.line_height()), width);
    rest
}
