//! The rounds of a cross-validation as one result: mean over the rounds, and everybody's photographs pooled.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::outputs::{self, Figures, Output};
use super::{Config, RunError, Summary, write_json};
use crate::evidence::statistics;
use crate::torch::validate::Validation;

/// The result's file name.
pub const FOLDS_FILE: &str = "folds.json";

/// A cross-validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossValidation {
    /// The rounds that are there.
    pub folds: Vec<Round>,
    /// How many there should be.
    pub of: u32,
    /// Mean over the rounds.
    pub mean: Spread,
    /// All rounds' test photographs together, with intervals by patients drawn again.
    pub pooled: Figures,
}

/// One round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Which.
    pub fold: u32,
    /// Its figures on its test split.
    pub test: Validation,
}

/// Mean and standard deviation of balanced accuracy over the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub balanced_accuracy: f64,
    /// The standard deviation; `None` of a single round.
    pub deviation: Option<f64>,
}

/// Joins the rounds in `folders`.
///
/// # Errors
/// When they are not rounds of one cross-validation: other data, folds or recipes, the same round twice, or one without its
/// test outputs.
pub fn merge(folders: &[PathBuf]) -> Result<(CrossValidation, Vec<Output>), RunError> {
    let mut rounds: Vec<(u32, &Path, Config)> = Vec::new();
    for folder in folders {
        let config = Config::read(folder)?;
        let name = folder.display();
        let Some(fold) = config.fold else {
            return Err(RunError::CannotMerge(format!("{name} is no round of a cross-validation")));
        };
        if let Some((_, first, other)) = rounds.first() {
            let first = first.display();
            let difference = if other.fingerprint.data != config.fingerprint.data {
                Some("other photographs, subjects or labels".to_owned())
            } else if other.fingerprint.splits != config.fingerprint.splits
                || other.fold.map(|fold| fold.of) != Some(fold.of)
            {
                Some("other folds".to_owned())
            } else {
                differences(&other.recipe, &config.recipe).map(|keys| format!("another recipe ({keys})"))
            };
            if let Some(difference) = difference {
                return Err(RunError::CannotMerge(format!("{name} was trained with {difference} than {first}")));
            }
        }
        if let Some((_, twin, _)) = rounds.iter().find(|(number, ..)| *number == fold.fold) {
            let twin = twin.display();
            return Err(RunError::CannotMerge(format!("{name} and {twin} are the same round, {}", fold.fold)));
        }
        rounds.push((fold.fold, folder.as_path(), config));
    }
    rounds.sort_by_key(|(fold, ..)| *fold);
    let Some((_, _, first)) = rounds.first() else {
        return Err(RunError::CannotMerge("no run is given".into()));
    };
    let (of, refuses) = (first.fold.map_or(0, |fold| fold.of), first.recipe.loss.refusal_weight > 0.0);
    let (mut folds, mut pooled) = (Vec::new(), Vec::new());
    for (fold, folder, _) in &rounds {
        let test = Summary::read(folder)?.and_then(|summary| summary.test);
        let test = test.ok_or_else(|| RunError::CannotMerge(format!("{} has not ended", folder.display())))?;
        folds.push(Round { fold: *fold, test });
        pooled.extend(outputs::read(folder)?);
    }
    let values: Vec<f64> = folds.iter().map(|round| round.test.balanced_accuracy).collect();
    let mean = statistics::mean(values.iter().copied()).unwrap_or(f64::NAN);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
    let mean = Spread { balanced_accuracy: mean, deviation };
    let figures = outputs::figures(&pooled, refuses)
        .ok_or_else(|| RunError::CannotMerge("no affected photograph was tested".into()))?;
    Ok((CrossValidation { folds, of, mean, pooled: figures }, pooled))
}

/// The keys in which two recipes differ, dotted; `None` when they are equal.
pub fn differences(first: &impl Serialize, second: &impl Serialize) -> Option<String> {
    let [first, second] = [serde_json::to_value(first), serde_json::to_value(second)].map(Result::unwrap_or_default);
    let mut keys = Vec::new();
    collect(&first, &second, "", &mut keys);
    (!keys.is_empty()).then(|| keys.join(", "))
}

fn collect(first: &serde_json::Value, second: &serde_json::Value, path: &str, keys: &mut Vec<String>) {
    match (first.as_object(), second.as_object()) {
        (Some(first), Some(second)) => {
            for (key, value) in first {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(value, second.get(key).unwrap_or(&serde_json::Value::Null), &path, keys);
            }
        }
        _ if first != second => keys.push(format!("{path}: {first} and {second}")),
        _ => {}
    }
}

impl CrossValidation {
    /// Writes `folds.json` and the pooled outputs.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, folder: &Path, pooled: &[Output]) -> Result<(), RunError> {
        outputs::write(folder, pooled)?;
        Ok(write_json(&folder.join(FOLDS_FILE), self)?)
    }

    /// As Markdown.
    pub fn table(&self) -> String {
        let mut out =
            String::from("| fold | top-1 | balanced accuracy | AUROC of refusal |\n| --- | --- | --- | --- |\n");
        let auroc = |auroc: Option<f64>| auroc.map_or("none".into(), |auroc| format!("{auroc:.3}"));
        for Round { fold, test } in &self.folds {
            let (top1, balanced) = (100.0 * test.top1, 100.0 * test.balanced_accuracy);
            let _ = writeln!(out, "| {fold} | {top1:.1} % | {balanced:.1} % | {} |", auroc(test.auroc));
        }
        let deviation = self.mean.deviation.map_or(String::new(), |d| format!(", standard deviation {:.1}", 100.0 * d));
        let mean = 100.0 * self.mean.balanced_accuracy;
        let _ = writeln!(out, "| mean of {} of {} | | {mean:.1} %{deviation} | |", self.folds.len(), self.of);
        let pooled = &self.pooled;
        let (top1, balanced) = (pooled.top1.percent(), pooled.balanced_accuracy.percent());
        let auroc = pooled.auroc.map_or("none".into(), |auroc| auroc.to_string());
        let _ = writeln!(out, "| all together (95 % interval, by patient) | {top1} | {balanced} | {auroc} |");
        out
    }
}

#[cfg(test)]
mod tests {
    use lakshan_core::manifest::{DataKind, Provenance};

    use super::*;
    use crate::dataset::{FORMAT_VERSION, Info};
    use crate::runs::outputs::tests::outputs;
    use crate::runs::{Fingerprint, Fold};
    use crate::torch::recipe::Recipe;

    fn config(fold: u32) -> Config {
        Config {
            recipe: Recipe::default(),
            dataset: Info {
                format_version: FORMAT_VERSION,
                name: "people".into(),
                provenance: Provenance { kind: DataKind::Synthetic, statement: String::new() },
                photographs: None,
                generator: serde_json::Value::Null,
            },
            fingerprint: Fingerprint { data: "a".into(), splits: "b".into() },
            fold: Some(Fold { fold, of: 3 }),
            train_photographs: 10,
            calibration_photographs: 2,
            crops: Default::default(),
            weights: "w".into(),
            weights_notes: Default::default(),
            threads: 1,
            preprocess_version: 1,
            program_version: "0".into(),
        }
    }

    /// Ended rounds 0 to 2 in a folder, with changes of their configurations.
    fn rounds(change: impl Fn(u32, &mut Config)) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = (0..3).map(|fold| {
            let path = folder.path().join(format!("fold-{fold}"));
            std::fs::create_dir(&path).unwrap();
            let mut config = config(fold);
            change(fold, &mut config);
            config.write(&path).unwrap();
            let validation =
                Validation { top1: 0.8, balanced_accuracy: 0.7 + 0.1 * f64::from(fold), auroc: Some(0.9), loss: 1.0 };
            let summary = Summary { epochs: 2, best_epoch: 1, validation, seconds: 1.0, test: Some(validation) };
            summary.write(&path).unwrap();
            outputs::write(&path, &outputs(fold as usize * 20, 20)).unwrap();
            path
        });
        let paths = paths.collect();
        (folder, paths)
    }

    fn refused(change: impl Fn(u32, &mut Config)) -> String {
        let (_folder, paths) = rounds(change);
        merge(&paths).unwrap_err().to_string()
    }

    #[test]
    fn rounds_become_a_mean_and_a_pool() {
        let (folder, mut paths) = rounds(|_, _| ());
        paths.reverse();
        let (found, pooled) = merge(&paths).unwrap();
        assert!((found.mean.balanced_accuracy - 0.8).abs() < 1e-9);
        assert!((found.mean.deviation.unwrap() - 0.1).abs() < 1e-9);
        assert_eq!(pooled.len(), 180);
        assert!((found.pooled.top1.value - 0.8).abs() < 1e-9);
        found.write(folder.path(), &pooled).unwrap();
        let table = found.table();
        assert!(table.contains("| mean of 3 of 3 | | 80.0 %, standard deviation 10.0 | |"), "{table}");
        let (part, _) = merge(&paths[..2]).unwrap();
        assert!(part.table().contains("mean of 2 of 3"));
    }

    #[test]
    fn runs_of_other_data_folds_or_recipes_are_refused() {
        let second = |fold: u32| fold == 1;
        assert!(
            refused(|fold, config| if second(fold) {
                config.fingerprint.data = "z".into()
            })
            .contains("other photographs")
        );
        assert!(
            refused(|fold, config| if second(fold) {
                config.fingerprint.splits = "z".into()
            })
            .contains("other folds")
        );
        let words = refused(|fold, config| {
            if second(fold) {
                config.recipe.optimizer.rate = 0.5
            }
        });
        assert!(words.contains("another recipe (optimizer.rate: 0.0005 and 0.5)"), "{words}");
        let words = refused(|fold, config| {
            if second(fold) {
                config.fold = Some(Fold { fold: 0, of: 3 })
            }
        });
        assert!(words.contains("are the same round, 0"), "{words}");
        assert!(
            refused(|fold, config| if second(fold) {
                config.fold = None
            })
            .contains("is no round")
        );
        let (_folder, paths) = rounds(|_, _| ());
        std::fs::remove_file(paths[2].join("summary.json")).unwrap();
        assert!(merge(&paths).unwrap_err().to_string().contains("fold-2 has not ended"));
    }
}
