//! `cargo xtask flash`: an image onto a card, and onto nothing that is not one.

mod disk;
mod write;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::files;
use crate::image::layout;
use crate::shell::hinted;
use crate::workspace::Workspace;
use disk::{Disk, System};

/// Writes an image to a card, and reads it back. Everything on the card is lost.
///
/// Refused are: partitions, disks that are mounted or in use, that cannot be taken out, that are read-only, too small, or larger than cards are.
/// It asks before it writes. Run it with the rights to write the device: `sudo`, or membership of the group `disk`.
#[derive(Args)]
pub(crate) struct Cmd {
    /// The image, as `cargo xtask image` makes it; a .img.sha256 beside it is held against it.
    image: PathBuf,

    /// The card's whole disk, such as /dev/sdb or /dev/mmcblk0; `lsblk` lists them.
    device: PathBuf,

    /// A disk of more than this is taken for no card, in gigabytes.
    #[arg(long, value_name = "GB", default_value_t = 256)]
    largest: u64,

    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Cmd {
    pub(crate) fn run(self, _workspace: &Workspace) -> Result<()> {
        let bytes = check_image(&self.image)?;
        let disk = Disk::read(&System::this()?, &self.device)?;
        if let Some(refusal) = disk.refusal(bytes, self.largest * 1_000_000_000) {
            return Err(hinted(format!("{} is not written: {refusal}", self.device.display()), refusal.hint()).into());
        }
        eprintln!("{}: {}", self.device.display(), disk.about());
        if !self.yes && !confirmed(&disk.name, &mut io::stdin().lock())? {
            bail!("nothing was written");
        }
        let show = progress();
        write::image_to_device(&self.image, &self.device, bytes, &mut |what, done| show(what, done, bytes))?;
        println!("written and read back: {}; the card may be taken out", self.device.display());
        Ok(())
    }
}

/// Asks for the disk's name, which nobody types without having read it.
fn confirmed(name: &str, answer: &mut dyn BufRead) -> Result<bool> {
    eprint!("everything on it will be lost; type {name} to go on: ");
    io::stderr().flush()?;
    let mut line = String::new();
    answer.read_line(&mut line).context("cannot read the answer")?;
    Ok(line.trim() == name)
}

/// The size of an image, if it is one and whole.
fn check_image(image: &Path) -> Result<u64> {
    let hint = "`cargo xtask image` makes one";
    let bytes = write::size(image)?;
    let table = files::head(image, 512)?;
    let id = layout::DISK_ID.to_le_bytes();
    if table.len() < 512 || table[510..] != [0x55, 0xaa] || table[440..444] != id {
        return Err(hinted(format!("{} is no image of a device's card", image.display()), hint).into());
    }
    let beside = image.with_extension("img.sha256");
    if beside.exists() {
        let line = std::fs::read_to_string(&beside).with_context(|| format!("cannot read {}", beside.display()))?;
        let wanted = line.split_whitespace().next().unwrap_or_default();
        ensure!(
            files::sha256(image)? == wanted,
            hinted(format!("{} is damaged: it has not the hash of {}", image.display(), beside.display()), hint)
        );
    }
    Ok(bytes)
}

/// Shows how far it is: in place on a terminal, else a line for each tenth.
fn progress() -> impl Fn(&str, u64, u64) {
    let in_place = io::stderr().is_terminal();
    let last = std::cell::Cell::new(u64::MAX);
    move |what, done, all| {
        let percent = done * 100 / all.max(1);
        let step = if in_place { percent } else { percent / 10 };
        if last.replace(step) == step {
            return;
        }
        let end = if in_place && percent < 100 { "   \r" } else { "\n" };
        eprint!("{what} {percent} % of {} MB{end}", all / 1_000_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_disks_name_is_a_yes() {
        for (answer, meant) in
            [("sdb\n", true), (" sdb ", true), ("y\n", false), ("yes\n", false), ("sda\n", false), ("", false)]
        {
            assert_eq!(confirmed("sdb", &mut answer.as_bytes()).unwrap(), meant, "{answer:?}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("a.img");
        let mut bytes = vec![0; 4096];
        std::fs::write(&image, &bytes[..100]).unwrap();
        assert!(check_image(&image).unwrap_err().to_string().contains("is no image"));
        std::fs::write(&image, &bytes).unwrap();
        assert!(check_image(&image).unwrap_err().to_string().contains("is no image"));
        bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
        std::fs::write(&image, &bytes).unwrap();
        assert!(check_image(&image).unwrap_err().to_string().contains("is no image"), "another disk's table");
        bytes[440..444].copy_from_slice(&layout::DISK_ID.to_le_bytes());
        std::fs::write(&image, &bytes).unwrap();
        assert_eq!(check_image(&image).unwrap(), 4096);
        std::fs::write(folder.path().join("a.img.sha256"), format!("{}  a.img\n", files::sha256(&image).unwrap()))
            .unwrap();
        assert_eq!(check_image(&image).unwrap(), 4096);
        bytes[4000] = 1;
        std::fs::write(&image, &bytes).unwrap();
        assert!(check_image(&image).unwrap_err().to_string().contains("is damaged"));
    }
}
