//! Screens without a desktop, through the kernel's mode setting: which connectors and modes there are.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use drm::control::{Device as ControlDevice, ModeTypeFlags, connector};

use super::{Connector, DisplayError, Mode};

/// Where the kernel puts graphics cards.
const CARDS: &str = "/dev/dri";

/// An opened graphics card.
struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Card {}
impl ControlDevice for Card {}

/// Every connector of every graphics card that can show something.
///
/// # Errors
/// When a card cannot be opened or asked. No card at all is an empty list.
pub fn connectors() -> Result<Vec<Connector>, DisplayError> {
    let mut found = Vec::new();
    for path in cards()? {
        let device = |source| DisplayError::Device { path: path.clone(), source };
        found.extend(connectors_of(&path).map_err(device)?);
    }
    Ok(found)
}

/// The card nodes, in order.
fn cards() -> Result<Vec<PathBuf>, DisplayError> {
    let fault = |source| DisplayError::Device { path: PathBuf::from(CARDS), source };
    let entries = match fs::read_dir(CARDS) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut cards = Vec::new();
    for entry in entries {
        let path = entry.map_err(fault)?.path();
        let is_card = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("card"));
        cards.extend(is_card.then_some(path));
    }
    cards.sort();
    Ok(cards)
}

fn connectors_of(path: &Path) -> io::Result<Vec<Connector>> {
    let card = Card(OpenOptions::new().read(true).write(true).open(path)?);
    let resources = match card.resource_handles() {
        Ok(resources) => resources,
        // A card that only computes has no mode setting.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut connectors = Vec::new();
    for handle in resources.connectors() {
        let about = card.get_connector(*handle, true)?;
        connectors.push(Connector {
            device: path.to_owned(),
            name: format!("{}-{}", about.interface().as_str(), about.interface_id()),
            connected: match about.state() {
                connector::State::Connected => Some(true),
                connector::State::Disconnected => Some(false),
                connector::State::Unknown => None,
            },
            modes: about.modes().iter().map(mode).collect(),
        });
    }
    Ok(connectors)
}

fn mode(about: &drm::control::Mode) -> Mode {
    let (width, height) = about.size();
    let preferred = about.mode_type().contains(ModeTypeFlags::PREFERRED);
    Mode { width, height, refresh_hz: about.vrefresh(), preferred }
}
