//! Reads whatever bytes it is given as a photograph in a file: JPEG, PNG or WebP, turned upright.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(frame) = lakshan_vision::decode(data) {
        assert_eq!(frame.rgb().len(), frame.width() as usize * frame.height() as usize * 3);
    }
});
