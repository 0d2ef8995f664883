//! The self-test: whether every part of the device does its work, as data for the screen and the command line.

pub mod known;
mod system;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::camera::CameraError;
use crate::parts::{Camera, CameraFault, Clock, Indicator, Light};
use crate::screening::Screener;

pub use system::available_memory_bytes;

/// What was looked at, and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The part.
    pub part: Part,
    /// How it went.
    pub outcome: Outcome,
}

/// A part of the device, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The bundle's signature and hashes.
    Bundle,
    /// A known photograph gives the known logits.
    KnownPhotograph,
    /// The camera gives pictures.
    Camera,
    /// The screen can be opened.
    Screen,
    /// The buttons can be read.
    Buttons,
    /// The light can be lit.
    Light,
    /// There is enough free memory.
    Memory,
    /// The processor is not too hot.
    Temperature,
    /// There is enough free space for the log.
    Disk,
    /// The time of day is vouched for.
    Clock,
}

/// How a check went. The words are for engineers, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Good.
    Passed,
    /// The device works, but somebody should know why.
    Warned(String),
    /// The device must not be used.
    Failed(String),
    /// Not looked at, and why.
    Skipped(String),
}

impl Part {
    /// Every part, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Bundle,
        Self::KnownPhotograph,
        Self::Camera,
        Self::Screen,
        Self::Buttons,
        Self::Light,
        Self::Memory,
        Self::Temperature,
        Self::Disk,
        Self::Clock,
    ];

    /// The stable name, for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::KnownPhotograph => "known_photograph",
            Self::Camera => "camera",
            Self::Screen => "screen",
            Self::Buttons => "buttons",
            Self::Light => "light",
            Self::Memory => "memory",
            Self::Temperature => "temperature",
            Self::Disk => "disk",
            Self::Clock => "clock",
        }
    }
}

impl Outcome {
    /// The stable name, for programs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned(_) => "warned",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Why, where there is a reason.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Warned(why) | Self::Failed(why) | Self::Skipped(why) => Some(why),
        }
    }
}

/// What is looked at. The parts that somebody else holds come as the outcome that they had.
pub struct Subjects<'a> {
    /// The bundle with the face detector, or why it is refused.
    pub screener: Result<&'a Screener, &'a str>,
    /// The camera; see [`camera`].
    pub camera: Outcome,
    /// The screen.
    pub screen: Outcome,
    /// The buttons.
    pub buttons: Outcome,
    /// The light; see [`light`].
    pub light: Outcome,
    /// Where the device keeps its state.
    pub state: &'a Path,
    /// What is too little or too hot.
    pub limits: Limits,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What is too little or too hot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Free memory, in megabytes; below it the device must not be used.
    pub memory_mb: u64,
    /// Free space, in megabytes.
    pub disk_mb: u64,
    /// The processor, in degrees Celsius.
    pub celsius: u64,
}

/// Looks at every part, in the order of [`Part::ALL`].
pub fn run(subjects: Subjects<'_>) -> Vec<Check> {
    let outcome = |part| match part {
        Part::Bundle => bundle(subjects.screener),
        Part::KnownPhotograph => match subjects.screener {
            Ok(screener) => known::check(screener),
            Err(_) => Outcome::Skipped("there is no bundle to look at it with".to_owned()),
        },
        Part::Camera => subjects.camera.clone(),
        Part::Screen => subjects.screen.clone(),
        Part::Buttons => subjects.buttons.clone(),
        Part::Light => subjects.light.clone(),
        Part::Memory => system::memory(subjects.limits.memory_mb),
        Part::Temperature => system::temperature(subjects.limits.celsius),
        Part::Disk => system::disk(subjects.state, subjects.limits.disk_mb),
        Part::Clock => clock(subjects.clock),
    };
    Part::ALL.into_iter().map(|part| Check { part, outcome: outcome(part) }).collect()
}

/// Opening a bundle has compared every file with the manifest's hashes already.
fn bundle(screener: Result<&Screener, &str>) -> Outcome {
    match screener {
        Ok(screener) if screener.signer().is_some() => Outcome::Passed,
        Ok(_) => Outcome::Warned("every file has its hash, but nobody has signed the bundle".to_owned()),
        Err(why) => Outcome::Failed(why.to_owned()),
    }
}

fn clock(clock: &dyn Clock) -> Outcome {
    if clock.wall().verified {
        Outcome::Passed
    } else {
        Outcome::Warned("nothing vouches for the time of day: no clock chip, no time server".to_owned())
    }
}

/// Whether the camera gives a whole picture within `patience`. The picture is wiped.
pub fn camera(camera: &mut dyn Camera, patience: Duration) -> Outcome {
    let start = Instant::now();
    let mut last = CameraFault::TimedOut;
    while start.elapsed() < patience {
        match camera.next(Duration::from_millis(250)) {
            Ok(mut frame) => {
                let dark = frame.rgb().iter().all(|value| *value < 16);
                frame.wipe();
                let words = "the picture is black: is the lens covered?";
                return if dark { Outcome::Warned(words.to_owned()) } else { Outcome::Passed };
            }
            Err(fault @ CameraFault::Failed(_)) => return Outcome::Failed(fault.to_string()),
            Err(fault) => last = fault,
        }
    }
    Outcome::Failed(last.to_string())
}

/// The outcome of a camera that could not be opened.
pub fn no_camera(error: &CameraError) -> Outcome {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    Outcome::Failed(format!("{error}{source}"))
}

/// Whether the light can be lit. Nobody but a person can see whether it is.
pub fn light(light: &mut dyn Indicator) -> Outcome {
    for shown in [Light::Ready, Light::Working, Light::Attention, Light::Fault, Light::Off] {
        if let Err(error) = light.show(shown) {
            return Outcome::Failed(error.to_string());
        }
        std::thread::sleep(Duration::from_millis(80));
    }
    Outcome::Passed
}

#[cfg(test)]
mod tests {
    use lakshan_core::Frame;

    use super::*;
    use crate::indicator::RecordedIndicator;
    use crate::parts::WallTime;

    struct Stopped(bool);

    impl Clock for Stopped {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn wall(&self) -> WallTime {
            WallTime { unix_seconds: 0, verified: self.0 }
        }
    }

    struct Answers(Vec<Result<Frame, CameraFault>>);

    impl Camera for Answers {
        fn next(&mut self, _: Duration) -> Result<Frame, CameraFault> {
            if self.0.is_empty() { Err(CameraFault::TimedOut) } else { self.0.remove(0) }
        }

        fn describe(&self) -> String {
            "answers".to_owned()
        }
    }

    #[test]
    fn every_part_is_looked_at_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let checks = run(Subjects {
            screener: Err("it is damaged"),
            camera: Outcome::Passed,
            screen: Outcome::Passed,
            buttons: Outcome::Skipped("none".to_owned()),
            light: Outcome::Passed,
            state: folder.path(),
            limits: Limits { memory_mb: 1, disk_mb: 1, celsius: 200 },
            clock: &Stopped(false),
        });
        assert_eq!(checks.iter().map(|check| check.part).collect::<Vec<_>>(), Part::ALL);
        assert_eq!(checks[0].outcome, Outcome::Failed("it is damaged".to_owned()));
        assert_eq!(checks[1].outcome.id(), "skipped");
        assert_eq!(checks[6].outcome, Outcome::Passed, "this machine has a megabyte");
        assert_eq!(checks[8].outcome, Outcome::Passed);
        assert_eq!(checks[9].outcome.id(), "warned");
        assert_eq!(clock(&Stopped(true)), Outcome::Passed);
    }

    #[test]
    fn a_camera_may_stumble_before_its_first_picture() {
        let grey = |value| Ok(Frame::new(2, 2, vec![value; 12]).unwrap());
        let look = |answers, patience| camera(&mut Answers(answers), Duration::from_millis(patience));
        assert_eq!(look(vec![Err(CameraFault::TimedOut), Err(CameraFault::Damaged), grey(90)], 1000), Outcome::Passed);
        assert_eq!(look(vec![grey(3)], 1000).id(), "warned");
        assert!(look(vec![], 5).why().unwrap().contains("no picture"));
        assert!(look(vec![Err(CameraFault::Failed("burnt".to_owned()))], 1000).why().unwrap().contains("burnt"));
    }

    #[test]
    fn the_light_goes_through_all_it_can_say() {
        let mut record = RecordedIndicator::default();
        assert_eq!(light(&mut record), Outcome::Passed);
        assert_eq!(record.lights.len(), 5);
        assert_eq!(record.lights.last(), Some(&Light::Off));
    }
}
