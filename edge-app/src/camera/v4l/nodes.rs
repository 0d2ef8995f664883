//! Which video nodes there are, which of them are cameras, and what those offer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::guarded;
use crate::camera::decode::PixelFormat;
use crate::camera::mode::Offer;
use crate::camera::{CameraError, Node, NodeVerdict, Wanted, judge_formats};
use v4l::Device;
use v4l::capability::Flags;
use v4l::format::FourCC;
use v4l::frameinterval::FrameIntervalEnum;
use v4l::framesize::{FrameSizeEnum, Stepwise};
use v4l::video::Capture;

/// Where the kernel puts its device nodes.
const DEVICES: &str = "/dev";

/// Every video node, in the order of their numbers, with the verdict on it.
///
/// # Errors
/// When `/dev` cannot be listed. A node that cannot be opened is a verdict.
pub fn nodes() -> Result<Vec<Node>, CameraError> {
    let list = |source| CameraError::List { path: PathBuf::from(DEVICES), source };
    let mut numbered = Vec::new();
    for entry in fs::read_dir(DEVICES).map_err(list)? {
        let entry = entry.map_err(list)?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix("video")?.parse::<u32>().ok());
        numbered.extend(number.map(|number| (number, entry.path())));
    }
    numbered.sort();
    Ok(numbered.into_iter().map(|(_, path)| node(path)).collect())
}

fn node(path: PathBuf) -> Node {
    match guarded(|| ask(&path)) {
        Ok((card, driver, formats, verdict)) => Node { path, card, driver, formats, verdict },
        Err(error) => {
            let verdict = NodeVerdict::Unreadable(error.to_string());
            Node { path, card: String::new(), driver: String::new(), formats: Vec::new(), verdict }
        }
    }
}

/// Card, driver, formats and verdict of one node.
fn ask(path: &Path) -> io::Result<(String, String, Vec<String>, NodeVerdict)> {
    let device = Device::with_path(path)?;
    let about = device.query_caps()?;
    let mut formats = Vec::new();
    let verdict = match kind(about.capabilities) {
        Some(verdict) => verdict,
        None => {
            let listed = device.enum_formats()?;
            formats.extend(listed.iter().map(|format| String::from_utf8_lossy(&format.fourcc.repr).trim().to_owned()));
            judge_formats(&formats)
        }
    };
    Ok((about.card, about.driver, formats, verdict))
}

/// Why a node with these capabilities gives no pictures, or `None` when its formats decide.
fn kind(flags: Flags) -> Option<NodeVerdict> {
    if flags.intersects(Flags::META_CAPTURE | Flags::META_OUTPUT) {
        Some(NodeVerdict::Metadata)
    } else if !flags.intersects(Flags::VIDEO_CAPTURE) {
        // The v4l crate streams single-planar devices only; codecs and image processors are memory to memory.
        Some(NodeVerdict::Output)
    } else if !flags.contains(Flags::STREAMING) {
        Some(NodeVerdict::NoStreaming)
    } else {
        None
    }
}

/// Every format that this program reads, with its sizes and rates.
pub(super) fn offers(device: &Device, wanted: Wanted) -> io::Result<Vec<Offer>> {
    let listed: Vec<FourCC> = device.enum_formats()?.iter().map(|format| format.fourcc).collect();
    let mut offers = Vec::new();
    for format in PixelFormat::ALL {
        let Some(&fourcc) = listed.iter().find(|listed| listed.repr == *format.fourcc().as_bytes()) else { continue };
        // A driver without a list takes what is asked for, or corrects it.
        let sizes = device.enum_framesizes(fourcc).map_or_else(
            |_| vec![(wanted.width, wanted.height)],
            |sizes| {
                let size = |size: FrameSizeEnum| match size {
                    FrameSizeEnum::Discrete(size) => (size.width, size.height),
                    FrameSizeEnum::Stepwise(steps) => nearest(&steps, wanted),
                };
                sizes.into_iter().map(|listed| size(listed.size)).collect()
            },
        );
        for (width, height) in sizes {
            let rate = best_rate(device, fourcc, width, height);
            offers.push(Offer { format, width, height, rate });
        }
    }
    Ok(offers)
}

/// The size within the steps that is nearest to the wanted one.
fn nearest(steps: &Stepwise, wanted: Wanted) -> (u32, u32) {
    let side = |wanted: u32, least: u32, most: u32, step: u32| {
        let inside = wanted.clamp(least, most.max(least));
        least + (inside - least) / step.max(1) * step.max(1)
    };
    (
        side(wanted.width, steps.min_width, steps.max_width, steps.step_width),
        side(wanted.height, steps.min_height, steps.max_height, steps.step_height),
    )
}

/// The most pictures a second that the driver promises.
fn best_rate(device: &Device, fourcc: FourCC, width: u32, height: u32) -> Option<f32> {
    let intervals = device.enum_frameintervals(fourcc, width, height).ok()?;
    let shortest = intervals.into_iter().map(|listed| match listed.interval {
        FrameIntervalEnum::Discrete(interval) => interval,
        FrameIntervalEnum::Stepwise(steps) => steps.min,
    });
    let rate = |interval: v4l::Fraction| {
        (interval.numerator > 0).then(|| interval.denominator as f32 / interval.numerator as f32)
    };
    shortest.filter_map(rate).max_by(f32::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_tell_what_is_no_camera() {
        assert_eq!(kind(Flags::META_CAPTURE | Flags::STREAMING), Some(NodeVerdict::Metadata));
        assert_eq!(kind(Flags::VIDEO_OUTPUT | Flags::STREAMING), Some(NodeVerdict::Output));
        assert_eq!(kind(Flags::VIDEO_M2M_MPLANE | Flags::STREAMING), Some(NodeVerdict::Output));
        assert_eq!(kind(Flags::VIDEO_CAPTURE), Some(NodeVerdict::NoStreaming));
        assert_eq!(kind(Flags::VIDEO_CAPTURE | Flags::STREAMING), None);
    }

    #[test]
    fn steps_are_kept() {
        let steps = Stepwise {
            min_width: 32,
            max_width: 1920,
            step_width: 16,
            min_height: 24,
            max_height: 1080,
            step_height: 8,
        };
        assert_eq!(nearest(&steps, Wanted { width: 1285, height: 719, rate: 30 }), (1280, 712));
        assert_eq!(nearest(&steps, Wanted { width: 9999, height: 1, rate: 30 }), (1920, 24));
    }
}
