//! V4L2 cameras: which video nodes there are, and which of them are cameras.

use std::fs;
use std::path::{Path, PathBuf};

use v4l::Device;
use v4l::capability::Flags;
use v4l::video::Capture;

use super::{CameraError, Node, NodeVerdict, judge_formats};

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
    match ask(&path) {
        Ok((card, driver, formats, verdict)) => Node { path, card, driver, formats, verdict },
        Err(error) => {
            let verdict = NodeVerdict::Unreadable(error.to_string());
            Node { path, card: String::new(), driver: String::new(), formats: Vec::new(), verdict }
        }
    }
}

/// Card, driver, formats and verdict of one node.
fn ask(path: &Path) -> std::io::Result<(String, String, Vec<String>, NodeVerdict)> {
    let device = Device::with_path(path)?;
    let about = device.query_caps()?;
    let flags = about.capabilities;
    let mut formats = Vec::new();
    let verdict = match kind(flags) {
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
}
