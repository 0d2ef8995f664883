//! Screens without a desktop, through the kernel's mode setting: which there are, and two buffers that change places.
//!
//! While this program is the card's master the console behind it is not shown. When the display is dropped, also while
//! a panic unwinds, the former picture and mode return; after a kill the kernel brings the console back by itself.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use drm::buffer::{Buffer as _, DrmFourcc};
use drm::control::dumbbuffer::DumbBuffer;
use drm::control::{Device as ControlDevice, Event, ModeTypeFlags, PageFlipFlags, connector, crtc, framebuffer};
use tiny_skia::Pixmap;

use super::{Connector, DisplayError, DisplayWishes, Mode, Opened};
use crate::parts::Display;
use crate::screen::Size;

/// Where the kernel puts graphics cards.
const CARDS: &str = "/dev/dri";

/// A flip that takes longer than this is not coming.
const FLIP: Duration = Duration::from_millis(200);
/// The kernel's O_NONBLOCK: reading events must not block.
const NON_BLOCKING: i32 = 0o4000;

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

impl Card {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(OpenOptions::new().read(true).write(true).custom_flags(NON_BLOCKING).open(path)?))
    }
}

fn connectors_of(path: &Path) -> io::Result<Vec<Connector>> {
    let card = Card::open(path)?;
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
            name: name(&about),
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

fn name(about: &connector::Info) -> String {
    format!("{}-{}", about.interface().as_str(), about.interface_id())
}

/// A screen that this program alone draws on.
pub struct KmsDisplay {
    card: Card,
    path: PathBuf,
    size: Size,
    connector: connector::Handle,
    crtc: crtc::Handle,
    mode: drm::control::Mode,
    /// What was shown before.
    before: crtc::Info,
    /// One is shown, the other is drawn.
    buffers: Vec<Buffer>,
    shown: usize,
    state: Shown,
}

struct Buffer {
    pixels: DumbBuffer,
    frame: framebuffer::Handle,
}

/// How the next picture gets onto the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// Nothing of ours is shown: the mode must be set.
    Nothing,
    /// By a flip.
    Steady,
    /// By a flip, once the last is done.
    Flipping,
    /// The driver cannot flip: by setting the mode each time.
    NoFlips,
}

impl KmsDisplay {
    /// Opens the first screen that is connected, or the one that is named.
    ///
    /// # Errors
    /// When there is none, it is in use, or it lacks the size.
    pub fn open(wishes: &DisplayWishes) -> Result<Self, DisplayError> {
        // Some panels do not tell whether they are there.
        for state in [connector::State::Connected, connector::State::Unknown] {
            for path in cards()? {
                let device = |source| DisplayError::Device { path: path.clone(), source };
                let card = Card::open(&path).map_err(device)?;
                let resources = match card.resource_handles() {
                    Ok(resources) => resources,
                    Err(error) if error.kind() == io::ErrorKind::Unsupported => continue,
                    Err(error) => return Err(device(error)),
                };
                for handle in resources.connectors() {
                    let about = card.get_connector(*handle, true).map_err(device)?;
                    let wanted = wishes.connector.as_ref().is_none_or(|wanted| *wanted == name(&about));
                    if about.state() == state && wanted && !about.modes().is_empty() {
                        return Self::on(card, path, &about, wishes.size);
                    }
                }
            }
        }
        Err(DisplayError::NoScreen { named: wishes.connector.clone() })
    }

    fn on(card: Card, path: PathBuf, about: &connector::Info, wanted: Option<Size>) -> Result<Self, DisplayError> {
        let device = |source| DisplayError::Device { path: path.clone(), source };
        let size = |mode: &drm::control::Mode| Size::new(mode.size().0.into(), mode.size().1.into());
        let fits = |mode: &&drm::control::Mode| match wanted {
            Some(wanted) => size(mode) == Some(wanted),
            None => size(mode).is_some(),
        };
        let preferred = |mode: &&drm::control::Mode| mode.mode_type().contains(ModeTypeFlags::PREFERRED);
        let mode = about.modes().iter().find(|mode| fits(mode) && preferred(mode));
        let (mode, size) = mode
            .or_else(|| about.modes().iter().find(fits))
            .and_then(|mode| Some((*mode, size(mode)?)))
            .ok_or_else(|| DisplayError::NoMode {
                wanted: wanted.map_or_else(
                    || format!("{0}x{0} to {1}x{1}", Size::LEAST, Size::LARGEST),
                    |size| format!("{}x{}", size.width(), size.height()),
                ),
            })?;
        let crtc = crtc_of(&card, about).map_err(device)?;
        let before = card.get_crtc(crtc).map_err(device)?;
        let mut buffers = Vec::new();
        for _ in 0..2 {
            let pixels =
                card.create_dumb_buffer((size.width(), size.height()), DrmFourcc::Xrgb8888, 32).map_err(device)?;
            let frame = card.add_framebuffer(&pixels, 24, 32).map_err(device)?;
            buffers.push(Buffer { pixels, frame });
        }
        let connector = about.handle();
        Ok(Self { card, path, size, connector, crtc, mode, before, buffers, shown: 0, state: Shown::Nothing })
    }

    /// Waits until the last flip is done. A driver that never tells is given up on.
    fn settle(&mut self) -> io::Result<()> {
        let start = Instant::now();
        while self.state == Shown::Flipping {
            match self.card.receive_events() {
                Ok(events) => {
                    if events.into_iter().any(|event| matches!(event, Event::PageFlip(_))) {
                        self.state = Shown::Steady;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if start.elapsed() > FLIP {
                        self.state = Shown::NoFlips;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn draw_and_flip(&mut self, pixels: &Pixmap) -> io::Result<()> {
        self.settle()?;
        let next = 1 - self.shown;
        let buffer = &mut self.buffers[next];
        let pitch = buffer.pixels.pitch() as usize;
        let row_bytes = pixels.width() as usize * 4;
        let mut mapping = self.card.map_dumb_buffer(&mut buffer.pixels)?;
        for (row, from) in mapping.chunks_exact_mut(pitch).zip(pixels.data().chunks_exact(row_bytes)) {
            for (to, from) in row.chunks_exact_mut(4).zip(from.chunks_exact(4)) {
                // XRGB, the least byte first.
                to.copy_from_slice(&[from[2], from[1], from[0], 0]);
            }
        }
        drop(mapping);
        let frame = buffer.frame;
        if self.state == Shown::Steady {
            self.state = match self.card.page_flip(self.crtc, frame, PageFlipFlags::EVENT, None) {
                Ok(()) => Shown::Flipping,
                Err(_) => Shown::NoFlips,
            };
        }
        if matches!(self.state, Shown::Nothing | Shown::NoFlips) {
            self.card.set_crtc(self.crtc, Some(frame), (0, 0), &[self.connector], Some(self.mode))?;
            if self.state == Shown::Nothing {
                self.state = Shown::Steady;
            }
        }
        self.shown = next;
        Ok(())
    }
}

impl Display for KmsDisplay {
    fn size(&self) -> Size {
        self.size
    }

    fn show(&mut self, pixels: &Pixmap) -> Result<(), DisplayError> {
        DisplayError::unless_fits(pixels, self.size)?;
        self.draw_and_flip(pixels).map_err(|source| DisplayError::Device { path: self.path.clone(), source })
    }
}

impl Drop for KmsDisplay {
    fn drop(&mut self) {
        // What fails here the kernel does when the card is closed.
        let _ = self.settle();
        for buffer in &mut self.buffers {
            // The last screen may have shown a patient.
            if let Ok(mut mapping) = self.card.map_dumb_buffer(&mut buffer.pixels) {
                mapping.fill(0);
            }
        }
        if self.state != Shown::Nothing {
            let connectors: &[_] = if self.before.mode().is_some() { &[self.connector] } else { &[] };
            let before = &self.before;
            let _ = self.card.set_crtc(self.crtc, before.framebuffer(), before.position(), connectors, before.mode());
        }
        for buffer in self.buffers.drain(..) {
            let _ = self.card.destroy_framebuffer(buffer.frame);
            let _ = self.card.destroy_dumb_buffer(buffer.pixels);
        }
    }
}

/// The part of the card that can feed this connector: the one that does, or the first that could.
fn crtc_of(card: &Card, about: &connector::Info) -> io::Result<crtc::Handle> {
    if let Some(encoder) = about.current_encoder()
        && let Some(crtc) = card.get_encoder(encoder)?.crtc()
    {
        return Ok(crtc);
    }
    let resources = card.resource_handles()?;
    for encoder in about.encoders() {
        let possible = resources.filter_crtcs(card.get_encoder(*encoder)?.possible_crtcs());
        if let Some(crtc) = possible.first() {
            return Ok(*crtc);
        }
    }
    Err(io::Error::other("no part of the graphics card can feed this screen"))
}

/// Opens a screen.
///
/// # Errors
/// As [`KmsDisplay::open`].
pub fn open(wishes: &DisplayWishes) -> Result<Opened, DisplayError> {
    let display = KmsDisplay::open(wishes)?;
    let (width, height) = (display.size.width(), display.size.height());
    let about = format!("{}, {width}x{height} at {} Hz", display.path.display(), display.mode.vrefresh());
    Ok(Opened { display: Box::new(display), input: None, about })
}
