//! The learning curves of a run as one SVG picture.

use std::fmt::Write;

use crate::evidence::plot::{Axis, Chart};
use crate::torch::trainer::EpochRecord;

/// The picture's file name in a run's folder.
pub const CURVE_FILE: &str = "curve.svg";

/// Colours for a picture that stands alone; in the report they come from the page.
const STYLE: &str = "text{font:10px sans-serif;fill:#333}.title{font-weight:bold;font-size:12px}.grid{stroke:#ddd}\
    .line{fill:none;stroke-width:1.8}.dash{stroke-dasharray:5 3}.dot{stroke:none}\
    .s0{stroke:#0072b2;fill:none}.s1{stroke:#d55e00;fill:none}.s2{stroke:#009e73;fill:none}.s3{stroke:#555;fill:none}";

/// Both charts beside each other: losses, and what is measured on the calibration split.
pub fn svg(records: &[EpochRecord]) -> String {
    let last = records.last().map_or(1.0, |record| record.epoch as f64);
    let line = |of: &dyn Fn(&EpochRecord) -> Option<f64>| -> Vec<(f64, f64)> {
        records.iter().filter_map(|record| Some((record.epoch as f64, of(record)?))).collect()
    };
    let losses = records.iter().flat_map(|record| [record.train_loss, record.validation.loss]);
    let highest = losses.fold(0.1, f64::max);
    let mut loss = Chart::new("Loss", Axis::numbers("epoch", 1.0, last), Axis::numbers("loss", 0.0, highest));
    loss.line("training (varied views)", 0, false, &line(&|record| Some(record.train_loss)));
    loss.line("calibration", 1, false, &line(&|record| Some(record.validation.loss)));
    let mut figures = Chart::new("Calibration split", Axis::numbers("epoch", 1.0, last), Axis::share(""));
    figures.line("balanced accuracy", 0, false, &line(&|record| Some(record.validation.balanced_accuracy)));
    figures.line("AUROC of refusal", 1, false, &line(&|record| record.validation.auroc));
    figures.line("training accuracy", 3, true, &line(&|record| Some(record.train_accuracy)));
    let plots = [loss.finish("loss", None).svg, figures.finish("figures", None).svg];
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 340\" width=\"720\" height=\"340\">\
         <style>{STYLE}</style><rect width=\"720\" height=\"340\" fill=\"#fff\"/>"
    );
    for (plot, left) in plots.iter().zip([10, 370]) {
        let _ = write!(out, "<svg x=\"{left}\" y=\"8\" width=\"340\" height=\"324\">{plot}</svg>");
    }
    out + "</svg>\n"
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::torch::validate::Validation;

    /// An epoch of a run that goes well.
    pub(crate) fn record(epoch: usize) -> EpochRecord {
        let share = 1.0 - 0.5 / epoch as f64;
        EpochRecord {
            epoch,
            side: 64,
            learning_rate: 1e-3,
            train_loss: 2.0 / epoch as f64,
            train_accuracy: share,
            validation: Validation {
                top1: share,
                balanced_accuracy: share,
                auroc: Some(share),
                loss: 2.5 / epoch as f64,
            },
            score: share,
            seconds: 10.0,
            waited: 0.5,
            images_per_second: 20.0,
            ended_at: 1_750_000_000 + epoch as u64,
        }
    }

    #[test]
    fn the_picture_holds_every_curve() {
        let svg = svg(&(1..=5).map(record).collect::<Vec<_>>());
        for name in ["training (varied views)", "balanced accuracy", "AUROC of refusal"] {
            assert!(svg.contains(name), "{name}");
        }
        assert!(!svg.contains("NaN"));
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
        assert!(!super::svg(&[]).contains("NaN"), "a run without an epoch has an empty picture");
    }
}
