//! Which tensors are rounded to 0..255, not -128..127.
//!
//! Past a ReLU nothing is negative, so that unsigned bytes halve the error of rounding. Processors with a dot product of
//! bytes read both alike; the kernels that add products in 16 bits take longer to read unsigned ones.

use std::collections::BTreeSet;

use super::POOL_POINT;
use crate::onnx::FoldedNetwork;

/// Which tensors past a ReLU are unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsigned {
    /// None: all are 0..127.
    None,
    /// The stem's output, where rounding costs the most.
    Stem,
    /// The stem's output, the tensors of the first stage, and the pooled features, whose layer is too small to take longer.
    FirstStage,
    /// All.
    All,
}

impl Unsigned {
    /// The points of `network` that are unsigned.
    pub fn points(self, network: &FoldedNetwork) -> BTreeSet<String> {
        let mut points = BTreeSet::new();
        if self == Self::None {
            return points;
        }
        points.insert(network.stem.name.clone());
        let stages = match self {
            Self::None | Self::Stem => 0,
            Self::FirstStage => 1,
            Self::All => usize::MAX,
        };
        let mut stage = 0;
        for block in &network.blocks {
            stage += usize::from(block.downsample.is_some());
            if stage <= stages {
                points.extend([&block.conv1.name, &block.conv2.name, &block.name].map(String::clone));
            }
        }
        if stages > 0 {
            points.insert(POOL_POINT.to_owned());
        }
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::fold::tests::toy;

    #[test]
    fn sums_before_a_relu_are_never_unsigned() {
        let network = toy(8, 2, 12);
        let all = Unsigned::All.points(&network);
        let signed = super::super::points(&network).into_iter().filter(|point| !all.contains(point));
        let expected =
            network.blocks.iter().filter_map(|block| block.downsample.as_ref()).map(|conv| conv.name.clone());
        assert_eq!(signed.collect::<Vec<_>>(), ["input".to_owned()].into_iter().chain(expected).collect::<Vec<_>>());
        assert!(Unsigned::None.points(&network).is_empty());
        assert_eq!(Unsigned::Stem.points(&network).len(), 1);
        assert!(Unsigned::FirstStage.points(&network).is_subset(&all));
    }
}
