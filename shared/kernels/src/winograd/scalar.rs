//! The parts in plain Rust, one number at a time: what every other must equal.

use super::super::range::Range;
use super::Kernel;
use super::transform::{self, Product, Sums, Words};

/// Output channels in a matrix product.
const CHANNELS: usize = 8;

pub(in super::super) const KERNEL: Kernel = Kernel {
    rows: 4,
    channels: CHANNELS,
    least_squares: 16,
    weights: transform::weights::<Word>,
    input: transform::input::<Word>,
    product,
    output: transform::output::<Sum>,
};

#[derive(Clone, Copy)]
struct Word(i16);

impl Words for Word {
    const LANES: usize = 1;

    // SAFETY: the trait says what must hold.
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(i16::from(unsafe { *from }))
    }

    // SAFETY: the trait says what must hold.
    unsafe fn load_signed(from: *const i8) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(i16::from(unsafe { *from }))
    }

    // SAFETY: the trait says what must hold.
    unsafe fn store(self, to: *mut i16) {
        // SAFETY: the caller's promise is passed on.
        unsafe { *to = self.0 };
    }

    // SAFETY: the trait says what must hold.
    unsafe fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn times_two(self) -> Self {
        Self(self.0 * 2)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn times_four(self) -> Self {
        Self(self.0 * 4)
    }
}

#[derive(Clone, Copy)]
struct Sum(i32);

impl Sums for Sum {
    const LANES: usize = 1;

    // SAFETY: the trait says what must hold.
    unsafe fn load(from: *const i32) -> Self {
        // SAFETY: the caller's promise is passed on.
        Self(unsafe { *from })
    }

    // SAFETY: the trait says what must hold.
    unsafe fn all(value: i32) -> Self {
        Self(value)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    // SAFETY: the trait says what must hold.
    unsafe fn minus(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }

    // SAFETY: the trait says what must hold.
    unsafe fn times_two(self) -> Self {
        Self(self.0 << 1)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn times_four(self) -> Self {
        Self(self.0 << 2)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn times(self, other: Self) -> Self {
        Self(self.0.wrapping_mul(other.0))
    }

    // SAFETY: the trait says what must hold.
    unsafe fn divided(self) -> Self {
        Self(self.0 >> 6)
    }

    // SAFETY: the trait says what must hold.
    unsafe fn store(self, multiplier: *const f32, range: Range, to: *mut u8) {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            let value = (self.0 as f32 * *multiplier).round_ties_even();
            *to = value.clamp(range.lowest() as f32, range.highest() as f32) as i32 as u8;
        }
    }
}

/// # Safety
/// As [`Kernel::product`] says.
// SAFETY: see above.
unsafe fn product(product: &Product) {
    for row in 0..product.rows {
        let mut sums = [0_i32; CHANNELS];
        for pair in 0..product.inputs / 2 {
            // SAFETY: the caller's promise is passed on.
            let (words, weights) = unsafe {
                let words = product.words.add(row * product.inputs + 2 * pair).cast::<[i16; 2]>().read_unaligned();
                let weights = product.weights.add(pair * 2 * CHANNELS).cast::<[[i16; 2]; CHANNELS]>();
                (words, weights.read_unaligned())
            };
            for (sum, weights) in sums.iter_mut().zip(weights) {
                for (word, weight) in words.into_iter().zip(weights) {
                    *sum = sum.wrapping_add(i32::from(word) * i32::from(weight));
                }
            }
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { product.sums.add(row * CHANNELS).cast::<[i32; CHANNELS]>().write_unaligned(sums) };
    }
}
