//! The system's clocks, and whether anything vouches for the time of day.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::parts::{Clock, WallTime};

/// A time server has set the clock since the start; systemd-timesyncd leaves this file.
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";
/// Clock chips keep the time without power.
const CLOCK_CHIP: &str = "/sys/class/rtc/rtc0";
/// A clock chip with an empty battery starts in the past: before this program was made, 2026-01-01.
const EARLIEST: u64 = 1_767_225_600;

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Its time since the start begins now.
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> WallTime {
        let unix_seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let vouched = Path::new(SYNCHRONIZED).exists() || Path::new(CLOCK_CHIP).exists();
        WallTime { unix_seconds, verified: vouched && unix_seconds >= EARLIEST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_forward_and_the_year_is_plausible() {
        let clock = SystemClock::start();
        let first = clock.now();
        assert!(clock.now() >= first);
        assert!(clock.wall().unix_seconds > EARLIEST);
    }
}
