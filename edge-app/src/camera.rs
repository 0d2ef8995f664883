//! The cameras: which there are, and how one is opened. A kind that is not in this build says so.

pub mod decode;
pub mod folder;
pub mod mjpeg;
pub mod mode;
pub mod rpicam;

#[cfg(feature = "v4l")]
#[path = "camera/v4l.rs"]
pub mod v4l;
#[cfg(not(feature = "v4l"))]
#[path = "camera/no_v4l.rs"]
pub mod v4l;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::parts::Camera;

/// Which camera to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameraChoice {
    /// The first V4L2 camera; with none, the CSI camera where there is one.
    Auto,
    /// A V4L2 node.
    V4l(PathBuf),
    /// A Raspberry Pi's CSI camera, through this program.
    Rpicam(PathBuf),
    /// A folder of pictures.
    Folder(PathBuf),
}

/// The size and rate that a camera should give, or come near to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pictures a second.
    pub rate: u32,
}

/// What a camera should do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Controls {
    /// How long each picture is exposed, in units of 0.1 ms.
    pub exposure: Setting,
    /// Where the lens stands, in units of the camera.
    pub focus: Setting,
    /// Hertz of the mains, whose lamps flicker: 50 or 60.
    pub mains_hz: u32,
}

/// Left to the camera, or fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The camera decides.
    Auto,
    /// Always this.
    Fixed(i64),
}

/// What a camera offers, and what it is used with.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The camera's name.
    pub card: String,
    /// What it offers.
    pub offers: Vec<mode::Offer>,
    /// What was chosen.
    pub layout: decode::Layout,
    /// Pictures a second, as the driver says.
    pub rate: Option<f32>,
    /// Of each control, how setting it went.
    pub controls: Vec<String>,
}

/// Opens the camera of this choice.
///
/// # Errors
/// When there is none, or it cannot be opened.
pub fn open(choice: &CameraChoice, wanted: Wanted, controls: Controls) -> Result<Box<dyn Camera>, CameraError> {
    match choice {
        CameraChoice::V4l(path) => v4l::open(Some(path), wanted, controls),
        CameraChoice::Rpicam(program) => Ok(Box::new(rpicam::RpicamCamera::open(program, wanted)?)),
        CameraChoice::Folder(folder) => Ok(Box::new(folder::FolderCamera::open(folder, wanted.rate)?)),
        CameraChoice::Auto => match v4l::open(None, wanted, controls) {
            // A CSI module shows itself as a node with raw data only.
            Err(CameraError::NoCamera { nodes }) if nodes.iter().any(|node| node.verdict == NodeVerdict::BayerOnly) => {
                Ok(Box::new(rpicam::RpicamCamera::open(Path::new(rpicam::PROGRAM), wanted)?))
            }
            opened => opened,
        },
    }
}

impl FromStr for CameraChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "rpicam" => Ok(Self::Rpicam(PathBuf::from(rpicam::PROGRAM))),
            Some(("v4l", path)) if !path.is_empty() => Ok(Self::V4l(PathBuf::from(path))),
            Some(("rpicam", path)) if !path.is_empty() => Ok(Self::Rpicam(PathBuf::from(path))),
            Some(("folder", path)) if !path.is_empty() => Ok(Self::Folder(PathBuf::from(path))),
            _ => Err("expected auto, v4l:PATH, rpicam, rpicam:PROGRAM or folder:DIR".to_owned()),
        }
    }
}

impl fmt::Display for CameraChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::V4l(path) => write!(f, "v4l:{}", path.display()),
            Self::Rpicam(path) if path == Path::new(rpicam::PROGRAM) => f.write_str("rpicam"),
            Self::Rpicam(path) => write!(f, "rpicam:{}", path.display()),
            Self::Folder(path) => write!(f, "folder:{}", path.display()),
        }
    }
}

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
    /// No node is a camera.
    #[error("no camera is connected")]
    NoCamera {
        /// The nodes that there are.
        nodes: Vec<Node>,
    },
    /// A camera cannot be used.
    #[error("cannot use the camera {}", path.display())]
    Device {
        /// The node.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The program of a CSI camera cannot be started.
    #[error("cannot start {}", program.display())]
    Program {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder holds no picture.
    #[error("there is no picture in {}", path.display())]
    NoPictures {
        /// The folder.
        path: PathBuf,
    },
}

impl CameraError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing(part) => part.hint(),
            Self::List { .. } => "check the folder's name and permissions".to_owned(),
            Self::NoCamera { nodes } if nodes.iter().any(|node| node.verdict == NodeVerdict::BayerOnly) => {
                "this is a CSI module: use --camera rpicam".to_owned()
            }
            Self::NoCamera { .. } => {
                "plug a USB camera in; `edge-app camera list` shows what the kernel sees".to_owned()
            }
            Self::Device { source, .. } if source.raw_os_error() == Some(16) => {
                "another program uses the camera: end it".to_owned()
            }
            Self::Device { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "run it as root, or as a member of the group 'video'".to_owned()
            }
            Self::Device { .. } => "`edge-app camera list` shows which nodes are cameras".to_owned(),
            Self::Program { .. } => {
                "install rpicam-apps (Raspberry Pi OS has it), or name the program: --camera rpicam:PROGRAM".to_owned()
            }
            Self::NoPictures { .. } => "put JPEG, PNG or WebP files into it".to_owned(),
        }
    }
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
    fn choices_are_read_as_they_are_written() {
        for text in ["auto", "rpicam", "rpicam:/opt/rpicam-vid", "v4l:/dev/video2", "folder:pictures"] {
            assert_eq!(text.parse::<CameraChoice>().unwrap().to_string(), text);
        }
        for text in ["", "v4l", "v4l:", "usb", "folder:"] {
            assert!(text.parse::<CameraChoice>().unwrap_err().contains("v4l:PATH"), "{text}");
        }
    }

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
