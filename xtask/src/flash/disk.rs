//! What the kernel says of a disk, and why it is not written to.

use std::fmt;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// Where the kernel says it; elsewhere in tests.
pub(super) struct System {
    /// `/sys`.
    pub(super) sys: PathBuf,
    /// `/proc/self/mountinfo`.
    pub(super) mounts: String,
    /// `/proc/swaps`.
    pub(super) swaps: String,
}

impl System {
    /// This machine.
    pub(super) fn this() -> Result<Self> {
        let read = |path: &str| fs::read_to_string(path).with_context(|| format!("cannot read {path}"));
        Ok(Self { sys: "/sys".into(), mounts: read("/proc/self/mountinfo")?, swaps: read("/proc/swaps")? })
    }
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disk {
    /// As the kernel names it.
    pub(super) name: String,
    model: String,
    bytes: u64,
    is_partition: bool,
    is_removable: bool,
    is_read_only: bool,
    /// Where it or a part of it is mounted, or what else holds it.
    in_use: Vec<String>,
}

/// Why a disk is not written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Partition,
    InUse(Vec<String>),
    NotRemovable,
    ReadOnly,
    NoCard,
    TooSmall { bytes: u64, wanted: u64 },
    TooLarge { bytes: u64, largest: u64 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition => f.write_str("it is a partition, not a whole disk"),
            Self::InUse(by) => write!(f, "it is in use: {}", by.join(", ")),
            Self::NotRemovable => f.write_str("it is no removable disk"),
            Self::ReadOnly => f.write_str("it is read-only"),
            Self::NoCard => f.write_str("there is no card in it"),
            Self::TooSmall { bytes, wanted } => {
                write!(
                    f,
                    "it is too small: it has {} MB, the image {} MB",
                    bytes / 1_000_000,
                    wanted.div_ceil(1_000_000)
                )
            }
            Self::TooLarge { bytes, largest } => {
                write!(
                    f,
                    "it is larger than cards are: {} GB, and {} at most",
                    bytes / 1_000_000_000,
                    largest / 1_000_000_000
                )
            }
        }
    }
}

impl Refusal {
    /// What one can do about it.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Partition => "name the disk that it is on, without the number at the end",
            Self::InUse(_) => "if it is the card: umount it, and swapoff",
            Self::NotRemovable => "`lsblk -o NAME,SIZE,RM,MODEL` shows which disk is the card",
            Self::ReadOnly => "move the little switch at the card's side",
            Self::NoCard => "put the card in",
            Self::TooSmall { .. } => "take a larger card",
            Self::TooLarge { .. } => "if it is the card, say so: --largest GB",
        }
    }
}

impl Disk {
    /// What the kernel says of a device.
    pub(super) fn read(system: &System, device: &Path) -> Result<Self> {
        let about = fs::metadata(device).with_context(|| format!("cannot find {}", device.display()))?;
        ensure!(about.file_type().is_block_device(), "{} is no disk", device.display());
        Self::of_number(system, major_minor(about.rdev()))
    }

    /// The same by the device's number, as MAJOR:MINOR.
    pub(super) fn of_number(system: &System, number: (u64, u64)) -> Result<Self> {
        let link = system.sys.join(format!("dev/block/{}:{}", number.0, number.1));
        let folder = fs::canonicalize(&link).with_context(|| format!("cannot find {}", link.display()))?;
        let name = folder.file_name().context("a disk has a name")?.to_string_lossy().into_owned();
        let text =
            |file: &str| fs::read_to_string(folder.join(file)).map(|text| text.trim().to_owned()).unwrap_or_default();
        let sectors: u64 = text("size").parse().with_context(|| format!("{} tells no size", folder.display()))?;
        let mut in_use = Vec::new();
        for part in with_partitions(&folder)? {
            in_use.extend(uses(system, &part));
        }
        Ok(Self {
            model: [text("device/vendor"), text("device/model"), text("device/name")].join(" ").trim().to_owned(),
            bytes: sectors * 512,
            is_partition: folder.join("partition").exists(),
            // A card in a slot of its own says that it is one, but not that it can be taken out.
            is_removable: text("removable") == "1" || text("device/type") == "SD",
            is_read_only: text("ro") == "1",
            in_use,
            name,
        })
    }

    /// Why an image of so many bytes is not written to it.
    pub(super) fn refusal(&self, wanted: u64, largest: u64) -> Option<Refusal> {
        if self.is_partition {
            Some(Refusal::Partition)
        } else if !self.in_use.is_empty() {
            Some(Refusal::InUse(self.in_use.clone()))
        } else if !self.is_removable {
            Some(Refusal::NotRemovable)
        } else if self.bytes == 0 {
            Some(Refusal::NoCard)
        } else if self.is_read_only {
            Some(Refusal::ReadOnly)
        } else if self.bytes < wanted {
            Some(Refusal::TooSmall { bytes: self.bytes, wanted })
        } else if self.bytes > largest {
            Some(Refusal::TooLarge { bytes: self.bytes, largest })
        } else {
            None
        }
    }

    /// For the person who is asked.
    pub(super) fn about(&self) -> String {
        let model = if self.model.is_empty() { "a disk without a name" } else { &self.model };
        format!("{model}, {:.1} GB", self.bytes as f64 / 1e9)
    }
}

/// The numbers in a device's one number, as the kernel packs them for programs.
fn major_minor(number: u64) -> (u64, u64) {
    let (high, low) = (number >> 32, number & 0xffff_ffff);
    ((low >> 8) & 0xfff | high & !0xfff, low & 0xff | (low >> 12) & !0xff)
}

/// The folder of a disk and those of its partitions.
fn with_partitions(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.join("partition").exists() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// Who uses a disk or a partition.
fn uses(system: &System, folder: &Path) -> Vec<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let number = fs::read_to_string(folder.join("dev")).unwrap_or_default();
    let mut found = Vec::new();
    for line in system.mounts.lines() {
        // Number of the mount, of its parent, of the device, root, where.
        let mut words = line.split(' ');
        if words.nth(2) == Some(number.trim()) {
            found.push(format!("{name} is mounted on {}", words.nth(1).unwrap_or("?")));
        }
    }
    for line in system.swaps.lines().skip(1) {
        if line.split_whitespace().next() == Some(&format!("/dev/{name}")) {
            found.push(format!("{name} is swap"));
        }
    }
    for holder in fs::read_dir(folder.join("holders")).into_iter().flatten().flatten() {
        found.push(format!("{} holds {name}", holder.file_name().to_string_lossy()));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const GB: u64 = 1_000_000_000;

    /// A folder like /sys with a disk 8:16 of two partitions; `change` makes another one of it.
    fn disk(change: impl Fn(&Path, &mut System)) -> Disk {
        let folder = tempfile::tempdir().unwrap();
        let sys = folder.path();
        let write = |path: &str, text: &str| {
            let path = sys.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("block/sdb/size", &format!("{}\n", 32 * GB / 512));
        for (file, text) in [
            ("dev", "8:16\n"),
            ("removable", "1\n"),
            ("ro", "0\n"),
            ("device/vendor", "Generic \n"),
            ("device/model", "Card Reader\n"),
        ] {
            write(&format!("block/sdb/{file}"), text);
        }
        for (number, name) in [(1, "sdb1"), (2, "sdb2")] {
            write(&format!("block/sdb/{name}/partition"), "1\n");
            write(&format!("block/sdb/{name}/size"), "8192\n");
            write(&format!("block/sdb/{name}/dev"), &format!("8:{}\n", 16 + number));
        }
        fs::create_dir_all(sys.join("dev/block")).unwrap();
        symlink("../../block/sdb", sys.join("dev/block/8:16")).unwrap();
        symlink("../../block/sdb/sdb1", sys.join("dev/block/8:17")).unwrap();
        let mounts = "22 1 8:2 / / rw,relatime - ext4 /dev/sda2 rw\n30 22 0:25 / /tmp rw - tmpfs tmpfs rw\n".to_owned();
        let swaps = "Filename Type Size Used Priority\n/dev/sda3 partition 1 0 -2\n".to_owned();
        let mut system = System { sys: sys.to_owned(), mounts, swaps };
        change(sys, &mut system);
        Disk::of_number(&system, (8, 16)).unwrap()
    }

    fn refused(change: impl Fn(&Path, &mut System)) -> Option<Refusal> {
        disk(change).refusal(GB, 256 * GB)
    }

    #[test]
    fn a_card_in_a_reader_is_written() {
        assert_eq!(refused(|_, _| ()), None);
        assert_eq!(disk(|_, _| ()).about(), "Generic Card Reader, 32.0 GB");
    }

    #[test]
    fn a_card_in_a_slot_is_written_and_a_built_in_chip_is_not() {
        let slot = |kind: &'static str| {
            move |sys: &Path, _: &mut System| {
                fs::write(sys.join("block/sdb/removable"), "0\n").unwrap();
                fs::write(sys.join("block/sdb/device/type"), kind).unwrap();
            }
        };
        assert_eq!(refused(slot("SD\n")), None);
        assert_eq!(refused(slot("MMC\n")), Some(Refusal::NotRemovable));
    }

    #[test]
    fn what_is_mounted_is_refused_and_so_is_a_disk_with_a_mounted_partition() {
        let whole = refused(|_, system| system.mounts += "40 22 8:16 / /media/a rw - vfat /dev/sdb rw\n");
        assert_eq!(whole, Some(Refusal::InUse(vec!["sdb is mounted on /media/a".to_owned()])));
        let part = refused(|_, system| system.mounts += "40 22 8:18 / /media/b rw - ext4 /dev/sdb2 rw\n");
        assert_eq!(part, Some(Refusal::InUse(vec!["sdb2 is mounted on /media/b".to_owned()])));
    }

    #[test]
    fn swap_and_what_another_layer_holds_are_refused() {
        let swap = refused(|_, system| system.swaps += "/dev/sdb2 partition 1 0 -3\n");
        assert_eq!(swap, Some(Refusal::InUse(vec!["sdb2 is swap".to_owned()])));
        let held = refused(|sys, _| fs::create_dir_all(sys.join("block/sdb/sdb1/holders/dm-0")).unwrap());
        assert_eq!(held, Some(Refusal::InUse(vec!["dm-0 holds sdb1".to_owned()])));
    }

    #[test]
    fn each_other_disk_is_refused_for_its_own_reason() {
        let file = |name: &'static str, text: &'static str| {
            move |sys: &Path, _: &mut System| fs::write(sys.join("block/sdb").join(name), text).unwrap()
        };
        assert_eq!(refused(file("removable", "0\n")), Some(Refusal::NotRemovable));
        assert_eq!(refused(file("ro", "1\n")), Some(Refusal::ReadOnly));
        assert_eq!(refused(file("size", "0\n")), Some(Refusal::NoCard));
        assert_eq!(refused(file("partition", "1\n")), Some(Refusal::Partition));
        assert_eq!(refused(file("size", "1953124\n")), Some(Refusal::TooSmall { bytes: 999_999_488, wanted: GB }));
        assert_eq!(refused(file("size", "1953125\n")), None);
        assert_eq!(refused(file("size", "500000000\n")), None);
        let large = refused(file("size", "500000001\n"));
        assert_eq!(large, Some(Refusal::TooLarge { bytes: 256_000_000_512, largest: 256 * GB }));
        assert!(large.unwrap().to_string().contains("256 GB"));
        assert_eq!(disk(file("size", "1000000000\n")).refusal(GB, 1000 * GB), None, "--largest");
    }

    #[test]
    fn a_file_is_no_disk() {
        let system = System { sys: "/sys".into(), mounts: String::new(), swaps: String::new() };
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Disk::read(&system, file.path()).unwrap_err().to_string().contains("is no disk"));
        assert!(Disk::read(&system, Path::new("/dev/null")).unwrap_err().to_string().contains("is no disk"));
        assert!(Disk::read(&system, Path::new("/dev/no-such")).unwrap_err().to_string().contains("cannot find"));
    }

    #[test]
    fn a_devices_number_is_two() {
        assert_eq!(major_minor(0x810), (8, 16));
        assert_eq!(major_minor(0xb302), (179, 2));
        // As glibc's makedev packs them.
        let packed = |major: u64, minor: u64| {
            (major & 0xfff) << 8 | minor & 0xff | (minor & !0xff) << 12 | (major & !0xfff) << 32
        };
        for (major, minor) in [(259, 0), (8, 300), (0x12345, 0xfffff)] {
            assert_eq!(major_minor(packed(major, minor)), (major, minor));
        }
    }
}
