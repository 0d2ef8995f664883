//! The loop around the session: owns the device's parts, tells the session what they say, and does what it asks for.
//!
//! | thread | job |
//! |---|---|
//! | main | buttons, session, drawing, screen, light |
//! | camera | waits for pictures; keeps the newest only |
//! | worker | self-test, looking at pictures, judging; never more than the newest picture waits |
//! | sticks | looks at USB sticks, installs from them; may hang with a bad one without harm |
//!
//! A thread that panics ends in the fault screen, and is started again. After [`MAX_FALLS`] falls the program ends with
//! an error, so that whoever started it can start it afresh.

mod camera_thread;
mod stick_thread;
mod telling;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use lakshan_core::{Finding, Frame};

use crate::display::DisplayError;
use crate::indicator::IndicatorError;
use crate::input::InputError;
use crate::parts::{Camera, Clock, Display, Indicator, Input, InputEvent, Light, Sticks};
use crate::pictures::Pictures;
use crate::screen::{BundleLine, Fonts, Painter, Scene, Screen, touched};
use crate::screening::Screener;
use crate::self_test::Check;
use crate::session::{Effect, Event, FrameId, Judgement, Session, Settings};
use crate::text::{TextError, Texts};
use camera_thread::CameraThread;
pub use camera_thread::{CameraState, CameraView};
use stick_thread::StickThread;
use telling::Telling;
pub use telling::Witness;
pub use worker::Tested;
use worker::{Job, Worker};

/// How long the loop sleeps when nothing happens: buttons are looked at this often.
const TURN: Duration = Duration::from_millis(10);
/// How often free memory is looked at.
const MEMORY_EVERY: Duration = Duration::from_secs(2);
/// How often parts may fall over before the program gives up.
pub const MAX_FALLS: usize = 5;

/// Opens the camera, again and again if need be. The error is in words.
pub type OpenCamera = Box<dyn FnMut() -> Result<Box<dyn Camera>, String> + Send>;
/// Looks at every part but the bundle and the camera, which the loop itself holds.
pub type TestParts = Box<dyn FnMut(Tested<'_>) -> Vec<Check> + Send>;
/// Opens the bundle with the face detector. The error is in words.
pub type OpenBundle = Box<dyn FnMut() -> Result<Screener, String> + Send>;
/// Counts an encounter whose finding is shown, and with which bundle it was found.
pub type Record = Box<dyn FnMut(&Finding, &BundleLine)>;
/// Remembers the language. The error is in words.
pub type SaveLanguage = Box<dyn FnMut(&str) -> Result<(), String>>;
/// Free memory in bytes, and how much there must be; `None` when that is not known.
pub type FreeMemory = Box<dyn FnMut() -> Option<(u64, u64)>>;

/// Everything that the loop owns.
pub struct Parts {
    /// Opens the camera.
    pub camera: OpenCamera,
    /// The screen.
    pub display: Box<dyn Display>,
    /// Buttons, keys, touch.
    pub input: Box<dyn Input>,
    /// The light, if the device has one.
    pub indicator: Option<Box<dyn Indicator>>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// The self-test.
    pub test: TestParts,
    /// Opens the bundle.
    pub bundle: OpenBundle,
    /// Counts an encounter.
    pub record: Record,
    /// Remembers the language.
    pub save_language: SaveLanguage,
    /// Looks at the free memory.
    pub memory: FreeMemory,
    /// USB sticks, if the device looks at them.
    pub sticks: Option<Box<dyn Sticks>>,
    /// Hears what is shown; it names findings, so it is for tests and demonstrations.
    pub witness: Option<Witness>,
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to: a signal, or a closed window.
    Asked,
    /// The device is to be switched off.
    PowerOff,
    /// Something was installed: the program is to be started again.
    Restart,
}

/// What the loop cannot go on without.
#[derive(Debug, thiserror::Error)]
pub enum LoopError {
    /// The screen is gone.
    #[error("the screen cannot be used any more")]
    Display(#[from] DisplayError),
    /// The buttons are gone.
    #[error("the buttons cannot be used any more")]
    Input(#[from] InputError),
    /// The light is gone.
    #[error("the light cannot be used any more")]
    Indicator(#[from] IndicatorError),
    /// A language of the list does not load.
    #[error("a language cannot be used")]
    Text(#[from] TextError),
    /// A thread cannot be started.
    #[error("a thread cannot be started")]
    Thread(#[from] std::io::Error),
    /// Parts of the program fall over again and again.
    #[error("parts of the program fell over {MAX_FALLS} times; the last time it was the {0}")]
    Falls(String),
}

/// What the threads say.
enum Message {
    /// A picture lies in the camera's box.
    Picture,
    CameraLost,
    Worker(worker::Answer),
    Stick(Event),
    /// A thread has panicked and is gone.
    Fell(Thread),
}

/// Which thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thread {
    Camera,
    Worker,
    Sticks,
}

impl Thread {
    fn words(self) -> &'static str {
        match self {
            Self::Camera => "camera's thread",
            Self::Worker => "analysis",
            Self::Sticks => "sticks' thread",
        }
    }
}

/// What was drawn last: the same is not drawn again.
#[derive(PartialEq)]
struct Drawn {
    screen: Screen,
    picture: Option<FrameId>,
    face: Option<FrameId>,
    bundle: Option<BundleLine>,
    language: String,
}

/// The loop. `Parts` are closed when it is dropped, and so is every thread.
pub struct DeviceLoop {
    session: Session,
    pictures: Pictures,
    display: Box<dyn Display>,
    input: Box<dyn Input>,
    indicator: Option<Box<dyn Indicator>>,
    clock: Box<dyn Clock>,
    record: Record,
    save_language: SaveLanguage,
    memory: FreeMemory,
    telling: Telling,
    camera: CameraThread,
    worker: Worker,
    sticks: StickThread,
    messages: Receiver<Message>,
    sender: Sender<Message>,
    texts: BTreeMap<String, Texts>,
    painter: Painter,
    bundle: Option<BundleLine>,
    drawn: Option<Drawn>,
    light: Option<Light>,
    next_frame: u64,
    watching: bool,
    /// Something was wiped since the last drawing.
    wiped: bool,
    memory_low: bool,
    memory_looked: Duration,
    falls: usize,
    ended: Option<Ended>,
}

impl DeviceLoop {
    /// Starts the threads and the session.
    ///
    /// # Errors
    /// When a language does not load or a thread cannot be started.
    pub fn new(parts: Parts, settings: Settings) -> Result<Self, LoopError> {
        let (sender, messages) = mpsc::channel();
        let mut texts = BTreeMap::new();
        for code in &settings.languages {
            texts.insert(code.clone(), Texts::load(code)?);
        }
        let camera = CameraThread::start(parts.camera, sender.clone())?;
        let worker = Worker::start(parts.test, parts.bundle, sender.clone())?;
        let sticks = StickThread::start(parts.sticks, sender.clone())?;
        let (session, effects) = Session::new(settings, parts.clock.now());
        let mut device = Self {
            session,
            pictures: Pictures::default(),
            display: parts.display,
            input: parts.input,
            indicator: parts.indicator,
            clock: parts.clock,
            record: parts.record,
            save_language: parts.save_language,
            memory: parts.memory,
            telling: Telling::new(parts.witness),
            camera,
            worker,
            sticks,
            messages,
            sender,
            texts,
            painter: Painter::new(Fonts::embedded()),
            bundle: None,
            drawn: None,
            light: None,
            next_frame: 1,
            watching: false,
            wiped: false,
            memory_low: false,
            memory_looked: Duration::ZERO,
            falls: 0,
            ended: None,
        };
        device.perform(effects);
        Ok(device)
    }

    /// Runs until `stop` is set, the window is closed, or the device is switched off. `alive` is called every turn while
    /// every thread makes progress, and not any more when one hangs: feed a watchdog there.
    ///
    /// # Errors
    /// When a part is gone for good that nothing can be shown or done without.
    pub fn run(&mut self, stop: &AtomicBool, alive: &mut dyn FnMut()) -> Result<Ended, LoopError> {
        while !stop.load(Ordering::Relaxed) {
            if let Some(ended) = self.turn()? {
                return Ok(ended);
            }
            if self.camera.is_alive() && self.worker.is_alive() {
                alive();
            }
        }
        Ok(Ended::Asked)
    }

    /// What happens next, for at most [`TURN`] and the time of one drawing.
    fn turn(&mut self) -> Result<Option<Ended>, LoopError> {
        self.look_at_memory();
        if self.look_at_input()? {
            return Ok(Some(Ended::Asked));
        }
        self.tell(Event::Tick);
        self.show()?;
        if self.ended.is_some() {
            return Ok(self.ended);
        }
        match self.messages.recv_timeout(TURN) {
            Ok(message) => self.take(message)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => unreachable!("the loop holds a sender"),
        }
        while let Ok(message) = self.messages.try_recv() {
            self.take(message)?;
        }
        Ok(None)
    }

    fn tell(&mut self, event: Event) {
        let effects = self.session.handle(event, self.clock.now());
        self.perform(effects);
    }

    /// True when the window was closed.
    fn look_at_input(&mut self) -> Result<bool, LoopError> {
        for event in self.input.poll(self.clock.now())? {
            self.telling.input(self.clock.now(), event);
            match event {
                InputEvent::Quit => return Ok(true),
                InputEvent::Button(button, press) => self.tell(Event::Press(button, press)),
                InputEvent::Touch { x, y } => {
                    let screen = self.session.screen();
                    let texts = &self.texts[self.session.language()];
                    if let Some(action) = touched(&screen, self.display.size(), texts, x, y) {
                        self.tell(Event::Touch(action));
                    }
                }
            }
        }
        Ok(false)
    }

    fn look_at_memory(&mut self) {
        let now = self.clock.now();
        if now.saturating_sub(self.memory_looked) < MEMORY_EVERY {
            return;
        }
        self.memory_looked = now;
        let Some((free, needed)) = (self.memory)() else { return };
        // It must recover by a quarter, or the screen would flicker between the fault and the start.
        let low = if self.memory_low { free < needed + needed / 4 } else { free < needed };
        if low != self.memory_low {
            self.memory_low = low;
            self.tell(Event::Memory { low });
        }
    }

    fn take(&mut self, message: Message) -> Result<(), LoopError> {
        match message {
            Message::Picture => {
                if let Some((frame, age)) = self.camera.take() {
                    self.picture(frame, age);
                }
            }
            Message::CameraLost => {
                self.pictures.look_away();
                self.tell(Event::CameraLost);
            }
            Message::Worker(answer) => self.answer(answer),
            Message::Stick(event) => self.tell(event),
            Message::Fell(thread) => {
                self.falls += 1;
                if self.falls >= MAX_FALLS {
                    return Err(LoopError::Falls(thread.words().to_owned()));
                }
                match thread {
                    Thread::Camera => self.camera.restart(self.sender.clone())?,
                    Thread::Worker => self.worker.restart(self.sender.clone())?,
                    Thread::Sticks => self.sticks.restart(self.sender.clone())?,
                }
                self.tell(Event::PartFailed(format!("the {} fell over and was started again", thread.words())));
            }
        }
        Ok(())
    }

    fn picture(&mut self, frame: Frame, age: Duration) {
        let (number, taken) = (FrameId(self.next_frame), self.clock.now().saturating_sub(age));
        self.next_frame += 1;
        if self.watching {
            let frame = Arc::new(frame);
            self.worker.look(number, taken, Arc::clone(&frame));
            self.pictures.arrived(number, frame);
        }
        self.tell(Event::Frame { frame: number, taken });
    }

    fn answer(&mut self, answer: worker::Answer) {
        match answer {
            worker::Answer::Tested { generation, checks, bundle, line } => {
                self.bundle = line;
                self.tell(Event::SelfTested { generation, checks, bundle });
            }
            worker::Answer::Seen { sight, face } => {
                if self.watching {
                    self.pictures.seen(sight.frame, face);
                    self.tell(Event::Sight(sight));
                }
            }
            worker::Answer::Judged { generation, judgement } => self.judged(generation, judgement),
            worker::Answer::Failed(why) => self.tell(Event::PartFailed(why)),
        }
    }

    /// An answer that comes to be shown is an encounter; one that is dropped is none.
    fn judged(&mut self, generation: u64, judgement: Result<Judgement, String>) {
        let finding = judgement.as_ref().ok().map(|judgement| judgement.finding.clone());
        let is_result = |screen| matches!(screen, Screen::Result(_));
        let was_result = is_result(self.session.screen());
        self.tell(Event::Judged { generation, judgement });
        if let (Some(finding), Some(bundle), false, true) =
            (finding, &self.bundle, was_result, is_result(self.session.screen()))
        {
            (self.record)(&finding, bundle);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.telling.effect(self.clock.now(), &effect);
            match effect {
                Effect::SelfTest { generation } => {
                    self.worker.give(Job::Test { generation, camera: self.camera.state() });
                }
                Effect::Watch(on) => {
                    self.watching = on;
                    self.camera.want(on);
                    if !on {
                        self.pictures.look_away();
                        self.worker.look_away();
                    }
                }
                Effect::Keep(number) => self.pictures.keep(number),
                Effect::Judge { generation, frames } => {
                    let faces = self.pictures.to_judge(&frames);
                    self.worker.give(Job::Judge { generation, faces });
                }
                Effect::Wipe => {
                    self.painter.wipe();
                    self.wiped = true;
                    self.pictures.wipe();
                    self.worker.forget();
                    self.worker.give(Job::Wash);
                }
                Effect::SaveLanguage(code) => {
                    if let Err(why) = (self.save_language)(&code) {
                        self.tell(Event::NotSaved(why));
                    }
                }
                Effect::Install { generation } => self.sticks.give(stick_thread::Job::Install { generation }),
                Effect::SaveRegister { generation } => {
                    self.sticks.give(stick_thread::Job::SaveRegister { generation });
                }
                Effect::StopStick => self.sticks.stop(),
                Effect::Restart => self.ended = Some(Ended::Restart),
                Effect::PowerOff => self.ended = Some(Ended::PowerOff),
            }
        }
    }

    /// Draws the screen if anything on it has changed, and sets the light.
    fn show(&mut self) -> Result<(), LoopError> {
        let now = self.clock.now();
        let wanted = Drawn {
            screen: self.session.screen(),
            // The newest picture that is held is drawn, which may be newer than the one that the session has heard of.
            picture: self.session.picture(now),
            face: self.session.thumbnail(),
            bundle: self.bundle.clone(),
            language: self.session.language().to_owned(),
        };
        if self.wiped || self.drawn.as_ref() != Some(&wanted) {
            let scene = Scene {
                screen: &wanted.screen,
                bundle: wanted.bundle.as_ref(),
                picture: self.pictures.live(wanted.picture),
                face: self.pictures.face(wanted.face),
            };
            let pixels = self.painter.paint(&scene, self.display.size(), &self.texts[&wanted.language]);
            self.display.show(pixels)?;
            // A screen with two buffers still holds the picture before in the other one.
            if std::mem::take(&mut self.wiped) {
                self.display.show(pixels)?;
            }
            let picture = wanted.picture.filter(|_| scene.picture.is_some());
            self.telling.drawn(self.clock.now(), &wanted.screen, &wanted.language, picture);
            self.drawn = Some(wanted);
        }
        let light = self.session.light();
        if self.light != Some(light) {
            if let Some(indicator) = &mut self.indicator {
                indicator.show(light)?;
            }
            self.telling.light(now, light);
            self.light = Some(light);
        }
        Ok(())
    }
}

/// Leaves the light dark and nothing of a patient behind.
impl Drop for DeviceLoop {
    fn drop(&mut self) {
        self.pictures.wipe();
        if let Some(indicator) = &mut self.indicator {
            // Nobody is left to hear that this failed.
            let _ = indicator.show(Light::Off);
        }
    }
}
