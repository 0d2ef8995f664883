//! Random numbers: one independent, reproducible stream for each purpose.
//!
//! Every draw comes from ChaCha8 keyed by (seed, what it is for), never from a shared generator, so a subject or a
//! photograph is the same whatever was drawn before it and on whichever thread it is made.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream number `stream` that belongs to `key`.
    pub(crate) fn new(key: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(key);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`.
    pub(crate) fn happens(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// Standard normal, by Box and Muller's transform.
    pub(crate) fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.unit()).cos()
    }

    /// Normal with standard deviation `sd`, clipped at `limit` on both sides.
    pub(crate) fn normal_within(&mut self, sd: f32, limit: f32) -> f32 {
        (self.normal() * sd).clamp(-limit, limit)
    }

    /// An index below `n`, uniform.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f32) as usize).min(n - 1)
    }

    /// An index drawn with the given weights, which need not sum to 1.
    pub(crate) fn weighted(&mut self, weights: &[f32]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f32>();
        for (i, w) in weights.iter().enumerate() {
            left -= w;
            if left < 0.0 {
                return i;
            }
        }
        weights.len() - 1
    }
}

/// Mixes numbers into one key (the finalizer of splitmix64 after each).
pub(crate) fn mix(parts: &[u64]) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for &part in parts {
        state = state.wrapping_add(part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_key_are_reproducible_and_differ() {
        let draw = |stream| (0..4).map(|_| Chance::new(7, stream).unit()).collect::<Vec<_>>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn normal_has_unit_variance() {
        let mut chance = Chance::new(1, 0);
        let n = 20_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = chance.normal();
            sum += x;
            squares += x * x;
        }
        assert!((sum / n as f32).abs() < 0.03);
        assert!((squares / n as f32 - 1.0).abs() < 0.05);
    }
}
