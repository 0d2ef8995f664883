//! One self-contained HTML page: no script, no network, light and dark, A4 on paper.

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior, context};

use super::gates::Outcome;
use super::report::{Picture, Report, Section};
use super::table::{Cell, Table};

const STYLE: &str = include_str!("page/report.css");
const REPORT: &str = include_str!("page/report.html");
const COMPARISON: &str = include_str!("page/comparison.html");
const PARTS: &str = include_str!("page/parts.html");

/// A table of so many rows is not torn apart between two printed pages.
const SHORT: usize = 16;

/// The report's page.
pub fn of_report(report: &Report) -> String {
    let (failed, unknown, passed) = report.tally();
    let gates = report.gates.iter().map(|gate| {
        let (class, word) = match gate.outcome {
            Outcome::Failed => ("failed", "failed"),
            Outcome::NotMeasurable => ("unknown", "not measurable"),
            Outcome::Passed => ("passed", "passed"),
        };
        context! {
            class, word,
            name => &gate.name, asked => &gate.asked, found => gate.found.words(), note => &gate.note,
        }
    });
    render(
        "report.html",
        context! {
            style => Value::from_safe_string(STYLE.to_owned()),
            notice => &report.notice,
            notice_css => css_string(report.notice.as_deref()),
            bundle => &report.bundle, version => &report.version, program => &report.program,
            network => &report.network.sha256, dataset => &report.dataset, split => &report.split,
            trained_on => &report.trained_on.statement, measured_on => &report.measured_on.statement,
            failed, unknown, passed,
            gates => gates.collect::<Vec<_>>(),
            sections => sections(&report.sections),
        },
    )
}

/// The page of a comparison of two bundles.
pub fn of_comparison(title: &str, notice: Option<&str>, sections: &[Section]) -> String {
    render(
        "comparison.html",
        context! {
            style => Value::from_safe_string(STYLE.to_owned()),
            title, notice, notice_css => css_string(notice), sections => self::sections(sections),
        },
    )
}

/// A string of CSS that holds the text, whatever is in it: everything but letters, digits and blanks is written as its
/// code point, which the blank behind it ends.
fn css_string(text: Option<&str>) -> Value {
    let mut css = String::from("\"");
    for c in text.unwrap_or_default().chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            css.push(c);
        } else {
            css.push_str(&format!("\\{:x} ", u32::from(c)));
        }
    }
    css.push('"');
    Value::from_safe_string(css)
}

fn sections(sections: &[Section]) -> Vec<Value> {
    let of = |section: &Section| {
        let tables: Vec<Value> = section.tables.iter().map(table).collect();
        let plots: Vec<Value> = section.plots.iter().map(|plot| Value::from_safe_string(plot.svg.clone())).collect();
        let pictures: Vec<Value> = section.pictures.iter().map(picture).collect();
        context! {
            id => &section.id, title => &section.title, says => &section.says,
            pictures_title => &section.pictures_title, tables, plots, pictures,
        }
    };
    sections.iter().map(of).collect()
}

fn table(table: &Table) -> Value {
    let cell = |cell: &Cell| {
        let class = match cell {
            Cell::Text { .. } => "text",
            Cell::NotMeasurable => "none",
            _ if cell.is_too_small() => "small",
            _ => "",
        };
        // The interval stands below its value where columns are many.
        let words = cell.words();
        let (words, range) = match (cell, words.split_once(" (")) {
            (Cell::Estimate { .. }, Some((value, range))) => (value.to_owned(), Some(format!("({range}"))),
            _ => (words, None),
        };
        context! { class, words, range }
    };
    let rows: Vec<Vec<Value>> = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let wide = table.columns.len() > 6;
    // Heads stand over their cells: words begin on the left, numbers end on the right.
    let is_text = |column: usize| table.rows.iter().all(|row| matches!(row[column], Cell::Text { .. }));
    let columns: Vec<Value> =
        table.columns.iter().enumerate().map(|(at, name)| context! { name, text => is_text(at) }).collect();
    let short = table.rows.len() <= SHORT;
    context! { id => &table.id, title => &table.title, columns, notes => &table.notes, rows, wide, short }
}

fn picture(picture: &Picture) -> Value {
    context! { caption => &picture.caption, source => format!("data:image/jpeg;base64,{}", base64(&picture.jpeg)) }
}

fn render(name: &str, context: Value) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in [("report.html", REPORT), ("comparison.html", COMPARISON), ("parts.html", PARTS)] {
        environment.add_template(name, source).expect("the template is right");
    }
    let template = environment.get_template(name).expect("it was added");
    template.render(context).expect("the template fits what it is given")
}

/// Base64 (RFC 4648) with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() { ALPHABET[sextet as usize] as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_in_the_rfc() {
        let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_css_string_cannot_be_left() {
        assert_eq!(css_string(Some("a; \"}")).as_str(), Some("\"a\\3b  \\22 \\7d \""));
        assert_eq!(css_string(None).as_str(), Some("\"\""));
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let mut section = Section::new("T1", "<script>", "a & b");
        let mut table = Table::new("T1", "x", &["<b>"]);
        table.row(vec![Cell::text("<img src=x>")]);
        section.tables.push(table);
        let page = of_comparison("A", Some("notice"), &[section]);
        assert!(!page.contains("<script") && !page.contains("<img src=x>") && page.contains("&lt;b&gt;"), "{page}");
    }
}
