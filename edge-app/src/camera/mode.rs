//! Which of the formats, sizes and rates that a camera offers suits the device. Pure.

use super::Wanted;
use super::decode::PixelFormat;

/// Below this rate a preview is a row of stills.
const LEAST_RATE: f32 = 12.0;

/// A format and size that a camera offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// How the pixels are packed.
    pub format: PixelFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The most pictures a second; `None` when the driver does not say.
    pub rate: Option<f32>,
}

/// The best offer: near the wanted size first, then quick enough, then MJPG before YUYV before NV12.
///
/// MJPG comes first because USB 2 carries 1280 x 720 in YUYV at no more than 10 pictures a second, whatever the driver
/// says. A size that is larger than wanted costs time, a smaller one costs sharpness, which is worse.
pub fn choose(offers: &[Offer], wanted: Wanted) -> Option<Offer> {
    let cost = |offer: &Offer| {
        let (width, height) = (f64::from(offer.width), f64::from(offer.height));
        let ratio = |side: f64, wanted: u32| (side / f64::from(wanted.max(1))).log2();
        let size: f64 = [ratio(width, wanted.width), ratio(height, wanted.height)]
            .into_iter()
            .map(|octaves| if octaves < 0.0 { -2.0 * octaves } else { octaves })
            .sum();
        let slow = f64::from(u8::from(offer.rate.is_some_and(|rate| rate < LEAST_RATE)));
        let rank = PixelFormat::ALL.iter().position(|format| *format == offer.format).unwrap_or(0) as f64;
        // A slow offer is as bad as half the size.
        size + 4.0 * slow + rank * 1e-3
    };
    let usable = offers.iter().filter(|offer| offer.width >= 160 && offer.height >= 120);
    usable.min_by(|a, b| cost(a).total_cmp(&cost(b))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HD: Wanted = Wanted { width: 1280, height: 720, rate: 30 };

    fn offer(format: PixelFormat, width: u32, height: u32, rate: f32) -> Offer {
        Offer { format, width, height, rate: Some(rate) }
    }

    #[test]
    fn a_usual_webcam_gives_mjpg_at_the_wanted_size() {
        use PixelFormat::{Mjpg, Yuyv};
        let offers = [
            offer(Yuyv, 640, 480, 30.0),
            offer(Yuyv, 1280, 720, 10.0),
            offer(Mjpg, 1280, 720, 30.0),
            offer(Mjpg, 1920, 1080, 30.0),
        ];
        assert_eq!(choose(&offers, HD), Some(offers[2]));
        // Without MJPG, a quick small picture beats a slow large one.
        assert_eq!(choose(&offers[..2], HD), Some(offers[0]));
        // With both as quick, the better format.
        let equal = [offer(Yuyv, 1280, 720, 30.0), offer(Mjpg, 1280, 720, 30.0)];
        assert_eq!(choose(&equal, HD), Some(equal[1]));
    }

    #[test]
    fn rather_larger_than_smaller_and_never_tiny() {
        use PixelFormat::Mjpg;
        let offers = [offer(Mjpg, 960, 540, 30.0), offer(Mjpg, 1600, 900, 30.0), offer(Mjpg, 80, 60, 90.0)];
        assert_eq!(choose(&offers, HD), Some(offers[1]));
        assert_eq!(choose(&offers[2..], HD), None);
        assert_eq!(choose(&[], HD), None);
        let silent = Offer { rate: None, ..offers[0] };
        assert_eq!(choose(&[silent], HD), Some(silent));
    }
}
