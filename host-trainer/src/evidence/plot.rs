//! Plots as SVG that takes its colours from the page: one drawing for light, dark and paper.
//!
//! Written by hand because plotting libraries fix colours and fonts in the file, and a report that follows the reader's
//! colour scheme cannot have that. Colours are the classes `s0` to `s11` of `report.css`.

use std::fmt::Write;

/// A plot, ready to be put in the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// Short name, unique in the report.
    pub id: String,
    /// The drawing.
    pub svg: String,
}

/// The range of an axis, and what it shows.
#[derive(Clone, Debug)]
pub struct Axis {
    label: String,
    low: f64,
    high: f64,
    is_share: bool,
}

impl Axis {
    /// 0 to 1, in per cent.
    pub fn share(label: &str) -> Self {
        Self { label: label.to_owned(), low: 0.0, high: 1.0, is_share: true }
    }

    /// From `low` to `high` in per cent.
    pub fn shares(label: &str, low: f64, high: f64) -> Self {
        Self { low, high, ..Self::share(label) }
    }

    /// Numbers from `low` to `high`.
    pub fn numbers(label: &str, low: f64, high: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self { label: label.to_owned(), low, high, is_share: false }
    }

    fn place(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Round values between the ends, four to eight of them, and their labels.
    fn ticks(&self) -> Vec<(f64, String)> {
        let rough = (self.high - self.low) / 5.0;
        let magnitude = 10_f64.powf(rough.log10().floor());
        let step =
            [1.0, 2.0, 5.0, 10.0].map(|factor| factor * magnitude).into_iter().find(|step| *step >= rough * 0.99);
        let step = step.unwrap_or(magnitude * 10.0);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        let label = |value: f64| {
            if self.is_share {
                format!("{:.0} %", value * 100.0)
            } else if step >= 1.0 {
                format!("{value:.0}")
            } else {
                format!("{value:.*}", (-step.log10() - 1e-9).ceil().max(1.0) as usize)
            }
        };
        (first..=last).map(|at| (at as f64 * step, label(at as f64 * step))).collect()
    }
}

/// A plot with two axes that is being drawn.
pub struct Chart {
    title: String,
    x: Axis,
    y: Axis,
    size: (f64, f64),
    body: String,
    legend: Vec<(String, usize, bool)>,
}

/// Space around the plot: left, right, top, bottom, in SVG units.
const MARGIN: (f64, f64, f64, f64) = (52.0, 10.0, 26.0, 52.0);

impl Chart {
    /// An empty plot of half the page's width.
    pub fn new(title: &str, x: Axis, y: Axis) -> Self {
        Self { title: title.to_owned(), x, y, size: (340.0, 280.0), body: String::new(), legend: Vec::new() }
    }

    /// A small one, for a row of several.
    pub fn small(mut self) -> Self {
        self.size = (226.0, 210.0);
        self
    }

    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (left, right, top, bottom) = MARGIN;
        (
            left + self.x.place(x) * (self.size.0 - left - right),
            self.size.1 - bottom - self.y.place(y) * (self.size.1 - top - bottom),
        )
    }

    /// A line through `points`, thinned to what the eye can tell apart. Named in the legend unless `label` is empty.
    pub fn line(&mut self, label: &str, colour: usize, dashed: bool, points: &[(f64, f64)]) {
        let mut path = String::new();
        let mut last: Option<(f64, f64)> = None;
        for (index, point) in points.iter().enumerate() {
            let (x, y) = self.at(*point);
            let near = last.is_some_and(|(a, b)| (a - x).abs() + (b - y).abs() < 0.8);
            if near && index + 1 < points.len() {
                continue;
            }
            let _ = write!(path, "{}{x:.1} {y:.1}", if last.is_none() { "M" } else { "L" });
            last = Some((x, y));
        }
        let dash = if dashed { " dash" } else { "" };
        let _ = write!(self.body, "<path class=\"line s{colour}{dash}\" d=\"{path}\"/>");
        if !label.is_empty() {
            self.legend.push((label.to_owned(), colour, dashed));
        }
    }

    /// A thin grey line to compare with.
    pub fn reference(&mut self, points: &[(f64, f64)]) {
        let points: Vec<String> =
            points.iter().map(|point| self.at(*point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(self.body, "<polyline class=\"reference\" points=\"{}\"/>", points.join(" "));
    }

    /// Dots at `points`.
    pub fn dots(&mut self, colour: usize, points: &[(f64, f64)]) {
        for point in points {
            let (x, y) = self.at(*point);
            let _ = write!(self.body, "<circle class=\"dot s{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
        }
    }

    /// A bar from 0 to `height` between `left` and `right`.
    pub fn bar(&mut self, colour: usize, (left, right): (f64, f64), height: f64) {
        let ((x0, y0), (x1, y1)) = (self.at((left, height)), self.at((right, 0.0)));
        let (width, height) = (x1 - x0, (y1 - y0).max(0.0));
        let _ = write!(
            self.body,
            "<rect class=\"bar s{colour}\" x=\"{x0:.1}\" y=\"{y0:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    /// A vertical interval at `x`.
    pub fn whisker(&mut self, x: f64, low: f64, high: f64) {
        let ((x, y0), (_, y1)) = (self.at((x, low)), self.at((x, high)));
        let _ = write!(
            self.body,
            "<path class=\"whisker\" d=\"M{x:.1} {y0:.1}L{x:.1} {y1:.1}M{0:.1} {y0:.1}h6M{0:.1} {y1:.1}h6\"/>",
            x - 3.0
        );
    }

    /// Names a colour that was drawn with dots or bars.
    pub fn named(&mut self, label: &str, colour: usize) {
        self.legend.push((label.to_owned(), colour, false));
    }

    /// The drawing; `notice` stands under it.
    pub fn finish(self, id: &str, notice: Option<&str>) -> Plot {
        let (left, right, top, bottom) = MARGIN;
        let (width, inner) = (self.size.0, (self.size.0 - left - right, self.size.1 - top - bottom));
        let mut axes = String::new();
        for (value, label) in self.x.ticks() {
            let (x, y) = self.at((value, self.y.low));
            let label = escape(&label);
            let _ = write!(axes, "<path class=\"grid\" d=\"M{x:.1} {top}V{y:.1}\"/>");
            let _ = write!(axes, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>", y + 13.0);
        }
        for (value, label) in self.y.ticks() {
            let (x, y) = self.at((self.x.low, value));
            let label = escape(&label);
            let _ = write!(axes, "<path class=\"grid\" d=\"M{x:.1} {y:.1}h{:.1}\"/>", inner.0);
            let _ = write!(axes, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", x - 4.0, y + 3.5);
        }
        let (middle, floor) = (left + inner.0 / 2.0, self.size.1 - bottom);
        let (x_label, y_label) = (escape(&self.x.label), escape(&self.y.label));
        let _ = write!(axes, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{x_label}</text>", floor + 27.0);
        let across = top + inner.1 / 2.0;
        let _ = write!(
            axes,
            "<text transform=\"translate(11 {across}) rotate(-90)\" text-anchor=\"middle\">{y_label}</text>"
        );
        // The legend wraps below the plot.
        let (mut x, mut y, mut legend) = (left, floor + 42.0, String::new());
        for (label, colour, dashed) in &self.legend {
            let room = 24.0 + label.chars().count() as f64 * 5.4;
            if x + room > width && x > left {
                (x, y) = (left, y + 13.0);
            }
            let dash = if *dashed { " dash" } else { "" };
            let _ = write!(legend, "<path class=\"line s{colour}{dash}\" d=\"M{x:.1} {:.1}h14\"/>", y - 3.5);
            let _ = write!(legend, "<text x=\"{:.1}\" y=\"{y:.1}\">{}</text>", x + 18.0, escape(label));
            x += room;
        }
        let height = if self.legend.is_empty() { floor + 32.0 } else { y + 5.0 };
        let body = format!("{axes}<g>{}</g>{legend}", self.body);
        frame(id, &self.title, (width, height), &body, notice)
    }
}

/// A value with the ends of its interval: value, low, high.
pub type Estimate = (f64, f64, f64);

/// A row of estimates with intervals, one line each: label, value, low, high, whether it is to be trusted.
pub struct Forest {
    /// What they are.
    pub title: String,
    /// Name and (value, low, high); `None`: not measurable. A name alone is a heading.
    pub rows: Vec<(String, Option<Estimate>, bool)>,
    /// A value to compare with.
    pub reference: Option<f64>,
}

impl Forest {
    /// The drawing.
    pub fn finish(self, id: &str, notice: Option<&str>) -> Plot {
        let lows = self.rows.iter().filter_map(|(_, estimate, _)| estimate.map(|(_, low, _)| low));
        let low = (lows.fold(1.0, f64::min) * 10.0).floor().clamp(0.0, 9.0) / 10.0;
        let axis = Axis::shares("", low, 1.0);
        let (left, width, line) = (130.0, 340.0, 16.0);
        let place = |value: f64| left + axis.place(value) * (width - left - 34.0);
        let bottom = 26.0 + self.rows.len() as f64 * line;
        let mut body = String::new();
        for (value, label) in axis.ticks() {
            let x = place(value);
            let _ = write!(body, "<path class=\"grid\" d=\"M{x:.1} 24V{bottom:.1}\"/>");
            let _ = write!(
                body,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                bottom + 13.0,
                escape(&label)
            );
        }
        if let Some(value) = self.reference {
            let x = place(value);
            let _ = write!(body, "<path class=\"reference\" d=\"M{x:.1} 24V{bottom:.1}\"/>");
        }
        for (index, (name, estimate, trusted)) in self.rows.iter().enumerate() {
            let y = 36.0 + index as f64 * line;
            let name = escape(name);
            let faint = if *trusted { "" } else { " faint" };
            let _ = write!(body, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>", left - 6.0, y + 3.5);
            let Some((value, low, high)) = estimate else { continue };
            let (x0, x, x1) = (place(*low), place(*value), place(*high));
            let _ = write!(body, "<path class=\"line s0{faint}\" d=\"M{x0:.1} {y:.1}H{x1:.1}\"/>");
            let _ = write!(body, "<circle class=\"dot s0{faint}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
            let _ = write!(
                body,
                "<text x=\"{width}\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
                y + 3.5,
                value * 100.0
            );
        }
        frame(id, &self.title, (width, bottom + 18.0), &body, notice)
    }
}

/// A matrix of counts, shaded by each row's shares.
pub fn matrix(id: &str, title: &str, names: &[&str], counts: &[Vec<usize>], notice: Option<&str>) -> Plot {
    let (left, top, cell) = (104.0, 92.0, 30.0);
    let mut body = String::new();
    for (index, name) in names.iter().enumerate() {
        let (x, y) = (left + (index as f64 + 0.6) * cell, top + (index as f64 + 0.6) * cell);
        let name = escape(name);
        let _ = write!(body, "<text x=\"{}\" y=\"{y:.1}\" text-anchor=\"end\">{name}</text>", left - 6.0);
        let _ = write!(body, "<text transform=\"translate({x:.1} {}) rotate(-50)\">{name}</text>", top - 5.0);
    }
    for (row, counts) in counts.iter().enumerate() {
        let total: usize = counts.iter().sum();
        for (column, count) in counts.iter().enumerate() {
            let share = *count as f64 / total.max(1) as f64;
            let (x, y) = (left + column as f64 * cell, top + row as f64 * cell);
            let kind = if row == column { "right" } else { "wrong" };
            // Few but wrong must still be seen.
            let opacity = if *count == 0 { 0.0 } else { 0.12 + 0.78 * share };
            let _ = write!(
                body,
                "<rect class=\"cell {kind}\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{0:.0}\" height=\"{0:.0}\" \
                 fill-opacity=\"{opacity:.2}\"/>",
                cell - 1.0
            );
            if *count > 0 {
                let bright = if opacity > 0.55 { " class=\"over\"" } else { "" };
                let _ = write!(
                    body,
                    "<text{bright} x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{count}</text>",
                    x + cell / 2.0 - 0.5,
                    y + cell / 2.0 + 3.5
                );
            }
        }
    }
    let side = names.len() as f64 * cell;
    frame(id, title, (left + side + 30.0, top + side + 4.0), &body, notice)
}

fn frame(id: &str, title: &str, (width, height): (f64, f64), body: &str, notice: Option<&str>) -> Plot {
    let mut svg = String::new();
    let full = if notice.is_some() { height + 12.0 } else { height };
    let title = escape(title);
    let _ = write!(
        svg,
        "<svg id=\"{id}\" viewBox=\"0 0 {width:.0} {full:.0}\" style=\"max-width:{width:.0}px\" role=\"img\" \
         aria-label=\"{title}\"><text class=\"title\" x=\"2\" y=\"13\">{title}</text>{body}"
    );
    if let Some(notice) = notice {
        let size = (width / notice.chars().count() as f64 / 0.52).min(8.0);
        let notice = escape(notice);
        let _ = write!(
            svg,
            "<text class=\"notice\" style=\"font-size:{size:.1}px\" x=\"2\" y=\"{:.0}\">{notice}</text>",
            full - 3.0
        );
    }
    svg.push_str("</svg>");
    Plot { id: id.to_owned(), svg }
}

/// Text that is safe inside XML, also in an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let labels = |axis: Axis| axis.ticks().into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(Axis::share("")), ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
        assert_eq!(labels(Axis::numbers("", 1.0, 12.0)), ["5", "10"]);
        assert_eq!(labels(Axis::numbers("", 0.0, 0.31)), ["0.0", "0.1", "0.2", "0.3"]);
        assert!(!labels(Axis::numbers("", 3.0, 3.0)).is_empty());
    }

    #[test]
    fn a_plot_is_well_formed_and_says_the_notice() {
        let mut chart = Chart::new("a < b & \"c\"", Axis::share("x"), Axis::share("y"));
        chart.line("one", 0, false, &[(0.0, 0.0), (0.5, 2.0), (1.0, 1.0)]);
        chart.bar(1, (0.1, 0.2), 0.5);
        chart.whisker(0.3, 0.2, 0.4);
        let plot = chart.finish("p", Some("only synthetic"));
        assert!(plot.svg.contains("only synthetic") && plot.svg.contains("a &lt; b &amp; &quot;c&quot;"));
        assert!(!plot.svg.contains("NaN"));
        assert_eq!(plot.svg.matches("<text").count(), plot.svg.matches("</text>").count());
    }
}
