//! `host-trainer runs`: looks at training runs, sets them side by side, joins the rounds of a cross-validation.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::hinted;
use crate::runs::merge::{differences, merge};
use crate::runs::{Config, RunError, Summary, find, log};

/// Look at training runs, set them side by side, join the rounds of a cross-validation.
#[derive(Debug, Args)]
pub struct Cmd {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All runs in a folder, with what came of them.
    List {
        /// The folder that holds runs.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// What a run was made of, and its epochs.
    Show {
        /// The run's folder.
        run: PathBuf,
    },
    /// Runs side by side: where their recipes and data differ, and what came of them.
    Compare {
        /// The runs' folders.
        #[arg(required = true, num_args = 2..)]
        runs: Vec<PathBuf>,
    },
    /// Join rounds of a cross-validation that were run apart. Runs of other data, folds or recipes are refused.
    Merge {
        /// The rounds' folders, or one folder that holds them.
        #[arg(required = true)]
        runs: Vec<PathBuf>,
        /// Where folds.json and the pooled test outputs are written.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// The head of a table of runs; [`row`] makes its lines.
const HEAD: &str = "\
| run | data | state | epochs | best | balanced accuracy | refusal AUROC | test |
| --- | --- | --- | --- | --- | --- | --- | --- |";

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When a run cannot be read, or runs cannot be joined.
    pub fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::List { folder } => list(&folder),
            What::Show { run } => show(&run),
            What::Compare { runs } => compare(&runs),
            What::Merge { runs, out } => {
                let runs: Vec<PathBuf> = runs.iter().flat_map(|run| rounds(run)).collect();
                let (result, pooled) = merge(&runs)?;
                std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
                result.write(&out, &pooled)?;
                print!("{}", result.table());
                Ok(())
            }
        }
    }
}

/// The runs in `folder`, or `folder` itself, which then is reported as none.
fn rounds(folder: &Path) -> Vec<PathBuf> {
    let found = find(folder);
    if found.is_empty() { vec![folder.to_owned()] } else { found }
}

fn list(folder: &Path) -> anyhow::Result<()> {
    let found = find(folder);
    if found.is_empty() {
        return Err(hinted(format!("{} holds no run", folder.display()), "name a folder that runs lie in").into());
    }
    println!("{HEAD}");
    for run in found {
        // A broken run must not hide the others.
        match row(&run) {
            Ok(row) => println!("| {} | {row} |", run.display()),
            Err(error) => eprintln!("{}: {error}", run.display()),
        }
    }
    Ok(())
}

fn row(run: &Path) -> Result<String, RunError> {
    let (config, epochs, summary) = (Config::read(run)?, log::read(run)?, Summary::read(run)?);
    let fold = config.fold.map_or(String::new(), |fold| format!(", fold {} of {}", fold.fold, fold.of));
    let state = if summary.is_some() { "ended" } else { "not ended" };
    let best = log::best(&epochs).map_or("| |".to_owned(), |best| {
        let balanced = 100.0 * best.validation.balanced_accuracy;
        format!("{} | {balanced:.1} % | {}", best.epoch, auroc(best.validation.auroc))
    });
    let test = summary.and_then(|summary| summary.test);
    let test = test.map_or(String::new(), |test| format!("{:.1} %", 100.0 * test.balanced_accuracy));
    let (done, planned) = (epochs.len(), config.recipe.epochs);
    Ok(format!("{}{fold} | {state} | {done} of {planned} | {best} | {test}", config.dataset.name))
}

fn auroc(auroc: Option<f64>) -> String {
    auroc.map_or("none".into(), |auroc| format!("{auroc:.3}"))
}

fn show(run: &Path) -> anyhow::Result<()> {
    let (config, epochs) = (Config::read(run)?, log::read(run)?);
    println!(
        "data: {}, {} photographs train, {} calibrate",
        config.dataset.name, config.train_photographs, config.calibration_photographs
    );
    println!("fingerprint: data {}, splits {}", config.fingerprint.data, config.fingerprint.splits);
    if let Some(fold) = config.fold {
        println!("fold: {} of {}", fold.fold, fold.of);
    }
    println!("started from: {}", config.weights);
    println!("program: {}, {} threads", config.program_version, config.threads);
    match differences(&crate::torch::recipe::Recipe::default(), &config.recipe) {
        Some(keys) => println!("recipe, default and here: {keys}"),
        None => println!("recipe: the default"),
    }
    println!(
        "\n| epoch | side | loss | train | top-1 | balanced accuracy | refusal AUROC | loss there | images/s | waited |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for epoch in &epochs {
        let (found, percent) = (&epoch.validation, |share: f64| format!("{:.1} %", 100.0 * share));
        println!(
            "| {} | {} | {:.3} | {} | {} | {} | {} | {:.3} | {:.1} | {} |",
            epoch.epoch,
            epoch.side,
            epoch.train_loss,
            percent(epoch.train_accuracy),
            percent(found.top1),
            percent(found.balanced_accuracy),
            auroc(found.auroc),
            found.loss,
            epoch.images_per_second,
            percent(epoch.waited / (epoch.seconds + epoch.waited).max(1e-9)),
        );
    }
    if let Some(best) = log::best(&epochs) {
        println!("\nbest: epoch {}", best.epoch);
    }
    Ok(())
}

fn compare(runs: &[PathBuf]) -> anyhow::Result<()> {
    let configs = runs.iter().map(|run| Config::read(run)).collect::<Result<Vec<_>, _>>()?;
    println!("{HEAD}");
    for run in runs {
        println!("| {} | {} |", run.display(), row(run)?);
    }
    let first = &configs[0];
    let mut words = String::new();
    for (run, config) in runs.iter().zip(&configs).skip(1) {
        let name = run.display();
        match differences(&first.recipe, &config.recipe) {
            Some(keys) => writeln!(words, "{name} differs from {}: {keys}", runs[0].display())?,
            None => writeln!(words, "{name} has the recipe of {}", runs[0].display())?,
        }
        if config.fingerprint.data != first.fingerprint.data {
            writeln!(words, "{name} was trained on other data: the figures cannot be compared")?;
        } else if config.fingerprint.splits != first.fingerprint.splits || config.fold != first.fold {
            writeln!(words, "{name} has other splits: the figures are of other people")?;
        }
        if config.weights_notes != first.weights_notes {
            writeln!(words, "{name} started from other weights")?;
        }
    }
    print!("\n{words}");
    Ok(())
}
