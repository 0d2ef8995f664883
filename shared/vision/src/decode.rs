//! From the bytes of a file to an upright 8-bit RGB frame: JPEG, PNG or WebP, told apart by content, not by name.
//!
//! Every limit is checked against the file's header before pixels are allocated. Colour profiles are not applied: the
//! network was trained on pixels as files hold them. Transparent parts show mid-grey, the network's zero.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use lakshan_core::{Frame, preprocess};

/// The most pixels that are decoded: no phone's camera makes more by default.
pub const MAX_PIXELS: u64 = 64_000_000;
/// The longest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 << 20;
/// The longest side, in pixels; what a JPEG can hold.
pub(crate) const MAX_SIDE: u32 = 65_535;
/// The most memory that a decoder may take, in bytes: the largest picture with four 16-bit channels.
const MAX_DECODER_BYTES: u64 = MAX_PIXELS * 8;

/// Why a file gives no frame.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is longer than [`MAX_FILE_BYTES`].
    #[error("the file is longer than {} MB", MAX_FILE_BYTES >> 20)]
    FileTooLarge,
    /// It does not begin like any picture that this program reads.
    #[error("it is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// Its header announces more pixels than are decoded.
    #[error("the picture of {width} x {height} pixels is too large; at most {} million are read", MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// Width that the header announces.
        width: u32,
        /// Height that the header announces.
        height: u32,
    },
    /// The file ends before the picture does.
    #[error("the picture is cut off: the file ends too early")]
    CutOff,
    /// It is a picture of a kind that the decoder does not know.
    #[error("this kind of {format} picture is not supported")]
    Unsupported {
        /// JPEG, PNG or WebP.
        format: &'static str,
        /// What the decoder says.
        source: ImageError,
    },
    /// The contents contradict themselves.
    #[error("the {format} picture is damaged")]
    Damaged {
        /// JPEG, PNG or WebP.
        format: &'static str,
        /// What the decoder says.
        source: ImageError,
    },
}

impl DecodeError {
    /// What the reader of the error can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the file's name and permissions",
            Self::Empty | Self::CutOff | Self::Damaged { .. } => "copy the file again, or take the photograph again",
            Self::FileTooLarge | Self::TooManyPixels { .. } => "save the photograph at a smaller size",
            Self::NotAPicture | Self::Unsupported { .. } => "save the photograph as an ordinary JPEG",
        }
    }
}

/// Whether a file's name ends as those do that [`decode`] reads.
pub fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    matches!(ending.as_deref(), Some("jpg" | "jpeg" | "png" | "webp"))
}

/// Reads and decodes a file.
///
/// # Errors
/// When it cannot be read, or as [`decode`].
pub fn open(path: impl AsRef<Path>) -> Result<Frame, DecodeError> {
    let path = path.as_ref();
    let fault = |source| DecodeError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(fault)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fault)?;
    decode(&bytes)
}

/// Decodes the contents of a JPEG, PNG or WebP file and turns it upright.
///
/// # Errors
/// When the bytes are no such picture, too large, cut off or damaged.
pub fn decode(bytes: &[u8]) -> Result<Frame, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(DecodeError::FileTooLarge);
    }
    let (format, name) = match image::guess_format(bytes) {
        Ok(format @ ImageFormat::Jpeg) => (format, "JPEG"),
        Ok(format @ ImageFormat::Png) => (format, "PNG"),
        Ok(format @ ImageFormat::WebP) => (format, "WebP"),
        _ => return Err(DecodeError::NotAPicture),
    };
    let fault = |source| fault(source, name);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(DecodeError::TooManyPixels { width, height });
    }
    if format == ImageFormat::Jpeg && !jpeg_is_whole(bytes) {
        return Err(DecodeError::CutOff);
    }
    // A picture whose orientation cannot be read is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    let rgb = if picture.color().has_alpha() { over_grey(picture) } else { picture.into_rgb8().into_raw() };
    Ok(Frame::new(width, height, rgb).expect("a decoded picture has at least one pixel, and three bytes for each"))
}

fn fault(source: ImageError, format: &'static str) -> DecodeError {
    match source {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => DecodeError::CutOff,
        ImageError::Unsupported(_) => DecodeError::Unsupported { format, source },
        source => DecodeError::Damaged { format, source },
    }
}

/// Lays the picture over mid-grey.
fn over_grey(picture: DynamicImage) -> Vec<u8> {
    let grey = preprocess::OFFSET as u32;
    let blend = |value: u8, alpha: u8| {
        let alpha = u32::from(alpha);
        ((u32::from(value) * alpha + grey * (255 - alpha) + 127) / 255) as u8
    };
    picture.into_rgba8().pixels().flat_map(|p| [p[0], p[1], p[2]].map(|value| blend(value, p[3]))).collect()
}

/// Whether a JPEG's last scan is followed by the end-of-image marker. The decoder fills what is missing with grey, and a
/// half-grey face must not be judged. Thumbnails inside other segments are stepped over.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xDA;
    const END_OF_IMAGE: u8 = 0xD9;
    let mut at = 2;
    let mut scanned = false;
    loop {
        // To the next marker: FF and neither 00 (a stuffed FF) nor FF (padding) nor a restart marker.
        let marker = loop {
            match bytes.get(at..at + 2) {
                None => return false,
                Some([0xFF, marker @ (0x01..=0xCF | 0xD8..=0xFE)]) => break *marker,
                Some(_) => at += 1,
            }
        };
        at += 2;
        match marker {
            END_OF_IMAGE => return scanned,
            0x01 | 0xD8 => {}
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2).and_then(|b| b.first_chunk()) else { return false };
                at += usize::from(u16::from_be_bytes([high, low]));
                scanned |= marker == START_OF_SCAN;
            }
        }
    }
}
