//! The session: what the device does next, as a pure state machine. Time is an argument; no I/O, no pixels.
//!
//! What the three buttons do. A touch on a button's label is that button; a touch on an entry chooses it. *Over* means
//! that the screen lies over the one before and gives way to it.
//!
//! | state | capture | back | menu | by itself |
//! |---|---|---|---|---|
//! | start, testing | - | - | - | language (first start), stays, or the fault that was found |
//! | start | consent; language when none is chosen | - | menu over it | |
//! | language | choose: consent (first start), or back to the one before | start, or the one before | next entry | |
//! | consent, "no" is marked first | the marked entry: aim, or start | start | other entry | |
//! | aim | capture | consent | menu over it | capture, when all was good for [`STEADY`] |
//! | capture | - | aim | - | working with the best; result "again" when too few are good |
//! | working | - | aim; its answer is dropped | - | result |
//! | result | "again": aim. Otherwise all 12 over it | aim; the result is wiped | menu over it | |
//! | all 12 | what doctors look for in the classes named, one after the other; over it | result | menu over it | |
//! | what doctors look for | next page | all 12 | menu over it | |
//! | red flags | the one before | the one before | menu over it | |
//! | about | next page | the one before | menu over it | |
//! | menu | the marked entry | the one before | next entry | |
//! | camera lost, or missing | aim; start when nobody agreed yet | start | menu over it | with its next picture: as capture |
//! | bundle refused, self-test failed, low memory, internal | start, testing | start, testing | menu over it | start, testing (idle, or memory is back) |
//! | language not saved | the one before | the one before | menu over it | |
//! | update found, "no" is marked first | the marked entry: installing, or start | start | other entry | start (pulled) |
//! | installing, saving | - | start; it is given up, or told later | - | what came of it |
//! | installed | the program starts again | so it does | - | so it does (idle) |
//! | refused, saved, not saved | start | start | - | |
//!
//! Everywhere:
//!
//! - **Back, held** for a second returns to the start and wipes the patient. Other long presses are short ones.
//! - **A double press** counts once: within [`SETTLE`] of a change of screen presses and touches are ignored. They were
//!   meant for the screen before.
//! - **Presses during capture and work**: back only. The others are ignored.
//! - **Idle**: after [`Settings::idle`] without a press, and without a face while aiming, the session returns to its
//!   start and wipes the patient. Work is never idle; it has a limit of its own, [`WORK_LIMIT`].
//! - **Camera lost**: aim and capture end in "camera lost", at once when the camera says so, and after [`SILENCE`] without
//!   a picture when it does not. Working goes on: its faces are in memory. Everywhere else nothing changes; whoever
//!   comes to aim meets the fault there.
//! - **Old pictures**: [`Session::picture`] names the one to be shown as live, or none when the newest is older than
//!   [`MAX_PICTURE_AGE`].
//! - **Another face during capture**: what was taken before a jump of the face is not used: it may be somebody else's.
//! - **Stale answers**: each self-test and each judgement has a generation. An answer of another one than is waited for
//!   is dropped: it may be about the patient before.
//! - **Low memory**: aim, capture and working end in the fault and wipe; a result stays to be read.
//! - **Sticks**: what lies on one is told at the start, and where the bundle or a part is at fault; never with a patient.
//!   It is told once: whoever says no pulls the stick and plugs it in again.
//! - **A part that fell over**: the fault "internal", and the patient is wiped; the loop starts the part again.

mod aim;
mod event;
mod person;
mod series;
mod state;
mod stick;
#[cfg(test)]
mod tests;
mod time;
mod told;

use std::time::Duration;

use lakshan_core::{Finding, Syndrome};

pub use aim::{DWELL, MAX_MOVEMENT, MAX_UNEVENNESS, STEADY};
pub use event::{Effect, Event, FrameId, Judgement, OpenedBundle, SeenFace, Settings, Sight};
pub use series::{HARD_LIMIT, JUDGED, LIMIT, MAX_GROWTH, MAX_JUMP, MIN_SEEN, WANTED};

use crate::parts::Light;
use crate::screen::{AllClassesScreen, Fault, ResultScreen, Screen, StickScreen};
use crate::self_test::{Check, Outcome};
use aim::Guide;
use state::State;
use stick::{Job, Notice};

/// How old a picture may be and still be shown as live.
pub const MAX_PICTURE_AGE: Duration = Duration::from_millis(500);
/// Without a picture for so long, the camera counts as lost.
pub const SILENCE: Duration = Duration::from_secs(1);
/// How long a camera may take to give its first picture.
pub const CAMERA_START: Duration = Duration::from_secs(5);
/// How long after a change of screen presses are taken as meant for the screen before.
pub const SETTLE: Duration = Duration::from_millis(400);
/// How long the network may take.
pub const WORK_LIMIT: Duration = Duration::from_secs(30);
/// How long the analyser may say nothing while the camera gives pictures.
pub const ANALYSIS_LIMIT: Duration = Duration::from_secs(15);
/// How long the self-test may take.
pub const TEST_LIMIT: Duration = Duration::from_secs(90);
/// How long nothing may be heard of a stick that is being read or written. The longest silence is the self-test of what was
/// copied.
pub const STICK_LIMIT: Duration = Duration::from_secs(90);

/// What is known about the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Camera {
    Unknown,
    Present,
    Lost,
    Missing,
}

/// The session. See the [module](self) for what it does when.
#[derive(Clone, Debug)]
pub struct Session {
    settings: Settings,
    now: Duration,
    /// Never empty.
    stack: Vec<State>,
    /// When the screen last changed.
    changed: Duration,
    /// When somebody last did something.
    active: Duration,
    /// Of the last self-test or judgement that was asked for; it rises whenever what was asked for is of no more use.
    generation: u64,
    /// The self-test that is running: its generation and since when.
    testing: Option<(u64, Duration)>,
    checks: Vec<Check>,
    bundle: Option<Box<OpenedBundle>>,
    camera: Camera,
    memory_low: bool,
    /// The device must not be used before a self-test has passed.
    blocked: bool,
    /// Why the language could not be saved, until that has been shown.
    unsaved: Option<String>,
    /// There is a stick.
    plugged: bool,
    /// Of a stick, until it has been shown.
    notice: Option<Notice>,
    /// What is being done with a stick.
    job: Option<Job>,
    /// This patient or guardian has agreed.
    consented: bool,
    /// Of this patient's pictures, and which of them stands beside it.
    judgement: Option<Judgement>,
    thumbnail: Option<FrameId>,
    /// Since when the camera's pictures are asked for.
    watched: Option<Duration>,
    /// The newest picture since then.
    live: Option<(FrameId, Duration)>,
    /// The newest picture that was analysed since then, and when that was told.
    analysed: Option<(FrameId, Duration)>,
    effects: Vec<Effect>,
}

impl Session {
    /// A session at its start, and what is to be done first.
    pub fn new(settings: Settings, now: Duration) -> (Self, Vec<Effect>) {
        let mut session = Self {
            settings,
            now,
            stack: vec![State::Start],
            changed: now,
            active: now,
            generation: 0,
            testing: None,
            checks: Vec::new(),
            bundle: None,
            camera: Camera::Unknown,
            memory_low: false,
            blocked: true,
            unsaved: None,
            plugged: false,
            notice: None,
            job: None,
            consented: false,
            judgement: None,
            thumbnail: None,
            watched: None,
            live: None,
            analysed: None,
            effects: Vec::new(),
        };
        session.test();
        let effects = std::mem::take(&mut session.effects);
        (session, effects)
    }

    /// Takes in what happened at `now`, and says what is to be done, in this order. A time before the last one counts as
    /// the last one.
    pub fn handle(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        self.now = self.now.max(now);
        match event {
            Event::Tick => {}
            Event::Press(button, press) => self.press(button, press),
            Event::Touch(action) => self.by_person(|session| session.act(action)),
            Event::SelfTested { generation, checks, bundle } => self.tested(generation, checks, bundle),
            Event::Frame { frame, taken } => self.frame(frame, taken),
            Event::Sight(sight) => self.sight(&sight),
            Event::Judged { generation, judgement } => self.judged(generation, judgement),
            Event::CameraLost => self.camera_lost(),
            Event::Memory { low } => self.memory(low),
            Event::NotSaved(why) => self.unsaved = Some(why),
            Event::Stick(news) => self.stick(news),
            Event::InstallStep { generation, step } => self.step(generation, step),
            Event::Installed { generation, outcome } => self.installed(generation, outcome),
            Event::RegisterSaved { generation, outcome } => self.saved(generation, outcome),
            Event::PartFailed(why) => self.fail(Fault::Internal(why)),
        }
        self.let_time_pass();
        self.tell_notice();
        self.watch_stick();
        self.watch();
        std::mem::take(&mut self.effects)
    }

    /// What is to be shown.
    pub fn screen(&self) -> Screen {
        match self.top() {
            State::Start => Screen::Start { checks: self.checks.clone() },
            State::Language { selected } => Screen::Language { selected: *selected },
            State::Consent { agreed } => Screen::Consent { selected: *agreed },
            State::Aim(guide) => Screen::Aim(guide.screen(self.now)),
            State::Capture(series) => Screen::Capture { taken: series.taken() as u8, wanted: WANTED as u8 },
            State::Working { .. } => Screen::Working,
            State::Result => match &self.judgement {
                Some(judgement) => Screen::Result(ResultScreen { finding: judgement.finding.clone() }),
                None => unreachable!("a result is entered with its judgement and left when it is wiped"),
            },
            State::AllClasses { .. } => match self.judgement.as_ref().and_then(|judgement| judgement.probabilities) {
                Some(probabilities) => Screen::AllClasses(AllClassesScreen { probabilities, named: self.named() }),
                None => unreachable!("this screen is entered with probabilities and left when they are wiped"),
            },
            State::DoctorsLookFor { class, page } => Screen::DoctorsLookFor { class: *class, page: *page },
            State::RedFlags => Screen::RedFlags,
            State::Menu { items, selected } => Screen::Menu { items: items.clone(), selected: *selected },
            State::About { page } => match &self.bundle {
                Some(bundle) => Screen::About { page: *page, lines: bundle.about.clone() },
                None => unreachable!("the menu offers this screen only with a bundle"),
            },
            State::Stick(screen) => Screen::Stick(screen.clone()),
            State::Fault(fault) => Screen::Fault(fault.clone()),
        }
    }

    /// The picture that may be shown as live at `now`.
    pub fn picture(&self, now: Duration) -> Option<FrameId> {
        let fresh =
            |(frame, taken): (FrameId, Duration)| (now.saturating_sub(taken) <= MAX_PICTURE_AGE).then_some(frame);
        if self.top().shows_picture() { self.live.and_then(fresh) } else { None }
    }

    /// The kept face that stands beside the finding.
    pub fn thumbnail(&self) -> Option<FrameId> {
        if matches!(self.top(), State::Result) { self.thumbnail } else { None }
    }

    /// What the light shows.
    pub fn light(&self) -> Light {
        let complains = |check: &Check| matches!(check.outcome, Outcome::Warned(_) | Outcome::Failed(_));
        match self.top() {
            State::Start if self.testing.is_some() => Light::Working,
            State::Start if self.checks.iter().any(complains) => Light::Attention,
            State::Capture(_) | State::Working { .. } => Light::Working,
            State::Stick(StickScreen::Installing(_) | StickScreen::Saving) => Light::Working,
            State::Stick(StickScreen::Installed(_) | StickScreen::Saved { .. }) => Light::Ready,
            State::Stick(_) => Light::Attention,
            State::Result if self.is_retake() => Light::Attention,
            State::Fault(_) => Light::Fault,
            _ => Light::Ready,
        }
    }

    /// The language of the words; in the list of languages, that of the marked entry.
    pub fn language(&self) -> &str {
        let marked = match self.top() {
            State::Language { selected } => self.settings.languages.get(*selected),
            _ => None,
        };
        let first = || self.settings.languages.first().map_or("en", String::as_str);
        marked.or(self.settings.language.as_ref()).map_or_else(first, String::as_str)
    }

    /// Whether anything of a patient is still known: consent, a picture, a judgement.
    pub fn knows_a_patient(&self) -> bool {
        self.consented || self.judgement.is_some() || self.thumbnail.is_some() || self.live.is_some()
    }

    fn top(&self) -> &State {
        self.stack.last().expect("the stack is never empty")
    }

    /// Another stage of the visit; what lay over the old one is gone.
    fn go(&mut self, state: State) {
        self.stack = vec![state];
        self.changed = self.now;
    }

    /// Lays a screen over the one that is shown.
    fn over(&mut self, state: State) {
        self.stack.push(state);
        self.changed = self.now;
    }

    /// Takes the uppermost screen away; the one below is entered anew where that makes a difference.
    fn uncover(&mut self) {
        self.stack.pop();
        self.changed = self.now;
        match self.stack.last() {
            None => self.home(),
            Some(State::Aim(_)) => self.aim(),
            _ => {}
        }
    }

    /// Back to the start, with nothing left of the patient; with a self-test where one has to pass first.
    fn home(&mut self) {
        self.wipe();
        self.consented = false;
        self.go(State::Start);
        if self.blocked && self.testing.is_none() {
            self.generation += 1;
            self.testing = Some((self.generation, self.now));
            self.checks.clear();
            self.effects.push(Effect::SelfTest { generation: self.generation });
        }
    }

    /// Forgets the judgement and every picture, and makes sure that no answer about them is taken for an answer about
    /// the next.
    fn wipe(&mut self) {
        self.generation += 1;
        self.judgement = None;
        self.thumbnail = None;
        self.live = None;
        self.effects.push(Effect::Wipe);
    }

    fn fail(&mut self, fault: Fault) {
        self.wipe();
        self.consented = false;
        self.testing = None;
        self.blocked = true;
        self.go(State::Fault(fault));
    }

    /// The start with a self-test.
    fn test(&mut self) {
        self.blocked = true;
        self.testing = None;
        self.home();
    }

    /// Points the camera, unless something stands in the way.
    fn aim(&mut self) {
        if self.memory_low {
            return self.fail(Fault::LowMemory);
        }
        match self.camera {
            Camera::Lost => self.go(State::Fault(Fault::CameraLost)),
            Camera::Missing => self.go(State::Fault(Fault::CameraMissing)),
            Camera::Unknown | Camera::Present => self.go(State::Aim(Guide::new())),
        }
    }

    fn is_retake(&self) -> bool {
        matches!(&self.judgement, Some(Judgement { finding: Finding::Retake(_), .. }))
    }

    /// The classes that the finding names.
    fn named(&self) -> Vec<Syndrome> {
        match self.judgement.as_ref().map(|judgement| &judgement.finding) {
            Some(Finding::Resembles(classes)) => classes.iter().map(|found| found.class).collect(),
            _ => Vec::new(),
        }
    }
}
