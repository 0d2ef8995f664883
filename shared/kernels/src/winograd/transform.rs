//! The two transforms, for vectors of any instruction set, and what the kernels of [`super::Kernel`] work on.

#![expect(clippy::needless_range_loop, reason = "iterators make the compiler keep the values in memory")]

use super::super::range::Range;
use super::{MIDDLE, NINTH, PATCH, SIDE, TAPS};

/// The weights of one panel.
pub(in super::super) struct Taps {
    /// `pairs` x 9 x `width` weights.
    pub(super) taps: *const i8,
    pub(super) pairs: usize,
    /// Twice the kernel's channels, a multiple of the lanes.
    pub(super) width: usize,
    /// Transformed: `pairs` x `width` words for each of the 36 positions, `stride` words apart.
    pub(super) words: *mut i16,
    pub(super) stride: usize,
}

/// The inputs of one square: 6 x 6 pixels.
pub(in super::super) struct Patch<'a> {
    /// Input; pixel (y, x) begins at `rows[y] + columns[x]` and is good for `channels` bytes.
    pub(super) input: *const u8,
    pub(super) rows: [usize; PATCH],
    pub(super) columns: [usize; PATCH],
    /// Whether only two outputs are needed, down and across: then only the first four inputs and positions 0, 1, 2 and 5.
    pub(super) short: [bool; 2],
    /// A multiple of the lanes.
    pub(super) channels: usize,
    /// Memory to fetch meanwhile; not read.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "plain Rust fetches nothing"))]
    pub(super) ahead: &'a [i8],
    /// Transformed: `channels` words for each of the 36 positions, `stride` words apart.
    pub(super) words: *mut i16,
    pub(super) stride: usize,
}

/// Some squares times a panel of weights, at one position.
pub(in super::super) struct Product<'a> {
    /// Squares, at least 1 and at most the kernel's rows.
    pub(super) rows: usize,
    /// `rows` x `inputs` words.
    pub(super) words: *const i16,
    pub(super) inputs: usize,
    /// `inputs / 2` x the kernel's channels x 2 words.
    pub(super) weights: *const i16,
    /// Memory to fetch meanwhile; not read.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "plain Rust fetches nothing"))]
    pub(super) ahead: &'a [i8],
    /// `rows` x the kernel's channels sums, which are written.
    pub(super) sums: *mut i32,
}

/// A square of outputs, or as much of it as lies inside the picture.
pub(in super::super) struct Square {
    /// `channels` sums for each of the 36 positions, `stride` sums apart.
    pub(super) sums: *const i32,
    pub(super) stride: usize,
    /// A multiple of the lanes.
    pub(super) channels: usize,
    /// `channels` biases and multipliers.
    pub(super) bias: *const i32,
    pub(super) multiplier: *const f32,
    /// What the output's bytes stand for.
    pub(super) range: Range,
    /// Output; pixel (y, x) begins `y * pitch + x * step` bytes on, and `channels` bytes of it are written.
    pub(super) output: *mut u8,
    /// As in [`Patch`].
    pub(super) short: [bool; 2],
    /// Pixels inside the picture: 1 to 4, and no more than 2 where it is short.
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) pitch: usize,
    pub(super) step: usize,
}

/// Some 16-bit numbers side by side.
///
/// Methods are `unsafe` because the processor must have the instruction set, and pointers be good for all lanes.
pub(super) trait Words: Copy {
    const LANES: usize;
    /// Bytes, as positive words.
    // SAFETY: the trait says what must hold.
    unsafe fn load(from: *const u8) -> Self;
    /// Signed bytes, as words.
    // SAFETY: the trait says what must hold.
    unsafe fn load_signed(from: *const i8) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn store(self, to: *mut i16);
    // SAFETY: the trait says what must hold.
    unsafe fn plus(self, other: Self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn minus(self, other: Self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn times_two(self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn times_four(self) -> Self;
}

/// Some 32-bit numbers side by side, modulo 2^32.
///
/// Methods are `unsafe` because the processor must have the instruction set, and pointers be good for all lanes.
pub(super) trait Sums: Copy {
    const LANES: usize;
    // SAFETY: the trait says what must hold.
    unsafe fn load(from: *const i32) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn all(value: i32) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn plus(self, other: Self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn minus(self, other: Self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn times_two(self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn times_four(self) -> Self;
    // SAFETY: the trait says what must hold.
    unsafe fn times(self, other: Self) -> Self;
    /// By 64, towards negative infinity.
    // SAFETY: the trait says what must hold.
    unsafe fn divided(self) -> Self;
    /// Times a multiplier, rounded to the nearest, ties to even, and clamped to `range`, as bytes.
    // SAFETY: the trait says what must hold.
    unsafe fn store(self, multiplier: *const f32, range: Range, to: *mut u8);
}

/// `G g G'` for a panel.
///
/// # Safety
/// As [`Taps`] says, on a processor that has the vectors.
// SAFETY: see above.
#[inline(always)]
pub(super) unsafe fn weights<V: Words>(taps: &Taps) {
    for pair in 0..taps.pairs {
        for lane in (0..taps.width).step_by(V::LANES) {
            // SAFETY: the caller's promise is passed on.
            unsafe {
                let at = taps.taps.add(pair * TAPS * taps.width + lane);
                let to = taps.words.add(pair * taps.width + lane);
                let mut half = [[V::load_signed(at); 3]; PATCH];
                for x in 0..3 {
                    let values = spread([
                        V::load_signed(at.add(x * taps.width)),
                        V::load_signed(at.add((3 + x) * taps.width)),
                        V::load_signed(at.add((6 + x) * taps.width)),
                    ]);
                    for y in 0..PATCH {
                        half[y][x] = values[y];
                    }
                }
                for y in 0..PATCH {
                    let values = spread(half[y]);
                    for x in 0..PATCH {
                        values[x].store(to.add((y * PATCH + x) * taps.stride));
                    }
                }
            }
        }
    }
}

/// `G` times three values, whose rows are (6 0 0), (2 2 2), (2 -2 2), (1 2 4), (1 -2 4), (0 0 6).
///
/// # Safety
/// The processor has the vectors.
// SAFETY: see above.
#[inline(always)]
unsafe fn spread<V: Words>([a, b, c]: [V; 3]) -> [V; PATCH] {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        let (a2, b2, c2) = (a.times_two(), b.times_two(), c.times_two());
        let (near, far) = (a2.plus(c2), a.plus(c2.times_two()));
        [a2.times_two().plus(a2), near.plus(b2), near.minus(b2), far.plus(b2), far.minus(b2), c2.times_two().plus(c2)]
    }
}

/// `B' d B` for all channels.
///
/// # Safety
/// As [`Patch`] says, on a processor that has the vectors.
// SAFETY: see above.
#[inline(always)]
pub(super) unsafe fn input<V: Words>(patch: &Patch) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match patch.short {
            [false, false] => input_of::<V, false, false>(patch),
            [false, true] => input_of::<V, false, true>(patch),
            [true, false] => input_of::<V, true, false>(patch),
            [true, true] => input_of::<V, true, true>(patch),
        }
    }
}

/// # Safety
/// As [`input`] says.
// SAFETY: see above.
#[inline(always)]
unsafe fn input_of<V: Words, const SHORT_Y: bool, const SHORT_X: bool>(patch: &Patch) {
    for channel in (0..patch.channels).step_by(V::LANES) {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            let at = patch.input.add(channel);
            let to = patch.words.add(channel);
            let mut half = [[V::load(at.add(patch.rows[0] + patch.columns[0])); PATCH]; PATCH];
            for x in 0..if SHORT_X { SIDE } else { PATCH } {
                let column = at.add(patch.columns[x]);
                let values = forward::<V, SHORT_Y>([
                    V::load(column.add(patch.rows[0])),
                    V::load(column.add(patch.rows[1])),
                    V::load(column.add(patch.rows[2])),
                    V::load(column.add(patch.rows[3])),
                    V::load(column.add(patch.rows[4])),
                    V::load(column.add(patch.rows[5])),
                ]);
                for y in 0..PATCH {
                    half[y][x] = values[y];
                }
            }
            for y in 0..PATCH {
                if is_used::<SHORT_Y>(y) {
                    let values = forward::<V, SHORT_X>(half[y]);
                    for x in 0..PATCH {
                        if is_used::<SHORT_X>(x) {
                            values[x].store(to.add((y * PATCH + x) * patch.stride));
                        }
                    }
                }
            }
        }
    }
}

/// Whether a row or column of positions is used.
#[inline(always)]
pub(super) fn is_used<const SHORT: bool>(position: usize) -> bool {
    !SHORT || !MIDDLE.contains(&position)
}

/// `B'` times six values, or that of F(2, 3) times the first four: its positions are 0, 1, 2 and 5.
///
/// # Safety
/// The processor has the vectors.
// SAFETY: see above.
#[inline(always)]
unsafe fn forward<V: Words, const SHORT: bool>(d: [V; PATCH]) -> [V; PATCH] {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if SHORT {
            let (near, far) = (d[0].minus(d[2]), d[1].minus(d[3]));
            return [near, d[1].plus(d[2]), d[2].minus(d[1]), near, far, far];
        }
        let middle = d[4].minus(d[2]);
        let (even, odd) = (d[4].minus(d[2].times_four()), d[3].minus(d[1].times_four()));
        let step = d[3].minus(d[1]).times_two();
        [
            d[0].minus(d[2]).times_four().plus(middle),
            even.plus(odd),
            even.minus(odd),
            middle.plus(step),
            middle.minus(step),
            d[5].minus(d[3]).minus(step.times_two()),
        ]
    }
}

/// From sums to bytes, for all channels.
///
/// # Safety
/// As [`Square`] says, on a processor that has the vectors.
// SAFETY: see above.
#[inline(always)]
pub(super) unsafe fn output<V: Sums>(square: &Square) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match square.short {
            [false, false] => output_of::<V, false, false>(square),
            [false, true] => output_of::<V, false, true>(square),
            [true, false] => output_of::<V, true, false>(square),
            [true, true] => output_of::<V, true, true>(square),
        }
    }
}

/// # Safety
/// As [`output`] says.
// SAFETY: see above.
#[inline(always)]
unsafe fn output_of<V: Sums, const SHORT_Y: bool, const SHORT_X: bool>(square: &Square) {
    for channel in (0..square.channels).step_by(V::LANES) {
        // SAFETY: the caller's promise is passed on.
        unsafe {
            let at = square.sums.add(channel);
            let mut half = [[V::load(at); PATCH]; SIDE];
            for x in 0..PATCH {
                if is_used::<SHORT_X>(x) {
                    let values = back::<V, SHORT_Y>([
                        V::load(at.add(x * square.stride)),
                        V::load(at.add((PATCH + x) * square.stride)),
                        V::load(at.add((2 * PATCH + x) * square.stride)),
                        V::load(at.add((3 * PATCH + x) * square.stride)),
                        V::load(at.add((4 * PATCH + x) * square.stride)),
                        V::load(at.add((5 * PATCH + x) * square.stride)),
                    ]);
                    for y in 0..SIDE {
                        half[y][x] = values[y];
                    }
                }
            }
            let bias = V::load(square.bias.add(channel));
            let multiplier = square.multiplier.add(channel);
            for y in 0..if SHORT_Y { 2 } else { SIDE } {
                let values = back::<V, SHORT_X>(half[y]);
                if y < square.height {
                    let row = square.output.add(y * square.pitch + channel);
                    for x in 0..if SHORT_X { 2 } else { SIDE } {
                        if x < square.width {
                            // 24 times as much in the first row and column, 12 times in the others: see the proof.
                            let halved = u32::from(SHORT_Y || y > 0) + u32::from(SHORT_X || x > 0);
                            let ninth = V::all(NINTH.wrapping_mul(1 << halved));
                            let sum = values[x].times(ninth).divided().plus(bias);
                            sum.store(multiplier, square.range, row.add(x * square.step));
                        }
                    }
                }
            }
        }
    }
}

/// `A'` times six values: 24 times the first result, 12 times the others. Or that of F(2, 3), from positions 0, 1, 2
/// and 5: 12 times the first two results.
///
/// # Safety
/// The processor has the vectors.
// SAFETY: see above.
#[inline(always)]
unsafe fn back<V: Sums, const SHORT: bool>(m: [V; PATCH]) -> [V; SIDE] {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        let (even, odd) = (m[1].plus(m[2]), m[1].minus(m[2]));
        if SHORT {
            let first = m[0].times_two().plus(even.times_two()).plus(even);
            let second = odd.times_two().plus(odd).minus(m[5].times_two());
            return [first, second, first, second];
        }
        let (far_even, far_odd) = (m[3].plus(m[4]), m[3].minus(m[4]));
        [
            m[0].plus(far_even).minus(even.times_two()),
            far_odd.minus(odd),
            far_even.times_two().minus(even),
            far_odd.times_four().minus(odd).plus(m[5].times_two()),
        ]
    }
}
