//! Files that are no good photographs: an error that names the file and the fault, or a finding that says what to do.

use std::fs;

use image::{DynamicImage, GenericImage, Rgb, RgbImage};

use crate::harness::{Folder, portrait, vision_test_file};

fn open(path: std::path::PathBuf) -> DynamicImage {
    image::open(path).unwrap()
}

#[test]
fn no_such_file() {
    let folder = Folder::new();
    folder.classify(&[&folder.path("none.jpg")]).failed(&["none.jpg", "No such file"]);
}

#[test]
fn a_folder() {
    let folder = Folder::new();
    folder.classify(&[&folder.path("bundle")]).failed(&["bundle", "directory"]);
}

#[test]
fn an_empty_file() {
    let folder = Folder::new();
    folder.classify(&[&folder.write("empty.jpg", b"")]).failed(&["empty.jpg", "the file is empty"]);
}

#[test]
fn a_text_file_named_jpg() {
    let folder = Folder::new();
    let path = folder.write("text.jpg", b"I am not a photograph.\n");
    folder.classify(&[&path]).failed(&["text.jpg", "not a JPEG, PNG or WebP picture"]);
}

#[test]
fn truncated_pictures() {
    let folder = Folder::new();
    let whole = fs::read(portrait()).unwrap();
    for length in [3, 100, whole.len() / 2, whole.len() - 2] {
        let path = folder.write("cut.jpg", &whole[..length]);
        folder.classify(&[&path]).failed(&["cut.jpg"]);
    }
    folder.picture("whole.png", open(portrait()));
    let whole = fs::read(folder.path("whole.png")).unwrap();
    for length in [20, whole.len() / 2] {
        let path = folder.write("cut.png", &whole[..length]);
        folder.classify(&[&path]).failed(&["cut.png"]);
    }
}

#[test]
fn a_single_pixel() {
    let folder = Folder::new();
    let path = folder.picture("one.png", RgbImage::from_pixel(1, 1, Rgb([1, 2, 3])));
    let run = folder.classify(&[&path]).ok();
    assert!(run.stdout.contains("Please take the photo again: no face found"), "{}", run.stdout);
}

#[test]
fn a_header_that_announces_too_much() {
    // Signature, IHDR of 20000 x 20000 8-bit RGB with its CRC, and an IDAT that never comes.
    let mut png = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        png.extend((data.len() as u32).to_be_bytes());
        let body = [kind, data].concat();
        png.extend(&body);
        png.extend(crc32(&body).to_be_bytes());
    };
    let side = 20_000_u32.to_be_bytes();
    chunk(b"IHDR", &[&side[..], &side[..], &[8, 2, 0, 0, 0]].concat());
    chunk(b"IDAT", &[0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]);
    chunk(b"IEND", &[]);
    let folder = Folder::new();
    let path = folder.write("bomb.png", &png);
    folder.classify(&[&path]).failed(&["bomb.png", "20000 x 20000", "too large"]);
}

#[test]
fn sixteen_bit_grey_and_cmyk_are_read() {
    let folder = Folder::new();
    let colour = open(portrait());
    let pictures = [
        folder.picture("sixteen.png", DynamicImage::ImageRgb16(colour.to_rgb16())),
        folder.picture("grey16.png", DynamicImage::ImageLuma16(colour.to_luma16())),
        folder.picture("grey.jpg", DynamicImage::ImageLuma8(colour.to_luma8())),
        folder.picture("alpha.png", DynamicImage::ImageRgba8(colour.to_rgba8())),
        folder.picture("lossless.webp", colour),
    ];
    for path in pictures {
        let run = folder.classify(&[&path]).ok();
        assert!(run.stdout.contains("Looks similar to Down syndrome"), "{}: {}", path.display(), run.stdout);
    }
    folder.classify(&[&vision_test_file("fixtures/cmyk.jpg")]).ok();
}

#[test]
fn without_a_face() {
    let folder = Folder::new();
    let path =
        folder.picture("wall.jpg", RgbImage::from_fn(640, 480, |x, y| Rgb([(x % 251) as u8, 90, (y % 83) as u8])));
    let run = folder.classify(&[&path]).ok();
    assert!(run.stdout.contains("Please take the photo again: no face found"), "{}", run.stdout);
    assert!(run.stdout.contains("Point the camera at the face"));
    assert!(!run.stdout.contains('%'), "a photograph that was not judged has no probabilities");
}

#[test]
fn with_two_faces() {
    let folder = Folder::new();
    let (left, right) = (open(portrait()).to_rgb8(), open(vision_test_file("faces/C001074.jpg")).to_rgb8());
    let mut both = RgbImage::new(left.width() + right.width(), left.height().max(right.height()));
    both.copy_from(&left, 0, 0).unwrap();
    both.copy_from(&right, left.width(), 0).unwrap();
    let run = folder.classify(&[&folder.picture("two.jpg", both)]).ok();
    assert!(run.stdout.contains("Please take the photo again: more than one face"), "{}", run.stdout);
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
