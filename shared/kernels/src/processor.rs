//! Which of the kernels that an ARM processor can run suits its design: what the instruction set does not tell.

use std::arch::asm;
use std::fs;

/// Designs of ARM's that run instructions in order, by part number: Cortex-A34, A53, A35, A55, A510, A520.
const IN_ORDER: [u64; 6] = [0xd02, 0xd03, 0xd04, 0xd05, 0xd46, 0xd80];
/// ARM's number among the makers of processors.
const ARM: u64 = 0x41;
/// What the system says about the processor, in the vector of facts that it gives each process (`AT_HWCAP`).
const HARDWARE_CAPABILITIES: u64 = 16;
/// The bit of it that says that a program may read the processor's identification registers (`HWCAP_CPUID`).
const IDENTIFICATION: u64 = 1 << 11;

/// Whether this processor runs instructions in order, as does a Raspberry Pi Zero 2 W's Cortex-A53. Where the system does
/// not let us ask, it counts as one that reorders them, such as a Raspberry Pi 4's Cortex-A72.
pub(super) fn is_in_order() -> bool {
    fs::read("/proc/self/auxv").is_ok_and(|facts| may_identify(&facts)) && design_is_in_order(main_id())
}

/// Whether [`main_id`] may be called, from the contents of `/proc/self/auxv`: pairs of a kind and a value.
fn may_identify(facts: &[u8]) -> bool {
    let (numbers, _) = facts.as_chunks::<8>();
    let (pairs, _) = numbers.as_chunks::<2>();
    let pair = pairs.iter().map(|pair| pair.map(u64::from_ne_bytes)).find(|[kind, _]| *kind == HARDWARE_CAPABILITIES);
    pair.is_some_and(|[_, value]| value & IDENTIFICATION != 0)
}

/// The main identification register (`MIDR_EL1`). Linux reads it on behalf of the program.
fn main_id() -> u64 {
    let id;
    // SAFETY: the register may be read, as the only caller has made sure; nothing else changes.
    unsafe { asm!("mrs {}, midr_el1", out(reg) id, options(nomem, nostack, preserves_flags)) };
    id
}

/// Whether the register names such a design: maker in bits 24 to 31, part in bits 4 to 15.
fn design_is_in_order(id: u64) -> bool {
    id >> 24 & 0xff == ARM && IN_ORDER.contains(&(id >> 4 & 0xfff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_boards() {
        assert!(design_is_in_order(0x410f_d034), "Raspberry Pi 3 and Zero 2 W: Cortex-A53");
        assert!(!design_is_in_order(0x410f_d083), "Raspberry Pi 4: Cortex-A72");
        assert!(!design_is_in_order(0x414f_d0b1), "Raspberry Pi 5: Cortex-A76");
        assert!(!design_is_in_order(0x510f_d034), "another maker's part of that number");
    }

    #[test]
    fn asks_only_where_the_system_says_so() {
        let facts = |kind: u64, value: u64| [6, 4096, kind, value, 0, 0].map(u64::to_ne_bytes).concat();
        assert!(may_identify(&facts(HARDWARE_CAPABILITIES, IDENTIFICATION | 3)));
        assert!(!may_identify(&facts(HARDWARE_CAPABILITIES, 3)));
        assert!(!may_identify(&facts(26, IDENTIFICATION)));
        assert!(!may_identify(&[]));
    }
}
