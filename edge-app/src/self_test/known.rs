//! A known photograph must give the known logits, bit for bit.
//!
//! What they are is said by the table of this program, or else by the bundle's manifest. That the detector finds the face
//! of the photograph near its place is looked at beside it; it computes in floats, and need not find it at the same place.

use lakshan_core::Face;
use lakshan_core::Syndrome;
use lakshan_core::manifest::NETWORK_FILE;
use lakshan_vision::known::{self, PHOTOGRAPH};

use super::Outcome;
use crate::screening::Screener;

/// For each network, named by its hash, the logits of that photograph.
const KNOWN: &str = include_str!("../../data/known_logits.tsv");
/// How far the detector may be off, as a part of the distance between the eyes.
const MAX_DRIFT: f32 = 0.1;

/// The logits that the photograph gives now, in the order of the classes.
///
/// # Errors
/// In words, when a stage fails.
pub fn logits(screener: &Screener) -> Result<[f32; Syndrome::COUNT], String> {
    let input = known::input().map_err(|error| format!("it does not decode: {error}"))?;
    let logits = screener.bundle().network().infer(&input);
    logits.map(|logits| *logits.values()).map_err(|error| format!("the network fails: {error}"))
}

/// The hash of the bundle's network, by which its logits are known.
pub fn network_hash(screener: &Screener) -> &str {
    screener.bundle().manifest().files.get(NETWORK_FILE).map_or("", |entry| &entry.sha256)
}

/// Holds the photograph's logits against those that are known.
pub(crate) fn check(screener: &Screener) -> Outcome {
    let found = lakshan_vision::decode(PHOTOGRAPH).map_err(|error| error.to_string());
    let found = found.and_then(|frame| screener.screen(&frame).map_err(|error| error.to_string()));
    let found = match found {
        Ok(screening) => screening.face,
        Err(why) => return Outcome::Failed(why),
    };
    let eyes = known::face().keypoints;
    let is_near = |found: &Face| {
        let drift =
            found.keypoints.right_eye.distance(eyes.right_eye).max(found.keypoints.left_eye.distance(eyes.left_eye));
        drift <= MAX_DRIFT * eyes.inter_eye_px()
    };
    if !found.as_ref().is_some_and(is_near) {
        return Outcome::Failed("the detector does not find the face where it is".to_owned());
    }
    let logits = match logits(screener) {
        Ok(logits) => logits,
        Err(why) => return Outcome::Failed(why),
    };
    match known(KNOWN, network_hash(screener)).or(screener.bundle().manifest().known_logits) {
        None => Outcome::Warned("the logits of this bundle are not known, so they were not compared".to_owned()),
        Some(known) => compare(&logits, &known),
    }
}

fn compare(logits: &[f32; Syndrome::COUNT], known: &[f32; Syndrome::COUNT]) -> Outcome {
    let differs = |(a, b): (&f32, &f32)| a.to_bits() != b.to_bits();
    match logits.iter().zip(known).position(differs) {
        None => Outcome::Passed,
        Some(index) => Outcome::Failed(format!(
            "logit {index} is {} and must be {}: memory, card or processor are damaged",
            logits[index], known[index]
        )),
    }
}

/// The line of this network.
fn known(table: &str, hash: &str) -> Option<[f32; Syndrome::COUNT]> {
    let line = table.lines().find_map(|line| line.strip_prefix(hash)?.strip_prefix('\t'))?;
    let values: Option<Vec<f32>> = line.split('\t').map(|value| value.parse().ok()).collect();
    values?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_shows() {
        let mut known = [0.25; Syndrome::COUNT];
        let logits = known;
        assert_eq!(compare(&logits, &known), Outcome::Passed);
        known[7] = f32::from_bits(known[7].to_bits() ^ 1);
        assert!(compare(&logits, &known).why().unwrap().contains("logit 7"));
    }

    #[test]
    fn every_line_of_the_table_has_its_twelve_numbers() {
        let mut lines = 0;
        for line in KNOWN.lines().filter(|line| !line.starts_with('#')) {
            let hash = line.split('\t').next().unwrap();
            assert!(hash.len() == 64 && known(KNOWN, hash).is_some(), "{line}");
            lines += 1;
        }
        assert!(lines > 0);
        assert_eq!(known(KNOWN, "no such network"), None);
    }
}
