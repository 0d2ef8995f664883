//! The scale of the loss in half precision, whose small range would swallow small gradients.

/// The scale that half precision begins with.
pub(super) const LARGEST_SCALE: f64 = 65536.0;
/// Sound steps after which the scale is doubled again.
const STEADY_STEPS: u32 = 500;

/// The next scale of the loss and the sound steps at it: halved after an overflow, doubled after many sound steps.
pub(super) fn next_scale(scale: f64, steady: u32, sound: bool) -> (f64, u32) {
    match (sound, steady + 1) {
        (false, _) => ((scale / 2.0).max(1.0), 0),
        (true, STEADY_STEPS) => ((scale * 2.0).min(LARGEST_SCALE), 0),
        (true, steady) => (scale, steady),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_scale_halves_at_an_overflow_and_grows_again() {
        assert_eq!(next_scale(1024.0, 10, false), (512.0, 0));
        assert_eq!(next_scale(1024.0, 10, true), (1024.0, 11));
        assert_eq!(next_scale(1024.0, STEADY_STEPS - 1, true), (2048.0, 0));
        assert_eq!(next_scale(LARGEST_SCALE, STEADY_STEPS - 1, true), (LARGEST_SCALE, 0));
        assert_eq!(next_scale(1.0, 0, false), (1.0, 0));
    }
}
