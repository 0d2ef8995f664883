//! The card's three file systems and the image that holds them, written as files: nothing is mounted, no rights are needed.

use std::fs::{self, File, FileTimes};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

use super::board::{self, Board, Wifi};
use super::layout::{BOOT_MIB, DATA_MIB, DISK_ID, Layout, SECTOR};
use super::printed;
use super::root::Root;
use crate::shell;

/// The data partition's label, which the image's udev rule looks for.
pub(crate) const DATA_LABEL: &str = "lakshan-data";
/// Its number, and the seed of its folders' hashes: the same for the same bytes.
const DATA_UUID: &str = "4c414b53-4841-4e00-8000-000000000003";

/// What becomes of the parts.
pub(crate) struct Card<'a> {
    pub(crate) board: Board,
    pub(crate) wifi: Wifi,
    /// Seconds since 1970: the time of all that is made.
    pub(crate) epoch: &'a str,
    pub(crate) work: &'a Path,
    pub(crate) root: &'a Root,
}

impl Card<'_> {
    /// Makes the parts and writes the image, which is there whole or not at all.
    pub(crate) fn write(&self, image: &Path) -> Result<Layout> {
        let layout = Layout::new(fs::metadata(&self.root.squashfs)?.len())?;
        let parts = [self.boot_partition()?, self.root.squashfs.clone(), self.data_partition()?];
        let partial = image.with_extension("img.partial");
        if let Some(folder) = image.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let mut file = File::create(&partial).with_context(|| format!("cannot write {}", partial.display()))?;
        file.set_len(layout.sectors * SECTOR)?;
        for (part, path) in layout.parts.iter().zip(&parts) {
            copy_sparse(path, &mut file, part.start * SECTOR)
                .with_context(|| format!("cannot write {} into {}", path.display(), partial.display()))?;
        }
        file.sync_all()?;
        drop(file);
        let mut table = Command::new("sfdisk");
        table.args(["--quiet", "--no-reread", "--no-tell-kernel"]).arg(&partial).stdin(Stdio::piped());
        let mut child = table.spawn().context("cannot start sfdisk")?;
        child.stdin.take().context("we asked for a pipe")?.write_all(layout.script().as_bytes())?;
        let status = child.wait()?;
        ensure!(status.success(), "sfdisk failed ({status})");
        fs::rename(&partial, image).with_context(|| format!("cannot write {}", image.display()))?;
        Ok(layout)
    }

    /// The FAT partition: what the chip reads before there is a kernel, and the kernel.
    fn boot_partition(&self) -> Result<PathBuf> {
        let tree = self.work.join("fat");
        fs::create_dir_all(&tree)?;
        let from = &self.root.boot;
        let copy = |from: PathBuf, name: &str| {
            fs::copy(&from, tree.join(name)).with_context(|| format!("cannot copy {}", from.display()))
        };
        for name in ["vmlinuz", "initrd.img"] {
            copy(from.join(name), name)?;
        }
        for name in self.board.firmware() {
            copy(from.join("firmware/usr/lib/raspi-firmware").join(name), name)?;
        }
        copy(from.join("firmware/usr/share/doc/raspi-firmware/copyright"), "LICENCE.txt")?;
        for name in self.board.device_trees() {
            copy(from.join("dtb").join(name), name)?;
            self.change(&tree.join(name))?;
        }
        fs::write(tree.join("config.txt"), self.board.config_txt())?;
        fs::write(tree.join("cmdline.txt"), self.board.cmdline(&Layout::root_name()))?;

        let fat = self.work.join("boot.fat");
        let size = (BOOT_MIB << 10).to_string();
        let id = format!("{DISK_ID:08x}");
        let mut make = Command::new("mkfs.fat");
        make.args(["-C", "-F", "32", "-s", "2", "-n", "LAKSHAN", "-i", &id, "--invariant"]).arg(&fat).arg(size);
        shell::run(&mut make)?;
        let mut names: Vec<_> =
            fs::read_dir(&tree)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        names.sort();
        for path in &names {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.epoch.parse().context("the commit's time")?);
            File::options()
                .write(true)
                .open(path)?
                .set_times(FileTimes::new().set_modified(time).set_accessed(time))?;
        }
        let mut fill = Command::new("mcopy");
        fill.env("TZ", "UTC").env("SOURCE_DATE_EPOCH", self.epoch).args(["-m", "-i"]).arg(&fat).args(&names).arg("::");
        shell::run(&mut fill)?;
        Ok(fat)
    }

    /// Changes a device tree as the board wants it.
    fn change(&self, tree: &Path) -> Result<()> {
        let handle =
            printed(Command::new("fdtget").args(["-t", "u"]).arg(tree).args(["/soc/gpio@7e200000", "phandle"]))?;
        let handle = handle.trim().parse().with_context(|| format!("{}: no number of the pins", tree.display()))?;
        for change in board::device_tree_changes(self.wifi, handle) {
            let (kind, rest) = change.split_first().context("a change has words")?;
            printed(Command::new("fdtput").args(["-p", kind]).arg(tree).args(rest))?;
        }
        Ok(())
    }

    /// The ext4 partition, empty, of the service's user.
    fn data_partition(&self) -> Result<PathBuf> {
        let data = self.work.join("data.ext4");
        let mut make = Command::new("mke2fs");
        // This version of the program takes the time from this variable alone.
        make.env("E2FSPROGS_FAKE_TIME", self.epoch).env("SOURCE_DATE_EPOCH", self.epoch);
        make.args(["-q", "-t", "ext4", "-b", "4096", "-m", "0", "-L", DATA_LABEL, "-U", DATA_UUID, "-J", "size=16"]);
        let owner = &self.root.owner;
        // All of it is written now, so that the first start has nothing left to do; a failing write makes it read-only.
        make.args([
            "-E",
            &format!("root_owner={owner},hash_seed={DATA_UUID},lazy_itable_init=0,lazy_journal_init=0,nodiscard"),
        ]);
        make.args(["-e", "remount-ro"]).arg(&data).arg(format!("{DATA_MIB}M"));
        shell::run(&mut make)?;
        // The folder is the service's alone.
        printed(
            Command::new("debugfs")
                .env("E2FSPROGS_FAKE_TIME", self.epoch)
                .args(["-w", "-R", "set_inode_field / mode 040700"])
                .arg(&data),
        )?;
        Ok(data)
    }
}

/// Copies a file into another at `offset`, leaving out what is zero there already.
fn copy_sparse(from: &Path, to: &mut File, offset: u64) -> Result<()> {
    let mut from = File::open(from)?;
    let mut block = vec![0; 1 << 16];
    let mut at = offset;
    loop {
        let read = from.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        if block[..read].iter().any(|byte| *byte != 0) {
            to.seek(SeekFrom::Start(at))?;
            to.write_all(&block[..read])?;
        }
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_where_it_should_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let part = folder.path().join("part");
        let mut bytes = vec![0; 200_000];
        bytes[150_000] = 7;
        fs::write(&part, &bytes).unwrap();
        let path = folder.path().join("whole");
        let mut whole = File::options().create(true).truncate(true).read(true).write(true).open(&path).unwrap();
        whole.set_len(1 << 20).unwrap();
        copy_sparse(&part, &mut whole, 512).unwrap();
        let mut found = Vec::new();
        whole.rewind().unwrap();
        whole.read_to_end(&mut found).unwrap();
        assert_eq!(found.len(), 1 << 20);
        assert_eq!(found[512..200_512], bytes);
        assert!(found[200_512..].iter().chain(&found[..512]).all(|byte| *byte == 0));
    }
}
