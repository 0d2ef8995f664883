//! A schedule of picture sizes: `128,160,224` shares the epochs out evenly, `128:4,224:2` gives their numbers.

use std::fmt;
use std::str::FromStr;

use lakshan_core::preprocess::SIZE;
use serde::{Deserialize, Serialize};

/// What the network can take: five halvings must leave something, and the crop has no more to give.
const SIDES: std::ops::RangeInclusive<usize> = 32..=SIZE;

/// Sides in pixels, each for a number of epochs or for an even share of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sizes(Vec<(usize, Option<usize>)>);

impl Sizes {
    /// The number of epochs, where the schedule counts them.
    pub fn epochs(&self) -> Option<usize> {
        self.0.iter().map(|(_, epochs)| *epochs).sum()
    }

    /// The side in `epoch` (from 0) of `epochs`.
    pub fn side(&self, epoch: usize, epochs: usize) -> usize {
        let mut end = 0;
        for (index, (side, counted)) in self.0.iter().enumerate() {
            end = match counted {
                Some(counted) => end + counted,
                None => ((index + 1) * epochs).div_ceil(self.0.len()),
            };
            if epoch < end {
                return *side;
            }
        }
        self.0.last().map_or(SIZE, |(side, _)| *side)
    }
}

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let steps = text.split(',').map(|step| {
            let (side, epochs) = match step.split_once(':') {
                Some((side, epochs)) => {
                    let number = epochs.trim().parse::<usize>().ok().filter(|number| *number > 0);
                    (side, Some(number.ok_or_else(|| format!("'{epochs}' is no number of epochs"))?))
                }
                None => (step, None),
            };
            let side: usize = side.trim().parse().map_err(|_| format!("'{side}' is no size in pixels"))?;
            if !SIDES.contains(&side) {
                return Err(format!("{side} pixels: must be {} to {}", SIDES.start(), SIDES.end()));
            }
            Ok((side, epochs))
        });
        let steps = steps.collect::<Result<Vec<_>, String>>()?;
        let counted = steps.iter().filter(|(_, epochs)| epochs.is_some()).count();
        if counted != 0 && counted != steps.len() {
            return Err("give a number of epochs for every size or for none".into());
        }
        Ok(Self(steps))
    }
}

impl TryFrom<String> for Sizes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Sizes> for String {
    fn from(sizes: Sizes) -> Self {
        sizes.to_string()
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self
            .0
            .iter()
            .map(|(side, epochs)| epochs.map_or_else(|| side.to_string(), |epochs| format!("{side}:{epochs}")))
            .collect();
        f.write_str(&steps.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(text: &str, epochs: usize) -> Vec<usize> {
        let sizes: Sizes = text.parse().unwrap();
        assert_eq!(sizes.to_string(), text);
        (0..epochs).map(|epoch| sizes.side(epoch, epochs)).collect()
    }

    #[test]
    fn sizes_share_the_epochs() {
        assert_eq!(sides("128,224", 5), [128, 128, 128, 224, 224]);
        assert_eq!(sides("112:2,224:1", 3), [112, 112, 224]);
        assert_eq!(sides("128,160,224", 12)[3..9], [128, 160, 160, 160, 160, 224]);
        assert_eq!("112:2,224:1".parse::<Sizes>().unwrap().epochs(), Some(3));
        assert_eq!("112,224".parse::<Sizes>().unwrap().epochs(), None);
        for wrong in ["", "abc", "16", "225", "128:2,224", "128:x", "128:0"] {
            assert!(wrong.parse::<Sizes>().is_err(), "{wrong}");
        }
    }
}
