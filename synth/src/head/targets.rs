//! Reads the targets: sparse displacements of the base mesh's vertices.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rayon::prelude::*;

use super::LoadError;
use crate::vector::{V3, v3};

/// Displacement of some vertices at weight 1; vertices are numbered as in the cut-out head.
pub(crate) type Target = Vec<(u32, V3)>;

/// Folders whose targets are read whole; of `macrodetails` only what [`super::Macro`] mixes.
const FOLDERS: [&str; 14] = [
    "asym",
    "cheek",
    "chin",
    "ears",
    "eyebrows",
    "eyes",
    "forehead",
    "head",
    "mouth",
    "neck",
    "nose",
    "expression/units/african",
    "expression/units/asian",
    "expression/units/caucasian",
];

/// Reads every target a head can use. `kept` maps a vertex of the base mesh to one of the cut-out head.
pub(super) fn read(
    folder: &Path,
    macros: &[String],
    kept: &[Option<u32>],
) -> Result<BTreeMap<String, Target>, LoadError> {
    let mut names = macros.iter().map(|m| format!("macrodetails/{m}")).collect::<Vec<_>>();
    for sub in FOLDERS {
        let path = folder.join(sub);
        let entries = std::fs::read_dir(&path).map_err(|source| LoadError::Read { path: path.clone(), source })?;
        for entry in entries {
            let entry = entry.map_err(|source| LoadError::Read { path: path.clone(), source })?;
            if let Some(name) = entry.file_name().to_str().and_then(|n| n.strip_suffix(".target.gz")) {
                names.push(format!("{sub}/{name}"));
            }
        }
    }
    names
        .into_par_iter()
        .map(|name| {
            let target = read_one(folder.join(format!("{name}.target.gz")), kept)?;
            Ok((name, target))
        })
        .collect()
}

fn read_one(path: PathBuf, kept: &[Option<u32>]) -> Result<Target, LoadError> {
    let mut text = String::new();
    std::fs::File::open(&path)
        .and_then(|file| GzDecoder::new(file).read_to_string(&mut text))
        .map_err(|source| LoadError::Read { path: path.clone(), source })?;
    parse(&text, kept).map_err(|fault| LoadError::Malformed { path, fault })
}

/// Parses lines `vertex dx dy dz`; `#` starts a comment.
fn parse(text: &str, kept: &[Option<u32>]) -> Result<Target, String> {
    let mut target = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = || format!("line {}: not `vertex dx dy dz`: {line}", number + 1);
        let mut words = line.split_ascii_whitespace();
        let vertex: usize = words.next().and_then(|w| w.parse().ok()).ok_or_else(fault)?;
        let mut next = || words.next().and_then(|w| w.parse::<f32>().ok());
        let (Some(x), Some(y), Some(z)) = (next(), next(), next()) else { return Err(fault()) };
        let place = kept.get(vertex).ok_or_else(|| format!("line {}: no vertex {vertex}", number + 1))?;
        if let Some(place) = *place {
            target.push((place, v3(x, y, z)));
        }
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_the_head_and_renumbers() {
        let target = parse("# comment\n0 .1 0 0\n2 0 -.5 1\n", &[None, Some(0), Some(1)]).unwrap();
        assert_eq!(target, [(1, v3(0.0, -0.5, 1.0))]);
    }

    #[test]
    fn a_short_line_is_a_fault() {
        assert!(parse("1 .1 0\n", &[None, None]).unwrap_err().starts_with("line 1"));
        assert!(parse("9 .1 0 0\n", &[None]).unwrap_err().contains("no vertex 9"));
    }
}
