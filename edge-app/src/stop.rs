//! The wish that the program ends: from a signal, so that screen, pins and camera are given back in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Becomes true once; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// One that SIGINT, SIGTERM and SIGHUP make true.
    ///
    /// # Errors
    /// When the process has such a handler already.
    pub fn on_signals() -> Result<Self, ctrlc::Error> {
        let stop = Self::default();
        let flag = stop.clone();
        ctrlc::set_handler(move || flag.request())?;
        Ok(stop)
    }

    /// Makes it true.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is true.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for a loop that takes one.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
