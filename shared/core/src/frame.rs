//! A picture as it comes from a camera or a file: 8-bit RGB, upright; wiped when it is dropped.

/// 8-bit sRGB pixels, row-major, three bytes a pixel, already turned upright.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
}

/// Pixels that do not make a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The buffer is not `width * height * 3` bytes long, or a side is zero.
    #[error("{bytes} bytes are not a {width}x{height} RGB frame")]
    WrongLength {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Length of the buffer that was given.
        bytes: usize,
    },
}

impl Frame {
    /// Wraps `rgb`, which must hold exactly `width * height` pixels.
    ///
    /// # Errors
    /// When the length disagrees with the size, or a side is zero.
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<Self, FrameError> {
        let wanted = (width as usize).checked_mul(height as usize).and_then(|n| n.checked_mul(3));
        if width == 0 || height == 0 || wanted != Some(rgb.len()) {
            return Err(FrameError::WrongLength { width, height, bytes: rgb.len() });
        }
        Ok(Self { width, height, rgb })
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels: row-major RGB, three bytes each.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The pixel at column `x`, row `y`.
    ///
    /// # Panics
    /// When the point lies outside.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        assert!(x < self.width && y < self.height, "pixel ({x}, {y}) outside {}x{}", self.width, self.height);
        let at = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// Overwrites the pixels with zeros: a patient's picture must not linger in memory.
    pub fn wipe(&mut self) {
        crate::wipe(&mut self.rgb);
    }
}

/// Every frame ends wiped, also when a panic or an early return ends it.
impl Drop for Frame {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Size only: a frame's pixels never reach a log.
impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({}x{})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_pixels_that_do_not_fit() {
        assert!(Frame::new(2, 1, vec![0; 6]).is_ok());
        for (width, height, bytes) in [(2, 1, 5), (0, 1, 0), (u32::MAX, u32::MAX, 3)] {
            assert!(matches!(Frame::new(width, height, vec![0; bytes]), Err(FrameError::WrongLength { .. })));
        }
    }

    #[test]
    fn debug_output_holds_no_pixels() {
        let frame = Frame::new(1, 1, vec![201, 202, 203]).unwrap();
        assert_eq!(format!("{frame:?}"), "Frame(1x1)");
    }
}
