//! `host-trainer synth`: writes a data set of synthetic photographs.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use lakshan_core::Syndrome;
use lakshan_core::manifest::{DataKind, Provenance};
use lakshan_registry::{CacheDir, fetch, packages};
use lakshan_synth::{HeadModel, Subject, photograph};
use rayon::prelude::*;
use serde_json::json;

use super::{hinted, print_splits};
use crate::atomic_file::write_atomically;
use crate::dataset::splits::Shares;
use crate::dataset::{Dataset, FORMAT_VERSION, Info, Label, NegativeKind, Photo, ShownFeature, Split};
use crate::progress::{Progress, in_words};

/// Write a data set of synthetic photographs: people who do not exist.
///
/// The same arguments give the same files. An interrupted run goes on where it stopped.
#[derive(Debug, Args)]
pub struct Cmd {
    /// Folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Subjects of each of the twelve classes.
    #[arg(long, value_name = "N", default_value_t = 40)]
    subjects_per_class: u32,
    /// Photographs of each subject; they differ in pose, light and background.
    #[arg(long, value_name = "K", default_value_t = 4)]
    photos_per_subject: u32,
    /// Subjects of no class: half unaffected, half with signs of other conditions.
    #[arg(long, value_name = "M", default_value_t = 160)]
    negatives: u32,
    /// Seed; another one gives other people.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Side of the photographs, pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 512, value_parser = clap::value_parser!(u32).range(128..=4096))]
    size: u32,
    /// Shares of the subjects in training, calibration and test.
    #[arg(long, value_name = "SHARES", default_value = "0.7,0.1,0.2")]
    split: Shares,
    /// Also draw some subjects of every class on one sheet.
    #[arg(long, value_name = "FILE.png")]
    contact_sheet: Option<PathBuf>,
    /// Folder of head meshes [default: fetched by package name into the cache folder].
    #[arg(long, value_name = "DIR")]
    heads: Option<PathBuf>,
}

impl Cmd {
    /// Runs the command.
    ///
    /// # Errors
    /// When a photograph cannot be rendered or written.
    pub fn run(self) -> anyhow::Result<()> {
        if fs::read_dir(&self.out).is_ok_and(|mut entries| entries.next().is_some()) {
            let what = format!("{} is not empty", self.out.display());
            return Err(hinted(what, "name a new folder with --out, or remove this one first").into());
        }
        let model = HeadModel::load(&self.heads()?)?;
        if let Some(sheet) = &self.contact_sheet {
            let picture = lakshan_synth::contact_sheet(&model, self.seed, 10, 160);
            picture.save(sheet).with_context(|| format!("cannot write {}", sheet.display()))?;
            eprintln!("contact sheet: {}", sheet.display());
        }
        let subjects = self.subjects();
        let unfinished = self.unfinished_folder()?;
        self.render(&model, &subjects, &unfinished)?;
        let photos = subjects
            .iter()
            .flat_map(|(subject, split)| (0..self.photos_per_subject).map(|number| record(subject, *split, number)));
        let dataset = Dataset { root: unfinished.clone(), info: self.info(), photos: photos.collect() };
        dataset.write()?;
        let write = || -> std::io::Result<()> {
            fs::remove_file(unfinished.join(ARGUMENTS_FILE))?;
            if self.out.exists() {
                fs::remove_dir(&self.out)?;
            }
            fs::rename(&unfinished, &self.out)
        };
        write().with_context(|| format!("cannot move {} to {}", unfinished.display(), self.out.display()))?;
        print_splits(&dataset);
        println!("{}", self.out.display());
        Ok(())
    }

    fn heads(&self) -> anyhow::Result<PathBuf> {
        match &self.heads {
            Some(folder) => Ok(folder.clone()),
            None => Ok(fetch(&packages::HEADS, &CacheDir::from_env(|name| std::env::var_os(name))?)?),
        }
    }

    /// Everyone, with their split: stratified by class, and by the two kinds of negatives.
    fn subjects(&self) -> Vec<(Subject, Split)> {
        use lakshan_synth::Label::{Affected, OtherCondition, Unaffected};
        let classes = Syndrome::ALL.into_iter().map(|class| (Affected(class), self.subjects_per_class));
        let negatives = [(Unaffected, self.negatives.div_ceil(2)), (OtherCondition, self.negatives / 2)];
        classes
            .chain(negatives)
            .flat_map(|(label, count)| {
                let splits = self.split.assign(count as usize, self.seed, label.id());
                (0..count).zip(splits).map(move |(index, split)| (Subject::draw(self.seed, label, index), split))
            })
            .collect()
    }

    fn info(&self) -> Info {
        Info {
            format_version: FORMAT_VERSION,
            name: self.out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            provenance: Provenance {
                kind: DataKind::Synthetic,
                statement: format!(
                    "{} synthetic subjects of each class and {} negatives, {} photograph{} each, seed {}; no real person",
                    self.subjects_per_class,
                    self.negatives,
                    self.photos_per_subject,
                    if self.photos_per_subject == 1 { "" } else { "s" },
                    self.seed
                ),
            },
            photographs: None,
            generator: self.arguments(),
        }
    }

    /// Everything that the photographs depend on.
    fn arguments(&self) -> serde_json::Value {
        json!({
            "program": concat!("host-trainer synth ", env!("CARGO_PKG_VERSION")),
            "subjects_per_class": self.subjects_per_class,
            "photos_per_subject": self.photos_per_subject,
            "negatives": self.negatives,
            "seed": self.seed,
            "size": self.size,
            "split": self.split.values(),
        })
    }

    /// The folder beside `out` that is renamed when all is there; one of an earlier run with the same arguments is
    /// gone on with, another is emptied.
    fn unfinished_folder(&self) -> anyhow::Result<PathBuf> {
        let mut name = self.out.file_name().context("--out names no folder")?.to_owned();
        name.push(".unfinished");
        let folder = self.out.with_file_name(name);
        let arguments = folder.join(ARGUMENTS_FILE);
        let wanted = serde_json::to_vec_pretty(&self.arguments())?;
        if folder.exists() && fs::read(&arguments).ok().as_ref() != Some(&wanted) {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let photos = folder.join("photos");
        let labels = Syndrome::ALL.into_iter().map(Syndrome::id).chain(["negative"]);
        for label in labels {
            let folder = photos.join(label);
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        write_atomically(&arguments, |file| file.write_all(&wanted))?;
        Ok(folder)
    }

    fn render(&self, model: &HeadModel, subjects: &[(Subject, Split)], folder: &Path) -> anyhow::Result<()> {
        let wanted: Vec<(&Subject, u32, PathBuf)> = subjects
            .iter()
            .flat_map(|(subject, split)| {
                (0..self.photos_per_subject)
                    .map(move |number| (subject, number, folder.join(record(subject, *split, number).photo)))
            })
            .filter(|(_, _, path)| !path.exists())
            .collect();
        let progress = Progress::new("photographs", wanted.len() as u64, "photographs");
        let started = std::time::Instant::now();
        wanted.par_iter().try_for_each(|(subject, number, path)| {
            let jpeg = photograph(model, subject, *number, self.size).jpeg;
            // Renamed when whole, so that an interrupted run can trust what it finds. No fsync each: the table comes
            // last, and after a power cut a torn photograph is found when it is decoded.
            let temporary = path.with_extension("jpg.part");
            let write = || fs::write(&temporary, &jpeg).and_then(|()| fs::rename(&temporary, path));
            write().with_context(|| format!("cannot write {}", path.display()))?;
            progress.advance(1);
            anyhow::Ok(())
        })?;
        progress.finish();
        let seconds = started.elapsed().as_secs_f64();
        eprintln!(
            "{} photographs in {}, {:.1} a second",
            wanted.len(),
            in_words(seconds),
            wanted.len() as f64 / seconds.max(1e-9)
        );
        Ok(())
    }
}

/// The arguments of a run that is not finished.
const ARGUMENTS_FILE: &str = ".arguments.json";

/// The table's line of photograph `number` of `subject`.
fn record(subject: &Subject, split: Split, number: u32) -> Photo {
    let label = match subject.label {
        lakshan_synth::Label::Affected(class) => Label::Class(class),
        lakshan_synth::Label::Unaffected => Label::Negative(NegativeKind::Unaffected),
        lakshan_synth::Label::OtherCondition => Label::Negative(NegativeKind::OtherCondition),
    };
    let features = subject.features.iter().map(|feature| ShownFeature {
        hpo: feature.hpo.clone(),
        sign: Some(feature.sign.clone()),
        strength: feature.strength,
    });
    Photo {
        photo: format!("photos/{}/{}-{number}.jpg", label.id(), subject.id).into(),
        subject: subject.id.clone(),
        label,
        split,
        fold: None,
        age_years: Some(subject.age_years),
        sex: Some(subject.sex),
        ancestry: Some(subject.ancestry),
        skin_tone: Some(subject.skin_tone),
        features: features.collect(),
    }
}
