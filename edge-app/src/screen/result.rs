//! The result screen: the finding in words first, then what to do, then the face that was judged.

use lakshan_core::{Finding, Resemblance};

use super::canvas::{Area, Canvas, Style};
use super::icon::{self, Icon};
use super::layout::{Layout, Metrics};
use super::{ResultScreen, Scene, Size, theme};
use crate::band::Band;
use crate::text::{Message, Texts};

pub(super) fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, screen: &ResultScreen, layout: &Layout, texts: &Texts) {
    let (metrics, size, area) = (layout.metrics, layout.size, layout.body);
    // Two or three classes leave less room for what to do, above all on a small screen.
    let many = if metrics.scale < 0.8 { 2 } else { 3 };
    let crowded = matches!(&screen.finding, Finding::Resembles(classes) if classes.len() >= many);
    let share = match (size.is_portrait(), crowded) {
        (true, _) => 0.27,
        (false, false) => 0.4,
        (false, true) => 0.36,
    };
    let (head, mut body) = area.split_top((area.height * share).round());
    header(canvas, &screen.finding, head, crowded, &metrics, texts);
    if !matches!(screen.finding, Finding::Retake(_)) {
        body = red_flags(canvas, body, &metrics, texts);
    }
    let body = body.inset(metrics.gap * 0.6);
    let column = match scene.face {
        Some(face) => {
            let (picture, column) = beside_thumbnail(body, size, crowded, &metrics);
            canvas.picture(face.frame(), picture, theme::MUTED);
            column
        }
        None => body,
    };
    let column = also_similar(canvas, &screen.finding, column, &metrics, texts);
    next_step(canvas, &screen.finding, column, &metrics, texts);
}

/// The coloured header: icon, and the finding in the largest letters that fit.
fn header(canvas: &mut Canvas<'_>, finding: &Finding, area: Area, crowded: bool, metrics: &Metrics, texts: &Texts) {
    canvas.fill(area, theme::accent(finding));
    let inner = area.inset(metrics.gap * if crowded { 0.7 } else { 1.0 });
    let side = inner.height.min(inner.width * 0.24);
    icon::draw(canvas, Icon::from(finding), Area::new(inner.x, inner.y, side, inner.height), theme::PAPER);

    let (x, width) = (inner.x + side + 1.4 * metrics.gap, inner.width - side - 1.4 * metrics.gap);
    let (above, words, below) = lines(finding, texts);
    let secondary = canvas.style(metrics.body * if crowded { 0.9 } else { 1.15 }, theme::PAPER).max_lines(2);
    let secondary = above
        .iter()
        .chain(&below)
        .fold(secondary, |style, line| canvas.fitting(line, style, (width, 2.0 * style.line_height()), metrics.small));
    let above_height = above.as_ref().map_or(0.0, |line| canvas.text_height(line, secondary, width));
    let below_height = below.as_ref().map_or(0.0, |line| canvas.text_height(line, secondary, width));
    let room = inner.height - above_height - below_height;
    let style = canvas.style(46.0 * metrics.scale.max(0.6), theme::PAPER).bold().max_lines(2);
    let style = canvas.fitting(&words, style, (width, room), metrics.body);
    let height = canvas.text_height(&words, style, width);

    let mut y = inner.y + ((room - height) / 2.0).max(0.0);
    if let Some(line) = above {
        y += canvas.text(&line, secondary, (x, y), width);
    }
    y += canvas.text(&words, style, (x, y), width);
    if let Some(line) = below {
        let indent = match finding {
            Finding::Resembles(classes) => classes.first().map_or(0.0, |first| {
                let (bars, ground) = (theme::PAPER, theme::accent(finding));
                meter(canvas, Band::of(first.probability), (x, y), secondary.line_height(), bars, ground)
            }),
            _ => 0.0,
        };
        canvas.text(&line, secondary, (x + indent, y), width - indent);
    }
}

/// What stands in the header: a line above, the words themselves, a line below.
fn lines(finding: &Finding, texts: &Texts) -> (Option<String>, String, Option<String>) {
    match finding {
        Finding::Resembles(classes) => match classes.first() {
            Some(first) => (
                Some(texts.get(Message::ScreenLooksSimilar)),
                texts.class_name(first.class),
                Some(texts.get(Band::of(first.probability).message())).map(|words| capitalized(&words)),
            ),
            None => (None, texts.get(Message::ScreenNotClear), Some(texts.get(Message::ScreenNotClearDetail))),
        },
        Finding::NotClear => (None, texts.get(Message::ScreenNotClear), Some(texts.get(Message::ScreenNotClearDetail))),
        Finding::NoMatch => (None, texts.get(Message::ScreenNoMatch), Some(texts.get(Message::ScreenNoMatchDetail))),
        Finding::Retake(reason) => (Some(texts.get(Message::ScreenRetake)), capitalized(&texts.reason(*reason)), None),
    }
}

/// The reminder that holds whatever was found; gives what is left above it.
fn red_flags(canvas: &mut Canvas<'_>, area: Area, metrics: &Metrics, texts: &Texts) -> Area {
    let words = texts.get(Message::RedFlags);
    let stripe = (6.0 * metrics.scale).max(4.0);
    let (x, width) = (metrics.gap + stripe, area.width - 2.0 * metrics.gap - stripe);
    let style = canvas.style(metrics.body * 0.9, theme::URGENT).bold();
    // One line if that takes little shrinking, otherwise as many as it needs.
    let one_line = canvas.fitting(&words, style.max_lines(1), (width, f32::MAX), metrics.small * 1.1);
    let fits = canvas.text_height(&words, Style { max_lines: usize::MAX, ..one_line }, width) <= one_line.line_height();
    let style = if fits { one_line } else { style };
    let height = canvas.text_height(&words, style, width);
    let pad = (metrics.gap * 0.45).round();
    let (strip, rest) = area.split_bottom(height + 2.0 * pad);
    let (line, _) = strip.split_top((2.0 * metrics.scale).max(1.0));
    canvas.fill(line, theme::TRACK);
    canvas.fill(Area::new(strip.x, strip.y, stripe, strip.height), theme::URGENT);
    canvas.text(&words, style, (x, strip.y + pad), width);
    rest
}

/// Where the face goes, and the column left for words: to its left, or above it on an upright screen.
fn beside_thumbnail(body: Area, size: Size, crowded: bool, metrics: &Metrics) -> (Area, Area) {
    if size.is_portrait() {
        let side = (body.height * 0.38).min(body.width * 0.6).floor();
        let picture = Area::new(body.x + (body.width - side) / 2.0, body.bottom() - side, side, side);
        (picture, Area::new(body.x, body.y, body.width, body.height - side - metrics.gap))
    } else {
        let side = body.height.min(body.width * if crowded { 0.17 } else { 0.22 }).floor();
        let picture = Area::new(body.right() - side, body.y, side, side);
        (picture, Area::new(body.x, body.y, body.width - side - metrics.gap, body.height))
    }
}

/// The second and third class, each with its band; gives what is left below.
fn also_similar(canvas: &mut Canvas<'_>, finding: &Finding, area: Area, metrics: &Metrics, texts: &Texts) -> Area {
    let others: &[Resemblance] = match finding {
        Finding::Resembles(classes) => classes.get(1..).unwrap_or_default(),
        _ => &[],
    };
    if others.is_empty() {
        return area;
    }
    let mut y = area.y;
    let label = canvas.style(metrics.small, theme::MUTED).bold().max_lines(1);
    y += canvas.text(&texts.get(Message::ScreenAlsoSimilar), label, (area.x, y), area.width);
    for found in others {
        let band = Band::of(found.probability);
        let style = canvas.style(metrics.body, theme::INK).bold().max_lines(1);
        let words = texts.get(band.message());
        let note = canvas.style(metrics.small, theme::MUTED).max_lines(1);
        let note_width = canvas.text_width(&words, note, area.width);
        let height = style.line_height();
        let indent = meter(canvas, band, (area.x, y), height, theme::accent(finding), theme::PAPER);
        let name = texts.class_name(found.class);
        let (least, room) = (metrics.least * 0.8, area.width - indent - note_width - metrics.gap);
        let beside = canvas.fits(&name, Style { size: least, ..style }, (room, height));
        // Where the words of the band do not fit beside a long name, its bars alone must do.
        let room = if beside { room } else { area.width - indent };
        let style = canvas.fitting(&name, style, (room, height), least);
        let drop = (height - style.line_height()) / 2.0;
        canvas.text(&name, style, (area.x + indent, y + drop), room);
        if beside {
            let at = area.x + indent + canvas.text_width(&name, style, room) + metrics.gap * 0.6;
            canvas.text(&words, note, (at, y + (height - note.line_height()) / 2.0 + 1.0), area.right() - at);
        }
        y += height;
    }
    let taken = y - area.y + metrics.gap * 0.5;
    area.split_top(taken).1
}

/// What to do next, as large as the space allows.
fn next_step(canvas: &mut Canvas<'_>, finding: &Finding, area: Area, metrics: &Metrics, texts: &Texts) {
    let words = texts.next_step(finding);
    let largest = if matches!(finding, Finding::Retake(_)) { 34.0 } else { 25.0 };
    let style = canvas.style(largest * metrics.scale.max(0.7), theme::INK);
    let label = canvas.style(metrics.small, theme::MUTED).bold().max_lines(1);
    let (least, below) = (metrics.least * 0.9, area.split_top(label.line_height()).1);
    let mut area = area;
    // The label gives way to long words.
    if canvas.fits(&words, Style { size: least, ..style }, (below.width, below.height)) {
        canvas.text(&texts.get(Message::ScreenWhatToDo), label, (area.x, area.y), area.width);
        area = below;
    }
    canvas.block(&words, style, area, least);
}

/// Three rising bars, as many filled as the band has, beside a line of text; gives the width that they take.
fn meter(
    canvas: &mut Canvas<'_>,
    band: Band,
    (x, y): (f32, f32),
    line_height: f32,
    colour: [u8; 3],
    ground: [u8; 3],
) -> f32 {
    let (bar, gap) = ((line_height * 0.2).round(), (line_height * 0.1).round());
    let bottom = y + (line_height * 0.82).round();
    for step in 0..3 {
        let height = (line_height * (0.3 + 0.18 * step as f32)).round();
        let area = Area::new(x + step as f32 * (bar + gap), bottom - height, bar, height);
        canvas.fill_rounded(area, bar * 0.2, colour);
        if step >= band.bars() {
            let border = (bar * 0.22).max(1.0);
            canvas.fill(area.inset(border), ground);
        }
    }
    3.0 * (bar + gap) + gap * 2.0
}

/// With its first letter in upper case, where the script has cases.
fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
