//! `host-trainer baselines`: simpler networks on the same splits as a run, in one table with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use lakshan_core::{Logits, Syndrome};
use lakshan_registry::CacheDir;

use super::hinted;
use super::train::{examples, stop_on_ctrl_c};
use crate::atomic_file::write_json;
use crate::dataset::crops::CropCache;
use crate::dataset::{Dataset, Split};
use crate::evaluate::metrics::MIN_SUBJECTS;
use crate::evidence::material::Baseline;
use crate::runs::Config;
use crate::runs::outputs::{
    Estimate, Figures, Judged, Output, affected, balanced_accuracy, balanced_of_thirteen, estimate, figures, judge,
};
use crate::torch::device::DeviceChoice;
use crate::torch::loader::{Drawing, Example};
use crate::torch::recipe::{Recipe, RecipeFile};
use crate::torch::trainer::{BEST_FILE, Ended, LAST_FILE, Task, Trainer, default_precision};
use crate::torch::validate::{Source, of_checkpoint};
use crate::weights::{Weights, imagenet};

/// Train simpler networks on a run's splits and print one table with it: the commonest class, ResNet-50 frozen with a linear
/// layer, and the recipe of 2018.
///
/// Their runs lie in RUN/baselines; RUN/baselines.json is what `evaluate --report` reads. The same command goes on after an
/// interruption. Intervals are of patients drawn again; differences are paired. Balanced accuracy is told twice: among affected
/// people, by the likeliest of the twelve classes; and of thirteen outcomes, "none of them" included, which is what the device is asked.
#[derive(Debug, Args)]
pub struct Cmd {
    /// The data set.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The run to set beside them.
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// auto, cpu, or cuda:N.
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Change one key of the 2018 recipe, e.g. epochs=20: what is not known of it is assumed.
    #[arg(long = "set-2018", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
    /// Leave out photographs that cannot be read, instead of stopping.
    #[arg(long)]
    skip_unreadable: bool,
}

/// Rates of which the linear layer takes the best on the calibration split.
const LINEAR_RATES: [f64; 3] = [3e-4, 1e-3, 3e-3];

/// What came of one network.
struct Row {
    name: &'static str,
    outputs: Vec<Output>,
    refuses: bool,
    /// Whether the report takes it from here; it makes its other rows itself.
    kept: bool,
}

/// What the networks share.
struct Field<'a> {
    cmd: &'a Cmd,
    dataset: Dataset,
    crops: Arc<CropCache>,
    train: Vec<Example>,
    validation: Vec<Example>,
    test: Vec<Example>,
    interrupted: Arc<AtomicBool>,
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the run or the data cannot be used, or a training fails.
    pub fn run(self) -> anyhow::Result<()> {
        let config = Config::read(&self.run)?;
        let interrupted = stop_on_ctrl_c()?;
        let mut dataset = Dataset::open(&self.data)?;
        if let Some(fold) = config.fold {
            dataset.use_fold(fold.fold)?;
        }
        let crops = Arc::new(CropCache::open(&dataset, self.skip_unreadable)?);
        let [train, validation, test] =
            [Split::Train, Split::Calibration, Split::Test].map(|split| examples(&dataset, &crops, split));
        config.check_same_data(&dataset, (train.len(), validation.len()))?;
        let field = Field { cmd: &self, dataset, crops, train, validation, test, interrupted };
        let Some(rows) = field.rows(&config)? else {
            eprintln!("saved; go on with the same command");
            return Ok(());
        };
        let found: Vec<(&Row, Figures)> =
            rows.iter().filter_map(|row| Some((row, figures(&row.outputs, row.refuses)?))).collect();
        if found.len() < rows.len() {
            return Err(hinted("the test split holds no face of any class", "give it a fifth of the subjects").into());
        }
        let kept = found.iter().filter(|(row, _)| row.kept);
        let kept: Vec<Baseline> =
            kept.map(|(row, figures)| Baseline { name: row.name.into(), figures: *figures }).collect();
        write_json(&self.run.join("baselines.json"), &kept)?;
        field.print(&found);
        Ok(())
    }
}

impl Field<'_> {
    /// All networks' outputs for the test split; `None` when interrupted.
    fn rows(&self, config: &Config) -> anyhow::Result<Option<Vec<Row>>> {
        let ours = self.outputs(&self.cmd.run, &config.recipe, None)?;
        let mut rows = vec![
            Row { name: "this run", outputs: ours, refuses: config.recipe.loss.refusal_weight > 0.0, kept: false },
            Row { name: "the commonest class, always", outputs: self.commonest(), refuses: false, kept: false },
        ];
        let folder = self.cmd.run.join("baselines");
        let mut best: Option<(f64, PathBuf, Recipe)> = None;
        for rate in LINEAR_RATES {
            let mut file = RecipeFile::frozen_linear();
            file.set(&format!("optimizer.rate={rate}"))?;
            let run = folder.join(format!("frozen-linear-{rate}"));
            let recipe = file.recipe()?;
            let Some(score) = self.train(&run, recipe.clone())? else { return Ok(None) };
            if best.as_ref().is_none_or(|(best, ..)| score > *best) {
                best = Some((score, run, recipe));
            }
        }
        if let Some((_, run, recipe)) = best {
            let outputs = self.outputs(&run, &recipe, None)?;
            let name = "frozen ImageNet ResNet-50 with a linear layer";
            rows.push(Row { name, outputs, refuses: true, kept: true });
        }
        let mut file = RecipeFile::singh_kisku_2018();
        for assignment in &self.cmd.assignments {
            file.set(assignment)?;
        }
        let (run, recipe) = (folder.join("2018"), file.recipe()?);
        if self.train(&run, recipe.clone())?.is_none() {
            return Ok(None);
        }
        // Views at test time too, as it had them; drawn anew for each photograph.
        let drawing = Drawing { views: recipe.views.clone(), seed: recipe.seed, epoch: Some(u64::MAX) };
        let outputs = self.outputs(&run, &recipe, Some(&drawing))?;
        rows.push(Row { name: "the 2018 recipe (Singh and Kisku)", outputs, refuses: false, kept: true });
        let outputs = self.outputs(&run, &recipe, None)?;
        rows.push(Row { name: "the same, no random views at test time", outputs, refuses: false, kept: true });
        Ok(Some(rows))
    }

    /// Trains one of them, or goes on with it; the score of its best epoch, `None` when interrupted.
    fn train(&self, run: &Path, recipe: Recipe) -> anyhow::Result<Option<f64>> {
        std::fs::create_dir_all(run)?;
        eprintln!("{}", run.display());
        let task = Task {
            run: run.to_owned(),
            recipe,
            device: self.cmd.device,
            crops: Arc::clone(&self.crops),
            train: self.train.clone(),
            validation: self.validation.clone(),
            signs: None,
            save_every: Duration::from_secs(600),
        };
        let mut trainer = if run.join(LAST_FILE).exists() {
            Trainer::resume(task)?
        } else {
            let cache = CacheDir::from_env(|name| std::env::var_os(name))?;
            Trainer::begin(task, &Weights::read(&imagenet::fetch_converted(&cache)?)?)?
        };
        let ended = trainer.run(&self.interrupted, |record| -> anyhow::Result<()> {
            let balanced = 100.0 * record.validation.balanced_accuracy;
            eprintln!("epoch {}: loss {:.3}, calibration: balanced {balanced:.1} %", record.epoch, record.train_loss);
            Ok(())
        })?;
        Ok(trainer.position().best.filter(|_| ended == Ended::Finished))
    }

    fn outputs(&self, run: &Path, recipe: &Recipe, views: Option<&Drawing>) -> anyhow::Result<Vec<Output>> {
        let source = Source::Crops { crops: &self.crops, flip: recipe.keep.flip, views };
        let precision = recipe.precision.chosen().unwrap_or_else(|| default_precision(self.cmd.device));
        let path = run.join(BEST_FILE);
        let logits = of_checkpoint(&path, self.cmd.device, source, &self.test, precision)?;
        Ok(Output::of(&self.dataset, &self.test, logits))
    }

    /// The commonest class of the training split, whatever the photograph.
    fn commonest(&self) -> Vec<Output> {
        let count = |class: usize| self.train.iter().filter(|example| example.target == class as i64).count();
        let class = (0..Syndrome::COUNT).max_by_key(|class| (count(*class), usize::MAX - class)).unwrap_or(0);
        let logits = Logits::new(std::array::from_fn(|at| if at == class { 1.0 } else { 0.0 }));
        let logits = logits.expect("ones and zeros are finite");
        Output::of(&self.dataset, &self.test, vec![logits; self.test.len()])
    }

    fn print(&self, found: &[(&Row, Figures)]) {
        if let Some(notice) = self.dataset.info.provenance.notice() {
            println!("*{notice}*\n");
        }
        let judged: Vec<Vec<Judged>> = found.iter().map(|(row, _)| judge(&row.outputs, row.refuses)).collect();
        let ours = &judged[0];
        let all: Vec<usize> = (0..ours.len()).collect();
        let affected = affected(ours);
        println!(
            "| network | top-1 | balanced accuracy | this run's advantage, points | the same of thirteen outcomes \
             | advantage | macro-F1 | AUROC of refusal |"
        );
        println!("|{}", " --- |".repeat(8));
        for (at, ((row, figures), theirs)) in found.iter().zip(&judged).enumerate() {
            let over = |places: &[usize], figure: fn(&[Judged], &[usize]) -> Option<f64>| match at {
                0 => String::new(),
                _ => advantage(ours, theirs, places, figure),
            };
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                row.name,
                figures.top1.percent(),
                figures.balanced_accuracy.percent(),
                over(&affected, balanced_accuracy),
                figures.balanced_of_thirteen.map_or("no negatives".into(), |found| found.percent()),
                figures.balanced_of_thirteen.map_or(String::new(), |_| over(&all, balanced_of_thirteen)),
                figures.macro_f1,
                figures.auroc.as_ref().map_or("cannot refuse".into(), Estimate::to_string)
            );
        }
        let subject = |at: &usize| self.dataset.photos[self.test[*at].photo].subject.as_str();
        let people = affected.iter().map(subject).collect::<BTreeSet<_>>().len();
        println!("\n95 % intervals by patients drawn again; {people} affected people are tested.");
        if people < MIN_SUBJECTS {
            println!("Fewer than {MIN_SUBJECTS}: n too small.");
        }
    }
}

/// By how much a figure of our run is better than that of another network at the same `places`, in points.
fn advantage(
    ours: &[Judged],
    theirs: &[Judged],
    places: &[usize],
    figure: fn(&[Judged], &[usize]) -> Option<f64>,
) -> String {
    match estimate(ours, places, &|drawn| Some(figure(ours, drawn)? - figure(theirs, drawn)?)) {
        Some(Estimate { value, interval: Some((low, high)) }) => {
            format!("{:+.1} ({:+.1} to {:+.1})", 100.0 * value, 100.0 * low, 100.0 * high)
        }
        _ => "not measurable".into(),
    }
}
