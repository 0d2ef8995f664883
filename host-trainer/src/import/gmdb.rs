//! GestaltMatcherDB: photographs by number, a metadata table, and lists of training, validation and test images.
//!
//! ```text
//! SOURCE/gmdb_images/<image_id>.*
//! SOURCE/gmdb_metadata/image_metadata_<version>.tsv
//! SOURCE/gmdb_metadata/gmdb_{train,val,test}_images_<version>.csv     image_id,label
//! ```
//!
//! Only the columns named here are read: names, e-mail addresses, authors and users never enter.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use lakshan_core::{Ancestry, Sex, Syndrome};

use super::folder::photographs;
use super::names::{class_of_omim, label_of};
use super::{Finds, Found, ImportError, LeftOut};
use crate::dataset::{Label, NegativeKind, ShownFeature, Split};

/// The folder of photographs.
const IMAGES: &str = "gmdb_images";
/// The folder of tables.
const METADATA: &str = "gmdb_metadata";

/// The columns that must be there.
const NEEDED: [&str; 6] = ["image_id", "patient_id", "omim_ids", "image_type", "consent", "private"];

/// One line of the metadata: what is read of it; every other column is passed over.
struct Row<'a> {
    columns: &'a HashMap<&'a str, usize>,
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The cell of a column; empty where the table has no such column or the line ends before.
    fn get(&self, column: &str) -> &'a str {
        self.columns.get(column).and_then(|&index| self.cells.get(index)).map_or("", |cell| cell.trim())
    }
}

/// Finds the photographs of a GestaltMatcherDB release.
///
/// # Errors
/// When a table is missing, lacks a column, or holds a row that cannot be read.
pub fn find(source: &Path, all_views: bool) -> Result<Finds, ImportError> {
    let images = source.join(IMAGES);
    let by_id: HashMap<String, PathBuf> = photographs(&images)?
        .into_iter()
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path.strip_prefix(&images).ok()?.to_owned())))
        .collect();
    let tables = source.join(METADATA);
    let metadata = newest(&tables, "image_metadata_", ".tsv")?
        .ok_or_else(|| fault(&tables, "there is no image_metadata_<version>.tsv"))?;
    let splits = splits(&tables)?;

    let text = fs::read_to_string(&metadata).map_err(|source| ImportError::Read { path: metadata.clone(), source })?;
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let (_, header) = lines.next().ok_or_else(|| fault(&metadata, "it is empty"))?;
    let columns: HashMap<&str, usize> =
        header.split('\t').enumerate().map(|(index, name)| (name.trim(), index)).collect();
    if let Some(column) = NEEDED.iter().find(|column| !columns.contains_key(*column)) {
        return Err(fault(&metadata, &format!("there is no column '{column}'")));
    }

    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let row = Row { columns: &columns, cells: text.split('\t').collect() };
        let photo = by_id.get(row.get("image_id")).cloned();
        let name = photo.clone().unwrap_or_else(|| row.get("image_id").into());
        let reason = if !is_yes(row.get("consent")) {
            Some(LeftOut::NoConsent)
        } else if !is_no(row.get("private")) {
            Some(LeftOut::Private)
        } else if !(all_views || row.get("image_type").eq_ignore_ascii_case("frontal face")) {
            Some(LeftOut::NotFrontal)
        } else if photo.is_none() {
            Some(LeftOut::FileMissing)
        } else {
            None
        };
        if let Some(reason) = reason {
            left_out.push((name, reason));
            continue;
        }
        if row.get("patient_id").is_empty() {
            return Err(fault(&metadata, &format!("line {line} has no patient_id")));
        }
        found.push(row.found(name, &splits, &metadata, line)?);
    }
    found.sort_by(|a: &Found, b| a.photo.cmp(&b.photo));
    let version = metadata.file_stem().unwrap_or_default().to_string_lossy().replace("image_metadata_", "");
    Ok(Finds { photographs: images, found, left_out, source: format!("GestaltMatcherDB {version}") })
}

impl Row<'_> {
    fn found(
        &self,
        photo: PathBuf,
        splits: &HashMap<String, Split>,
        table: &Path,
        line: usize,
    ) -> Result<Found, ImportError> {
        let numbers =
            self.get("omim_ids").split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
        // Turner syndrome has no OMIM number: it goes by its name.
        let by_name = || {
            let name = label_of(self.get("internal_syndrome_name")).ok().and_then(Label::class);
            name.filter(|class| *class == Syndrome::Turner)
        };
        let label = class_of_omim(numbers).or_else(by_name);
        let number = |column: &str| -> Result<Option<f32>, ImportError> {
            match self.get(column) {
                "" | "NA" | "nan" | "None" => Ok(None),
                text => match text.parse::<f32>() {
                    Ok(number) if number.is_finite() => Ok(Some(number)),
                    _ => Err(fault(table, &format!("line {line}: {column} '{text}' is no number"))),
                },
            }
        };
        let age = match (number("age_year")?, number("age_month")?) {
            (None, None) => None,
            (years, months) => Some(years.unwrap_or(0.0) + months.unwrap_or(0.0) / 12.0),
        };
        let features = self.get("present_features").split(';').map(str::trim).filter(|term| term.starts_with("HP:"));
        Ok(Found {
            photo,
            subject: Some(format!("gmdb-{}", self.get("patient_id"))),
            label: label.map_or(Label::Negative(NegativeKind::OtherCondition), Label::Class),
            split: splits.get(self.get("image_id")).copied(),
            age_years: age,
            sex: match self.get("gender").to_ascii_lowercase().as_str() {
                "female" | "f" => Some(Sex::Female),
                "male" | "m" => Some(Sex::Male),
                _ => None,
            },
            ancestry: ancestry(self.get("ethnicity_category")),
            features: features.map(|term| ShownFeature { hpo: term.to_owned(), sign: None, strength: 1.0 }).collect(),
        })
    }
}

/// Only what the three shares can say; everything else is unknown.
fn ancestry(category: &str) -> Option<Ancestry> {
    let none = Ancestry { african: 0.0, asian: 0.0, european: 0.0 };
    let category = category.to_ascii_lowercase();
    let has = |word: &str| category.contains(word);
    match (has("africa"), has("asia"), has("europe") || has("caucasian")) {
        (true, false, false) => Some(Ancestry { african: 1.0, ..none }),
        (false, true, false) => Some(Ancestry { asian: 1.0, ..none }),
        (false, false, true) => Some(Ancestry { european: 1.0, ..none }),
        _ => None,
    }
}

fn is_yes(flag: &str) -> bool {
    matches!(flag.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "y")
}

fn is_no(flag: &str) -> bool {
    matches!(flag.trim().to_ascii_lowercase().as_str(), "0" | "false" | "no" | "n")
}

/// The split of each image, where the release lists it.
fn splits(tables: &Path) -> Result<HashMap<String, Split>, ImportError> {
    let mut splits = HashMap::new();
    for (name, split) in [("train", Split::Train), ("val", Split::Calibration), ("test", Split::Test)] {
        let Some(path) = newest(tables, &format!("gmdb_{name}_images_"), ".csv")? else { continue };
        let text = fs::read_to_string(&path).map_err(|source| ImportError::Read { path: path.clone(), source })?;
        for line in text.lines().skip(1).filter(|line| !line.trim().is_empty()) {
            let id = line.split(',').next().unwrap_or_default().trim();
            splits.insert(id.to_owned(), split);
        }
    }
    Ok(splits)
}

/// The last of the files with these ends of their names, in order of their versions' texts.
fn newest(folder: &Path, begin: &str, end: &str) -> Result<Option<PathBuf>, ImportError> {
    let wrong = |source| ImportError::Read { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let name = entry.map_err(wrong)?.file_name();
        let fits = name.to_str().is_some_and(|name| name.starts_with(begin) && name.ends_with(end));
        names.extend(fits.then_some(name));
    }
    names.sort();
    Ok(names.pop().map(|name| folder.join(name)))
}

fn fault(path: &Path, fault: &str) -> ImportError {
    ImportError::Table { path: path.to_owned(), fault: fault.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "image_id\tpatient_id\tfilename\tfirst_name\tomim_ids\tpresent_features\tage_year\tage_month\t\
                          gender\tethnicity_category\tinternal_syndrome_name\timage_type\tconsent\tprivate";

    fn release(rows: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (images, tables) = (folder.path().join(IMAGES), folder.path().join(METADATA));
        fs::create_dir_all(&images).unwrap();
        fs::create_dir_all(&tables).unwrap();
        for id in 1..=6 {
            fs::write(images.join(format!("{id}.jpg")), "x").unwrap();
        }
        fs::write(tables.join("image_metadata_v1.0.9.tsv"), [&[HEADER], rows].concat().join("\n")).unwrap();
        fs::write(tables.join("gmdb_test_images_v1.0.9.csv"), "image_id,label\n2,7\n").unwrap();
        folder
    }

    #[test]
    fn takes_what_it_may_and_says_what_it_leaves() {
        let folder = release(&[
            "1\t77\tanna.jpg\tAnna\t190685\tHP:0000286; HP:0000347\t3\t6\tfemale\tAfrican\tDown\tFrontal face\t1\t0",
            "2\t78\tb.jpg\tBob\t154700,1234\t\t\t\tmale\tMixed\tMarfan\tFrontal face\ttrue\tFalse",
            "3\t79\tc.jpg\tC\t147920\t\t5\t\t\t\tKabuki\tFrontal face\t1\t0",
            "4\t80\td.jpg\tD\t190685\t\t5\t\t\t\tDown\tFrontal face\t0\t0",
            "5\t81\te.jpg\tE\t190685\t\t5\t\t\t\tDown\tFrontal face\t1\t1",
            "6\t82\tf.jpg\tF\t\t\t5\t\t\t\tTurner syndrome\tProfile\t1\t0",
            "9\t83\tg.jpg\tG\t190685\t\t5\t\t\t\tDown\tFrontal face\t1\t0",
        ]);
        let finds = find(folder.path(), false).unwrap();
        let reasons: Vec<_> = finds.left_out.iter().map(|(_, reason)| *reason).collect();
        use LeftOut::{FileMissing, NoConsent, NotFrontal, Private};
        assert_eq!(reasons, [NoConsent, Private, NotFrontal, FileMissing]);
        let [anna, bob, kabuki] = &finds.found[..] else { panic!("{:?}", finds.found) };
        assert_eq!(anna.label, Label::Class(Syndrome::Down));
        assert_eq!((anna.age_years, anna.sex), (Some(3.5), Some(Sex::Female)));
        assert_eq!(anna.features.len(), 2);
        assert_eq!(anna.ancestry.unwrap().african, 1.0);
        assert_eq!(bob.label, Label::Class(Syndrome::Marfan));
        assert_eq!((bob.split, bob.ancestry), (Some(Split::Test), None));
        assert_eq!(kabuki.label, Label::Negative(NegativeKind::OtherCondition));
        assert!(!format!("{:?}", finds.found).contains("Anna"), "names never enter");
        assert_eq!(finds.source, "GestaltMatcherDB v1.0.9");

        let all = find(folder.path(), true).unwrap();
        let turner = all.found.iter().find(|found| found.subject.as_deref() == Some("gmdb-82")).unwrap();
        assert_eq!(turner.label, Label::Class(Syndrome::Turner));
    }

    #[test]
    fn names_the_column_and_the_line_at_fault() {
        let folder = release(&["1\t77\ta\ta\t190685\t\tthree\t\t\t\tDown\tFrontal face\t1\t0"]);
        let words = find(folder.path(), false).unwrap_err().to_string();
        assert!(words.contains("line 2: age_year 'three' is no number"), "{words}");
        let folder = release(&["1\t\ta\ta\t190685\t\t3\t\t\t\tDown\tFrontal face\t1\t0"]);
        assert!(find(folder.path(), false).unwrap_err().to_string().contains("line 2 has no patient_id"));
        let table = folder.path().join(METADATA).join("image_metadata_v1.0.9.tsv");
        fs::write(&table, "image_id\tpatient_id\n1\t2\n").unwrap();
        assert!(find(folder.path(), false).unwrap_err().to_string().contains("no column 'omim_ids'"));
    }
}
