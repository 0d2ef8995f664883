//! A camera's bytes to a frame: MJPG, YUYV and NV12.
//!
//! Colours follow ITU-R BT.601, what USB cameras send; whether luma spans 16..=235 or all of 0..=255 the driver says.

use std::borrow::Cow;

use lakshan_core::Frame;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::mjpeg;

/// How a camera packs its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// A JPEG for each picture.
    Mjpg,
    /// Y0 U Y1 V: 4:2:2, two bytes a pixel.
    Yuyv,
    /// A plane of Y, then one of U V pairs at half size: 4:2:0.
    Nv12,
}

/// Which values luma takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// 16..=235, chroma 16..=240.
    Limited,
    /// 0..=255.
    Full,
}

/// Size and layout of the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How the pixels are packed.
    pub format: PixelFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// From one row to the next, in bytes; of no meaning for MJPG.
    pub stride: u32,
    /// Which values luma takes; a JPEG always takes all.
    pub range: Range,
}

/// These bytes are no picture of that layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the camera's bytes are no whole picture")]
pub struct Undecodable;

impl PixelFormat {
    /// Every format, the best first.
    pub const ALL: [Self; 3] = [Self::Mjpg, Self::Yuyv, Self::Nv12];

    /// The kernel's four letters.
    pub fn fourcc(self) -> &'static str {
        match self {
            Self::Mjpg => "MJPG",
            Self::Yuyv => "YUYV",
            Self::Nv12 => "NV12",
        }
    }

    /// From the kernel's four letters.
    pub fn from_fourcc(fourcc: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.fourcc() == fourcc)
    }
}

/// Decodes one picture. A JPEG may have another size than the layout says; bytes after the picture are ignored.
///
/// # Errors
/// When there are too few bytes, or the JPEG is damaged or cut off: half a face must not be judged.
pub fn decode(bytes: &[u8], layout: &Layout) -> Result<Frame, Undecodable> {
    match layout.format {
        PixelFormat::Mjpg => jpeg(bytes),
        PixelFormat::Yuyv => yuyv(bytes, layout),
        PixelFormat::Nv12 => nv12(bytes, layout),
    }
}

/// The longest side of a camera's picture that is decoded, in pixels, as the configuration allows: a header that announces more
/// would take the device's memory.
const MAX_SIDE: usize = 4096;

/// One JPEG of a camera. Many send none of the Huffman tables, because for MJPEG they are always the same.
fn jpeg(bytes: &[u8]) -> Result<Frame, Undecodable> {
    let end = match mjpeg::scan(bytes) {
        mjpeg::Scan::Picture { start: 0, end } => end,
        _ => return Err(Undecodable),
    };
    let whole = mjpeg::with_huffman_tables(&bytes[..end]);
    let options = DecoderOptions::new_fast().jpeg_set_out_colorspace(ColorSpace::RGB).set_strict_mode(true);
    let options = options.set_max_width(MAX_SIDE).set_max_height(MAX_SIDE);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(whole.as_ref()), options);
    let decoded = decoder.decode().map_err(|_| Undecodable);
    let dimensions = decoder.dimensions();
    drop(decoder);
    if let Cow::Owned(mut copy) = whole {
        lakshan_core::wipe(&mut copy);
    }
    let (rgb, (width, height)) = (decoded?, dimensions.ok_or(Undecodable)?);
    let side = |side: usize| u32::try_from(side).map_err(|_| Undecodable);
    Frame::new(side(width)?, side(height)?, rgb).map_err(|_| Undecodable)
}

fn yuyv(bytes: &[u8], layout: &Layout) -> Result<Frame, Undecodable> {
    let (width, height, stride) = sides(layout, 2)?;
    let rows = plane(bytes, stride, height, width * 2)?;
    let colour = Colour::new(layout.range);
    let mut rgb = vec![0; width * height * 3];
    for (row, out) in rows.chunks(stride).zip(rgb.chunks_exact_mut(width * 3)) {
        for (four, out) in row[..width * 2].chunks_exact(4).zip(out.chunks_exact_mut(6)) {
            let chroma = colour.chroma(four[1], four[3]);
            out[..3].copy_from_slice(&colour.rgb(four[0], chroma));
            out[3..].copy_from_slice(&colour.rgb(four[2], chroma));
        }
    }
    Frame::new(layout.width, layout.height, rgb).map_err(|_| Undecodable)
}

fn nv12(bytes: &[u8], layout: &Layout) -> Result<Frame, Undecodable> {
    let (width, height, stride) = sides(layout, 1)?;
    if height % 2 != 0 {
        return Err(Undecodable);
    }
    let luma = plane(bytes, stride, height, width)?;
    let chroma = plane(bytes.get(stride * height..).ok_or(Undecodable)?, stride, height / 2, width)?;
    let colour = Colour::new(layout.range);
    let mut rgb = vec![0; width * height * 3];
    for (index, (row, out)) in luma.chunks(stride).zip(rgb.chunks_exact_mut(width * 3)).enumerate() {
        let pairs = chroma[index / 2 * stride..][..width].chunks_exact(2);
        for ((two, pair), out) in row[..width].chunks_exact(2).zip(pairs).zip(out.chunks_exact_mut(6)) {
            let chroma = colour.chroma(pair[0], pair[1]);
            out[..3].copy_from_slice(&colour.rgb(two[0], chroma));
            out[3..].copy_from_slice(&colour.rgb(two[1], chroma));
        }
    }
    Frame::new(layout.width, layout.height, rgb).map_err(|_| Undecodable)
}

/// Width, height and stride; the width is even, as both formats share chroma between two columns.
fn sides(layout: &Layout, bytes_a_pixel: usize) -> Result<(usize, usize, usize), Undecodable> {
    let (width, height) = (layout.width as usize, layout.height as usize);
    // Some drivers leave the stride out.
    let stride = if layout.stride == 0 { width * bytes_a_pixel } else { layout.stride as usize };
    let fits = width > 0 && height > 0 && width % 2 == 0 && stride >= width * bytes_a_pixel;
    if fits { Ok((width, height, stride)) } else { Err(Undecodable) }
}

/// The first `rows` rows; the last may lack what follows its pixels.
fn plane(bytes: &[u8], stride: usize, rows: usize, row_bytes: usize) -> Result<&[u8], Undecodable> {
    let least = stride * (rows - 1) + row_bytes;
    if bytes.len() < least { Err(Undecodable) } else { Ok(&bytes[..bytes.len().min(stride * rows)]) }
}

/// BT.601 in 8.8 fixed point.
struct Colour {
    offset: i32,
    luma: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Colour {
    fn new(range: Range) -> Self {
        match range {
            Range::Limited => Self { offset: 16, luma: 298, red_v: 409, green_u: 100, green_v: 208, blue_u: 516 },
            Range::Full => Self { offset: 0, luma: 256, red_v: 359, green_u: 88, green_v: 183, blue_u: 454 },
        }
    }

    /// What a pair of chroma values adds to red, green and blue, half a step included for rounding.
    #[inline]
    fn chroma(&self, u: u8, v: u8) -> [i32; 3] {
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        [self.red_v * v + 128, 128 - self.green_u * u - self.green_v * v, self.blue_u * u + 128]
    }

    #[inline]
    fn rgb(&self, y: u8, chroma: [i32; 3]) -> [u8; 3] {
        let luma = self.luma * (i32::from(y) - self.offset);
        chroma.map(|part| ((luma + part) >> 8).clamp(0, 255) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(format: PixelFormat, width: u32, height: u32, range: Range) -> Layout {
        Layout { format, width, height, stride: 0, range }
    }

    /// BT.601 in floats, from the standard's own figures.
    fn reference(y: u8, u: u8, v: u8, range: Range) -> [f64; 3] {
        let (y, u, v) = (f64::from(y), f64::from(u) - 128.0, f64::from(v) - 128.0);
        let (y, scale) = match range {
            Range::Limited => ((y - 16.0) * 255.0 / 219.0, 255.0 / 224.0),
            Range::Full => (y, 1.0),
        };
        let (u, v) = (u * scale, v * scale);
        [y + 1.402 * v, y - 0.344_136 * u - 0.714_136 * v, y + 1.772 * u].map(|part| part.clamp(0.0, 255.0))
    }

    #[test]
    fn colours_are_those_of_the_standard() {
        for range in [Range::Limited, Range::Full] {
            for (y, u, v) in (0..=255)
                .step_by(5)
                .flat_map(|y| (0..=255).step_by(17).flat_map(move |u| (0..=255).step_by(17).map(move |v| (y, u, v))))
            {
                let colour = Colour::new(range);
                let got = colour.rgb(y, colour.chroma(u, v));
                let want = reference(y, u, v, range);
                for (got, want) in got.into_iter().zip(want) {
                    assert!((f64::from(got) - want).abs() <= 1.6, "{range:?} {y} {u} {v}: {got} is not {want}");
                }
            }
        }
    }

    #[test]
    fn known_pixels_of_yuyv() {
        // Black and white, then BT.601's red (Y 81, U 90, V 240) twice.
        let bytes = [16, 128, 235, 128, 81, 90, 81, 240];
        let frame = decode(&bytes, &layout(PixelFormat::Yuyv, 2, 2, Range::Limited)).unwrap();
        assert_eq!((frame.pixel(0, 0), frame.pixel(1, 0)), ([0, 0, 0], [255, 255, 255]));
        let [red, green, blue] = frame.pixel(1, 1);
        assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
    }

    #[test]
    fn known_pixels_of_nv12_with_padded_rows() {
        // 2 x 2 grey steps; rows of 4 bytes, of which two are padding. Blue: Y 41, U 240, V 110.
        let bytes = [41, 41, 9, 9, 41, 41, 9, 9, 240, 110];
        let layout = Layout { stride: 4, ..layout(PixelFormat::Nv12, 2, 2, Range::Limited) };
        let frame = decode(&bytes, &layout).unwrap();
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let [red, green, blue] = frame.pixel(x, y);
            assert!(red <= 2 && green <= 2 && blue >= 253, "{red} {green} {blue}");
        }
    }

    #[test]
    fn a_picture_larger_than_a_camera_s_is_not_decoded() {
        for (width, is_taken) in [(4096, true), (4097, false)] {
            let mut bytes = std::io::Cursor::new(Vec::new());
            image::RgbImage::new(width, 8).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
            let decoded = decode(bytes.get_ref(), &layout(PixelFormat::Mjpg, 0, 0, Range::Full));
            assert_eq!(decoded.is_ok(), is_taken, "{width}");
        }
    }

    #[test]
    fn too_few_bytes_are_no_picture() {
        for format in [PixelFormat::Yuyv, PixelFormat::Nv12] {
            let layout = layout(format, 4, 4, Range::Limited);
            let whole = if format == PixelFormat::Yuyv { 32 } else { 24 };
            assert!(decode(&vec![128; whole], &layout).is_ok());
            for length in 0..whole {
                assert_eq!(decode(&vec![128; length], &layout), Err(Undecodable), "{format:?} {length}");
            }
        }
    }

    #[test]
    fn odd_and_empty_sizes_are_refused() {
        for (width, height) in [(0, 2), (2, 0), (3, 2)] {
            let layout = layout(PixelFormat::Yuyv, width, height, Range::Full);
            assert_eq!(decode(&[0; 64], &layout), Err(Undecodable));
        }
        assert_eq!(decode(&[0; 64], &layout(PixelFormat::Nv12, 2, 3, Range::Full)), Err(Undecodable));
        let narrow = Layout { stride: 2, ..layout(PixelFormat::Yuyv, 4, 1, Range::Full) };
        assert_eq!(decode(&[0; 64], &narrow), Err(Undecodable));
    }
}
