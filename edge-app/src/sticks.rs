//! What lies on a USB stick for this device: an update that is offered, or why it is not taken; and the folder in which
//! sticks appear.
//!
//! The program mounts nothing. Whoever does (the unit `lakshan-stick@.service` on a device) makes one folder for each stick
//! in the folder that the configuration calls `sticks`. At the top of a stick, a folder whose name begins with `lakshan`
//! holds an update: a bundle (`manifest.json`, its signature, its files) or a program (`program.json`, its signature,
//! `edge-app`).

mod folder;
mod register;

pub use folder::StickFolder;

/// The two kinds of updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A network with its thresholds.
    Bundle,
    /// The device program.
    Program,
}

impl Kind {
    /// The stable word in transcripts and keys of translations.
    pub fn id(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Program => "program",
        }
    }
}

/// An update that could be installed: signed by somebody whom the device trusts, and newer than what it has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of the key's file on the device.
    pub signer: String,
}

/// Why something is not done. The device goes on as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody has signed it.
    Unsigned,
    /// Signed by nobody whom the device trusts.
    Untrusted,
    /// It is not what was signed.
    Changed,
    /// A file is damaged or missing.
    Damaged,
    /// Of another release, or for other classes or another processor.
    Unfit,
    /// The device has had this version or a newer one.
    Older,
    /// There is not enough room for it.
    NoRoom,
    /// It fails its test.
    SelfTest,
    /// The stick was pulled out too early.
    Pulled,
    /// The stick cannot be written.
    Stick,
    /// The device itself has a fault.
    Device,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Unsigned,
        Self::Untrusted,
        Self::Changed,
        Self::Damaged,
        Self::Unfit,
        Self::Older,
        Self::NoRoom,
        Self::SelfTest,
        Self::Pulled,
        Self::Stick,
        Self::Device,
    ];

    /// The stable id: the key of translations, and the word in transcripts.
    pub fn id(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Untrusted => "untrusted",
            Self::Changed => "changed",
            Self::Damaged => "damaged",
            Self::Unfit => "unfit",
            Self::Older => "older",
            Self::NoRoom => "no_room",
            Self::SelfTest => "self_test",
            Self::Pulled => "pulled",
            Self::Stick => "stick",
            Self::Device => "device",
        }
    }
}

/// A reason, and its details for an engineer, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub reason: Reason,
    /// The error with its causes, in one line.
    pub details: String,
}

/// How far an installation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many percent are on the device.
    Copying(u8),
    /// Everything is on the device and is being tried: the stick may be pulled.
    Testing,
}

/// What the sticks that are plugged in hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// There is a stick.
    pub plugged: bool,
    /// An update for this device, or why the one that lies there is none.
    pub update: Option<Result<Offer, Refused>>,
}
