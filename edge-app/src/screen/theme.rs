//! Colours and sizes. Dark on white, for direct sun; every colour that carries white text has a contrast of at least 7.

use lakshan_core::Finding;
use tiny_skia::Color;

/// Black enough, without the glare of pure black on white.
pub(super) const INK: [u8; 3] = [0x14, 0x18, 0x1c];
/// Secondary text.
pub(super) const MUTED: [u8; 3] = [0x46, 0x4e, 0x57];
/// The page.
pub(super) const PAPER: [u8; 3] = [0xff, 0xff, 0xff];
/// Panels on the page.
pub(super) const PANEL: [u8; 3] = [0xee, 0xf1, 0xf4];
/// The empty part of a meter or bar.
pub(super) const TRACK: [u8; 3] = [0xd3, 0xd9, 0xdf];
/// Bars of classes that the finding does not name.
pub(super) const BAR: [u8; 3] = [0x5f, 0x6c, 0x79];
/// The synthetic-data banner: black on this yellow.
pub(super) const WARNING: [u8; 3] = [0xff, 0xd1, 0x1a];
/// The reminder of red flags.
pub(super) const URGENT: [u8; 3] = [0x9b, 0x15, 0x15];

/// All is good: hold still.
pub(super) const GOOD: [u8; 3] = [0x08, 0x58, 0x2b];
/// An instruction, and the marked entry of a list.
pub(super) const INSTRUCTION: [u8; 3] = [0x0a, 0x4a, 0x8c];
/// The header of a resemblance, and what belongs to it.
pub(super) const RESEMBLES: [u8; 3] = [0x8a, 0x35, 0x00];
/// The header of a fault.
pub(super) const FAULT: [u8; 3] = [0x6e, 0x12, 0x3a];
/// Below the labels of the buttons.
pub(super) const BAR_GROUND: [u8; 3] = [0x22, 0x2a, 0x33];
/// The box around a face in a good picture: on skin of every tone, with a dark edge.
pub(super) const BOX_GOOD: [u8; 3] = [0x4c, 0xff, 0x8f];

/// The colour of a finding's header. The icon and the words say the same; colour never speaks alone.
pub(super) fn accent(finding: &Finding) -> [u8; 3] {
    match finding {
        Finding::Resembles(_) => RESEMBLES,
        Finding::NotClear => [0x4e, 0x2f, 0x8f],
        Finding::NoMatch => [0x33, 0x41, 0x4d],
        Finding::Retake(_) => INSTRUCTION,
    }
}

pub(super) fn opaque([r, g, b]: [u8; 3]) -> Color {
    Color::from_rgba8(r, g, b, 255)
}

#[cfg(test)]
mod tests {
    use lakshan_core::RetakeReason;

    use super::*;

    /// WCAG 2 relative luminance.
    fn luminance(colour: [u8; 3]) -> f64 {
        let [r, g, b] = colour.map(|value| {
            let v = f64::from(value) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// WCAG 2 contrast ratio.
    fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_in_sunlight() {
        let findings = [
            Finding::Resembles(Vec::new()),
            Finding::NotClear,
            Finding::NoMatch,
            Finding::Retake(RetakeReason::TooDark),
        ];
        for finding in &findings {
            assert!(contrast(accent(finding), PAPER) >= 7.0, "{finding:?}");
        }
        let dark = [URGENT, GOOD, INSTRUCTION, RESEMBLES, FAULT, BAR_GROUND].map(|ground| (PAPER, ground));
        let light = [(INK, PAPER), (MUTED, PAPER), (INK, PANEL), (MUTED, PANEL), (INK, WARNING)];
        for (text, ground) in dark.into_iter().chain(light) {
            assert!(contrast(text, ground) >= 7.0, "{text:?} on {ground:?}");
        }
        assert!(contrast(BAR, TRACK) >= 3.0);
        assert!(contrast(BOX_GOOD, INK) >= 7.0);
    }
}
