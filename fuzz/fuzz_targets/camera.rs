//! Takes whatever bytes it is given for a camera's: a stream of JPEGs in pieces, one JPEG, and raw pixels of any layout.
#![no_main]

use edge_app::camera::decode::{Layout, PixelFormat, Range, decode};
use edge_app::camera::mjpeg::Splitter;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // What the driver says stands at the end, so that pictures from files are a corpus.
    let Some((rest, tail)) = data.split_last_chunk::<8>() else { return };
    let short = |at: usize| u32::from(u16::from_le_bytes([tail[at], tail[at + 1]]));
    let (width, height, stride) = (short(0), short(2), short(4));
    for format in PixelFormat::ALL {
        let range = if tail[6] % 2 == 0 { Range::Limited } else { Range::Full };
        let layout = Layout { format, width: width % 256, height: height % 256, stride: stride % 1024, range };
        if let Ok(frame) = decode(rest, &layout) {
            assert_eq!(frame.rgb().len(), frame.width() as usize * frame.height() as usize * 3);
        }
    }
    let mut splitter = Splitter::default();
    let mjpg = Layout { format: PixelFormat::Mjpg, width: 0, height: 0, stride: 0, range: Range::Full };
    for piece in rest.chunks(usize::from(tail[7]) * 16 + 1) {
        if let Some(picture) = splitter.push(piece) {
            let _ = decode(&picture, &mjpg);
        }
    }
});
