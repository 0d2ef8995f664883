//! The kernel in plain Rust: what every other must equal, and what runs on a processor that has none of its own.

use super::tile::{Groups, Kernel, MOST_ROWS, Packed, Panel, Tile};
use super::winograd;

/// Output channels in a tile.
const CHANNELS: usize = 8;

pub(super) const KERNEL: Kernel = Kernel {
    name: "scalar",
    rows: 4,
    channels: CHANNELS,
    pack: pack_in_order,
    tile,
    winograd: Some(&winograd::scalar::KERNEL),
    multiply: None,
};

/// Leaves the groups as they are; they all stand alone.
pub(super) fn pack_in_order(groups: &Groups, packed: &mut Packed) {
    packed.panels.push(Panel {
        first_offset: packed.offsets.len(),
        first_weight: packed.weights.len(),
        pairs: 0,
        singles: groups.offsets.len(),
    });
    packed.offsets.extend_from_slice(groups.offsets);
    packed.weights.extend_from_slice(groups.weights);
}

/// # Safety
/// As [`Kernel::tile`] says.
// SAFETY: see above.
unsafe fn tile(tile: &Tile) {
    let mut sums = [[0_i32; CHANNELS]; MOST_ROWS];
    sums[..tile.rows].fill(std::array::from_fn(|channel| tile.bias[channel]));
    for group in 0..tile.singles {
        // SAFETY: the tile holds `singles` offsets and groups of weights.
        let (offset, weights) = unsafe {
            let weights = tile.weights.add(group * CHANNELS * 4).cast::<[[i8; 4]; CHANNELS]>().read_unaligned();
            (*tile.offsets.add(group), weights)
        };
        for (row, sums) in sums[..tile.rows].iter_mut().enumerate() {
            let at = tile.input_offsets[row] as usize + offset as usize;
            // SAFETY: the tile's input is good for four bytes at these offsets.
            let inputs = unsafe { tile.input.add(at).cast::<[u8; 4]>().read_unaligned() };
            for (sum, weights) in sums.iter_mut().zip(weights) {
                for (input, weight) in inputs.into_iter().zip(weights) {
                    *sum += i32::from(input) * i32::from(weight);
                }
            }
        }
    }
    for (row, sums) in sums[..tile.rows].iter().enumerate() {
        for (channel, sum) in sums[..tile.channels].iter().enumerate() {
            let mut value = *sum as f32 * tile.multiplier[channel];
            if !tile.residual.is_null() {
                // SAFETY: the tile's residual is good for `channels` bytes at each offset.
                let residual = unsafe { *tile.residual.add(tile.residual_offsets[row] as usize + channel) };
                value += tile.residual_range.value(residual) as f32 * tile.residual_scale;
            }
            let value = value.round_ties_even().clamp(tile.range.lowest() as f32, tile.range.highest() as f32);
            // SAFETY: the tile's output is good for `channels` bytes at each offset.
            unsafe { *tile.output.add(tile.output_offsets[row] as usize + channel) = value as i32 as u8 };
        }
    }
}
