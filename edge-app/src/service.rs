//! Tells systemd that the device runs, again and again: when it stops hearing so, it starts the program afresh.
//!
//! This goes through a local datagram socket that systemd names; without systemd nothing is sent.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// What systemd is told.
#[derive(Debug)]
pub struct Service {
    /// `None` when the unit has no watchdog, or there is no systemd.
    every: Option<Duration>,
    told: Option<Instant>,
}

impl Service {
    /// Reads what the unit wants. Nothing is told yet.
    pub fn start() -> Self {
        // Twice in its time, so that one late message does no harm.
        Self { every: sd_notify::watchdog_enabled().map(|limit| limit / 2), told: None }
    }

    /// To be called often while every part of the program makes progress, and not when one hangs.
    pub fn alive(&mut self) {
        let state = match (self.told, self.every) {
            (None, _) => NotifyState::Ready,
            (Some(told), Some(every)) if told.elapsed() >= every => NotifyState::Watchdog,
            _ => return,
        };
        self.told = Some(Instant::now());
        tell(state);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        tell(NotifyState::Stopping);
    }
}

/// systemd not listening is its own fault, and it will notice.
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        eprintln!("systemd: {error}");
    }
}
