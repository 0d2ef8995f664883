//! Which of the kernels that an ARM processor can run suits its design: what the instruction set does not tell.

use std::fs;

/// Designs that run instructions in order, by ARM's part numbers: Cortex-A53, A35, A55, A510, A520, A34.
const IN_ORDER: [u32; 6] = [0xd03, 0xd04, 0xd05, 0xd46, 0xd80, 0xd02];
/// ARM's number among the makers of processors.
const ARM: u32 = 0x41;

/// Whether the processor runs instructions in order, such as a Raspberry Pi Zero 2 W's Cortex-A53. Where Linux does not
/// say what it is, it counts as one that reorders them, such as a Raspberry Pi 4's Cortex-A72.
pub(super) fn is_in_order() -> bool {
    fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| first_is_in_order(&text))
}

/// The same from the text of `/proc/cpuinfo`, for its first processor.
fn first_is_in_order(text: &str) -> bool {
    let number = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        u32::from_str_radix(line.trim_start_matches([' ', '\t', ':']).trim_start_matches("0x"), 16).ok()
    };
    number("CPU implementer") == Some(ARM) && number("CPU part").is_some_and(|part| IN_ORDER.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_says() {
        let text = |part: &str| {
            format!(
                "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: {part}\nCPU revision\t: 4\n"
            )
        };
        assert!(first_is_in_order(&text("0xd03")), "Raspberry Pi 3 and Zero 2 W");
        assert!(!first_is_in_order(&text("0xd08")), "Raspberry Pi 4");
        assert!(!first_is_in_order(&text("0xd03").replace("0x41", "0x51")), "another maker's part of that number");
        assert!(!first_is_in_order("model name\t: a PC"));
    }
}
