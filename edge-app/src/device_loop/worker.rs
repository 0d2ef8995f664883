//! The worker's thread: self-test, looking at pictures, judging, one after the other.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lakshan_core::{FaceCrop, Frame};

use super::camera_thread::CameraView;
use super::{Message, OpenBundle, TestParts, Thread};
use crate::report;
use crate::screen::BundleLine;
use crate::screening::Screener;
use crate::self_test::Check;
use crate::session::{FrameId, Judgement, OpenedBundle, Sight};

/// A job that takes longer hangs. The slowest is the self-test on the slowest board.
const HANGS_AFTER: Duration = Duration::from_secs(90);

/// What the worker is asked to do.
pub(super) enum Job {
    Test {
        generation: u64,
        camera: CameraView,
    },
    Judge {
        generation: u64,
        faces: Vec<FaceCrop>,
    },
    /// Nothing of a person may be left in the networks' buffers.
    Wash,
}

/// What it answers.
pub(super) enum Answer {
    Tested { generation: u64, checks: Vec<Check>, bundle: Result<Box<OpenedBundle>, String>, line: Option<BundleLine> },
    Seen { sight: Sight, face: Option<FaceCrop> },
    Judged { generation: u64, judgement: Result<Judgement, String> },
    Failed(String),
}

/// What a self-test can look at.
pub struct Tested<'a> {
    /// The bundle with the face detector, or why it is refused.
    pub screener: Result<&'a Screener, &'a str>,
    /// The camera.
    pub camera: CameraView,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    jobs: Vec<Job>,
    /// The newest picture only: what came before it is of no more use.
    look: Option<(FrameId, Duration, Arc<Frame>)>,
    parts: Option<(TestParts, OpenBundle)>,
    screener: Option<Arc<Screener>>,
    /// Since when it works on one job.
    busy: Option<Instant>,
    stop: bool,
}

/// The loop's end of the thread. It ends when this is dropped.
pub(super) struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Shared {
    /// A panic elsewhere leaves plain values behind; nothing here is half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    pub(super) fn start(test: TestParts, bundle: OpenBundle, sender: Sender<Message>) -> io::Result<Self> {
        let parts = Some((test, bundle));
        let state = State { jobs: Vec::new(), look: None, parts, screener: None, busy: None, stop: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let mut worker = Self { shared, thread: None };
        worker.restart(sender)?;
        Ok(worker)
    }

    /// Starts the thread, again if it fell. Networks that were running when it fell are loaded anew by the next
    /// self-test.
    pub(super) fn restart(&mut self, sender: Sender<Message>) -> io::Result<()> {
        {
            let mut state = self.shared.lock();
            state.busy = None;
            state.look = None;
            if self.thread.is_some() {
                state.screener = None;
                state.jobs.clear();
            }
        }
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("analysis".to_owned()).spawn(move || {
            let Some(mut parts) = shared.lock().parts.take() else { return };
            let fell = catch_unwind(AssertUnwindSafe(|| work(&shared, &mut parts, &sender))).is_err();
            shared.lock().parts = Some(parts);
            if fell {
                let _ = sender.send(Message::Fell(Thread::Worker));
            }
        })?;
        self.thread = Some(thread);
        Ok(())
    }

    /// One more job.
    pub(super) fn give(&self, job: Job) {
        let mut state = self.shared.lock();
        if matches!(job, Job::Wash) && state.jobs.iter().any(|job| matches!(job, Job::Wash)) {
            return;
        }
        state.jobs.push(job);
        self.shared.changed.notify_all();
    }

    /// A picture to look at, in place of one that still waits.
    pub(super) fn look(&self, number: FrameId, taken: Duration, frame: Arc<Frame>) {
        self.shared.lock().look = Some((number, taken, frame));
        self.shared.changed.notify_all();
    }

    /// The picture that still waits is not to be looked at any more.
    pub(super) fn look_away(&self) {
        self.shared.lock().look = None;
    }

    /// Nothing of this patient is to be looked at or judged any more.
    pub(super) fn forget(&self) {
        let mut state = self.shared.lock();
        state.look = None;
        state.jobs.retain(|job| !matches!(job, Job::Judge { .. }));
    }

    /// Whether the thread makes progress.
    pub(super) fn is_alive(&self) -> bool {
        self.shared.lock().busy.is_none_or(|since| since.elapsed() < HANGS_AFTER)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.stop = true;
            state.look = None;
            state.jobs.clear();
        }
        self.shared.changed.notify_all();
        // One inference may still run; a hang must not keep the program from ending.
        let end = Instant::now() + Duration::from_secs(2);
        while let Some(thread) = &self.thread
            && !thread.is_finished()
            && Instant::now() < end
        {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

enum Next {
    Job(Job),
    Look(FrameId, Duration, Arc<Frame>),
}

/// Waits for the next thing to do; `None` at the end.
fn next(shared: &Shared) -> Option<Next> {
    let mut state = shared.lock();
    state.busy = None;
    loop {
        if state.stop {
            return None;
        }
        let next = if state.jobs.is_empty() {
            state.look.take().map(|(number, taken, frame)| Next::Look(number, taken, frame))
        } else {
            Some(Next::Job(state.jobs.remove(0)))
        };
        if next.is_some() {
            state.busy = Some(Instant::now());
            return next;
        }
        state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

fn work(shared: &Shared, parts: &mut (TestParts, OpenBundle), sender: &Sender<Message>) {
    while let Some(next) = next(shared) {
        let screener = shared.lock().screener.clone();
        let answer = match (next, screener) {
            (Next::Job(Job::Test { generation, camera }), screener) => {
                Some(self_test(shared, parts, screener, generation, camera))
            }
            (Next::Job(Job::Judge { generation, faces }), Some(screener)) => {
                let judgement = screener.judge(&faces).map_err(|error| report::in_one_line(&error));
                Some(Answer::Judged { generation, judgement })
            }
            (Next::Job(Job::Judge { generation, .. }), None) => {
                Some(Answer::Judged { generation, judgement: Err("there is no bundle".to_owned()) })
            }
            (Next::Job(Job::Wash), Some(screener)) => {
                screener.wash().err().map(|error| Answer::Failed(report::in_one_line(&error)))
            }
            (Next::Look(number, taken, frame), Some(screener)) => Some(match screener.look(&frame, number, taken) {
                Ok((sight, face)) => Answer::Seen { sight, face },
                Err(error) => Answer::Failed(report::in_one_line(&error)),
            }),
            (Next::Job(Job::Wash) | Next::Look(..), None) => None,
        };
        if let Some(answer) = answer
            && sender.send(Message::Worker(answer)).is_err()
        {
            return;
        }
    }
}

/// Opens the bundle if it is not open, and looks at every part.
fn self_test(
    shared: &Shared,
    (test, open): &mut (TestParts, OpenBundle),
    screener: Option<Arc<Screener>>,
    generation: u64,
    camera: CameraView,
) -> Answer {
    let opened = match screener {
        Some(screener) => Ok(screener),
        None => open().map(Arc::new),
    };
    shared.lock().screener = opened.as_ref().ok().cloned();
    let screener = opened.as_ref().map(Arc::as_ref).map_err(String::as_str);
    let checks = test(Tested { screener, camera: camera.clone() });
    let line = opened.as_ref().ok().map(|screener| BundleLine::from(screener.bundle().manifest()));
    let description = camera.settled(Duration::ZERO).description;
    let bundle = opened.map(|screener| Box::new(screener.opened(description)));
    Answer::Tested { generation, checks, bundle, line }
}
