//! What the kernels for x86 have in common: fetching memory ahead, and choosing the function for a number of rows.

use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};

use super::tile::Tile;

/// A cache line.
const LINE: usize = 64;

/// What is fetched where there is nothing to fetch: an address that exists.
static NOTHING: i8 = 0;

/// Fetches a line to the first-level cache.
#[inline(always)]
fn fetch_near(at: *const u8) {
    // SAFETY: every x86-64 has the instruction, and it touches nothing.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}

/// Fetches a line to the second-level cache.
#[inline(always)]
fn fetch_line(at: *const i8) {
    // SAFETY: every x86-64 has the instruction, and it touches nothing.
    unsafe { _mm_prefetch::<_MM_HINT_T1>(at) };
}

/// Fetches memory to the second-level cache.
#[inline(always)]
pub(super) fn fetch(ahead: &[i8]) {
    for line in ahead.chunks(LINE) {
        fetch_line(line.as_ptr());
    }
}

/// Fetches the lines of outputs and residuals that a tile ends with to the first-level cache.
#[inline(always)]
pub(super) fn fetch_ends<const ROWS: usize, const RESIDUAL: bool>(tile: &Tile) {
    for row in 0..ROWS {
        fetch_near(tile.output.wrapping_add(tile.output_offsets[row] as usize));
        if RESIDUAL {
            fetch_near(tile.residual.wrapping_add(tile.residual_offsets[row] as usize));
        }
    }
}

/// Fetches memory ahead, a little in each turn of a loop: all at once, the processor would wait for it.
pub(super) struct Ahead {
    from: *const i8,
    step: usize,
}

impl Ahead {
    /// For a loop of `turns` turns. What is too much for one line a turn is fetched at once.
    #[inline(always)]
    pub(super) fn new(ahead: &[i8], turns: usize) -> Self {
        let step = (ahead.len() / turns.max(1)).min(LINE);
        fetch(&ahead[step * turns..]);
        Self { from: if ahead.is_empty() { &raw const NOTHING } else { ahead.as_ptr() }, step }
    }

    #[inline(always)]
    pub(super) fn fetch(&self, turn: usize) {
        fetch_line(self.from.wrapping_add(turn * self.step));
    }
}

/// Calls `$function::<ROWS, RESIDUAL>(tile)` for a tile of at most as many rows as are listed.
macro_rules! for_rows {
    ($function:ident, $tile:ident, $($rows:literal)*) => {
        match ($tile.rows, $tile.residual.is_null()) {
            $(
                ($rows, false) => $function::<$rows, true>($tile),
                ($rows, true) => $function::<$rows, false>($tile),
            )*
            _ => unreachable!("a tile of {} rows", $tile.rows),
        }
    };
}

pub(super) use for_rows;
