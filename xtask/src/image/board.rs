//! What differs from board to board: the chip's firmware, its configuration, the device trees and what is changed in them.

use clap::ValueEnum;

/// A board that Debian's own kernel boots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Board {
    /// Raspberry Pi Zero 2 W.
    Zero2w,
    /// Raspberry Pi 3 A+, B and B+.
    Pi3,
    /// Raspberry Pi 4 B and 400.
    Pi4,
}

/// What becomes of Wi-Fi and Bluetooth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wifi {
    /// No driver, no service.
    Unused,
    /// Nor is the chip in the board's device tree.
    Never,
}

/// The buttons on the pins: name, pin as the chip counts, the key that the kernel makes of it. The pins are those of the
/// configuration's defaults; the keys those that `edge-app` knows: Enter, Escape, Tab.
pub(crate) const BUTTONS: [(&str, u32, u32); 3] = [("capture", 17, 28), ("back", 27, 1), ("menu", 22, 15)];
/// Active when low, pulled up by the chip: the kernel's GPIO_ACTIVE_LOW | GPIO_PULL_UP.
const TO_GROUND: u32 = 0x11;

impl Board {
    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zero2w => "zero2w",
            Self::Pi3 => "pi3",
            Self::Pi4 => "pi4",
        }
    }

    /// What the chip loads before the kernel; a Raspberry Pi 4 has its first stage on the board.
    pub(crate) fn firmware(self) -> &'static [&'static str] {
        match self {
            Self::Zero2w | Self::Pi3 => &["bootcode.bin", "start.elf", "fixup.dat"],
            Self::Pi4 => &["start4.elf", "fixup4.dat"],
        }
    }

    /// The device trees; the firmware takes the one of the board that it runs on.
    pub(crate) fn device_trees(self) -> &'static [&'static str] {
        match self {
            Self::Zero2w => &["bcm2837-rpi-zero-2-w.dtb"],
            Self::Pi3 => &["bcm2837-rpi-3-a-plus.dtb", "bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b-plus.dtb"],
            Self::Pi4 => &["bcm2711-rpi-4-b.dtb", "bcm2711-rpi-400.dtb"],
        }
    }

    /// `config.txt`, which the firmware reads.
    pub(crate) fn config_txt(self) -> String {
        let mut lines = vec![
            "# Written by `cargo xtask image`.",
            "arm_64bit=1",
            "kernel=vmlinuz",
            "initramfs initrd.img followkernel",
            "# The device trees are those of the kernel itself, and bear its names.",
            "upstream_kernel=1",
            "# No test picture of the firmware before the splash, no waiting, no warnings over the screen.",
            "disable_splash=1",
            "boot_delay=0",
            "avoid_warnings=1",
        ];
        match self {
            Self::Zero2w => lines.push("device_tree=bcm2837-rpi-zero-2-w.dtb"),
            Self::Pi3 => {}
            Self::Pi4 => lines.push("arm_boost=1"),
        }
        lines.join("\n") + "\n"
    }

    /// `cmdline.txt`, what the kernel is told. It talks to a console that nobody sees, so that the splash stays.
    pub(crate) fn cmdline(self, root: &str) -> String {
        // A Raspberry Pi 4 chooses better itself where the memory for pictures lies.
        let memory = if self == Self::Pi4 { "" } else { " cma=64M" };
        format!(
            "console=tty3 root={root} rootfstype=squashfs ro rootwait{memory} quiet loglevel=3 logo.nologo \
             vt.global_cursor_default=0 consoleblank=0 systemd.show_status=no rd.systemd.show_status=no panic=10 \
             fsck.repair=yes\n"
        )
    }
}

/// What is changed in a device tree: the words of `fdtput` after the file's name, or before it for `-p`.
/// `gpio` is the number by which the tree refers to its pins.
pub(crate) fn device_tree_changes(wifi: Wifi, gpio: u32) -> Vec<Vec<String>> {
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut changes = vec![
        // The device is never a gadget of another computer.
        set(&["-ts", "/soc/usb@7e980000", "dr_mode", "host"]),
        set(&["-ts", "/gpio-keys", "compatible", "gpio-keys"]),
    ];
    for (name, pin, key) in BUTTONS {
        let node = format!("/gpio-keys/{name}");
        changes.push(set(&["-ts", &node, "label", name]));
        changes.push(set(&["-tu", &node, "linux,code", &key.to_string()]));
        changes.push(set(&["-tu", &node, "gpios", &gpio.to_string(), &pin.to_string(), &TO_GROUND.to_string()]));
        changes.push(set(&["-tu", &node, "debounce-interval", "15"]));
    }
    if wifi == Wifi::Never {
        for node in RADIOS {
            changes.push(set(&["-ts", node, "status", "disabled"]));
        }
    }
    changes
}

/// The bus of the Wi-Fi chip, and the Bluetooth part of the same chip.
pub(crate) const RADIOS: [&str; 2] = ["/soc/mmc@7e300000", "/soc/serial@7e201000/bluetooth"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_board_has_its_own_firmware_and_trees() {
        for board in [Board::Zero2w, Board::Pi3, Board::Pi4] {
            assert_eq!(board.to_possible_value().unwrap().get_name(), board.name());
            let config = board.config_txt();
            assert!(config.starts_with('#') && config.ends_with('\n'));
            for line in ["arm_64bit=1", "kernel=vmlinuz", "initramfs initrd.img followkernel", "disable_splash=1"] {
                assert_eq!(config.lines().filter(|found| *found == line).count(), 1, "{line}");
            }
            // The firmware cuts a line off at 98 characters.
            assert!(config.lines().all(|line| line.len() < 98));
            let old = board != Board::Pi4;
            assert_eq!(board.firmware().contains(&"bootcode.bin"), old);
            let chip = if old { "bcm2837-" } else { "bcm2711-" };
            assert!(board.device_trees().iter().all(|tree| tree.starts_with(chip)));
        }
        assert!(Board::Zero2w.config_txt().contains("\ndevice_tree=bcm2837-rpi-zero-2-w.dtb\n"));
    }

    #[test]
    fn the_kernel_is_told_the_root_and_to_be_quiet() {
        for board in [Board::Zero2w, Board::Pi3, Board::Pi4] {
            let line = board.cmdline("PARTUUID=4c414b53-02");
            assert_eq!(line.lines().count(), 1);
            let words: Vec<&str> = line.split_whitespace().collect();
            for word in ["root=PARTUUID=4c414b53-02", "rootfstype=squashfs", "ro", "quiet", "console=tty3", "panic=10"]
            {
                assert!(words.contains(&word), "{word}");
            }
            assert_eq!(words.contains(&"cma=64M"), board != Board::Pi4);
            assert_eq!(words.iter().filter(|word| word.starts_with("console=")).count(), 1);
        }
    }

    #[test]
    fn only_never_takes_the_radios_out() {
        let touches = |wifi| {
            let changes = device_tree_changes(wifi, 6);
            RADIOS.map(|node| changes.iter().any(|change| change[1] == node && change[3] == "disabled"))
        };
        assert_eq!(touches(Wifi::Unused), [false, false]);
        assert_eq!(touches(Wifi::Never), [true, true]);
        let changes = device_tree_changes(Wifi::Unused, 6);
        assert!(changes.contains(&["-tu", "/gpio-keys/back", "gpios", "6", "27", "17"].map(str::to_owned).to_vec()));
    }
}
