//! Activations: height x width x channels bytes with a border of constant bytes around the picture.

use std::ops::Range;
use std::slice;

use super::memory::{Part, Shelf};

/// Bytes that a kernel may read beyond the last pixel: it loads groups of four channels, or a whole vector.
const SLACK: usize = 64;

/// The size of an activation. One picture, channels innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows of pixels, without the border.
    pub height: usize,
    /// Pixels in a row, without the border.
    pub width: usize,
    /// Bytes of a pixel.
    pub channels: usize,
    /// Pixels of border on each of the four sides.
    pub border: usize,
}

impl Shape {
    /// Bytes from a pixel to the one below.
    pub(crate) fn pitch(&self) -> usize {
        (self.width + 2 * self.border) * self.channels
    }

    /// Where a pixel begins, counted from the first byte of the border. `y` and `x` may reach into the border when
    /// they are given as `border` less than they are.
    pub(crate) fn at(&self, y: usize, x: usize) -> usize {
        self.in_border(y + self.border, x + self.border)
    }

    /// The same for a pixel that is counted from the border's corner.
    pub(crate) fn in_border(&self, y: usize, x: usize) -> usize {
        y * self.pitch() + x * self.channels
    }

    /// Pixels without the border.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Whether offsets fit 32 bits, and nothing overflows on the way to them.
    fn fits(&self) -> bool {
        let side = |size: usize| size as u128 + 2 * self.border as u128;
        let pixels = side(self.height).checked_mul(side(self.width));
        let bytes = pixels.and_then(|pixels| pixels.checked_mul(self.channels as u128));
        bytes.is_some_and(|bytes| bytes < 1 << 31)
    }

    /// Bytes of memory that an [`Activation`] takes.
    pub(crate) fn memory(&self) -> usize {
        self.bytes() + SLACK
    }

    /// All bytes, with the border.
    pub fn bytes(&self) -> usize {
        (self.height + 2 * self.border) * self.pitch()
    }
}

/// The memory of an activation. Several threads write to it at once, each to pixels or channels of its own; that they do
/// is the promise of whoever calls an `unsafe` method.
pub(crate) struct Activation {
    shape: Shape,
    memory: Part,
}

impl Activation {
    /// An activation full of `fill`, in memory of the shelf. What no one writes to, the border, keeps it.
    ///
    /// # Panics
    /// When it has 2^31 bytes or more. All that is computed with its sizes and offsets, here and in the kernels, rests on
    /// this.
    pub(crate) fn on(shelf: &Shelf, shape: Shape, fill: u8) -> Self {
        assert!(shape.fits(), "an activation of {shape:?}");
        let memory = shelf.part(shape.memory()).unwrap_or_else(|| Part::alone(shape.memory()));
        // SAFETY: nobody else has the bytes of this part.
        unsafe { memory.start().write_bytes(fill, memory.length()) };
        Self { shape, memory }
    }

    /// The same in memory of its own.
    #[cfg(test)]
    pub(crate) fn new(shape: Shape, fill: u8) -> Self {
        Self::on(&Shelf::new([shape.memory()]), shape, fill)
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The first byte of the border. From here on, `shape().bytes()` and [`SLACK`] bytes are there.
    pub(super) fn start(&self) -> *mut u8 {
        self.memory.start()
    }

    /// Pixels of one row, border and all counted from the border's corner, for reading.
    ///
    /// # Safety
    /// Nobody writes to them meanwhile.
    // SAFETY: see above.
    pub(super) unsafe fn row(&self, y: usize, x: Range<usize>) -> &[u8] {
        let (from, to) = (self.shape.in_border(y, x.start), self.shape.in_border(y, x.end));
        assert!(from <= to && to <= self.shape.bytes());
        // SAFETY: inside the allocation by the line above; not written to meanwhile, says the caller.
        unsafe { slice::from_raw_parts(self.start().add(from), to - from) }
    }

    /// Pixels of one row, without the border, for writing.
    ///
    /// # Safety
    /// Nobody reads or writes them meanwhile.
    // SAFETY: see above.
    #[expect(clippy::mut_from_ref, reason = "threads write to parts of their own")]
    pub(super) unsafe fn row_mut(&self, y: usize) -> &mut [u8] {
        assert!(y < self.shape.height);
        let (from, to) = (self.shape.at(y, 0), self.shape.at(y, self.shape.width));
        assert!(from <= to && to <= self.shape.bytes());
        // SAFETY: inside the allocation by the line above; not touched by anybody else meanwhile, says the caller.
        unsafe { slice::from_raw_parts_mut(self.start().add(from), to - from) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_overflow_do_not_fit() {
        let shape = Shape { height: 222, width: 222, channels: 3, border: 1 };
        assert!(shape.fits());
        // As a padding of 2^63 - 1 would have it: twice the border is -2.
        assert!(!Shape { border: usize::MAX / 2, ..shape }.fits());
        assert!(!Shape { height: 1 << 32, width: 1 << 32, ..shape }.fits());
    }

    #[test]
    fn pixels_are_where_the_shape_says() {
        let shape = Shape { height: 3, width: 5, channels: 2, border: 1 };
        assert_eq!((shape.pitch(), shape.bytes(), shape.at(0, 0), shape.at(2, 4)), (14, 70, 16, 52));
        let activation = Activation::new(shape, 9);
        // SAFETY: this thread is the only one.
        unsafe {
            activation.row_mut(2)[0] = 1;
            assert_eq!(activation.row(3, 0..7), [9, 9, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
        }
    }
}
