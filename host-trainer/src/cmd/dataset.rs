//! `host-trainer dataset`: looks at a data set, describes it, splits it, removes a person.

mod card;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{hinted, look_alikes, print_splits};
use crate::dataset::Dataset;
use crate::dataset::check::Findings;
use crate::dataset::crops::CropCache;
use crate::dataset::forget::{forget, learnt_from};
use crate::dataset::splits::Shares;

/// Look at a data set, describe it, split it, or remove a person from it.
#[derive(Debug, Args)]
pub struct Cmd {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Look for what would spoil a training: unreadable photographs, no face, the same picture in two splits.
    ///
    /// Pictures that were encoded or scaled again, mirrored or cut are found, too: by their pattern of light, and by what a
    /// network trained on ImageNet sees in them, once its weights were fetched (`host-trainer weights fetch`).
    ///
    /// Fails when a photograph cannot be read or a picture stands in two splits; `train` refuses the same.
    Check {
        /// The data set.
        #[arg(value_name = "DATASET")]
        data: PathBuf,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Describe a data set: who is in it, where the photographs come from, what was left out (table T1 of the report).
    Card {
        /// The data set.
        #[arg(value_name = "DATASET")]
        data: PathBuf,
        /// Print JSON instead of Markdown.
        #[arg(long)]
        json: bool,
    },
    /// Draw who trains, calibrates and tests: whole people, each label by itself.
    Split {
        /// The data set.
        #[arg(value_name = "DATASET")]
        data: PathBuf,
        /// Shares of training, calibration and test.
        #[arg(long, value_name = "SHARES", default_value = "0.7,0.12,0.18", conflicts_with_all = ["folds", "leave_one_out"])]
        shares: Shares,
        /// Deal the people into so many folds.
        #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(2..))]
        folds: Option<u32>,
        /// One fold for each person.
        #[arg(long, conflicts_with = "folds")]
        leave_one_out: bool,
        /// Seed of the draw.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
    /// Remove every trace of a person who withdrew, and name the runs and bundles that must be trained anew.
    Forget {
        /// The data set.
        #[arg(value_name = "DATASET")]
        data: PathBuf,
        /// The person's id in the table.
        subject: String,
        /// Where runs and bundles lie [default: the folder that holds the data set].
        #[arg(long, value_name = "DIR")]
        search: Vec<PathBuf>,
    },
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When the data set cannot be read, is unsound, or cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        match self.action {
            Action::Check { data, json } => check(&data, json),
            Action::Card { data, json } => card::print(&data, json),
            Action::Split { data, shares, folds, leave_one_out, seed } => {
                let mut dataset = Dataset::open(&data)?;
                let folds = if leave_one_out { Some(dataset.subjects().len() as u32) } else { folds };
                match folds {
                    None => dataset.draw_splits(shares, seed),
                    Some(folds) => dataset.draw_folds(folds, seed)?,
                }
                dataset.write()?;
                match folds {
                    Some(folds) => eprintln!("{folds} folds of {} people", dataset.subjects().len()),
                    None => print_splits(&dataset),
                }
                println!("{}", data.display());
                Ok(())
            }
            Action::Forget { data, subject, search } => {
                let forgotten = forget(&data, &subject)?;
                let info = Dataset::open_table(&data)?.info;
                for path in &forgotten.removed {
                    eprintln!("removed: {}", path.display());
                }
                for path in &forgotten.elsewhere {
                    eprintln!("no longer used; remove it at its source: {}", path.display());
                }
                let parent = data.parent().filter(|parent| !parent.as_os_str().is_empty());
                let search = if search.is_empty() { vec![parent.unwrap_or(Path::new(".")).to_owned()] } else { search };
                let learnt: Vec<PathBuf> = search.iter().flat_map(|folder| learnt_from(folder, &info)).collect();
                if learnt.is_empty() {
                    eprintln!("no run or bundle under {} learnt from this data set", listed(&search));
                } else {
                    eprintln!("train anew, then remove (they learnt from this person):");
                    for path in learnt {
                        println!("{}", path.display());
                    }
                }
                Ok(())
            }
        }
    }
}

fn check(data: &Path, json: bool) -> anyhow::Result<()> {
    let dataset = Dataset::open(data)?;
    let crops = Arc::new(CropCache::open(&dataset, true)?);
    let findings = Findings::of(&dataset, &crops, &look_alikes(&dataset, &crops)?)?;
    if json {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer_pretty(&mut out, &findings)?;
        writeln!(out)?;
    } else {
        print_splits(&dataset);
        let lines = |what: &str, lines: Vec<String>| {
            println!("{what}: {}", lines.len());
            for line in lines {
                println!("  {line}");
            }
        };
        lines(
            "unreadable",
            findings.unreadable.iter().map(|(path, fault)| format!("{}: {fault}", path.display())).collect(),
        );
        lines("without a face", findings.no_face.iter().map(|path| path.display().to_string()).collect());
        lines("with several faces", findings.several_faces.iter().map(|path| path.display().to_string()).collect());
        lines("classes with nobody in a split", findings.thin_classes.iter().map(ToString::to_string).collect());
        lines("same picture twice in one split", findings.twins.iter().map(ToString::to_string).collect());
        lines("same picture in two splits", findings.leaks.iter().map(ToString::to_string).collect());
    }
    if findings.is_sound() {
        return Ok(());
    }
    let what = format!(
        "{}: {} photographs cannot be read, {} pictures stand in two splits",
        data.display(),
        findings.unreadable.len(),
        findings.leaks.len()
    );
    Err(hinted(what, "mend or remove them; photographs of one person need one subject, see `dataset split`").into())
}

fn listed(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}
