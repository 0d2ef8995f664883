//! Where what lies on the card: three partitions in an MBR, the one table that every board's first stage reads.

use std::fmt::Write;

use anyhow::{Result, ensure};

/// Bytes of a sector.
pub(crate) const SECTOR: u64 = 512;
/// Sectors of a MiB.
pub(crate) const MIB: u64 = (1 << 20) / SECTOR;
/// Cards erase in blocks of some MiB: a partition that begins at a multiple does not share one with its neighbour.
const ALIGN: u64 = 4 * MIB;
/// Firmware, kernel, first disk.
pub(crate) const BOOT_MIB: u64 = 128;
/// Installed bundles, the register, the language. Of a fixed size, so that no table is rewritten at the first start.
pub(crate) const DATA_MIB: u64 = 512;
/// The disk's number in its table, "LAKS". The kernel finds the root by it, among the card alone.
pub(crate) const DISK_ID: u32 = 0x4c41_4b53;

/// One partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// For people.
    pub(crate) what: &'static str,
    /// The type in the table.
    pub(crate) kind: u8,
    /// The first sector.
    pub(crate) start: u64,
    /// Its size.
    pub(crate) sectors: u64,
}

/// The whole card: boot, root, data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) parts: [Part; 3],
    /// Of the image.
    pub(crate) sectors: u64,
}

impl Layout {
    /// The layout for a root of so many bytes.
    pub(crate) fn new(root_bytes: u64) -> Result<Self> {
        ensure!(root_bytes > 0, "the root is empty");
        let part = |what, kind, start, sectors: u64| Part { what, kind, start, sectors };
        let after = |part: &Part| (part.start + part.sectors).next_multiple_of(ALIGN);
        let boot = part("boot: firmware, kernel, first disk (FAT)", 0x0c, ALIGN, BOOT_MIB * MIB);
        let root_sectors = root_bytes.div_ceil(SECTOR).next_multiple_of(MIB);
        let root = part("root, read-only (squashfs)", 0x83, after(&boot), root_sectors);
        let data = part("data (ext4)", 0x83, after(&root), DATA_MIB * MIB);
        let sectors = after(&data);
        ensure!(sectors < 1 << 32, "a root of {root_bytes} bytes does not fit into the table");
        Ok(Self { parts: [boot, root, data], sectors })
    }

    /// What `sfdisk` is told.
    pub(crate) fn script(&self) -> String {
        let mut script = format!("label: dos\nlabel-id: {DISK_ID:#010x}\nunit: sectors\n\n");
        for (number, part) in self.parts.iter().enumerate() {
            // Writing to a String cannot fail.
            let bootable = if number == 0 { ", bootable" } else { "" };
            let _ = writeln!(script, "start={}, size={}, type={:x}{bootable}", part.start, part.sectors, part.kind);
        }
        script
    }

    /// How the kernel finds the root.
    pub(crate) fn root_name() -> String {
        format!("PARTUUID={DISK_ID:08x}-02")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_aligned_and_do_not_overlap() {
        for bytes in [1, SECTOR, 100 << 20, (100 << 20) + 1, 3 << 30] {
            let layout = Layout::new(bytes).unwrap();
            let mut end = MIB;
            for part in &layout.parts {
                assert!(
                    part.start >= end && part.start.is_multiple_of(ALIGN) && part.sectors.is_multiple_of(MIB),
                    "{layout:?}"
                );
                end = part.start + part.sectors;
            }
            assert!(layout.parts[1].sectors * SECTOR >= bytes);
            assert!(layout.sectors >= end && layout.sectors.is_multiple_of(ALIGN));
        }
        assert!(Layout::new(0).is_err());
        assert!(Layout::new(3 << 40).is_err());
    }

    #[test]
    fn the_table_is_written_as_sfdisk_reads_it() {
        let script = Layout::new(150 << 20).unwrap().script();
        assert_eq!(
            script,
            "label: dos\nlabel-id: 0x4c414b53\nunit: sectors\n\n\
             start=8192, size=262144, type=c, bootable\n\
             start=270336, size=307200, type=83\n\
             start=581632, size=1048576, type=83\n"
        );
        assert_eq!(Layout::root_name(), "PARTUUID=4c414b53-02");
    }
}
