//! What must hold of an image that has been written: read back from the image itself, not from what it was made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::board::{RADIOS, Wifi};
use super::card::Card;
use super::layout::{DISK_ID, Layout, Part, SECTOR};
use super::printed;
use crate::shell;

/// What a device's root holds.
const MUST_HOLD: [&str; 8] = [
    "/usr/bin/edge-app",
    "/usr/share/lakshan/bundle/manifest.json",
    "/usr/lib/systemd/system/lakshan.service",
    "/etc/systemd/system/multi-user.target.wants/lakshan.service",
    "/etc/systemd/system/multi-user.target.wants/lakshan-power-off.path",
    "/etc/lakshan/edge-app.toml",
    "/usr/lib/lakshan/splash/1280x720.gz",
    "/var/lib/lakshan",
];
/// Names of programs that a device without network and logins does not have.
const MUST_NOT_HOLD: [&str; 12] = [
    "sshd",
    "dropbear",
    "wpa_supplicant",
    "iwd",
    "dhclient",
    "dhcpcd",
    "NetworkManager",
    "connmand",
    "avahi-daemon",
    "telnetd",
    "apt-get",
    "gcc",
];
/// Folders of drivers that it does not have.
const NO_DRIVERS: [&str; 4] =
    ["/kernel/drivers/net/", "/kernel/drivers/bluetooth/", "/kernel/net/wireless/", "/kernel/net/bluetooth/"];

/// All checks.
pub(super) fn all(image: &Path, layout: &Layout, card: &Card<'_>, packaging: &Path) -> Result<()> {
    table(image, layout)?;
    let [boot, root, data] = &layout.parts;
    let fat = take_out(image, boot, card.work.join("check.fat"))?;
    shell::run(Command::new("fsck.fat").arg("-n").arg(&fat))?;
    let ext4 = take_out(image, data, card.work.join("check.ext4"))?;
    shell::run(Command::new("e2fsck").args(["-f", "-n"]).arg(&ext4))?;
    let squashfs = take_out(image, root, card.work.join("check.squashfs"))?;

    let listing = printed(Command::new("unsquashfs").args(["-lln", "-d", ""]).arg(&squashfs))?;
    let masked = words(&fs::read_to_string(packaging.join("masked"))?);
    let found = faults(&listing, &masked);
    ensure!(found.is_empty(), "the root is not as it should be:\n  {}", found.join("\n  "));
    let shadow = printed(Command::new("unsquashfs").arg("-cat").arg(&squashfs).arg("etc/shadow"))?;
    ensure!(no_password(&shadow), "somebody can log in: /etc/shadow holds a password");

    let aliases = fs::read_to_string(card.root.boot.join("modules.alias"))?;
    // A module's file has dashes where the kernel's own lists have underscores.
    let mut there = words(&fs::read_to_string(card.root.boot.join("modules"))?.replace('-', "_"));
    there.extend(words(&fs::read_to_string(packaging.join("modules-left-out"))?));
    for name in card.board.device_trees() {
        let tree = card.work.join("fat").join(name);
        let source = printed(Command::new("dtc").args(["-q", "-I", "dtb", "-O", "dts"]).arg(&tree))?;
        let missing: Vec<_> = wanted(&source, &aliases).into_iter().filter(|module| !there.contains(module)).collect();
        ensure!(
            missing.is_empty(),
            "{name} wants modules that packaging/image/modules does not name: {}",
            missing.join(", ")
        );
        if card.wifi == Wifi::Never {
            for node in RADIOS {
                let status = printed(Command::new("fdtget").arg(&tree).args([node, "status"]))?;
                ensure!(status.trim() == "disabled", "{name}: {node} is {}", status.trim());
            }
        }
    }
    eprintln!("checked: partition table, FAT, ext4, the root's files, logins, drivers for the board");
    for path in [fat, ext4, squashfs] {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// The table says what the layout says, and sfdisk finds no fault with it.
fn table(image: &Path, layout: &Layout) -> Result<()> {
    printed(Command::new("sfdisk").arg("--verify").arg(image))?;
    let said: Value = serde_json::from_str(&printed(Command::new("sfdisk").arg("--json").arg(image))?)
        .context("sfdisk printed no JSON")?;
    let id = format!("{DISK_ID:#010x}");
    ensure!(said["partitiontable"]["id"] == id.as_str(), "the disk's number is not {id}");
    let parts = said["partitiontable"]["partitions"].as_array().context("sfdisk names no partitions")?;
    ensure!(parts.len() == layout.parts.len(), "the table has {} partitions", parts.len());
    for (found, part) in parts.iter().zip(&layout.parts) {
        let same = found["start"] == part.start
            && found["size"] == part.sectors
            && found["type"] == format!("{:x}", part.kind);
        ensure!(same, "the table says {found} where {part:?} should be");
    }
    Ok(())
}

/// Copies a partition out of the image.
fn take_out(image: &Path, part: &Part, to: PathBuf) -> Result<PathBuf> {
    let mut from = File::open(image).with_context(|| format!("cannot read {}", image.display()))?;
    from.seek(SeekFrom::Start(part.start * SECTOR))?;
    let size = part.sectors * SECTOR;
    let copied = std::io::copy(&mut from.take(size), &mut File::create(&to)?)?;
    ensure!(copied == size, "{} ends within {}", image.display(), part.what);
    Ok(to)
}

/// What is wrong with the root, by its listing (`unsquashfs -lln`).
fn faults(listing: &str, masked: &BTreeSet<String>) -> Vec<String> {
    let mut files = BTreeMap::new();
    for line in listing.lines() {
        // Mode, owner, size, date, time, path, and for a link where it leads.
        let (Some((mode, _)), Some(at)) = (line.split_once(' '), line.find(" /")) else { continue };
        let (path, target) = line[at + 1..].split_once(" -> ").unwrap_or((&line[at + 1..], ""));
        files.insert(path, (mode, target));
    }
    let mut found = Vec::new();
    for path in MUST_HOLD.iter().filter(|path| !files.contains_key(**path)) {
        found.push(format!("{path} is missing"));
    }
    for (path, (mode, _)) in &files {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_program =
            ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/lib/"].iter().any(|folder| path.starts_with(folder));
        if is_program && MUST_NOT_HOLD.contains(&name) {
            found.push(format!("{path} is there"));
        }
        if NO_DRIVERS.iter().any(|folder| path.contains(folder)) && path.contains(".ko") {
            found.push(format!("{path} is a driver of a network"));
        }
        if mode.starts_with('-') && mode.contains(['s', 'S']) {
            found.push(format!("{path} gives other rights: {mode}"));
        }
    }
    for unit in masked {
        let path = format!("/etc/systemd/system/{unit}");
        if files.get(path.as_str()).is_none_or(|(_, target)| *target != "/dev/null") {
            found.push(format!("{unit} is not masked"));
        }
    }
    found
}

/// Nobody has a password, not even an empty one.
fn no_password(shadow: &str) -> bool {
    let mut fields = shadow.lines().map(|line| line.split(':').nth(1).unwrap_or_default());
    !shadow.trim().is_empty() && fields.all(|password| password.starts_with(['*', '!']))
}

/// The kernel's modules that a device tree, as text, asks for by its parts' names.
fn wanted(tree: &str, aliases: &str) -> BTreeSet<String> {
    let lists = tree.lines().filter_map(|line| line.trim().strip_prefix("compatible = ")?.strip_suffix(';'));
    let names: BTreeSet<&str> =
        lists.flat_map(|list| list.split(", ")).flat_map(|text| text.trim_matches('"').split("\\0")).collect();
    let module = |line: &str| {
        let (name, module) = line.strip_prefix("alias of:N*T*C")?.rsplit_once(' ')?;
        names.contains(name.trim_end_matches("C*")).then(|| module.to_owned())
    };
    aliases.lines().filter_map(module).collect()
}

/// The words of a list with comments.
fn words(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listing that nothing is wrong with, for one masked unit.
    fn listing() -> String {
        let mut text = String::from("drwxr-xr-x 0/0 3 2026-11-01 00:00 /\n");
        for path in MUST_HOLD {
            text += &format!("-rwxr-xr-x 0/0 5 2026-11-01 00:00 {path}\n");
        }
        text + "lrwxrwxrwx 0/0 9 2026-11-01 00:00 /etc/systemd/system/getty@.service -> /dev/null\n"
    }

    fn found(listing: &str) -> Vec<String> {
        faults(listing, &words("# logins\ngetty@.service\n"))
    }

    #[test]
    fn a_root_without_fault_has_none() {
        assert_eq!(found(&listing()), Vec::<String>::new());
    }

    #[test]
    fn each_fault_of_a_root_is_found() {
        let with = |line: &str| found(&format!("{}{line}\n", listing()));
        assert_eq!(with("-rwxr-xr-x 0/0 5 2026-11-01 00:00 /usr/sbin/sshd"), ["/usr/sbin/sshd is there"]);
        assert_eq!(
            with("lrwxrwxrwx 0/0 5 2026-11-01 00:00 /sbin/dhclient -> /bin/busybox"),
            ["/sbin/dhclient is there"]
        );
        assert_eq!(
            with("-rwsr-xr-x 0/0 5 2026-11-01 00:00 /usr/bin/su"),
            ["/usr/bin/su gives other rights: -rwsr-xr-x"]
        );
        let driver = "/lib/modules/6.1/kernel/drivers/net/wireless/brcmfmac.ko";
        assert_eq!(
            with(&format!("-rw-r--r-- 0/0 5 2026-11-01 00:00 {driver}")),
            [format!("{driver} is a driver of a network")]
        );
        assert_eq!(
            found(&listing().replace("/dev/null", "/lib/systemd/system/getty@.service")),
            ["getty@.service is not masked"]
        );
        assert_eq!(found(&listing().replace("/usr/bin/edge-app", "/usr/bin/other")), ["/usr/bin/edge-app is missing"]);
        assert_eq!(found("").len(), MUST_HOLD.len() + 1);
    }

    #[test]
    fn a_password_is_noticed() {
        assert!(no_password("root:*:19000:0:99999:7:::\nlakshan:!*:20000::::::\n"));
        assert!(!no_password("root::19000:0:99999:7:::\n"));
        assert!(!no_password("root:*:1::\nme:$y$j9T$x:19000:0:99999:7:::\n"));
        assert!(!no_password(""));
    }

    #[test]
    fn the_modules_of_a_device_tree_are_known_by_its_names() {
        let tree = "/ {\n\tcompatible = \"raspberrypi,3-model-b\\0brcm,bcm2837\";\n\trng {\n\t\tcompatible = \"brcm,bcm2835-rng\";\n";
        let aliases = "alias of:N*T*Cbrcm,bcm2835-rngC* bcm2835_rng\nalias of:N*T*Cbrcm,bcm2835-rng bcm2835_rng\n\
                       alias of:N*T*Cbrcm,bcm2837 board\nalias of:N*T*Cbrcm,bcm2835 other\nalias usb:v1d2 x\n";
        assert_eq!(wanted(tree, aliases).into_iter().collect::<Vec<_>>(), ["bcm2835_rng", "board"]);
    }
}
