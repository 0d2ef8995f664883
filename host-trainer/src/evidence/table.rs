//! Tables of the report: typed cells, so that HTML, JSON, CSV and Markdown hold the same figures.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::statistics::wilson;
use crate::evaluate::metrics::MIN_SUBJECTS;

/// What stands where nothing could be measured; never a zero.
pub const NOT_MEASURABLE: &str = "not measurable";

/// How a number is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share, 0 to 1, shown as a percentage.
    Share,
    /// A difference of shares, shown in percentage points with its sign.
    Points,
    /// Shown with three decimals.
    Plain,
    /// Shown with three decimals and its sign.
    Difference,
    /// Milliseconds.
    Milliseconds,
    /// Megabytes.
    Megabytes,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cell {
    /// Words.
    Text {
        /// Which.
        text: String,
    },
    /// A count.
    Count {
        /// How many.
        value: usize,
    },
    /// A number without an interval.
    Number {
        /// Its value.
        value: f64,
        /// How it is read.
        unit: Unit,
    },
    /// A number with its 95 % interval.
    Estimate {
        /// Its value.
        value: f64,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// The subjects it was measured on.
        subjects: usize,
        /// How it is read.
        unit: Unit,
    },
    /// There was nothing to measure it on.
    NotMeasurable,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// A count.
    pub fn count(value: usize) -> Self {
        Self::Count { value }
    }

    /// A number, or "not measurable".
    pub fn number(value: Option<f64>, unit: Unit) -> Self {
        value.filter(|value| value.is_finite()).map_or(Self::NotMeasurable, |value| Self::Number { value, unit })
    }

    /// A number with an interval; without the interval a plain number.
    pub fn estimate(value: Option<f64>, interval: Option<(f64, f64)>, subjects: usize, unit: Unit) -> Self {
        match (value.filter(|value| value.is_finite()), interval) {
            (None, _) => Self::NotMeasurable,
            (Some(value), Some((low, high))) => Self::Estimate { value, low, high, subjects, unit },
            (Some(value), None) => Self::Number { value, unit },
        }
    }

    /// A share with Wilson's interval on `subjects`.
    pub fn wilson(value: Option<f64>, subjects: usize) -> Self {
        Self::estimate(value, value.and_then(|value| wilson(value, subjects)), subjects, Unit::Share)
    }

    /// `some` of `all` subjects as a share with Wilson's interval.
    pub fn share(some: usize, all: usize) -> Self {
        Self::wilson((all > 0).then(|| some as f64 / all as f64), all)
    }

    /// The bare number, if it is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Count { value } => Some(*value as f64),
            Self::Number { value, .. } | Self::Estimate { value, .. } => Some(*value),
            Self::Text { .. } | Self::NotMeasurable => None,
        }
    }

    /// Whether it was measured on too few subjects to be read as a figure.
    pub fn is_too_small(&self) -> bool {
        matches!(self, Self::Estimate { subjects, .. } if *subjects < MIN_SUBJECTS)
    }

    /// As people read it.
    pub fn words(&self) -> String {
        match self {
            Self::Text { text } => text.clone(),
            Self::Count { value } => value.to_string(),
            Self::Number { value, unit } => show(*value, *unit),
            Self::Estimate { value, low, high, subjects, unit } => {
                let small = if *subjects < MIN_SUBJECTS { "; n too small" } else { "" };
                let bare = |value: f64| show(value, *unit).trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned();
                format!("{} ({} to {}{small})", show(*value, *unit), bare(*low), bare(*high))
            }
            Self::NotMeasurable => NOT_MEASURABLE.to_owned(),
        }
    }
}

fn show(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{:.1} %", value * 100.0),
        Unit::Points => format!("{:+.1} points", value * 100.0),
        Unit::Plain => format!("{value:.3}"),
        Unit::Difference => format!("{value:+.3}"),
        Unit::Milliseconds => format!("{value:.1} ms"),
        Unit::Megabytes => format!("{value:.1} MB"),
    }
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Short name, unique in the report, e.g. `T8-classes`; the name of its CSV file.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Footnotes.
    pub notes: Vec<String>,
}

impl Table {
    /// An empty table.
    pub fn new(id: &str, title: impl Into<String>, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Self { id: id.to_owned(), title: title.into(), columns, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// When it is not as long as the heads.
    pub fn row(&mut self, cells: Vec<Cell>) {
        assert_eq!(cells.len(), self.columns.len(), "a row of table {}", self.id);
        self.rows.push(cells);
    }

    /// Adds a footnote.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// As Markdown, without its title.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        };
        line(&self.columns);
        line(&vec!["---".to_owned(); self.columns.len()]);
        for row in &self.rows {
            line(&row.iter().map(Cell::words).collect::<Vec<_>>());
        }
        for note in &self.notes {
            let _ = write!(text, "\n{note}\n");
        }
        text
    }

    /// As CSV (RFC 4180) in long form: `row,column,value,low,high,subjects,unit,text`, one line a cell. The first column
    /// of the table names the row.
    pub fn csv(&self, notice: Option<&str>) -> String {
        let quoted = |text: &str| {
            if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
        };
        let mut text = String::from("table,row,column,value,low,high,subjects,unit,text,notice\n");
        for row in &self.rows {
            let name = row.first().map(Cell::words).unwrap_or_default();
            for (column, cell) in self.columns.iter().zip(row).skip(1) {
                let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
                let (low, high, subjects, unit) = match cell {
                    Cell::Estimate { low, high, subjects, unit, .. } => {
                        (Some(*low), Some(*high), subjects.to_string(), Some(unit))
                    }
                    Cell::Number { unit, .. } => (None, None, String::new(), Some(unit)),
                    _ => (None, None, String::new(), None),
                };
                let unit = unit.and_then(|unit| serde_json::to_value(unit).ok());
                let unit = unit.as_ref().and_then(|unit| unit.as_str()).unwrap_or_default();
                let fields = [&self.id, &name, column, &number(cell.value()), &number(low), &number(high), &subjects];
                let fields: Vec<String> = fields.into_iter().map(|field| quoted(field)).collect();
                let (words, notice) = (quoted(&cell.words()), quoted(notice.unwrap_or_default()));
                let _ = writeln!(text, "{},{unit},{words},{notice}", fields.join(","));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_in_words() {
        assert_eq!(Cell::share(40, 50).words(), "80.0 % (67.0 to 88.8)");
        assert_eq!(Cell::share(4, 5).words(), "80.0 % (37.6 to 96.4; n too small)");
        assert_eq!(Cell::share(0, 0).words(), NOT_MEASURABLE);
        assert_eq!(Cell::number(Some(f64::NAN), Unit::Plain), Cell::NotMeasurable);
        let loss = Cell::estimate(Some(-0.001), Some((-0.012, 0.01)), 99, Unit::Points);
        assert_eq!(loss.words(), "-0.1 points (-1.2 to +1.0)");
        assert_eq!(Cell::estimate(Some(0.5), Some((0.25, 0.75)), 30, Unit::Plain).words(), "0.500 (0.250 to 0.750)");
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let mut table = Table::new("T0", "test", &["class", "a, b"]);
        table.row(vec![Cell::text("say \"x\""), Cell::share(40, 50)]);
        let csv = table.csv(Some("notice"));
        let line = csv.lines().nth(1).unwrap();
        assert!(line.starts_with("T0,\"say \"\"x\"\"\",\"a, b\",0.8,0.66"), "{line}");
        assert!(line.ends_with(",50,share,80.0 % (67.0 to 88.8),notice"), "{line}");
    }
}
