//! A Raspberry Pi's CSI camera through `rpicam-vid`: motion JPEG on its output, started again when it dies.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lakshan_core::Frame;

use super::decode::{Layout, PixelFormat, Range, decode};
use super::mjpeg::Splitter;
use super::{CameraError, Wanted};
use crate::parts::{Camera, CameraFault};

/// The program's name on Raspberry Pi OS.
pub const PROGRAM: &str = "rpicam-vid";
/// How long the program may be silent, in its first seconds and later.
const SILENCE_AT_START: Duration = Duration::from_secs(8);
const SILENCE: Duration = Duration::from_secs(3);
/// The wait before the program is started again; it doubles up to the longest, and a picture resets it.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Frames from a program that writes motion JPEG.
pub struct RpicamCamera {
    program: PathBuf,
    wanted: Wanted,
    running: Option<Running>,
    wait: Duration,
    next_start: Instant,
    why: String,
}

/// The program while it runs.
struct Running {
    child: Child,
    shared: Arc<Shared>,
    last_picture: Instant,
    silence: Duration,
}

/// Between the thread that reads and the one that asks.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The newest picture, until it is taken.
    picture: Option<Vec<u8>>,
    /// The program has closed its output.
    ended: bool,
    /// The last line that it wrote to stderr.
    last_words: String,
}

impl RpicamCamera {
    /// Starts the program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn open(program: &Path, wanted: Wanted) -> Result<Self, CameraError> {
        let fault = |source| CameraError::Program { program: program.to_owned(), source };
        let running = Running::start(program, wanted).map_err(fault)?;
        Ok(Self {
            program: program.to_owned(),
            wanted,
            running: Some(running),
            wait: FIRST_WAIT,
            next_start: Instant::now(),
            why: String::new(),
        })
    }

    /// Ends the program and notes why; the next start waits longer.
    fn stop(&mut self, why: String) -> CameraFault {
        self.running = None;
        self.next_start = Instant::now() + self.wait;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        self.why.clone_from(&why);
        CameraFault::Lost(why)
    }
}

impl Camera for RpicamCamera {
    fn next(&mut self, timeout: Duration) -> Result<Frame, CameraFault> {
        let deadline = Instant::now() + timeout;
        if self.running.is_none() {
            if self.next_start > deadline {
                std::thread::sleep(timeout);
                return Err(CameraFault::Lost(self.why.clone()));
            }
            std::thread::sleep(self.next_start.saturating_duration_since(Instant::now()));
            match Running::start(&self.program, self.wanted) {
                Ok(running) => self.running = Some(running),
                Err(error) => return Err(self.stop(format!("{}: {error}", self.program.display()))),
            }
        }
        let Some(running) = &mut self.running else { return Err(CameraFault::Lost(self.why.clone())) };
        match running.picture(deadline) {
            Ok(mut bytes) => {
                self.wait = FIRST_WAIT;
                let layout = Layout { format: PixelFormat::Mjpg, width: 0, height: 0, stride: 0, range: Range::Full };
                let frame = decode(&bytes, &layout);
                lakshan_core::wipe(&mut bytes);
                frame.map_err(|_| CameraFault::Damaged)
            }
            Err(Some(why)) => Err(self.stop(format!("{} {why}", self.program.display()))),
            Err(None) => Err(CameraFault::TimedOut),
        }
    }

    fn describe(&self) -> String {
        format!("CSI camera ({}), {}x{} MJPG", self.program.display(), self.wanted.width, self.wanted.height)
    }
}

impl Running {
    fn start(program: &Path, wanted: Wanted) -> std::io::Result<Self> {
        let mut child = Command::new(program)
            .args(["--codec", "mjpeg", "--nopreview", "--flush", "--timeout", "0", "--output", "-"])
            .args(["--width", &wanted.width.to_string(), "--height", &wanted.height.to_string()])
            .args(["--framerate", &wanted.rate.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let shared = Arc::new(Shared::default());
        // The threads end with the program's output; whatever else still holds it open must not hold this one up.
        if let Some(output) = child.stdout.take() {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.read_pictures(output));
        }
        if let Some(errors) = child.stderr.take() {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.read_words(errors));
        }
        Ok(Self { child, shared, last_picture: Instant::now(), silence: SILENCE_AT_START })
    }

    /// The newest picture; `Err(None)` when none came in time, `Err(Some(why))` when the program must be replaced.
    fn picture(&mut self, deadline: Instant) -> Result<Vec<u8>, Option<String>> {
        let wait = deadline.saturating_duration_since(Instant::now());
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |state: &mut State| state.picture.is_none() && !state.ended;
        let (mut state, _) =
            self.shared.changed.wait_timeout_while(state, wait, waiting).unwrap_or_else(PoisonError::into_inner);
        if let Some(picture) = state.picture.take() {
            self.last_picture = Instant::now();
            self.silence = SILENCE;
            Ok(picture)
        } else if state.ended {
            let words = if state.last_words.is_empty() { String::new() } else { format!(": {}", state.last_words) };
            Err(Some(format!("ended{words}")))
        } else if self.last_picture.elapsed() > self.silence {
            Err(Some("gives no pictures".to_owned()))
        } else {
            Err(None)
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill, and its state is collected all the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(picture) = &mut state.picture {
            lakshan_core::wipe(picture);
        }
    }
}

impl Shared {
    fn read_pictures(&self, mut output: impl Read) {
        let mut splitter = Splitter::default();
        let mut piece = vec![0; 64 << 10];
        loop {
            let length = match output.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            if let Some(picture) = splitter.push(&piece[..length]) {
                self.change(|state| {
                    if let Some(mut old) = state.picture.replace(picture) {
                        lakshan_core::wipe(&mut old);
                    }
                });
            }
        }
        self.change(|state| state.ended = true);
    }

    fn read_words(&self, errors: impl Read) {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            self.change(|state| state.last_words = line);
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const WANTED: Wanted = Wanted { width: 640, height: 480, rate: 30 };

    /// A folder with a picture and a script that stands for `rpicam-vid`.
    fn fake(script: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        image::RgbImage::from_pixel(64, 48, image::Rgb([90; 3])).save(folder.path().join("picture.jpg")).unwrap();
        let program = folder.path().join("rpicam-vid");
        fs::write(&program, format!("#!/bin/sh\ncd '{}'\n{script}\n", folder.path().display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        (folder, program)
    }

    fn until<T>(camera: &mut RpicamCamera, mut done: impl FnMut(Result<Frame, CameraFault>) -> Option<T>) -> T {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if let Some(value) = done(camera.next(Duration::from_millis(100))) {
                return value;
            }
        }
        panic!("it did not happen within 30 s");
    }

    #[test]
    fn pictures_come_and_the_arguments_are_what_the_program_takes() {
        let (folder, program) = fake("echo \"$@\" > arguments; while :; do cat picture.jpg; sleep 0.05; done");
        let mut camera = RpicamCamera::open(&program, WANTED).unwrap();
        let frame = until(&mut camera, Result::ok);
        assert_eq!((frame.width(), frame.height()), (64, 48));
        let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
        assert!(arguments.contains("--codec mjpeg") && arguments.contains("--width 640"), "{arguments}");
    }

    #[test]
    fn a_program_that_dies_is_started_again() {
        let (folder, program) = fake("echo x >> starts; cat picture.jpg; echo 'no cameras available' >&2; exit 1");
        let mut camera = RpicamCamera::open(&program, WANTED).unwrap();
        for _ in 0..3 {
            until(&mut camera, Result::ok);
            let why = until(&mut camera, |next| match next {
                Err(CameraFault::Lost(why)) => Some(why),
                _ => None,
            });
            assert!(why.contains("ended"), "{why}");
        }
        assert!(fs::read_to_string(folder.path().join("starts")).unwrap().lines().count() >= 3);
    }

    #[test]
    fn half_a_picture_is_none() {
        let (_folder, program) = fake("head -c 300 picture.jpg; exec sleep 60");
        let mut camera = RpicamCamera::open(&program, WANTED).unwrap();
        assert_eq!(camera.next(Duration::from_millis(300)), Err(CameraFault::TimedOut));
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let error = RpicamCamera::open(Path::new("/nowhere/rpicam-vid"), WANTED).err().unwrap();
        assert!(matches!(error, CameraError::Program { .. }), "{error}");
    }
}
