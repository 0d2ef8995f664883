//! A whole session from a script, with photographs as the camera: the real session, networks and screens, and time that
//! only the script moves.
//!
//! Every [`STEP`] something may happen; every second step the camera gives a picture, which is analysed one step later.
//! So the same script gives the same transcript and the same pictures everywhere.

mod camera;
pub mod script;
mod stick;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lakshan_core::{FaceCrop, Frame};
use lakshan_engine::{Bundle, BundleError, EngineError};
use lakshan_vision::DecodeError;

use crate::parts::Light;
use crate::pictures::Pictures;
use crate::png_file::{self, PngFileError};
use crate::report;
use crate::screen::{BundleLine, Fonts, Scene, Size, render, to_frame, touched};
use crate::screening::Screener;
use crate::self_test::{Check, Outcome, Part};
use crate::session::{Effect, Event, FrameId, Session, Settings, Sight};
use crate::text::{TextError, Texts, languages};
use crate::transcript;
use camera::SimulatedCamera;
use script::{Command, Line, ScriptError};
use stick::{Job, SimulatedStick};

/// How far time moves at once.
pub const STEP: Duration = Duration::from_millis(50);
/// How long the simulated self-test takes.
const TEST_TIME: Duration = Duration::from_millis(500);
/// How long the network takes unless the script says otherwise.
const WORK_TIME: Duration = Duration::from_millis(300);

/// What a simulation is made with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that the script's files are named from.
    pub folder: PathBuf,
    /// The bundle that the first self-test opens.
    pub bundle: PathBuf,
    /// The screen.
    pub size: Size,
    /// Where the pictures of the screens go; none are drawn without.
    pub pictures: Option<PathBuf>,
    /// How long nobody may do anything.
    pub idle: Duration,
}

/// Why a simulation cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The script has a fault.
    #[error("the script cannot be followed")]
    Script(#[from] ScriptError),
    /// A photograph of the script cannot be used.
    #[error("line {line}: cannot use the photograph {}", path.display())]
    Photograph {
        /// The script's line.
        line: usize,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A language is not in this build.
    #[error("line {line}: the language cannot be used")]
    Language {
        /// The script's line.
        line: usize,
        /// Why.
        source: TextError,
    },
    /// A network fails while running.
    #[error("a network fails")]
    Engine(#[from] EngineError),
    /// A picture cannot be written.
    #[error("a picture of a screen cannot be written")]
    Picture(#[from] PngFileError),
    /// The transcript cannot be written.
    #[error("the transcript cannot be written")]
    Transcript(#[from] io::Error),
}

/// Follows a script to its end and writes what happened to `transcript`.
///
/// # Errors
/// At the first thing that the script asks for and that cannot be had. What goes wrong *inside* the session is part of
/// the transcript.
pub fn simulate(script: &str, options: Options, transcript: &mut dyn Write) -> Result<(), SimulateError> {
    let lines = script::parse(script)?;
    let mut simulation = Simulation::new(&lines, options, transcript)?;
    for line in &lines {
        simulation.follow(line)?;
    }
    simulation.say("end", "")
}

/// An answer that is under way.
enum Pending {
    SelfTest { generation: u64 },
    Look { number: FrameId, taken: Duration, frame: Arc<Frame>, kind: u64 },
    Judgement { generation: u64, judgement: Result<crate::session::Judgement, String> },
}

struct Simulation<'a> {
    options: Options,
    transcript: &'a mut dyn Write,
    now: Duration,
    step: u64,
    session: Session,
    pictures: Pictures,
    screener: Option<Screener>,
    line: Option<BundleLine>,
    camera: SimulatedCamera,
    stick: SimulatedStick,
    watching: bool,
    next_frame: u64,
    outcomes: BTreeMap<usize, Outcome>,
    unsaved: Option<String>,
    work: Duration,
    pending: Vec<(Duration, Pending)>,
    /// What was seen last, and in which picture.
    looked: Option<(u64, Sight, Option<FaceCrop>)>,
    light: Option<Light>,
    shown: String,
    drawn: usize,
    draw_changes: bool,
    texts: BTreeMap<String, Texts>,
    fonts: Fonts,
}

impl<'a> Simulation<'a> {
    /// Starts the session with the language that the script names before anything happens.
    fn new(lines: &[Line], options: Options, transcript: &'a mut dyn Write) -> Result<Self, SimulateError> {
        let language = lines.iter().find_map(|line| match &line.command {
            Command::Language(code) => Some((line.number, code.clone())),
            _ => None,
        });
        let mut texts = BTreeMap::new();
        if let Some((line, code)) = &language {
            let loaded = Texts::load(code).map_err(|source| SimulateError::Language { line: *line, source })?;
            texts.insert(code.clone(), loaded);
        }
        let settings = Settings {
            languages: languages().map(|(code, _)| code.to_owned()).collect(),
            language: language.map(|(_, code)| code),
            idle: options.idle,
            can_power_off: true,
            keeps_register: true,
        };
        let (session, effects) = Session::new(settings, Duration::ZERO);
        let mut simulation = Self {
            options,
            transcript,
            now: Duration::ZERO,
            step: 0,
            session,
            pictures: Pictures::default(),
            screener: None,
            line: None,
            camera: SimulatedCamera::default(),
            stick: SimulatedStick::default(),
            watching: false,
            next_frame: 1,
            outcomes: BTreeMap::new(),
            unsaved: None,
            work: WORK_TIME,
            pending: Vec::new(),
            looked: None,
            light: None,
            shown: String::new(),
            drawn: 0,
            draw_changes: !lines.iter().any(|line| matches!(line.command, Command::Picture(_))),
            texts,
            fonts: Fonts::embedded(),
        };
        simulation.perform(effects)?;
        simulation.note_changes()?;
        Ok(simulation)
    }

    fn follow(&mut self, line: &Line) -> Result<(), SimulateError> {
        if !matches!(line.command, Command::Wait(_) | Command::Picture(_) | Command::Language(_)) {
            self.say("script", &line.words)?;
        }
        match &line.command {
            Command::Language(_) => {}
            Command::Bundle(folder) => {
                self.options.bundle = self.options.folder.join(folder);
                (self.screener, self.line, self.looked) = (None, None, None);
            }
            Command::SelfTest(part, outcome) => {
                self.outcomes.insert(*part as usize, outcome.clone());
            }
            Command::Camera(seen) => {
                let photograph = |path: PathBuf| {
                    lakshan_vision::open(&path).map_err(|source| SimulateError::Photograph {
                        line: line.number,
                        path,
                        source,
                    })
                };
                self.camera.see(seen, &self.options.folder, photograph)?;
                if self.camera.is_lost() {
                    self.tell(Event::CameraLost)?;
                }
            }
            Command::Memory { low } => self.tell(Event::Memory { low: *low })?,
            Command::Unsaved(why) => self.unsaved = Some(why.clone()),
            Command::Work(time) => self.work = *time,
            Command::Stick(news) => {
                let event = self.stick.hold(news.clone());
                self.tell(event)?;
            }
            Command::Install(how) => self.stick.goes(how),
            Command::Broken(why) => self.tell(Event::PartFailed(why.clone()))?,
            Command::Press(button, press) => self.tell(Event::Press(*button, *press))?,
            Command::Touch { x, y } => {
                let screen = self.session.screen();
                let size = self.options.size;
                match touched(&screen, size, self.words()?, *x, *y) {
                    Some(action) => self.tell(Event::Touch(action))?,
                    None => self.say("touch", "nothing is there")?,
                }
            }
            Command::Wait(time) => {
                let end = self.now + *time;
                while self.now < end {
                    self.one_step(end)?;
                }
            }
            Command::Picture(name) => self.draw(name)?,
        }
        Ok(())
    }

    /// Time moves by one step, or to `end` if that is nearer.
    fn one_step(&mut self, end: Duration) -> Result<(), SimulateError> {
        self.now = (self.now + STEP).min(end);
        self.step += 1;
        let now = self.now;
        let (due, later) = std::mem::take(&mut self.pending).into_iter().partition(|(at, _)| *at <= now);
        self.pending = later;
        let due: Vec<(Duration, Pending)> = due;
        for (_, answer) in due {
            self.answer(answer)?;
        }
        if let Some(event) = self.stick.hear(now) {
            self.tell(event)?;
        }
        if self.step.is_multiple_of(2)
            && let Some((frame, kind)) = self.camera.next()
        {
            let (number, frame) = (FrameId(self.next_frame), Arc::new(frame));
            self.next_frame += 1;
            if self.watching {
                self.pictures.arrived(number, Arc::clone(&frame));
                self.pending.push((now + STEP, Pending::Look { number, taken: now, frame, kind }));
            }
            self.tell(Event::Frame { frame: number, taken: now })
        } else {
            self.tell(Event::Tick)
        }
    }

    fn answer(&mut self, answer: Pending) -> Result<(), SimulateError> {
        match answer {
            Pending::SelfTest { generation } => {
                let (checks, bundle) = self.self_test()?;
                self.tell(Event::SelfTested { generation, checks, bundle })
            }
            Pending::Look { number, taken, frame, kind } => {
                let Some(screener) = self.screener.as_ref().filter(|_| self.watching) else { return Ok(()) };
                // Minutes of the same picture are looked at once.
                let (sight, face) = match self.looked.take_if(|(looked, ..)| *looked == kind) {
                    Some((_, sight, face)) => (Sight { frame: number, taken, ..sight }, face),
                    None => screener.look(&frame, number, taken)?,
                };
                self.looked = Some((kind, sight, face.clone()));
                self.pictures.seen(number, face);
                self.tell(Event::Sight(sight))
            }
            Pending::Judgement { generation, judgement } => self.tell(Event::Judged { generation, judgement }),
        }
    }

    /// The bundle is really opened; what the script says of the other parts holds.
    fn self_test(&mut self) -> Result<SelfTested, SimulateError> {
        let opened = match &self.screener {
            Some(_) => Ok(()),
            None => self.open_bundle()?,
        };
        let mut checks = Vec::new();
        for part in Part::ALL {
            let scripted = self.outcomes.get(&(part as usize)).cloned();
            let outcome = match (part, &opened) {
                (Part::Bundle, Ok(())) => Outcome::Passed,
                (Part::Bundle, Err(why)) => Outcome::Failed(why.clone()),
                (Part::KnownPhotograph, Err(_)) => Outcome::Skipped("there is no bundle".to_owned()),
                (Part::Camera, _) if scripted.is_none() && self.camera.is_lost() => {
                    Outcome::Failed("there is no camera".to_owned())
                }
                _ => scripted.unwrap_or(Outcome::Passed),
            };
            checks.push(Check { part, outcome });
        }
        let bundle = opened.map(|()| {
            let screener = self.screener.as_ref().expect("it was opened");
            Box::new(screener.opened(Some("simulated from photographs".to_owned())))
        });
        Ok((checks, bundle))
    }

    /// `Err` inside `Ok` is a bundle that is refused, in words.
    fn open_bundle(&mut self) -> Result<Result<(), String>, SimulateError> {
        let bundle: Result<Bundle, BundleError> = Bundle::open(&self.options.bundle);
        match bundle {
            Ok(bundle) => {
                let screener = Screener::new(bundle)?;
                self.line = Some(BundleLine::from(screener.bundle().manifest()));
                self.screener = Some(screener);
                Ok(Ok(()))
            }
            Err(error) => {
                self.line = None;
                Ok(Err(report::in_one_line(&error)))
            }
        }
    }

    fn tell(&mut self, event: Event) -> Result<(), SimulateError> {
        let effects = self.session.handle(event, self.now);
        self.perform(effects)?;
        self.note_changes()
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), SimulateError> {
        for effect in effects {
            if !matches!(effect, Effect::Watch(_)) {
                self.say("does", &transcript::effect(&effect))?;
            }
            match effect {
                Effect::SelfTest { generation } => {
                    self.pending.push((self.now + TEST_TIME, Pending::SelfTest { generation }));
                }
                Effect::Watch(on) => {
                    self.watching = on;
                    if !on {
                        self.pictures.look_away();
                    }
                }
                Effect::Keep(number) => self.pictures.keep(number),
                Effect::Judge { generation, frames } => {
                    let faces = self.pictures.to_judge(&frames);
                    let screener = self.screener.as_ref();
                    let judgement = match screener {
                        Some(screener) => screener.judge(&faces).map_err(|error| error.to_string()),
                        None => Err("there is no bundle".to_owned()),
                    };
                    self.pending.push((self.now + self.work, Pending::Judgement { generation, judgement }));
                }
                Effect::Wipe => self.pictures.wipe(),
                Effect::SaveLanguage(_) => {
                    if let Some(why) = self.unsaved.take() {
                        let told = self.session.handle(Event::NotSaved(why), self.now);
                        self.perform(told)?;
                    }
                }
                Effect::Install { generation } => self.stick.begin(Job::Install, generation, self.now),
                Effect::SaveRegister { generation } => self.stick.begin(Job::SaveRegister, generation, self.now),
                Effect::StopStick => self.stick.stop(),
                Effect::Restart | Effect::PowerOff => {}
            }
        }
        Ok(())
    }

    /// Writes what has changed on the screen and the light.
    fn note_changes(&mut self) -> Result<(), SimulateError> {
        let screen = self.session.screen();
        let words = transcript::screen(&screen, self.session.language());
        if words != self.shown {
            self.say("screen", &words)?;
            self.shown = words;
            if self.draw_changes {
                self.drawn += 1;
                let name = format!("{:03}-{}", self.drawn, screen.id());
                self.draw(&name)?;
            }
        }
        let light = self.session.light();
        if self.light != Some(light) {
            self.light = Some(light);
            self.say("light", transcript::light(light))?;
        }
        Ok(())
    }

    /// Draws the screen as it is now, if pictures are asked for.
    fn draw(&mut self, name: &str) -> Result<(), SimulateError> {
        let Some(folder) = self.options.pictures.clone() else { return Ok(()) };
        self.words()?;
        let screen = self.session.screen();
        let scene = Scene {
            screen: &screen,
            bundle: self.line.as_ref(),
            picture: self.pictures.live(self.session.picture(self.now)),
            face: self.pictures.face(self.session.thumbnail()),
        };
        let texts = &self.texts[self.session.language()];
        let pixels = render(&scene, self.options.size, texts, &mut self.fonts);
        png_file::write(&to_frame(&pixels), &folder.join(format!("{name}.png")))?;
        Ok(())
    }

    /// The words of the session's language, loaded once.
    fn words(&mut self) -> Result<&Texts, SimulateError> {
        let code = self.session.language().to_owned();
        if !self.texts.contains_key(&code) {
            let texts = Texts::load(&code).map_err(|source| SimulateError::Language { line: 0, source })?;
            self.texts.insert(code.clone(), texts);
        }
        Ok(&self.texts[&code])
    }

    fn say(&mut self, what: &str, words: &str) -> Result<(), SimulateError> {
        Ok(writeln!(self.transcript, "{}", transcript::line(self.now, what, words))?)
    }
}

type SelfTested = (Vec<Check>, Result<Box<crate::session::OpenedBundle>, String>);
