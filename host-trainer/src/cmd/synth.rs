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

use super::hinted;
use crate::atomic_file::write_atomically;
use crate::chance::Chance;
use crate::dataset::ShownFeature;
use crate::dataset::{Dataset, FORMAT_VERSION, Info, Label, NegativeKind, Photo, Split};
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

/// Shares of training, calibration and test; they add up to one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares([f64; 3]);

impl std::str::FromStr for Shares {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shares: Vec<f64> = text.split(',').filter_map(|share| share.trim().parse().ok()).collect();
        let shares: [f64; 3] = shares.try_into().map_err(|_| "three numbers, e.g. 0.7,0.1,0.2".to_owned())?;
        let sound = shares.iter().all(|share| *share >= 0.0) && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-6;
        if sound { Ok(Self(shares)) } else { Err("the shares must not be negative and add up to 1".into()) }
    }
}

impl Shares {
    /// How many of `subjects` train and calibrate, the rest tests: as the shares say, but none of them nobody's while
    /// another has two.
    fn counts(self, subjects: usize) -> [usize; 2] {
        let bound = |share: f64| (share * subjects as f64).round() as usize;
        let train = bound(self.0[0]);
        let calibration = bound(self.0[0] + self.0[1]) - train;
        let mut counts = [train, calibration, subjects - train - calibration];
        for split in 0..3 {
            let largest = (0..3).max_by_key(|&other| counts[other]).unwrap_or(0);
            if self.0[split] > 0.0 && counts[split] == 0 && counts[largest] > 1 {
                counts[largest] -= 1;
                counts[split] += 1;
            }
        }
        [counts[0], counts[1]]
    }

    /// The split of each of `subjects`, drawn by seed.
    fn assign(self, subjects: u32, seed: u64, label: &str) -> Vec<Split> {
        let [train, calibration] = self.counts(subjects as usize);
        let mut order: Vec<usize> = (0..subjects as usize).collect();
        Chance::new(&format!("split {label}"), &[seed]).shuffle(&mut order);
        let mut splits = vec![Split::Test; subjects as usize];
        for (place, subject) in order.into_iter().enumerate() {
            if place < train {
                splits[subject] = Split::Train;
            } else if place < train + calibration {
                splits[subject] = Split::Calibration;
            }
        }
        splits
    }
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
        summarize(&dataset);
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
                let splits = self.split.assign(count, self.seed, label.id());
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
            "split": self.split.0,
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
        age_years: Some(subject.age_years),
        sex: Some(subject.sex),
        ancestry: Some(subject.ancestry),
        skin_tone: Some(subject.skin_tone),
        features: features.collect(),
    }
}

fn summarize(dataset: &Dataset) {
    for split in [Split::Train, Split::Calibration, Split::Test] {
        let photos = dataset.split(split);
        let negatives = photos.iter().filter(|&&index| dataset.photos[index].label.class().is_none()).count();
        eprintln!("{split}: {} photographs, {negatives} of them negatives", photos.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_and_drawn_by_seed() {
        let shares: Shares = "0.7,0.1,0.2".parse().unwrap();
        let splits = shares.assign(40, 1, "down");
        let count = |split| splits.iter().filter(|&&other| other == split).count();
        assert_eq!([count(Split::Train), count(Split::Calibration), count(Split::Test)], [28, 4, 8]);
        assert_eq!(shares.counts(4), [2, 1]);
        assert_eq!(shares.counts(2), [1, 1]);
        assert_eq!(splits, shares.assign(40, 1, "down"));
        assert_ne!(splits, shares.assign(40, 2, "down"));
        for wrong in ["0.7,0.3", "0.7,0.2,0.2", "a,b,c", "1.2,-0.1,-0.1"] {
            assert!(wrong.parse::<Shares>().is_err(), "{wrong}");
        }
    }
}
