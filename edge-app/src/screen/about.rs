//! The about screen: program, bundle, data, camera; then the bundle's model card, page by page.

use super::canvas::{Area, Canvas, Style};
use super::doctors::page_number;
use super::frame;
use super::icon::Icon;
use super::layout::Layout;
use super::{AboutLines, theme};
use crate::text::{Message, Texts};

pub(super) fn draw(canvas: &mut Canvas<'_>, lines: &AboutLines, page: usize, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let body = frame::heading(canvas, Icon::Info, &texts.get(Message::AboutTitle), layout);
    let (title, _) = layout.heading();
    let text_size = metrics.small.max(13.0);
    let paragraphs = paragraphs(&lines.model_card);
    let pages = paginate(canvas, &paragraphs, body, text_size);
    let count = 1 + pages.len();
    let page = page % count;
    page_number(canvas, page, count, title.split_left(title.width * 0.82).1, layout);
    if page == 0 {
        facts(canvas, lines, body, layout, texts);
        return;
    }
    let mut y = body.y;
    for (text, style, gap) in &pages[page - 1] {
        y += canvas.text(text, *style, (body.x, y), body.width) + gap;
    }
}

fn facts(canvas: &mut Canvas<'_>, lines: &AboutLines, area: Area, layout: &Layout, texts: &Texts) {
    let metrics = &layout.metrics;
    let nothing = || texts.get(Message::AboutNone);
    let bundle = lines.bundle.as_ref();
    let rows = [
        (Message::AboutProgram, format!("Lakshan {}", lines.version), true),
        (Message::AboutBundle, bundle.map_or_else(nothing, |b| format!("{} {}", b.name, b.version)), bundle.is_some()),
        (Message::AboutData, bundle.map_or_else(nothing, |b| b.statement.clone()), bundle.is_some()),
        (Message::AboutCamera, lines.camera.clone().unwrap_or_else(nothing), lines.camera.is_some()),
    ];
    let height = area.height / rows.len() as f32;
    for (at, (label, words, foreign)) in rows.into_iter().enumerate() {
        let row = Area::new(area.x, area.y + at as f32 * height, area.width, height);
        let style = canvas.style(metrics.small, theme::MUTED).bold().max_lines(1);
        let taken = canvas.block(&texts.get(label), style, row, metrics.least * 0.9);
        let rest = row.split_top(taken).1;
        let mut style = canvas.style(metrics.body, theme::INK);
        style.foreign = foreign;
        let style = canvas.fitting(&words, style, (rest.width, rest.height), metrics.least * 0.9);
        let most = ((rest.height / style.line_height()) as usize).max(1);
        canvas.text(&words, style.max_lines(most).may_shorten(), (rest.x, rest.y), rest.width);
    }
}

/// A paragraph of the model card.
#[derive(Debug, PartialEq)]
struct Paragraph {
    text: String,
    heading: bool,
}

/// Markdown as plain paragraphs: headings, lists and quotes are told apart by their look, tables row by row; what stands
/// between fences is for programs.
fn paragraphs(markdown: &str) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut fenced = false;
    let mut open = false;
    for line in markdown.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            fenced = !fenced;
            open = false;
            continue;
        }
        let is_rule = !line.is_empty() && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
        if fenced || line.is_empty() || is_rule {
            open = false;
            continue;
        }
        let heading = line.starts_with('#');
        let item = line.starts_with("- ") || line.starts_with("* ");
        let row = line.starts_with('|');
        let mut text = line.trim_start_matches(['#', '>', ' ']).replace("**", "").replace('`', "");
        if item {
            text = format!("\u{2022} {}", text.trim_start_matches(['-', '*', ' ']));
        }
        if row {
            let cells: Vec<&str> = text.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
            text = cells.join(" \u{2013} ");
        }
        match found.last_mut() {
            Some(last) if open && !heading && !item && !row => {
                last.text.push(' ');
                last.text.push_str(&text);
            }
            _ => found.push(Paragraph { text, heading }),
        }
        open = !heading && !row;
    }
    found.retain(|paragraph| !paragraph.text.is_empty());
    found
}

type Line = (String, Style, f32);

/// Lays the paragraphs out on pages of the height of `area`. A paragraph longer than a page is split between words.
fn paginate(canvas: &mut Canvas<'_>, paragraphs: &[Paragraph], area: Area, size: f32) -> Vec<Vec<Line>> {
    let plain = canvas.style(size, theme::INK).foreign();
    let bold = canvas.style(size * 1.15, theme::INK).bold().foreign();
    let gap = (size * 0.5).round();
    let mut pages: Vec<Vec<Line>> = Vec::new();
    let mut left = 0.0;
    for paragraph in paragraphs {
        let style = if paragraph.heading { bold } else { plain };
        let mut words: Vec<&str> = paragraph.text.split_whitespace().collect();
        while !words.is_empty() {
            let text = words.join(" ");
            let height = canvas.text_height(&text, style, area.width);
            // A heading stays with what it heads.
            let wanted = if paragraph.heading { height + 3.0 * plain.line_height() } else { height };
            if wanted <= left {
                left -= height + gap;
                pages.last_mut().expect("there is room on it").push((text, style, gap));
                break;
            }
            if height <= area.height {
                pages.push(Vec::new());
                left = area.height;
                if wanted > area.height {
                    left -= height + gap;
                    pages.last_mut().expect("just pushed").push((text, style, gap));
                    break;
                }
                continue;
            }
            pages.push(Vec::new());
            left = 0.0;
            let mut count = words.len();
            while count > 1 && canvas.text_height(&words[..count].join(" "), style, area.width) > area.height {
                count = (count * 9 / 10).max(1);
            }
            pages.last_mut().expect("just pushed").push((words[..count].join(" "), style, gap));
            words.drain(..count);
        }
    }
    pages.retain(|page| !page.is_empty());
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_paragraphs() {
        let card = "# Model card: a\n\n> **No** accuracy.\n> More.\n\nOne\ntwo.\n- x `y`\n- z\n\n| a | b |\n|---|---|\n| 1 | 2 |\n```json\n{}\n```\n";
        let found: Vec<(String, bool)> = paragraphs(card).into_iter().map(|p| (p.text, p.heading)).collect();
        let expected = [
            ("Model card: a", true),
            ("No accuracy. More.", false),
            ("One two.", false),
            ("\u{2022} x y", false),
            ("\u{2022} z", false),
            ("a \u{2013} b", false),
            ("1 \u{2013} 2", false),
        ];
        assert_eq!(found, expected.map(|(text, heading)| (text.to_owned(), heading)));
        assert_eq!(paragraphs(""), []);
    }
}
