//! The camera's thread: waits for pictures, keeps the newest only, and closes the camera when nobody has looked for long.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lakshan_core::Frame;

use super::{Message, OpenCamera, Thread};
use crate::parts::{Camera, CameraFault};

/// How long one wait for a picture lasts.
const WAIT: Duration = Duration::from_millis(250);
/// How long after a camera could not be opened it is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How long after the last wish for pictures the camera is closed: its light goes out, its power is saved.
const CLOSE_AFTER: Duration = Duration::from_secs(60);
/// A camera's driver that says nothing for so long hangs.
const HANGS_AFTER: Duration = Duration::from_secs(30);

/// What is known about the camera, for the self-test.
#[derive(Clone, Debug, Default)]
pub struct CameraState {
    /// How it describes itself, once it is open.
    pub description: Option<String>,
    /// It has given a picture since it was opened.
    pub gives_pictures: bool,
    /// Why it is not there.
    pub fault: Option<String>,
}

/// What the thread and the loop share.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    open: Option<OpenCamera>,
    newest: Option<(Frame, Instant)>,
    camera: CameraState,
    wanted: Option<Instant>,
    watched: bool,
    stop: bool,
    beat: Instant,
}

/// The loop's end of the thread. It ends when this is dropped.
pub(super) struct CameraThread {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// A handle to what is known about the camera.
#[derive(Clone)]
pub struct CameraView(Arc<Shared>);

impl CameraView {
    /// Waits at most `timeout` until the camera has given a picture or has failed; then what is known.
    pub fn settled(&self, timeout: Duration) -> CameraState {
        let end = Instant::now() + timeout;
        let mut state = self.0.lock();
        state.wanted = Some(Instant::now());
        self.0.changed.notify_all();
        while !state.camera.gives_pictures && state.camera.fault.is_none() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.camera.clone()
    }
}

impl Shared {
    /// A panic elsewhere leaves plain values behind; nothing here is half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CameraThread {
    pub(super) fn start(open: OpenCamera, sender: Sender<Message>) -> io::Result<Self> {
        let state = State {
            open: Some(open),
            newest: None,
            camera: CameraState::default(),
            wanted: Some(Instant::now()),
            watched: false,
            stop: false,
            beat: Instant::now(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let mut thread = Self { shared, thread: None };
        thread.restart(sender)?;
        Ok(thread)
    }

    /// Starts the thread, again if it fell.
    pub(super) fn restart(&mut self, sender: Sender<Message>) -> io::Result<()> {
        self.shared.lock().beat = Instant::now();
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("camera".to_owned()).spawn(move || {
            let Some(mut open) = shared.lock().open.take() else { return };
            let fell = catch_unwind(AssertUnwindSafe(|| work(&shared, &mut open, &sender))).is_err();
            // Its successor opens the camera with the same means.
            shared.lock().open = Some(open);
            if fell {
                let _ = sender.send(Message::Fell(Thread::Camera));
            }
        })?;
        self.thread = Some(thread);
        Ok(())
    }

    /// The newest picture, and how long ago it came.
    pub(super) fn take(&self) -> Option<(Frame, Duration)> {
        self.shared.lock().newest.take().map(|(frame, came)| (frame, came.elapsed()))
    }

    /// Whether pictures are wanted from now on.
    pub(super) fn want(&self, on: bool) {
        let mut state = self.shared.lock();
        state.watched = on;
        state.wanted = Some(Instant::now());
        if !on {
            state.newest = None;
        }
        self.shared.changed.notify_all();
    }

    pub(super) fn state(&self) -> CameraView {
        CameraView(Arc::clone(&self.shared))
    }

    /// Whether the thread makes progress.
    pub(super) fn is_alive(&self) -> bool {
        self.shared.lock().beat.elapsed() < HANGS_AFTER
    }
}

impl Drop for CameraThread {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        // A driver that hangs must not keep the program from ending: it is waited for as long as one wait takes.
        let end = Instant::now() + 4 * WAIT;
        while let Some(thread) = &self.thread
            && !thread.is_finished()
            && Instant::now() < end
        {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn work(shared: &Shared, open: &mut OpenCamera, sender: &Sender<Message>) {
    let mut camera: Option<Box<dyn Camera>> = None;
    let mut lost = false;
    loop {
        let wanted = {
            let mut state = shared.lock();
            state.beat = Instant::now();
            if state.stop {
                return;
            }
            state.watched || state.wanted.is_some_and(|since| since.elapsed() < CLOSE_AFTER)
        };
        if !wanted {
            camera = None;
            shared.lock().camera = CameraState::default();
            pause(shared, WAIT);
            continue;
        }
        let fault = match &mut camera {
            None => match open() {
                Ok(opened) => {
                    let mut state = shared.lock();
                    state.camera = CameraState { description: Some(opened.describe()), ..CameraState::default() };
                    camera = Some(opened);
                    continue;
                }
                Err(why) => why,
            },
            Some(open) => match open.next(WAIT) {
                Ok(frame) => {
                    lost = false;
                    let mut state = shared.lock();
                    if !state.camera.gives_pictures {
                        state.camera.gives_pictures = true;
                        state.camera.fault = None;
                        shared.changed.notify_all();
                    }
                    let first = state.newest.replace((frame, Instant::now())).is_none();
                    drop(state);
                    if first && sender.send(Message::Picture).is_err() {
                        return;
                    }
                    continue;
                }
                Err(CameraFault::TimedOut | CameraFault::Damaged) => continue,
                Err(CameraFault::Lost(why)) => why,
                Err(CameraFault::Failed(why)) => {
                    camera = None;
                    why
                }
            },
        };
        {
            let mut state = shared.lock();
            state.newest = None;
            state.camera.gives_pictures = false;
            state.camera.fault = Some(fault);
        }
        shared.changed.notify_all();
        if !lost && sender.send(Message::CameraLost).is_err() {
            return;
        }
        lost = true;
        pause(shared, if camera.is_none() { RETRY } else { WAIT / 2 });
    }
}

/// Waits, unless the loop has something to say.
fn pause(shared: &Shared, time: Duration) {
    let state = shared.lock();
    if !state.stop {
        drop(shared.changed.wait_timeout(state, time));
    }
}
