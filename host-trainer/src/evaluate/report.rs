//! The figures of one network on one split, as tables for people and as JSON.

use std::fmt::Write;

use lakshan_core::Syndrome;
use serde::{Deserialize, Serialize};

use super::metrics::{self, Classification, MIN_SUBJECTS, Parity, Refusal, Scored, Share, Truth};

/// One network's figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// `f32` or `int8`.
    pub network: String,
    /// Each photograph on its own, as the device sees it.
    pub photographs: Classification,
    /// Each subject once: the mean of the logits of their photographs.
    pub subjects: Classification,
    /// Affected against unaffected people.
    pub refusal_unaffected: Refusal,
    /// Affected against people with other conditions.
    pub refusal_other_condition: Refusal,
    /// Affected against all negatives.
    pub refusal_all: Refusal,
}

impl Figures {
    /// The figures of `scored` photographs.
    pub fn of(network: &str, scored: &[Scored]) -> Self {
        Self {
            network: network.to_owned(),
            photographs: metrics::classification(scored),
            subjects: metrics::classification(&metrics::by_subject(scored)),
            refusal_unaffected: metrics::refusal(scored, |truth| truth == Truth::Unaffected),
            refusal_other_condition: metrics::refusal(scored, |truth| truth == Truth::OtherCondition),
            refusal_all: metrics::refusal(scored, |_| true),
        }
    }
}

/// A whole evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Stands beside every table while the photographs are synthetic.
    pub notice: Option<String>,
    /// Name of the data set.
    pub dataset: String,
    /// Which split.
    pub split: String,
    /// Photographs whose face was not found; they are in no figure.
    pub without_face: usize,
    /// What a Bayes classifier reaches that is told the drawn signs and sex, on the same subjects; synthetic data only.
    pub ceiling: Option<Classification>,
    /// The checkpoint's figures, when one was given.
    pub float: Option<Figures>,
    /// The ONNX file's or bundle's figures, when one was given.
    pub onnx: Option<Figures>,
    /// The two against each other, when both were given.
    pub parity: Option<Parity>,
}

impl Report {
    /// The tables, as Markdown that also reads well as plain text.
    pub fn tables(&self) -> String {
        let mut text = String::new();
        let columns: Vec<&Figures> = self.float.iter().chain(&self.onnx).collect();
        self.headline(&mut text, &columns);
        if let Some(parity) = &self.parity {
            self.heading(&mut text, "int8 against f32, same photographs");
            let loss = parity.top1_loss_points.map_or(NOT_MEASURABLE.to_owned(), |loss| format!("{loss:+.2} points"));
            row(&mut text, &["", "value"]);
            row(&mut text, &["---", "---"]);
            row(&mut text, &["photographs, negatives included", &parity.photographs.to_string()]);
            row(&mut text, &["top-1 loss of int8", &loss]);
            let share = |share: Option<f64>| share.map_or(NOT_MEASURABLE.to_owned(), percent);
            row(&mut text, &["same class first, affected", &share(parity.affected_agreement)]);
            row(&mut text, &["same answer of thirteen (a class, or none), all", &percent(parity.agreement)]);
            row(&mut text, &["same class first, negatives (where none is right)", &share(parity.negative_agreement)]);
            row(&mut text, &["largest difference of a logit", &format!("{:.3}", parity.largest_logit_difference)]);
        }
        for figures in &columns {
            self.refusals(&mut text, figures);
        }
        // One table of classes and one matrix are enough: those of the network that ships, if it was measured.
        if let Some(figures) = columns.last() {
            self.classes(&mut text, figures);
            self.confusion(&mut text, figures);
        }
        text
    }

    fn headline(&self, text: &mut String, columns: &[&Figures]) {
        self.heading(text, &format!("Twelve classes: {}, split {}", self.dataset, self.split));
        let mut cells = vec![String::new()];
        let mut lines = vec!["---".to_owned()];
        for figures in columns {
            cells.extend([format!("{} per photograph", figures.network), format!("{} per subject", figures.network)]);
            lines.extend(["---".to_owned(), "---".to_owned()]);
        }
        if self.ceiling.is_some() {
            cells.push("ceiling per subject".to_owned());
            lines.push("---".to_owned());
        }
        row(text, &cells);
        row(text, &lines);
        let mut all: Vec<&Classification> =
            columns.iter().flat_map(|figures| [&figures.photographs, &figures.subjects]).collect();
        all.extend(&self.ceiling);
        let mut line = |name: &str, cell: &dyn Fn(&Classification) -> String| {
            let mut cells = vec![name.to_owned()];
            cells.extend(all.iter().map(|figures| cell(figures)));
            row(text, &cells);
        };
        line("count", &|f| f.count.to_string());
        line("subjects", &|f| f.subjects.to_string());
        line("top-1 (95 % interval)", &|f| share(f.top1));
        line("top-3 (95 % interval)", &|f| share(f.top3));
        line("balanced accuracy", &|f| optional(f.balanced_accuracy));
        line("macro-F1", &|f| figure(f.macro_f1));
        line("classes with subjects", &|f| format!("{} of {}", f.classes_measured, Syndrome::COUNT));
        let _ = writeln!(
            text,
            "\nIntervals are Wilson's on the number of subjects. A subject's logits are the mean of its photographs'."
        );
        if self.without_face > 0 {
            let _ = writeln!(text, "{} photographs without a usable face are left out.", self.without_face);
        }
        if self.ceiling.is_some() {
            let _ = writeln!(
                text,
                "The ceiling is a Bayes classifier that is told the drawn signs and sex of the same subjects."
            );
        }
    }

    fn refusals(&self, text: &mut String, figures: &Figures) {
        self.heading(text, &format!("Refusal ({}): affected against negatives, by affected log-odds", figures.network));
        row(text, &["negatives", "subjects", "photographs", "AUROC", "sensitivity at 90 % specificity"]);
        row(text, &["---", "---", "---", "---", "---"]);
        for (name, refusal) in [
            ("unaffected", &figures.refusal_unaffected),
            ("other condition", &figures.refusal_other_condition),
            ("all", &figures.refusal_all),
        ] {
            row(
                text,
                &[
                    name.to_owned(),
                    with_size(refusal.subjects),
                    refusal.count.to_string(),
                    figure(refusal.auroc),
                    optional(refusal.sensitivity_at_90_specificity),
                ],
            );
        }
    }

    fn classes(&self, text: &mut String, figures: &Figures) {
        self.heading(text, &format!("Each class ({}, per photograph, among the twelve)", figures.network));
        row(text, &["class", "subjects", "photographs", "sensitivity (95 % interval)", "PPV", "F1"]);
        row(text, &["---"; 6]);
        for class in &figures.photographs.classes {
            row(
                text,
                &[
                    class.class.name().to_owned(),
                    with_size(class.subjects),
                    class.count.to_string(),
                    share(class.sensitivity),
                    optional(class.ppv),
                    figure(class.f1),
                ],
            );
        }
    }

    fn confusion(&self, text: &mut String, figures: &Figures) {
        self.heading(text, &format!("Confusion ({}, photographs): row is, column was named", figures.network));
        let numbers: Vec<String> = (0..Syndrome::COUNT).map(|index| index.to_string()).collect();
        row(text, &[&["".to_owned()], &numbers[..]].concat());
        row(text, &vec!["---"; Syndrome::COUNT + 1]);
        for (class, counts) in Syndrome::ALL.into_iter().zip(&figures.photographs.confusion) {
            let mut cells = vec![format!("{} {}", class.index(), class.id())];
            cells.extend(counts.iter().map(|count| if *count == 0 { "·".to_owned() } else { count.to_string() }));
            row(text, &cells);
        }
    }

    /// A table's title, with the notice that every table must bear.
    fn heading(&self, text: &mut String, title: &str) {
        let _ = writeln!(text, "{}### {title}\n", if text.is_empty() { "" } else { "\n" });
        if let Some(notice) = &self.notice {
            let _ = writeln!(text, "*{notice}*\n");
        }
    }
}

/// What stands where nothing could be measured; never a zero.
const NOT_MEASURABLE: &str = "not measurable";

fn row(text: &mut String, cells: &[impl AsRef<str>]) {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

fn optional(value: Option<f64>) -> String {
    value.map_or(NOT_MEASURABLE.to_owned(), percent)
}

fn figure(value: Option<f64>) -> String {
    value.map_or(NOT_MEASURABLE.to_owned(), |value| format!("{value:.3}"))
}

fn share(share: Option<Share>) -> String {
    share.map_or(NOT_MEASURABLE.to_owned(), |share| {
        format!("{} ({:.1}-{:.1})", percent(share.value), share.low * 100.0, share.high * 100.0)
    })
}

fn with_size(subjects: usize) -> String {
    match subjects {
        0 => "0".to_owned(),
        n if n < MIN_SUBJECTS => format!("{n} (n too small)"),
        n => n.to_string(),
    }
}
