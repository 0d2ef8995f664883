//! Progress of long work: a bar with rate and ETA on a terminal, a plain line now and then elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// How often a plain line is printed where no bar can be drawn.
const PLAIN_INTERVAL: Duration = Duration::from_secs(15);

/// The progress of one piece of work, on stderr. May be advanced from several threads.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    what: String,
    unit: &'static str,
    started: Instant,
    plain: Option<Mutex<Instant>>,
}

impl Progress {
    /// Begins `total` steps of `what`, counted in `unit`, e.g. "photographs".
    pub fn new(what: impl Into<String>, total: u64, unit: &'static str) -> Self {
        let what = what.into();
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template(
            "{prefix} {wide_bar:.cyan/blue} {human_pos}/{human_len} {rate} ETA {eta} {msg}",
        )
        .expect("the template is right")
        .with_key("rate", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{:.1} {unit}/s", state.per_sec());
        })
        .progress_chars("█▉▊▋▌▍▎▏ ");
        bar.set_style(style);
        bar.set_prefix(what.clone());
        let now = Instant::now();
        Self { bar, what, unit, started: now, plain: (!terminal).then(|| Mutex::new(now)) }
    }

    /// Counts `steps` more as done.
    pub fn advance(&self, steps: u64) {
        self.bar.inc(steps);
        let Some(last) = &self.plain else { return };
        let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if last.elapsed() >= PLAIN_INTERVAL {
            *last = Instant::now();
            self.print_line();
        }
    }

    /// Sets what stands behind the bar, e.g. loss and accuracy.
    pub fn message(&self, message: String) {
        self.bar.set_message(message);
    }

    /// Steps done a second, since the beginning.
    pub fn rate(&self) -> f64 {
        self.bar.position() as f64 / self.started.elapsed().as_secs_f64().max(1e-9)
    }

    /// Removes the bar. What is to stay is printed by the caller.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn print_line(&self) {
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let rate = self.rate();
        let left = total.saturating_sub(done) as f64 / rate.max(1e-9);
        let message = self.bar.message();
        eprintln!("{}: {done}/{total}, {rate:.1} {}/s, {} left {message}", self.what, self.unit, in_words(left));
    }
}

/// Seconds as `3 min 20 s`.
pub fn in_words(seconds: f64) -> String {
    let seconds = seconds.round().max(0.0) as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        assert_eq!(in_words(59.4), "59 s");
        assert_eq!(in_words(200.0), "3 min 20 s");
        assert_eq!(in_words(7260.0), "2 h 1 min");
    }

    #[test]
    fn counts_from_several_threads() {
        let progress = Progress::new("test", 40, "things");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10).for_each(|_| progress.advance(1)));
            }
        });
        assert_eq!(progress.bar.position(), 40);
        assert!(progress.rate() > 0.0);
    }
}
