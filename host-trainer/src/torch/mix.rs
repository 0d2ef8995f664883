//! Mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019): two photographs in one picture, both targets in its loss.

use tch::{TchError, Tensor};

use super::recipe::Views;
use crate::chance::Chance;

/// A batch in which each picture may hold a part of another one.
pub struct Mixed {
    /// `[n, 3, side, side]`.
    pub pictures: Tensor,
    /// The targets of the other pictures, `[n]`, and their share; `None` when nothing was mixed.
    pub other: Option<(Tensor, f64)>,
}

/// Mixes each picture with the one at its mirror place in the batch, whose order is random already.
///
/// # Errors
/// When memory runs out.
pub fn mix(pictures: Tensor, targets: &Tensor, views: &Views, chance: &mut Chance) -> Result<Mixed, TchError> {
    let strength = views.mixup.max(views.cutmix);
    if strength == 0.0 {
        return Ok(Mixed { pictures, other: None });
    }
    let share = beta(strength, chance);
    let others = pictures.f_flip([0])?;
    let other_targets = targets.f_flip([0])?;
    if views.mixup > 0.0 {
        let pictures = pictures.f_lerp(&others, share)?;
        return Ok(Mixed { pictures, other: Some((other_targets, share)) });
    }
    let side = pictures.size()[3];
    let cut = ((side as f64 * share.sqrt()) as i64).min(side);
    let (top, left) = ((side - cut + 1) as usize, (side - cut + 1) as usize);
    let (top, left) = (chance.below(top) as i64, chance.below(left) as i64);
    let mixed = pictures.copy();
    if cut > 0 {
        let part = |of: &Tensor| of.f_narrow(2, top, cut)?.f_narrow(3, left, cut);
        part(&mixed)?.f_copy_(&part(&others)?)?;
    }
    let share = (cut * cut) as f64 / (side * side) as f64;
    Ok(Mixed { pictures: mixed, other: Some((other_targets, share)) })
}

/// A number of the symmetric Beta distribution (Jöhnk's method; `strength` above 0, efficient up to about 1).
fn beta(strength: f64, chance: &mut Chance) -> f64 {
    loop {
        let [x, y] = [(); 2].map(|()| f64::from(chance.unit()).powf(1.0 / strength));
        if x + y > 0.0 && x + y <= 1.0 {
            return x / (x + y);
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;
    use crate::torch::recipe::Recipe;

    fn mixed(mixup: f64, cutmix: f64) -> (Mixed, Vec<f64>) {
        let views = Views { mixup, cutmix, ..Recipe::default().views };
        let pictures = Tensor::arange(2, (Kind::Float, Device::Cpu)).reshape([2, 1, 1, 1]).expand([2, 3, 8, 8], false);
        let targets = Tensor::from_slice(&[0_i64, 1]);
        let mixed = mix(pictures.contiguous(), &targets, &views, &mut Chance::new("mix", &[4])).unwrap();
        let means = mixed.pictures.mean_dim(&[1_i64, 2, 3][..], false, Kind::Float);
        let means = Vec::<f64>::try_from(means.to_kind(Kind::Double)).unwrap();
        (mixed, means)
    }

    #[test]
    fn the_share_of_pixels_is_the_share_of_the_target() {
        for (mixup, cutmix) in [(0.4, 0.0), (0.0, 0.8)] {
            let (mixed, means) = mixed(mixup, cutmix);
            let (targets, share) = mixed.other.unwrap();
            assert_eq!(Vec::<i64>::try_from(targets).unwrap(), [1, 0]);
            assert!(share > 0.0 && share < 1.0, "{share}");
            assert!((means[0] - share).abs() < 1e-6 && (means[1] - (1.0 - share)).abs() < 1e-6, "{means:?} {share}");
        }
    }

    #[test]
    fn nothing_is_mixed_unless_asked() {
        let (mixed, means) = mixed(0.0, 0.0);
        assert!(mixed.other.is_none());
        assert_eq!(means, [0.0, 1.0]);
    }

    #[test]
    fn shares_are_symmetric_and_extreme_for_small_strengths() {
        let mut chance = Chance::new("beta", &[1]);
        let drawn: Vec<f64> = (0..4000).map(|_| beta(0.2, &mut chance)).collect();
        let mean = drawn.iter().sum::<f64>() / 4000.0;
        let extreme = drawn.iter().filter(|share| **share < 0.1 || **share > 0.9).count();
        assert!((mean - 0.5).abs() < 0.03, "{mean}");
        // The Beta(0.2, 0.2) distribution has 67 % of its mass there.
        assert!((2500..3000).contains(&extreme), "{extreme}");
    }
}
