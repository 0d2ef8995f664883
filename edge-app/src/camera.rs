//! The cameras. A kind that is not in this build says so.

#[cfg(feature = "v4l")]
#[path = "camera/v4l.rs"]
pub mod v4l;
#[cfg(not(feature = "v4l"))]
#[path = "camera/no_v4l.rs"]
pub mod v4l;

use std::io;
use std::path::PathBuf;

/// A video node of the kernel: a camera, or why it is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The device node, e.g. `/dev/video0`.
    pub path: PathBuf,
    /// The device's name.
    pub card: String,
    /// The kernel driver's name.
    pub driver: String,
    /// The pixel formats that it captures, as four letters.
    pub formats: Vec<String>,
    /// Whether this program can take pictures from it.
    pub verdict: NodeVerdict,
}

/// Whether a node is a usable camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeVerdict {
    /// It streams in a format that this program reads.
    Camera,
    /// It streams raw sensor data only, as a Raspberry Pi's CSI modules do.
    BayerOnly,
    /// It streams in none of the formats that this program reads.
    NoKnownFormat,
    /// It carries metadata beside another node's pictures.
    Metadata,
    /// It takes pictures instead of giving them.
    Output,
    /// It captures, but does not stream.
    NoStreaming,
    /// It cannot be opened or asked.
    Unreadable(String),
}

impl NodeVerdict {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Camera => "camera".to_owned(),
            Self::BayerOnly => "skipped: raw Bayer data only; use rpicam-vid for this module".to_owned(),
            Self::NoKnownFormat => "skipped: no format that this program reads".to_owned(),
            Self::Metadata => "skipped: metadata, not pictures".to_owned(),
            Self::Output => "skipped: an output, not a camera".to_owned(),
            Self::NoStreaming => "skipped: it does not stream".to_owned(),
            Self::Unreadable(why) => format!("skipped: {why}"),
        }
    }
}

/// What stands in the way of a camera.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// The part is not in this build.
    #[error(transparent)]
    Missing(#[from] crate::missing_part::MissingPart),
    /// The nodes cannot be listed.
    #[error("cannot list {}", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The formats that this program reads, the best first.
pub const KNOWN_FORMATS: [&str; 3] = ["MJPG", "YUYV", "NV12"];

/// How the four letters of raw Bayer formats begin: 8, 10, 12, 14 and 16 bit, plain and packed.
const BAYER_BEGINNINGS: [&str; 17] = [
    "BA81", "GBRG", "GRBG", "RGGB", "BG1", "GB1", "BA1", "GR1", "RG1", "BYR", "pBA", "pGA", "pgA", "pRA", "pBC", "pGC",
    "pRC",
];

/// The verdict on a node that streams pictures in these formats.
pub fn judge_formats(formats: &[String]) -> NodeVerdict {
    let is_bayer = |format: &String| BAYER_BEGINNINGS.iter().any(|beginning| format.starts_with(beginning));
    if formats.iter().any(|format| KNOWN_FORMATS.contains(&format.as_str())) {
        NodeVerdict::Camera
    } else if !formats.is_empty() && formats.iter().all(is_bayer) {
        NodeVerdict::BayerOnly
    } else {
        NodeVerdict::NoKnownFormat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_decide() {
        let judge =
            |formats: &[&str]| judge_formats(&formats.iter().map(|format| (*format).to_owned()).collect::<Vec<_>>());
        assert_eq!(judge(&["H264", "MJPG"]), NodeVerdict::Camera);
        assert_eq!(judge(&["RGGB", "YUYV"]), NodeVerdict::Camera);
        assert_eq!(judge(&["pBAA", "BG10", "RG12"]), NodeVerdict::BayerOnly);
        assert_eq!(judge(&["H264"]), NodeVerdict::NoKnownFormat);
        assert_eq!(judge(&[]), NodeVerdict::NoKnownFormat);
    }
}
