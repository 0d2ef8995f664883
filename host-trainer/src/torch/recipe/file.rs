//! The recipe as a TOML file: the explained default, what a file or `--set` changes of it, and its printing.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Recipe;

/// The default recipe, with an explanation of every key.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// A recipe that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{place} is no TOML")]
    Toml {
        /// Which file.
        place: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A key that does not exist.
    #[error("{place}: there is no key '{key}'")]
    UnknownKey {
        /// The file, or `--set`.
        place: String,
        /// The key, dotted.
        key: String,
        /// The nearest one that exists.
        nearest: String,
    },
    /// `--set` without an equals sign.
    #[error("--set {0}: no key=value")]
    NoValue(String),
    /// A value that the key cannot have.
    #[error("{place}: {fault}")]
    Value {
        /// The file, or `--set`.
        place: String,
        /// What is wrong.
        fault: String,
    },
}

impl RecipeError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest, .. } => Some(format!("did you mean '{nearest}'?")),
            Self::NoValue(_) => Some("e.g. --set optimizer.rate=2e-4".into()),
            Self::Value { .. } => Some("`host-trainer train --print-config` explains every key".into()),
            Self::Read { .. } | Self::Toml { .. } => None,
        }
    }
}

/// A recipe in the making.
#[derive(Clone, Debug)]
pub struct RecipeFile {
    table: Table,
}

impl Default for RecipeFile {
    fn default() -> Self {
        Self { table: DEFAULT_TOML.parse().expect("the default recipe is TOML; a test says so") }
    }
}

impl RecipeFile {
    /// The default, changed by the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or names a key that does not exist or a value that the key cannot have.
    pub fn read(path: &Path) -> Result<Self, RecipeError> {
        let text = fs::read_to_string(path).map_err(|source| RecipeError::Read { path: path.to_owned(), source })?;
        Self::changed_by(&path.display().to_string(), &text)
    }

    /// The baseline of frozen features and a linear layer.
    pub fn frozen_linear() -> Self {
        let text = include_str!("frozen_linear.toml");
        Self::changed_by("frozen_linear.toml", text).expect("it is sound; a test says so")
    }

    /// The baseline of 2018.
    pub fn singh_kisku_2018() -> Self {
        let text = include_str!("singh_kisku_2018.toml");
        Self::changed_by("singh_kisku_2018.toml", text).expect("it is sound; a test says so")
    }

    fn changed_by(place: &str, text: &str) -> Result<Self, RecipeError> {
        let changes: Table =
            text.parse().map_err(|source| RecipeError::Toml { place: place.to_owned(), source: Box::new(source) })?;
        let mut file = Self::default();
        for (key, value) in &changes {
            match value {
                Value::Table(part) => {
                    for (inner, value) in part {
                        file.put(place, &format!("{key}.{inner}"), value.clone())?;
                    }
                }
                value => file.put(place, key, value.clone())?,
            }
        }
        Ok(file)
    }

    /// Changes one key: `optimizer.rate=2e-4`. A value that is no TOML is taken as text.
    ///
    /// # Errors
    /// As for a file.
    pub fn set(&mut self, assignment: &str) -> Result<(), RecipeError> {
        let (key, text) = assignment.split_once('=').ok_or_else(|| RecipeError::NoValue(assignment.to_owned()))?;
        let value = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
        let value = value.unwrap_or_else(|| Value::String(text.trim().to_owned()));
        self.put("--set", key.trim(), value)
    }

    /// The recipe.
    ///
    /// # Errors
    /// When choices contradict each other.
    pub fn recipe(&self) -> Result<Recipe, RecipeError> {
        let recipe = Self::parse("the recipe", &self.table)?;
        match recipe.fault() {
            Some(fault) => Err(RecipeError::Value { place: "the recipe".into(), fault }),
            None => Ok(recipe),
        }
    }

    /// The recipe as TOML, every key explained.
    pub fn print(&self) -> String {
        let mut section: Option<&str> = None;
        let mut out = String::new();
        for line in DEFAULT_TOML.lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = Some(name);
            }
            let key = line.split_once(" = ").map(|(key, _)| key).filter(|key| !key.starts_with('#'));
            let value = key.and_then(|key| match section {
                Some(section) => self.table.get(section)?.get(key),
                None => self.table.get(key),
            });
            match (key, value) {
                (Some(key), Some(value)) => out += &format!("{key} = {value}\n"),
                _ => out += &format!("{line}\n"),
            }
        }
        out
    }

    fn put(&mut self, place: &str, key: &str, value: Value) -> Result<(), RecipeError> {
        let slot = match key.split_once('.') {
            Some((section, key)) => self.table.get_mut(section).and_then(|part| part.get_mut(key)),
            None => self.table.get_mut(key).filter(|value| !value.is_table()),
        };
        let Some(slot) = slot else {
            let nearest = self.nearest(key);
            return Err(RecipeError::UnknownKey { place: place.to_owned(), key: key.to_owned(), nearest });
        };
        // TOML tells 5 from 5.0, people do not; and --set 160 of a text is that text.
        *slot = match (&*slot, value) {
            (Value::Float(_), Value::Integer(whole)) => Value::Float(whole as f64),
            (Value::String(_), Value::Integer(whole)) => Value::String(whole.to_string()),
            (_, value) => value,
        };
        // Each by itself, so that the fault is said of the right place.
        Self::parse(&format!("{place}: {key}"), &self.table).map(|_| ())
    }

    fn parse(place: &str, table: &Table) -> Result<Recipe, RecipeError> {
        table.clone().try_into().map_err(|error: toml::de::Error| RecipeError::Value {
            place: place.to_owned(),
            fault: error.message().to_owned(),
        })
    }

    fn nearest(&self, key: &str) -> String {
        let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
        let keys = self.table.iter().flat_map(|(name, value)| match value {
            Value::Table(part) => part.keys().map(|key| format!("{name}.{key}")).collect::<Vec<_>>(),
            _ => vec![name.clone()],
        });
        let distance = |known: &String| {
            let whole = strsim::damerau_levenshtein(key, known);
            whole.min(strsim::damerau_levenshtein(&last(key), &last(known)))
        };
        keys.min_by_key(distance).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torch::recipe::Freeze;

    fn read(text: &str) -> Result<RecipeFile, RecipeError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        fs::write(&path, text).unwrap();
        RecipeFile::read(&path)
    }

    #[test]
    fn the_default_is_sound_complete_and_explained() {
        let recipe = RecipeFile::default().recipe().unwrap();
        assert_eq!(RecipeFile::default().print(), DEFAULT_TOML);
        let again: Table = toml::to_string(&recipe).unwrap().parse().unwrap();
        let count = |table: &Table| table.values().map(|v| v.as_table().map_or(1, Table::len)).sum::<usize>();
        assert_eq!(count(&again), count(&RecipeFile::default().table), "a choice is missing in default.toml");
        let lines: Vec<&str> = DEFAULT_TOML.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[1].contains(" = ") && !pair[1].starts_with('#')) {
            assert!(pair[0].starts_with('#') || pair[0].contains(" = "), "no word about {}", pair[1]);
        }
    }

    #[test]
    fn the_baselines_are_sound() {
        let frozen = RecipeFile::frozen_linear().recipe().unwrap();
        assert_eq!((frozen.stages.freeze, frozen.stages.cached_views), (Freeze::Layer4, 1));
        let old = RecipeFile::singh_kisku_2018().recipe().unwrap();
        assert_eq!((old.loss.refusal_weight, old.rate(3, 100), old.rate(99, 100)), (0.0, 1e-4, 1e-4));
    }

    #[test]
    fn a_file_and_set_change_what_they_name() {
        let mut file =
            read("epochs = 3\nimage_size = \"64\"\n[optimizer]\nrate = 1\n[stages]\nfreeze = \"layer3\"").unwrap();
        file.set("views.mirror=0").unwrap();
        file.set("image_size=96,128").unwrap();
        file.set("keep.metric=loss").unwrap();
        let recipe = file.recipe().unwrap();
        assert_eq!((recipe.epochs, recipe.optimizer.rate, recipe.views.mirror), (3, 1.0, 0.0));
        assert_eq!(recipe.stages.freeze, Freeze::Layer3);
        assert_eq!(recipe.side(0), 96);
        let printed = file.print();
        assert_eq!(read(&printed).unwrap().recipe().unwrap(), recipe);
        assert!(printed.contains("freeze = \"layer3\"") && printed.contains("# The last stage that keeps"));
    }

    #[test]
    fn what_cannot_be_is_named_with_the_nearest_that_can() {
        let error = read("[optimizer]\nlearning_rate = 1").unwrap_err();
        assert!(error.to_string().ends_with("r.toml: there is no key 'optimizer.learning_rate'"), "{error}");
        let mut file = RecipeFile::default();
        let error = file.set("optimiser.rate=1").unwrap_err();
        assert_eq!(error.hint().unwrap(), "did you mean 'optimizer.rate'?");
        assert_eq!(file.set("smothing=1").unwrap_err().hint().unwrap(), "did you mean 'loss.smoothing'?");
        assert!(matches!(file.set("optimizer=1"), Err(RecipeError::UnknownKey { .. })));
        assert!(matches!(file.set("epochs"), Err(RecipeError::NoValue(_))));
        let error = file.set("stages.freeze=layer9").unwrap_err().to_string();
        assert!(error.starts_with("--set: stages.freeze: unknown variant `layer9`"), "{error}");
        assert!(read("epochs = ").unwrap_err().to_string().ends_with("r.toml is no TOML"));
    }

    #[test]
    fn choices_that_contradict_each_other_are_refused() {
        let fault = |assignments: &[&str]| {
            let mut file = RecipeFile::default();
            assignments.iter().for_each(|assignment| file.set(assignment).unwrap());
            file.recipe().unwrap_err().to_string()
        };
        assert!(fault(&["image_size=64:3,96:2"]).contains("is for 5 epochs, but epochs is 12"));
        assert!(fault(&["keep.ema=1.5"]).contains("keep.ema is 1.5; it must be 0 to 1"));
        assert!(fault(&["optimizer.rate=0"]).contains("optimizer.rate is 0; it must be above 0"));
        assert!(fault(&["views.mixup=1", "views.cutmix=1"]).contains("choose one"));
        assert!(fault(&["stages.cached_views=4"]).contains("stages.freeze"));
    }
}
