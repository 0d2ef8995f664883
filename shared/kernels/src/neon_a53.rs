//! The kernel for ARM processors that work in order and have no dot product, such as the Cortex-A53.
//!
//! The arithmetic, the packing and the tile are those of [`neon_a72`](super::neon_a72). What differs is the order: a vector
//! load of 128 bits keeps the A53 for two cycles and one of 64 bits for one, but a load of 64 bits to a general register
//! runs beside a multiplication, and so does its way from there into the vector's upper half. Each product waits for
//! nothing that is less than four instructions old.

use std::arch::aarch64::int32x4_t;
use std::arch::asm;

use super::neon::{CHANNELS, ROWS, finish, inputs, multiply, pack, prefetch};
use super::tile::{Kernel, Tile};

pub(super) const KERNEL: Kernel =
    Kernel { name: "neon-a53", rows: ROWS, channels: CHANNELS, pack, tile, winograd: None, multiply: Some(multiply) };

/// A channel's products with four pixels: of a block, or of two when they are a pair. Meanwhile the next weights are
/// loaded, half by half.
#[rustfmt::skip]
macro_rules! channel {
    ($w0:literal, $s0:literal, $s1:literal, $s2:literal, $s3:literal) => {
        concat!(
            "smull v8.8h, v0.8b, v", $w0, ".8b\n",
            "smull v9.8h, v1.8b, v", $w0, ".8b\n",
            "smull v10.8h, v2.8b, v", $w0, ".8b\n",
            "smull v11.8h, v3.8b, v", $w0, ".8b\n",
            "smlal2 v8.8h, v0.16b, v", $w0, ".16b\n",
            "smlal2 v9.8h, v1.16b, v", $w0, ".16b\n",
            "smlal2 v10.8h, v2.16b, v", $w0, ".16b\n",
            "smlal2 v11.8h, v3.16b, v", $w0, ".16b\n",
            "sadalp v", $s0, ".4s, v8.8h\n",
            "sadalp v", $s1, ".4s, v9.8h\n",
            "sadalp v", $s2, ".4s, v10.8h\n",
            "sadalp v", $s3, ".4s, v11.8h\n",
        )
    };
    (
        $w0:literal, $w1:literal, $s0:literal, $s1:literal, $s2:literal, $s3:literal,
        $low0:literal, $high0:literal, $low1:literal, $high1:literal, $join0:literal, $join1:literal
    ) => {
        concat!(
            "smull v8.8h, v0.8b, v", $w0, ".8b\n",
            "smull v9.8h, v1.8b, v", $w0, ".8b\n",
            "smull v10.8h, v2.8b, v", $w0, ".8b\n",
            "smull v11.8h, v3.8b, v", $w0, ".8b\n",
            $low0, "\n",
            "smlal2 v8.8h, v0.16b, v", $w0, ".16b\n",
            $high0, "\n",
            "smlal2 v9.8h, v1.16b, v", $w0, ".16b\n",
            "smlal2 v10.8h, v2.16b, v", $w0, ".16b\n",
            "smlal2 v11.8h, v3.16b, v", $w0, ".16b\n",
            $low1, "\n",
            $join0, "\n",
            "smlal v8.8h, v4.8b, v", $w1, ".8b\n",
            $high1, "\n",
            "smlal v9.8h, v5.8b, v", $w1, ".8b\n",
            "smlal v10.8h, v6.8b, v", $w1, ".8b\n",
            "smlal v11.8h, v7.8b, v", $w1, ".8b\n",
            "smlal2 v8.8h, v4.16b, v", $w1, ".16b\n",
            $join1, "\n",
            "smlal2 v9.8h, v5.16b, v", $w1, ".16b\n",
            "smlal2 v10.8h, v6.16b, v", $w1, ".16b\n",
            "smlal2 v11.8h, v7.16b, v", $w1, ".16b\n",
            "sadalp v", $s0, ".4s, v8.8h\n",
            "sadalp v", $s1, ".4s, v9.8h\n",
            "sadalp v", $s2, ".4s, v10.8h\n",
            "sadalp v", $s3, ".4s, v11.8h\n",
        )
    };
}

/// # Safety
/// As [`Kernel::tile`] says.
// SAFETY: see above.
#[target_feature(enable = "neon")]
unsafe fn tile(tile: &Tile) {
    prefetch(tile);
    // SAFETY: the caller's promise is passed on.
    unsafe { finish(tile, &sums(tile)) };
}

/// The sums of four pixels and four channels, each in four parts.
///
/// # Safety
/// As [`Kernel::tile`] says.
// SAFETY: see above.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn sums(tile: &Tile) -> [[int32x4_t; ROWS]; CHANNELS] {
    let [x0, x1, x2, x3] = inputs(tile);
    let (s0, s1, s2, s3): (int32x4_t, int32x4_t, int32x4_t, int32x4_t);
    let (s4, s5, s6, s7): (int32x4_t, int32x4_t, int32x4_t, int32x4_t);
    let (s8, s9, s10, s11): (int32x4_t, int32x4_t, int32x4_t, int32x4_t);
    let (s12, s13, s14, s15): (int32x4_t, int32x4_t, int32x4_t, int32x4_t);
    // SAFETY: it reads two offsets and 128 bytes of weights for each pair, one and 64 for each single, and a vector of
    // input at each offset of each pixel; all of them are there.
    unsafe {
        asm!(
            "movi v16.4s, #0",
            "movi v17.4s, #0",
            "movi v18.4s, #0",
            "movi v19.4s, #0",
            "movi v20.4s, #0",
            "movi v21.4s, #0",
            "movi v22.4s, #0",
            "movi v23.4s, #0",
            "movi v24.4s, #0",
            "movi v25.4s, #0",
            "movi v26.4s, #0",
            "movi v27.4s, #0",
            "movi v28.4s, #0",
            "movi v29.4s, #0",
            "movi v30.4s, #0",
            "movi v31.4s, #0",
            "cbz {pairs}, 3f",
            "2:",
            "ldp {a:w}, {b:w}, [{offsets}], #8",
            "ldr d12, [{weights}]",
            "add {a8}, {a}, #8",
            "add {b8}, {b}, #8",
            "ldr d0, [{x0}, {a}]",
            "ldr d1, [{x1}, {a}]",
            "ldr d2, [{x2}, {a}]",
            "ldr d3, [{x3}, {a}]",
            "smull v8.8h, v0.8b, v12.8b",
            "ldr {t0}, [{x0}, {a8}]",
            "smull v9.8h, v1.8b, v12.8b",
            "ldr {t1}, [{x1}, {a8}]",
            "smull v10.8h, v2.8b, v12.8b",
            "ldr {t2}, [{x2}, {a8}]",
            "smull v11.8h, v3.8b, v12.8b",
            "ldr {t3}, [{x3}, {a8}]",
            "ldr {t4}, [{weights}, #8]",
            "ldr d4, [{x0}, {b}]",
            "ins v0.d[1], {t0}",
            "ldr d5, [{x1}, {b}]",
            "ins v1.d[1], {t1}",
            "ldr d6, [{x2}, {b}]",
            "ins v2.d[1], {t2}",
            "ldr d7, [{x3}, {b}]",
            "ins v3.d[1], {t3}",
            "ldr d13, [{weights}, #64]",
            "ins v12.d[1], {t4}",
            "smlal2 v8.8h, v0.16b, v12.16b",
            "ldr {t0}, [{x0}, {b8}]",
            "smlal2 v9.8h, v1.16b, v12.16b",
            "ldr {t1}, [{x1}, {b8}]",
            "smlal2 v10.8h, v2.16b, v12.16b",
            "ldr {t2}, [{x2}, {b8}]",
            "smlal2 v11.8h, v3.16b, v12.16b",
            "ldr {t3}, [{x3}, {b8}]",
            "ldr d14, [{weights}, #16]",
            "ins v4.d[1], {t0}",
            "ldr d15, [{weights}, #80]",
            "ins v5.d[1], {t1}",
            "smlal v8.8h, v4.8b, v13.8b",
            "ldr {t4}, [{weights}, #72]",
            "smlal v9.8h, v5.8b, v13.8b",
            "ldr {t0}, [{weights}, #24]",
            "smlal v10.8h, v6.8b, v13.8b",
            "ldr {t1}, [{weights}, #88]",
            "smlal v11.8h, v7.8b, v13.8b",
            "ins v6.d[1], {t2}",
            "ins v7.d[1], {t3}",
            "ins v13.d[1], {t4}",
            "ins v14.d[1], {t0}",
            "smlal2 v8.8h, v4.16b, v13.16b",
            "smlal2 v9.8h, v5.16b, v13.16b",
            "smlal2 v10.8h, v6.16b, v13.16b",
            "smlal2 v11.8h, v7.16b, v13.16b",
            "ins v15.d[1], {t1}",
            "sadalp v16.4s, v8.8h",
            "sadalp v17.4s, v9.8h",
            "sadalp v18.4s, v10.8h",
            "sadalp v19.4s, v11.8h",
            channel!(14, 15, 20, 21, 22, 23, "ldr d12, [{weights}, #32]", "ldr {t0}, [{weights}, #40]", "ldr d13, [{weights}, #96]", "ldr {t1}, [{weights}, #104]", "ins v12.d[1], {t0}", "ins v13.d[1], {t1}"),
            channel!(12, 13, 24, 25, 26, 27, "ldr d14, [{weights}, #48]", "ldr {t0}, [{weights}, #56]", "ldr d15, [{weights}, #112]", "ldr {t1}, [{weights}, #120]", "ins v14.d[1], {t0}", "ins v15.d[1], {t1}"),
            channel!(14, 15, 28, 29, 30, 31, "", "", "", "", "add {weights}, {weights}, #128", ""),
            "subs {pairs}, {pairs}, #1",
            "b.ne 2b",
            "3:",
            "cbz {singles}, 5f",
            "dup v7.16b, {flip:w}",
            "4:",
            "ldr {a:w}, [{offsets}], #4",
            "ldr q0, [{x0}, {a}]",
            "ldr q1, [{x1}, {a}]",
            "ldr q2, [{x2}, {a}]",
            "ldr q3, [{x3}, {a}]",
            "ldr q12, [{weights}], #16",
            "ldr q13, [{weights}], #16",
            "ldr q14, [{weights}], #16",
            "ldr q15, [{weights}], #16",
            "eor v0.16b, v0.16b, v7.16b",
            "eor v1.16b, v1.16b, v7.16b",
            "eor v2.16b, v2.16b, v7.16b",
            "eor v3.16b, v3.16b, v7.16b",
            channel!(12, 16, 17, 18, 19),
            channel!(13, 20, 21, 22, 23),
            channel!(14, 24, 25, 26, 27),
            channel!(15, 28, 29, 30, 31),
            "subs {singles}, {singles}, #1",
            "b.ne 4b",
            "5:",
            x0 = in(reg) x0,
            x1 = in(reg) x1,
            x2 = in(reg) x2,
            x3 = in(reg) x3,
            offsets = inout(reg) tile.offsets => _,
            weights = inout(reg) tile.weights => _,
            pairs = inout(reg) tile.pairs => _,
            singles = inout(reg) tile.singles => _,
            flip = in(reg) u32::from(tile.flip),
            a = out(reg) _,
            b = out(reg) _,
            a8 = out(reg) _,
            b8 = out(reg) _,
            t0 = out(reg) _,
            t1 = out(reg) _,
            t2 = out(reg) _,
            t3 = out(reg) _,
            t4 = out(reg) _,
            out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _,
            out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _,
            out("v16") s0, out("v17") s1, out("v18") s2, out("v19") s3,
            out("v20") s4, out("v21") s5, out("v22") s6, out("v23") s7,
            out("v24") s8, out("v25") s9, out("v26") s10, out("v27") s11,
            out("v28") s12, out("v29") s13, out("v30") s14, out("v31") s15,
            options(readonly, nostack),
        );
    }
    [[s0, s1, s2, s3], [s4, s5, s6, s7], [s8, s9, s10, s11], [s12, s13, s14, s15]]
}
