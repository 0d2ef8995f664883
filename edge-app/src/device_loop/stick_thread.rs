//! The thread that looks at USB sticks, installs from them, and writes the register to them.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Message, Thread};
use crate::parts::Sticks;
use crate::session::Event;

/// How often the sticks are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What the thread is asked to do.
#[derive(Clone, Copy)]
pub(super) enum Job {
    Install { generation: u64 },
    SaveRegister { generation: u64 },
}

/// The loop's end of the thread. It ends when this is dropped; a stick that hangs is not waited for.
pub(super) struct StickThread {
    sticks: Arc<Mutex<Option<Box<dyn Sticks>>>>,
    jobs: Sender<Job>,
    /// What is being done is not wanted any more.
    stop: Arc<AtomicBool>,
}

impl StickThread {
    pub(super) fn start(sticks: Option<Box<dyn Sticks>>, sender: Sender<Message>) -> io::Result<Self> {
        let mut thread = Self { sticks: Arc::new(Mutex::new(sticks)), jobs: mpsc::channel().0, stop: Arc::default() };
        thread.restart(sender)?;
        Ok(thread)
    }

    /// Starts the thread, again if it fell; without sticks there is none.
    pub(super) fn restart(&mut self, sender: Sender<Message>) -> io::Result<()> {
        let Some(mut sticks) = self.sticks.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        let (jobs, waiting) = mpsc::channel();
        // What hangs since an earlier start must not be woken by a later one.
        (self.jobs, self.stop) = (jobs, Arc::default());
        let (kept, stop) = (Arc::clone(&self.sticks), Arc::clone(&self.stop));
        thread::Builder::new().name("sticks".to_owned()).spawn(move || {
            let fell = catch_unwind(AssertUnwindSafe(|| work(sticks.as_mut(), &waiting, &stop, &sender))).is_err();
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(sticks);
            if fell {
                let _ = sender.send(Message::Fell(Thread::Sticks));
            }
        })?;
        Ok(())
    }

    /// One job; without a thread it is never done, and the session's limit says so.
    pub(super) fn give(&self, job: Job) {
        self.stop.store(false, Ordering::Relaxed);
        let _ = self.jobs.send(job);
    }

    /// What is being done is not wanted any more.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for StickThread {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work(sticks: &mut dyn Sticks, jobs: &Receiver<Job>, stop: &AtomicBool, sender: &Sender<Message>) {
    let tell = |event: Event| sender.send(Message::Stick(event)).is_ok();
    loop {
        let heard = match jobs.recv_timeout(EVERY) {
            Ok(Job::Install { generation }) => {
                let mut told = |step| tell(Event::InstallStep { generation, step }) && !stop.load(Ordering::Relaxed);
                let outcome = sticks.install(&mut told);
                tell(Event::Installed { generation, outcome })
            }
            Ok(Job::SaveRegister { generation }) => {
                tell(Event::RegisterSaved { generation, outcome: sticks.save_register() })
            }
            Err(RecvTimeoutError::Timeout) => sticks.look().is_none_or(|news| tell(Event::Stick(news))),
            Err(RecvTimeoutError::Disconnected) => false,
        };
        if !heard {
            return;
        }
    }
}
