//! From a face to the network's input: size, geometry, filter, channel order, mean and scale. The one place for these numbers.
//!
//! The network takes `pixel - 128` as it is. Training folds the ImageNet mean and scale into the first
//! convolution, so that the int8 graph gets the picture with one subtraction and no rounding.

use crate::{Frame, Point};

/// Changes whenever any number or step of this file, or of the crop in `lakshan-vision`, changes its output.
/// A bundle carries the version that it was trained with; the device refuses another.
pub const VERSION: u32 = 1;

/// Side of the square crop, in pixels.
pub const SIZE: usize = 224;

/// The crop's side, in distances between the eyes. Wide enough for vault, ears, neck and hair.
pub const SIDE_PER_INTER_EYE: f32 = 4.2;

/// Where the middle between the eyes lies in the crop, as shares of its side: half across, a bit above the middle.
pub const EYES_AT: Point = Point { x: 0.5, y: 0.48 };

/// What is subtracted from each 8-bit channel value.
pub const OFFSET: f32 = 128.0;

/// A roll-levelled square cut around a face: [`SIZE`] x [`SIZE`] RGB pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceCrop(Frame);

impl FaceCrop {
    /// Wraps a frame of exactly [`SIZE`] x [`SIZE`]; `None` for any other size.
    pub fn new(frame: Frame) -> Option<Self> {
        (frame.width() as usize == SIZE && frame.height() as usize == SIZE).then_some(Self(frame))
    }

    /// The pixels.
    pub fn frame(&self) -> &Frame {
        &self.0
    }

    /// The same face mirrored left to right.
    pub fn mirrored(&self) -> Self {
        let mut rgb = Vec::with_capacity(self.0.rgb().len());
        for row in self.0.rgb().chunks_exact(SIZE * 3) {
            for pixel in row.rchunks_exact(3) {
                rgb.extend_from_slice(pixel);
            }
        }
        Self(Frame::new(SIZE as u32, SIZE as u32, rgb).expect("same size"))
    }

    /// Overwrites the pixels with zeros.
    pub fn wipe(&mut self) {
        self.0.wipe();
    }
}

impl std::fmt::Debug for FaceCrop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FaceCrop")
    }
}

/// The network's input: shape 1 x 3 x [`SIZE`] x [`SIZE`] (NCHW, RGB), values -128 to 127, all of them whole numbers.
#[derive(Clone, PartialEq)]
pub struct InputTensor(Vec<f32>);

impl InputTensor {
    /// Number of values: 3 x [`SIZE`] x [`SIZE`].
    pub const LEN: usize = 3 * SIZE * SIZE;

    /// The tensor of a crop.
    pub fn from_crop(crop: &FaceCrop) -> Self {
        let plane = SIZE * SIZE;
        let mut values = vec![0.0; Self::LEN];
        for (at, pixel) in crop.frame().rgb().chunks_exact(3).enumerate() {
            for (channel, value) in pixel.iter().enumerate() {
                values[channel * plane + at] = f32::from(*value) - OFFSET;
            }
        }
        Self(values)
    }

    /// The values in NCHW order.
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// It is a picture of the face in another form, so it ends wiped as one.
impl Drop for InputTensor {
    fn drop(&mut self) {
        crate::wipe(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crop(fill: impl Fn(usize) -> u8) -> FaceCrop {
        let rgb = (0..InputTensor::LEN).map(fill).collect();
        FaceCrop::new(Frame::new(SIZE as u32, SIZE as u32, rgb).unwrap()).unwrap()
    }

    #[test]
    fn tensor_is_planar_rgb_minus_128() {
        let tensor = InputTensor::from_crop(&crop(|at| [0, 128, 255][at % 3]));
        assert!(tensor.values()[..SIZE * SIZE].iter().all(|v| *v == -128.0));
        assert!(tensor.values()[SIZE * SIZE..2 * SIZE * SIZE].iter().all(|v| *v == 0.0));
        assert!(tensor.values()[2 * SIZE * SIZE..].iter().all(|v| *v == 127.0));
    }

    #[test]
    fn mirroring_twice_gives_the_same() {
        let crop = crop(|at| (at * 7 % 251) as u8);
        assert_ne!(crop.mirrored(), crop);
        assert_eq!(crop.mirrored().mirrored(), crop);
        assert_eq!(crop.mirrored().frame().pixel(0, 3), crop.frame().pixel(SIZE as u32 - 1, 3));
    }

    #[test]
    fn only_one_size_is_a_crop() {
        assert!(FaceCrop::new(Frame::new(223, 224, vec![0; 223 * 224 * 3]).unwrap()).is_none());
    }
}
