//! The self-test: whether every part of the device does its work, as data for the screen and the command line.

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
