//! V4L2 cameras: which nodes are cameras, and a capture loop that survives what USB cameras do.
//!
//! The v4l crate's own `Stream::next` gives a buffer back to the kernel before it waits, so that after a time-out it
//! gives the same buffer back twice, which the kernel refuses. Here the wait comes first, and `next` is called only when
//! a picture is ready: a time-out then changes nothing. Every other fault ends the stream, and the next call opens the
//! device anew. All of that needs no unsafe code.

use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lakshan_core::Frame;
use v4l::Format;
use v4l::buffer::{Flags as BufferFlags, Type};
use v4l::device::{Device, Handle};
use v4l::format::{FourCC, Quantization};
use v4l::io::mmap::Stream;
use v4l::io::traits::{CaptureStream, Stream as _};
use v4l::video::Capture;
use v4l::video::capture::Parameters;

pub use self::nodes::nodes;
use super::decode::{Layout, PixelFormat, Range, decode};
use super::mode::choose;
use super::{CameraError, Controls, NodeVerdict, Probe, Wanted};
use crate::parts::{Camera, CameraFault};

#[path = "v4l/controls.rs"]
mod controls;
#[path = "v4l/nodes.rs"]
mod nodes;

/// Buffers between the kernel and this program: one in our hands, the others being filled.
const BUFFERS: u32 = 4;
/// After this much silence the device is opened anew.
const SILENCE: Duration = Duration::from_secs(3);
/// From one attempt to open a lost device to the next.
const RETRY: Duration = Duration::from_millis(300);
/// When the last call lies further back, what the kernel holds is an old picture.
const STALE: Duration = Duration::from_millis(150);

/// A camera that the kernel drives.
pub struct V4lCamera {
    /// The node to use; `None` takes the first camera.
    node: Option<PathBuf>,
    wanted: Wanted,
    controls: Controls,
    open: Option<Open>,
    /// The name of the camera that was used last: of several, the same one is taken again.
    card: String,
    about: String,
    why: String,
    next_try: Instant,
}

/// A camera that streams.
struct Open {
    stream: Stream<'static>,
    handle: Arc<Handle>,
    layout: Layout,
    last_picture: Instant,
    last_call: Instant,
}

/// Opens a node, or the first camera.
///
/// # Errors
/// When there is no camera, or it cannot be opened.
pub fn open(node: Option<&Path>, wanted: Wanted, controls: Controls) -> Result<Box<dyn Camera>, CameraError> {
    Ok(Box::new(V4lCamera::open(node, wanted, controls)?))
}

/// What one wait gave.
enum Got {
    Picture(Frame),
    Damaged,
    Nothing,
}

impl V4lCamera {
    /// Opens a node, or the first camera.
    ///
    /// # Errors
    /// When there is no camera, or it cannot be opened.
    pub fn open(node: Option<&Path>, wanted: Wanted, controls: Controls) -> Result<Self, CameraError> {
        let now = Instant::now();
        let mut camera = Self {
            node: node.map(Path::to_owned),
            wanted,
            controls,
            open: None,
            card: String::new(),
            about: String::new(),
            why: String::new(),
            next_try: now,
        };
        camera.reopen()?;
        Ok(camera)
    }

    fn reopen(&mut self) -> Result<(), CameraError> {
        let path = self.find()?;
        let fault = |source| CameraError::Device { path: path.clone(), source };
        let (open, probe) = guarded(|| start(&path, self.wanted, self.controls)).map_err(fault)?;
        let Layout { format, width, height, .. } = open.layout;
        self.about = format!("{} ({}), {width}x{height} {}", probe.card, path.display(), format.fourcc());
        self.card = probe.card;
        self.open = Some(open);
        Ok(())
    }

    /// The node to open now.
    fn find(&self) -> Result<PathBuf, CameraError> {
        if let Some(path) = &self.node {
            return Ok(path.clone());
        }
        let nodes = nodes()?;
        let mut cameras = nodes.iter().filter(|node| node.verdict == NodeVerdict::Camera);
        let same = cameras.clone().find(|node| node.card == self.card);
        match same.or_else(|| cameras.next()) {
            Some(node) => Ok(node.path.clone()),
            None => Err(CameraError::NoCamera { nodes }),
        }
    }

    /// Gives the device up until the next attempt.
    fn lose(&mut self, why: String, retry: Duration) {
        if let Some(open) = self.open.take() {
            open.close();
        }
        self.why = why;
        self.next_try = Instant::now() + retry;
    }
}

impl Camera for V4lCamera {
    fn next(&mut self, timeout: Duration) -> Result<Frame, CameraFault> {
        let deadline = Instant::now() + timeout;
        if self.open.is_none() {
            if self.next_try > deadline {
                std::thread::sleep(timeout);
                return Err(CameraFault::Lost(self.why.clone()));
            }
            std::thread::sleep(self.next_try.saturating_duration_since(Instant::now()));
            if let Err(error) = self.reopen() {
                self.lose(words(&error), RETRY);
                return Err(CameraFault::Lost(self.why.clone()));
            }
        }
        let Some(open) = &mut self.open else { return Err(CameraFault::Lost(self.why.clone())) };
        match open.newest(deadline.saturating_duration_since(Instant::now())) {
            Ok(Got::Picture(frame)) => Ok(frame),
            Ok(Got::Damaged) => Err(CameraFault::Damaged),
            Ok(Got::Nothing) if open.last_picture.elapsed() > SILENCE => {
                let why = format!("no picture for {} s", SILENCE.as_secs());
                self.lose(why.clone(), Duration::ZERO);
                Err(CameraFault::Lost(why))
            }
            Ok(Got::Nothing) => Err(CameraFault::TimedOut),
            Err(error) if is_gone(&error) => {
                self.lose("it was unplugged".to_owned(), RETRY);
                Err(CameraFault::Lost(self.why.clone()))
            }
            // The stream has broken down: a new one often works at once.
            Err(error) => {
                self.lose(error.to_string(), Duration::ZERO);
                Err(CameraFault::Damaged)
            }
        }
    }

    fn describe(&self) -> String {
        self.about.clone()
    }
}

impl Drop for V4lCamera {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            open.close();
        }
    }
}

impl Open {
    /// Waits for a picture, and takes the newest that is there.
    fn newest(&mut self, timeout: Duration) -> io::Result<Got> {
        if self.last_call.elapsed() > STALE {
            // The kernel filled its buffers soon after the last call and then had none left. Bounded, as a quick
            // camera fills them again meanwhile.
            for _ in 0..BUFFERS {
                if !self.is_ready(Duration::ZERO)? {
                    break;
                }
                CaptureStream::next(&mut self.stream)?;
            }
        }
        let ready = self.is_ready(timeout);
        self.last_call = Instant::now();
        if !ready? {
            return Ok(Got::Nothing);
        }
        loop {
            let (bytes, about) = CaptureStream::next(&mut self.stream)?;
            if is_ready(&self.handle, Duration::ZERO)? {
                continue;
            }
            let bytes = bytes.get(..about.bytesused as usize).unwrap_or(bytes);
            if about.flags.contains(BufferFlags::ERROR) {
                return Ok(Got::Damaged);
            }
            self.last_picture = self.last_call;
            return Ok(decode(bytes, &self.layout).map_or(Got::Damaged, Got::Picture));
        }
    }

    fn is_ready(&self, timeout: Duration) -> io::Result<bool> {
        is_ready(&self.handle, timeout)
    }

    /// Ends the stream. The crate panics in `drop` when the kernel refuses; then the mapping is left to the end of the
    /// process, which is the lesser evil.
    fn close(mut self) {
        let stopped = self.stream.stop();
        let fine = stopped.as_ref().err().is_none_or(is_gone);
        if fine {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(self.stream)));
        } else {
            mem::forget(self.stream);
        }
    }
}

/// Whether a picture, or a fault, is ready.
fn is_ready(handle: &Handle, timeout: Duration) -> io::Result<bool> {
    const POLLIN: i16 = 1;
    let milliseconds = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    match handle.poll(POLLIN, milliseconds) {
        Ok(ready) => Ok(ready > 0),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the device itself is gone: ENXIO, ENODEV.
fn is_gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(6 | 19))
}

/// An error with its causes, on one line.
fn words(error: &CameraError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// Runs what may panic inside the v4l crate, which unwraps what drivers say.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let caught = catch_unwind(AssertUnwindSafe(work));
    caught.unwrap_or_else(|_| Err(io::Error::other("its driver says something that this program does not understand")))
}

/// Opens a node in its best mode and starts the stream.
fn start(path: &Path, wanted: Wanted, wishes: Controls) -> io::Result<(Open, Probe)> {
    let device = Device::with_path(path)?;
    let probe = negotiate(&device, wanted, wishes)?;
    let mut stream = Stream::with_buffers(&device, Type::VideoCapture, BUFFERS)?;
    // A driver that never fills a buffer must not block for ever.
    stream.set_timeout(Duration::from_secs(1));
    // Buffer 0 stays in our hands: `next` begins by giving it back. The driver may have made fewer or more than asked.
    let mut queued = 0;
    while queued < 31 && CaptureStream::queue(&mut stream, queued + 1).is_ok() {
        queued += 1;
    }
    let started = if queued == 0 { Err(io::Error::other("its driver has a single buffer")) } else { stream.start() };
    if let Err(error) = started {
        Open::new(stream, &device, probe.layout).close();
        return Err(error);
    }
    Ok((Open::new(stream, &device, probe.layout), probe))
}

impl Open {
    fn new(stream: Stream<'static>, device: &Device, layout: Layout) -> Self {
        let now = Instant::now();
        Self { stream, handle: device.handle(), layout, last_picture: now, last_call: now }
    }
}

/// What a camera offers, and what it would be used with.
///
/// # Errors
/// When the node is no camera that this program reads, or cannot be opened.
pub fn probe(path: &Path, wanted: Wanted, wishes: Controls) -> Result<Probe, CameraError> {
    let fault = |source| CameraError::Device { path: path.to_owned(), source };
    guarded(|| negotiate(&Device::with_path(path)?, wanted, wishes)).map_err(fault)
}

/// Sets format, rate and controls, and says what came of it.
fn negotiate(device: &Device, wanted: Wanted, wishes: Controls) -> io::Result<Probe> {
    let card = device.query_caps()?.card;
    let offers = nodes::offers(device, wanted)?;
    let offer = choose(&offers, wanted).ok_or_else(|| io::Error::other("no format that this program reads"))?;
    let mut fourcc = [0; 4];
    fourcc.copy_from_slice(offer.format.fourcc().as_bytes());
    let set = device.set_format(&Format::new(offer.width, offer.height, FourCC::new(&fourcc)))?;
    let format = PixelFormat::from_fourcc(set.fourcc.str().unwrap_or_default())
        .ok_or_else(|| io::Error::other("it refuses the format that it offers"))?;
    // Some drivers stay at a few pictures a second until a rate is set; others have no rates.
    let rate = device.set_params(&Parameters::with_fps(wanted.rate)).ok().and_then(|set| {
        let interval = set.interval;
        (interval.numerator > 0).then(|| interval.denominator as f32 / interval.numerator as f32)
    });
    let range = match set.quantization {
        Quantization::FullRange => Range::Full,
        Quantization::Default | Quantization::LimitedRange => Range::Limited,
    };
    let layout = Layout { format, width: set.width, height: set.height, stride: set.stride, range };
    let controls = controls::apply(device, wishes);
    Ok(Probe { card, offers, layout, rate, controls })
}
