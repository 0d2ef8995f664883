//! `cargo xtask image`: the card of a device, from Debian's packages and ours alone: the same inputs give the same bytes.

mod board;
mod card;
mod check;
pub(crate) mod layout;
mod root;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::deb;
use crate::files;
use crate::setup;
use crate::shell::{self, hinted};
use crate::workspace::Workspace;
pub(crate) use board::Board;
use board::Wifi;
use card::Card;
use root::Ingredients;

/// Builds the image of an SD card that boots straight into the device: read-only root, data partition, no login, no network.
///
/// Everything comes from Debian's packages and ours. It takes some minutes and about 2 GB, and no rights but those of an own
/// user namespace. The same commit, options and versions of Debian's packages give the same bytes. `cargo xtask flash` writes it to a
/// card. A Raspberry Pi 5 has no image: install the package on Raspberry Pi OS there (docs/ENGINEER.md).
#[derive(Args)]
pub(crate) struct Cmd {
    /// The board.
    #[arg(long, value_enum)]
    board: Board,

    /// What becomes of the board's Wi-Fi and Bluetooth: the image has no driver for them in any case; `never` also takes the
    /// chip out of the board's description, so that none can find it.
    #[arg(long, value_enum, default_value = "unused")]
    wifi: Wifi,

    /// This configuration instead of the image's own (packaging/image/system/etc/lakshan/edge-app.toml).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// A public key of somebody whose bundles the device takes; may be given again.
    #[arg(long = "key", value_name = "FILE.pub")]
    keys: Vec<PathBuf>,

    /// This Debian package instead of building it.
    #[arg(long, value_name = "FILE.deb")]
    deb: Option<PathBuf>,

    /// The mirror of Debian; by default mmdebstrap's own.
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,

    /// The image's file [default: target/image/lakshan-VERSION-BOARD.img].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        println!("{}", self.build(workspace)?.display());
        Ok(())
    }

    fn build(self, workspace: &Workspace) -> Result<PathBuf> {
        let config = self.config.as_deref().map(readable).transpose()?;
        let keys = self.keys.iter().map(|key| public_key(key)).collect::<Result<Vec<_>>>()?;
        setup::install_for_image()?;
        let package = match &self.deb {
            Some(package) => readable(package)?,
            None => deb::build(workspace, None)?,
        };
        let folder = workspace.target.join("image");
        let image = self
            .out
            .clone()
            .unwrap_or_else(|| folder.join(format!("lakshan-{}-{}.img", env!("CARGO_PKG_VERSION"), self.board.name())));
        let work = folder.join(format!("{}.work", self.board.name()));
        files::clear(&work)?;

        let epoch = shell::last_commit(workspace.root(), "%ct")?;
        let packaging = workspace.root().join("packaging/image");
        let root = root::build(&Ingredients {
            packaging: &packaging,
            work: &work,
            package: &package,
            config: config.as_deref(),
            keys: &keys,
            mirror: self.mirror.as_deref(),
            epoch: &epoch,
        })?;
        let card = Card { board: self.board, wifi: self.wifi, epoch: &epoch, work: &work, root: &root };
        let layout = card.write(&image)?;
        check::all(&image, &layout, &card, &packaging)?;

        let hash = files::sha256(&image)?;
        let beside = |ending: &str| image.with_extension(ending);
        let name = image.file_name().context("the image has a name")?.to_string_lossy().into_owned();
        fs::write(beside("img.sha256"), format!("{hash}  {name}\n"))?;
        fs::copy(work.join("boot/packages"), beside("packages"))?;
        fs::remove_dir_all(&work)?;
        for part in &layout.parts {
            eprintln!("{:>4} MiB  {}", part.sectors / layout::MIB, part.what);
        }
        eprintln!("sha256 {hash}");
        Ok(image)
    }
}

/// Builds a board's image as it comes and gives its path.
pub(crate) fn build(workspace: &Workspace, board: Board) -> Result<PathBuf> {
    Cmd { board, wifi: Wifi::Unused, config: None, keys: Vec::new(), deb: None, mirror: None, out: None }
        .build(workspace)
}

/// The whole path of a file that can be read.
fn readable(path: &Path) -> Result<PathBuf> {
    let whole = fs::canonicalize(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(whole.is_file(), "{} is no file", path.display());
    Ok(whole)
}

/// A public key as minisign writes it. A secret one on a card would be everybody's.
fn public_key(path: &Path) -> Result<PathBuf> {
    let whole = readable(path)?;
    let hint = "give the .pub file that `minisign -G` or `host-trainer keys new` wrote";
    if path.extension().is_none_or(|ending| ending != "pub") {
        return Err(hinted(format!("{} is no public key: its name does not end in .pub", path.display()), hint).into());
    }
    let text = fs::read_to_string(&whole).with_context(|| format!("cannot read {}", path.display()))?;
    let key = text.lines().nth(1).unwrap_or_default().trim();
    // 42 bytes in base64: algorithm, number, key.
    if key.len() != 56 || !key.starts_with("RW") {
        return Err(hinted(format!("{} is no public key of minisign", path.display()), hint).into());
    }
    Ok(whole)
}

/// What a command prints.
fn printed(command: &mut Command) -> Result<String> {
    let line = shell::line(command);
    let output = command.output().with_context(|| format!("cannot start: {line}"))?;
    ensure!(
        output.status.success(),
        "failed ({}): {line}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_key_is_not_put_on_a_card() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let key = format!("untrusted comment: minisign public key\nRW{}\n", "A".repeat(54));
        assert!(public_key(&write("clinic.pub", &key)).is_ok());
        for (name, text) in [
            ("clinic.key", key.as_str()),
            ("secret.pub", "untrusted comment: minisign encrypted secret key\nRWRTY0IyAAAA\n"),
            ("empty.pub", ""),
        ] {
            let path = write(name, text);
            let error = public_key(&path).unwrap_err().to_string();
            assert!(error.contains(&path.display().to_string()) && error.contains("no public key"), "{error}");
        }
        assert!(public_key(&folder.path().join("none.pub")).unwrap_err().to_string().contains("cannot read"));
    }
}
