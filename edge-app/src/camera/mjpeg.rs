//! Motion JPEG: where a picture begins and ends in a stream of bytes, and the Huffman tables that cameras leave out.

use std::borrow::Cow;

/// The longest picture that is waited for, in bytes; a stream that grows beyond it is out of step.
pub const MAX_PICTURE_BYTES: usize = 16 << 20;

const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
const HUFFMAN_TABLES: u8 = 0xC4;

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// The first whole picture.
    Picture {
        /// Where it begins.
        start: usize,
        /// Where it ends.
        end: usize,
    },
    /// No whole picture yet.
    Incomplete {
        /// Where the first begins; all bytes before it belong to none.
        start: usize,
    },
}

/// Finds the first whole picture. Thumbnails inside other segments are stepped over; what is no JPEG is skipped.
pub fn scan(bytes: &[u8]) -> Scan {
    let mut from = 0;
    loop {
        let Some(start) = find(bytes, from, START_OF_IMAGE) else {
            // The last byte may be the first half of a start.
            let half = usize::from(bytes.last() == Some(&0xFF));
            return Scan::Incomplete { start: bytes.len() - half };
        };
        match end_of(&bytes[start..]) {
            End::At(length) => return Scan::Picture { start, end: start + length },
            End::NotYet => return Scan::Incomplete { start },
            End::NoPicture => from = start + 2,
        }
    }
}

enum End {
    At(usize),
    NotYet,
    NoPicture,
}

/// The length of the picture that begins here.
fn end_of(bytes: &[u8]) -> End {
    let mut at = 2;
    let mut scanned = false;
    loop {
        let marker = match bytes.get(at..at + 2) {
            None => return End::NotYet,
            Some([0xFF, 0xFF]) => {
                at += 1;
                continue;
            }
            Some([0xFF, marker]) => *marker,
            // Between segments there is nothing.
            Some(_) => return End::NoPicture,
        };
        at += 2;
        match marker {
            END_OF_IMAGE => return if scanned { End::At(at) } else { End::NoPicture },
            0x00 | 0x01 | START_OF_IMAGE | 0xD0..=0xD7 => return End::NoPicture,
            _ => {}
        }
        let Some(&[high, low]) = bytes.get(at..at + 2).and_then(|two| two.first_chunk()) else { return End::NotYet };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length < 2 {
            return End::NoPicture;
        }
        at += length;
        if marker == START_OF_SCAN {
            scanned = true;
            // To the next marker that is neither a stuffed FF nor a restart.
            loop {
                match bytes.get(at..at + 2) {
                    None => return End::NotYet,
                    Some([0xFF, 0x01..=0xCF | 0xD8..=0xFE]) => break,
                    Some(_) => at += 1,
                }
            }
        }
    }
}

fn find(bytes: &[u8], from: usize, marker: u8) -> Option<usize> {
    bytes[from..].windows(2).position(|two| two == [0xFF, marker]).map(|at| from + at)
}

/// Cuts pictures out of a stream that arrives in pieces.
#[derive(Default)]
pub struct Splitter {
    bytes: Vec<u8>,
}

impl Splitter {
    /// Takes the next piece and gives the last picture that is whole with it, older ones are dropped.
    pub fn push(&mut self, piece: &[u8]) -> Option<Vec<u8>> {
        self.bytes.extend_from_slice(piece);
        let mut newest = None;
        loop {
            match scan(&self.bytes) {
                Scan::Picture { start, end } => {
                    newest = Some(self.bytes[start..end].to_vec());
                    self.bytes.drain(..end);
                }
                Scan::Incomplete { start } => {
                    self.bytes.drain(..start);
                    if self.bytes.len() > MAX_PICTURE_BYTES {
                        self.bytes.clear();
                    }
                    return newest;
                }
            }
        }
    }
}

/// The picture with the standard's tables (ITU-T T.81, annex K.3) put before its scan, unless it brings its own.
pub fn with_huffman_tables(picture: &[u8]) -> Cow<'_, [u8]> {
    let mut at = 2;
    // `scan` has walked the same segments.
    while let Some(&[0xFF, marker, high, low]) = picture.get(at..at + 4).and_then(|four| four.first_chunk()) {
        match marker {
            HUFFMAN_TABLES => return Cow::Borrowed(picture),
            START_OF_SCAN => {
                let mut whole = Vec::with_capacity(picture.len() + 420);
                whole.extend_from_slice(&picture[..at]);
                whole.extend_from_slice(&standard_tables());
                whole.extend_from_slice(&picture[at..]);
                return Cow::Owned(whole);
            }
            0xFF => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    Cow::Borrowed(picture)
}

/// How many codes of each length 1..=16 there are, and their symbols.
type Table = (u8, [u8; 16], &'static [u8]);

const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const DC_LUMA: Table = (0x00, [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], &DC_SYMBOLS);
const DC_CHROMA: Table = (0x01, [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], &DC_SYMBOLS);
const AC_LUMA: Table = (
    0x10,
    [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D],
    &[
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07, 0x22, 0x71,
        0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72,
        0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37,
        0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
        0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
        0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3,
        0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
        0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
        0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ],
);
const AC_CHROMA: Table = (
    0x11,
    [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
    &[
        0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71, 0x13, 0x22,
        0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1,
        0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36,
        0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
        0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
        0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
        0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA,
        0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
        0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ],
);

/// The four tables as one segment.
fn standard_tables() -> Vec<u8> {
    let tables = [DC_LUMA, DC_CHROMA, AC_LUMA, AC_CHROMA];
    let length = 2 + tables.iter().map(|(.., symbols)| 17 + symbols.len()).sum::<usize>();
    let mut segment = vec![0xFF, HUFFMAN_TABLES];
    segment.extend((length as u16).to_be_bytes());
    for (class, counts, symbols) in tables {
        segment.push(class);
        segment.extend(counts);
        segment.extend(symbols);
    }
    segment
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use proptest::prelude::*;

    use super::*;
    use crate::camera::decode::{Layout, PixelFormat, Range, decode};

    const LAYOUT: Layout = Layout { format: PixelFormat::Mjpg, width: 32, height: 24, stride: 0, range: Range::Full };

    /// A small picture; the `image` crate writes the standard's tables.
    fn jpeg(seed: u8) -> Vec<u8> {
        let pixels = image::RgbImage::from_fn(32, 24, |x, y| image::Rgb([seed, (x * 8) as u8, (y * 10) as u8]));
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&pixels).unwrap();
        bytes
    }

    /// The same without any Huffman table, as many webcams send it.
    fn without_tables(picture: &[u8]) -> Vec<u8> {
        let mut out = picture[..2].to_vec();
        let mut at = 2;
        loop {
            let length = 2 + usize::from(u16::from_be_bytes([picture[at + 2], picture[at + 3]]));
            if picture[at + 1] == START_OF_SCAN {
                out.extend_from_slice(&picture[at..]);
                return out;
            }
            if picture[at + 1] != HUFFMAN_TABLES {
                out.extend_from_slice(&picture[at..at + length]);
            }
            at += length;
        }
    }

    #[test]
    fn a_picture_without_tables_decodes_to_the_same_pixels() {
        let whole = jpeg(200);
        let bare = without_tables(&whole);
        assert!(bare.len() + 400 < whole.len());
        assert_eq!(decode(&bare, &LAYOUT).unwrap(), decode(&whole, &LAYOUT).unwrap());
        assert!(matches!(with_huffman_tables(&whole), Cow::Borrowed(_)));
    }

    #[test]
    fn a_picture_that_is_cut_off_is_refused() {
        let whole = jpeg(10);
        for length in (0..whole.len()).step_by(7) {
            assert!(decode(&whole[..length], &LAYOUT).is_err(), "{length} of {} bytes", whole.len());
        }
        let mut padded = whole.clone();
        padded.extend([0; 100]);
        assert!(decode(&padded, &LAYOUT).is_ok(), "drivers pad");
    }

    #[test]
    fn rubbish_between_pictures_is_skipped() {
        let mut splitter = Splitter::default();
        let mut stream = vec![1, 2, 0xFF, 0xD8, 0x00, 0x33, 0xFF];
        stream.extend(jpeg(7));
        assert_eq!(splitter.push(&stream), Some(jpeg(7)));
        assert_eq!(splitter.push(&[0xFF]), None);
        assert_eq!(splitter.push(&jpeg(8)[1..]), Some(jpeg(8)), "a start that was cut in two");
    }

    proptest! {
        #[test]
        fn however_the_stream_is_cut_every_picture_comes_out(cuts in prop::collection::vec(1_usize..400, 1..60)) {
            let pictures: Vec<Vec<u8>> = (0..3).map(jpeg).collect();
            let stream = pictures.concat();
            let mut splitter = Splitter::default();
            let mut seen = Vec::new();
            let mut at = 0;
            for cut in cuts.iter().cycle() {
                let end = (at + cut).min(stream.len());
                seen.extend(splitter.push(&stream[at..end]));
                at = end;
                if at == stream.len() {
                    break;
                }
            }
            // Pieces are shorter than pictures, so none is dropped.
            prop_assert!(pictures.iter().all(|picture| picture.len() >= 400));
            prop_assert_eq!(seen, pictures);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop_oneof![Just(0xFF), Just(0xD8), Just(0xDA), any::<u8>()], 0..300)) {
            let _ = scan(&bytes);
            let _ = with_huffman_tables(&bytes);
            let _ = decode(&bytes, &LAYOUT);
            let mut splitter = Splitter::default();
            let _ = splitter.push(&bytes);
        }
    }
}
