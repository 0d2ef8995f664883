use std::fs;
use std::io::Cursor;

use image::{DynamicImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage, Rgba};
use lakshan_core::Frame;
use lakshan_vision::{DecodeError, decode, open};

use crate::{PORTRAITS, test_file};

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.into().write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// Four flat quarters, 24 x 16: red, green / blue, white.
fn quarters() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| match (x < 12, y < 8) {
        (true, true) => Rgb([250, 10, 10]),
        (false, true) => Rgb([10, 250, 10]),
        (true, false) => Rgb([10, 10, 250]),
        (false, false) => Rgb([250, 250, 250]),
    })
}

/// The colours of the four quarters, from the middle of each.
fn corners(frame: &Frame) -> [&'static str; 4] {
    let (w, h) = (frame.width(), frame.height());
    [(w / 4, h / 4), (w * 3 / 4, h / 4), (w / 4, h * 3 / 4), (w * 3 / 4, h * 3 / 4)].map(|(x, y)| {
        match frame.pixel(x, y).map(|value| value > 128) {
            [true, false, false] => "red",
            [false, true, false] => "green",
            [false, false, true] => "blue",
            [true, true, true] => "white",
            _ => "other",
        }
    })
}

/// A TIFF block that holds nothing but the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [b"MM\0*\0\0\0\x08\0\x01".as_slice(), &[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]].concat()
}

#[test]
fn every_orientation_ends_upright() {
    // Where the four quarters of the stored picture come to lie, for each value of the EXIF tag.
    let expected = [
        (1, ["red", "green", "blue", "white"]),
        (2, ["green", "red", "white", "blue"]),
        (3, ["white", "blue", "green", "red"]),
        (4, ["blue", "white", "red", "green"]),
        (5, ["red", "blue", "green", "white"]),
        (6, ["blue", "red", "white", "green"]),
        (7, ["white", "green", "blue", "red"]),
        (8, ["green", "white", "red", "blue"]),
    ];
    let picture = quarters();
    for (orientation, corners_expected) in expected {
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
        encoder.set_exif_metadata(exif(orientation)).unwrap();
        encoder.write_image(&picture, 24, 16, image::ExtendedColorType::Rgb8).unwrap();
        let mut png = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
        encoder.set_exif_metadata(exif(orientation)).unwrap();
        encoder.write_image(&picture, 24, 16, image::ExtendedColorType::Rgb8).unwrap();
        for bytes in [jpeg, png] {
            let frame = decode(&bytes).unwrap();
            assert_eq!(corners(&frame), corners_expected, "orientation {orientation}");
            assert_eq!(frame.width(), if orientation < 5 { 24 } else { 16 });
        }
    }
}

#[test]
fn a_picture_is_known_by_its_content() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let frame = decode(&encoded(quarters(), format)).unwrap();
        assert_eq!(corners(&frame), ["red", "green", "blue", "white"], "{format:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really-a-png.jpg");
    fs::write(&path, encoded(quarters(), ImageFormat::Png)).unwrap();
    assert_eq!(open(&path).unwrap().width(), 24);
}

#[test]
fn depth_grey_and_transparency_become_8_bit_rgb() {
    let first = |picture: DynamicImage| decode(&encoded(picture, ImageFormat::Png)).unwrap().pixel(0, 0);
    let grey16 = image::ImageBuffer::from_pixel(2, 2, Luma([0x8000_u16]));
    assert_eq!(first(grey16.into()), [128; 3]);
    let rgb16 = image::ImageBuffer::from_pixel(2, 2, Rgb([0xFFFF_u16, 0x0101, 0]));
    assert_eq!(first(rgb16.into()), [255, 1, 0]);
    assert_eq!(first(image::GrayImage::from_pixel(2, 2, Luma([77])).into()), [77; 3]);
    assert_eq!(first(image::RgbaImage::from_pixel(2, 2, Rgba([255, 0, 0, 0])).into()), [128; 3]);
    assert_eq!(first(image::RgbaImage::from_pixel(2, 2, Rgba([255, 0, 0, 255])).into()), [255, 0, 0]);
    let grey_jpeg = encoded(image::GrayImage::from_pixel(16, 16, Luma([90])), ImageFormat::Jpeg);
    assert_eq!(decode(&grey_jpeg).unwrap().pixel(3, 3), [90; 3]);
}

#[test]
fn a_cmyk_jpeg_gives_its_colours() {
    let frame = open(test_file("fixtures/cmyk.jpg")).unwrap();
    assert_eq!((frame.width(), frame.height()), (32, 40));
}

#[test]
fn one_pixel_is_a_picture() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let frame = decode(&encoded(RgbImage::from_pixel(1, 1, Rgb([200; 3])), format)).unwrap();
        assert_eq!((frame.width(), frame.height(), frame.pixel(0, 0)), (1, 1, [200; 3]), "{format:?}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = open("no/such/photo.jpg").unwrap_err();
    assert!(matches!(error, DecodeError::Read { .. }));
    assert_eq!(error.to_string(), "cannot read no/such/photo.jpg");
}

#[test]
fn what_is_no_picture_is_refused() {
    assert!(matches!(decode(b""), Err(DecodeError::Empty)));
    assert!(matches!(decode(b"To whom it may concern"), Err(DecodeError::NotAPicture)));
    assert!(matches!(decode(b"GIF89a\x01\0\x01\0\0\0\0;"), Err(DecodeError::NotAPicture)));
    assert!(matches!(decode(&vec![0; (64 << 20) + 1]), Err(DecodeError::FileTooLarge)));
}

#[test]
fn a_cut_off_file_is_refused_at_every_length() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let noise = RgbImage::from_fn(40, 40, |x, y| Rgb([x, y, x ^ y].map(|v| (v * 37 % 251) as u8)));
        let bytes = encoded(noise, format);
        assert!(decode(&bytes).is_ok());
        for length in (12..bytes.len() - 1).step_by(7) {
            let error = decode(&bytes[..length]).expect_err("cut off");
            let fits = matches!(error, DecodeError::CutOff | DecodeError::Damaged { .. });
            assert!(fits, "{format:?} cut to {length} of {}: {error}", bytes.len());
        }
    }
}

#[test]
fn a_portrait_cut_in_half_is_called_cut_off() {
    let bytes = fs::read(test_file("faces/B000755.jpg")).unwrap();
    for part in [2, 3, 4] {
        assert!(matches!(decode(&bytes[..bytes.len() / part]), Err(DecodeError::CutOff)), "1/{part}");
    }
    assert!(matches!(decode(&bytes[..bytes.len() - 2]), Err(DecodeError::CutOff)), "the end marker alone is missing");
}

/// A PNG that consists of a header announcing `width` x `height`, and the start of its data.
fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut crc = flate2::Crc::new();
    crc.update(&header);
    let chunk = [&13_u32.to_be_bytes()[..], &header, &crc.sum().to_be_bytes()].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk, b"\0\0\x10\0IDAT\x78\x9c"].concat()
}

#[test]
fn a_header_that_announces_too_much_is_refused_before_memory_is_taken() {
    let error = decode(&png_bomb(20_000, 20_000)).unwrap_err();
    assert_eq!(error.to_string(), "the picture of 20000 x 20000 pixels is too large; at most 64 million are read");
    assert!(matches!(decode(&png_bomb(60_000_000, 1)), Err(DecodeError::TooManyPixels { .. })), "a side");
    // The same in a JPEG: height and width stand in its frame header.
    let mut jpeg = encoded(quarters(), ImageFormat::Jpeg);
    let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[0xFF, 0xF0, 0xFF, 0xF0]);
    assert!(matches!(decode(&jpeg), Err(DecodeError::TooManyPixels { width: 65_520, height: 65_520 })));
}

/// The JPEG decoder has vector code for some processors; it must give what its plain code gives.
#[test]
fn jpeg_pixels_do_not_depend_on_the_processor() {
    for name in PORTRAITS {
        let bytes = fs::read(test_file(&format!("faces/{name}.jpg"))).unwrap();
        let plain = zune_core::options::DecoderOptions::default()
            .set_use_unsafe(false)
            .jpeg_set_out_colorspace(zune_core::colorspace::ColorSpace::RGB);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(Cursor::new(&bytes), plain);
        assert!(decoder.decode().unwrap() == decode(&bytes).unwrap().rgb(), "{name}");
    }
}
