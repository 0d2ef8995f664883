//! A session with everything around it played by the test.

use std::collections::BTreeSet;
use std::time::Duration;

use lakshan_core::quality::QualityMeasures;
use lakshan_core::{Finding, Logits, Point, Resemblance, RetakeReason, Syndrome};
use lakshan_vision::DEFAULT_THRESHOLDS;

use crate::parts::{Button, Press};
use crate::screen::{AboutLines, Action, FaceBox, Fault, Screen};
use crate::self_test::{Check, Outcome, Part};
use crate::session::{Effect, Event, FrameId, Judgement, OpenedBundle, SeenFace, Session, Settings, Sight};
use crate::sticks::{Kind, Offer, Reason, Refused};

pub(super) const IDLE: Duration = Duration::from_secs(20);

/// A session, its time, and what it is waiting for.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) session: Session,
    pub(super) now: Duration,
    pub(super) frame: u64,
    pub(super) tests: Vec<u64>,
    pub(super) judgements: Vec<u64>,
    /// Faces kept since the last wipe.
    pub(super) kept: BTreeSet<FrameId>,
    /// The judgement that was asked for last, if nothing was wiped since.
    pub(super) asked: Option<u64>,
    pub(super) wipes: usize,
    pub(super) saved: Vec<String>,
    pub(super) off: bool,
    /// What was asked for last of a stick.
    pub(super) stick_job: Option<u64>,
    pub(super) restarts: usize,
}

/// Measures that pass every threshold.
pub(super) fn good() -> QualityMeasures {
    QualityMeasures {
        inter_eye_px: 80.0,
        inside_fraction: 1.0,
        mean_luma: 120.0,
        burnt_fraction: 0.0,
        sharpness: 0.5,
        yaw_deg: 0.0,
        roll_deg: 0.0,
    }
}

pub(super) fn passed() -> Vec<Check> {
    Part::ALL.map(|part| Check { part, outcome: Outcome::Passed }).to_vec()
}

/// All passed, but for this part.
pub(super) fn all_but(part: Part, outcome: Outcome) -> Vec<Check> {
    let mut checks = passed();
    for check in checks.iter_mut().filter(|check| check.part == part) {
        check.outcome = outcome.clone();
    }
    checks
}

pub(super) fn bundle() -> Result<Box<OpenedBundle>, String> {
    let about = AboutLines { version: "1".into(), bundle: None, camera: None, model_card: String::new() };
    Ok(Box::new(OpenedBundle { thresholds: DEFAULT_THRESHOLDS, about }))
}

/// An update on a stick.
pub(super) fn offer() -> Offer {
    let [name, version, signer] = ["network", "2", "clinic.pub"].map(str::to_owned);
    Offer { kind: Kind::Bundle, name, version, signer }
}

pub(super) fn refused(reason: Reason) -> Refused {
    Refused { reason, details: "as the test wants it".to_owned() }
}

/// A judgement that can be told from every other by its probability.
pub(super) fn judgement(generation: u64) -> Judgement {
    let probability = generation as f32 / 1e6;
    Judgement {
        finding: Finding::Resembles(vec![Resemblance { class: Syndrome::Down, probability }]),
        probabilities: Some(Logits::new([0.0; 12]).unwrap().probabilities(1.0)),
    }
}

impl Stage {
    /// Before the first self-test has answered.
    pub(super) fn new(language: Option<&str>) -> Self {
        let settings = Settings {
            languages: ["en", "hi", "ta"].map(str::to_owned).to_vec(),
            language: language.map(str::to_owned),
            idle: IDLE,
            can_power_off: true,
            keeps_register: true,
        };
        let (session, effects) = Session::new(settings, Duration::ZERO);
        let mut stage = Self {
            session,
            now: Duration::ZERO,
            frame: 0,
            tests: Vec::new(),
            judgements: Vec::new(),
            kept: BTreeSet::new(),
            asked: None,
            wipes: 0,
            saved: Vec::new(),
            off: false,
            stick_job: None,
            restarts: 0,
        };
        stage.note(&effects);
        stage
    }

    /// At its start, tested, with a language.
    pub(super) fn ready() -> Self {
        let mut stage = Self::new(Some("en"));
        stage.test(passed(), bundle());
        stage.wait(1000);
        stage
    }

    /// Aiming.
    pub(super) fn aiming() -> Self {
        let mut stage = Self::ready();
        stage.capture();
        stage.touch(Action::Choose(0));
        assert!(matches!(stage.screen(), Screen::Aim(_)), "{:?}", stage.screen());
        stage
    }

    /// With a result of this patient.
    pub(super) fn judged() -> Self {
        let mut stage = Self::working();
        let generation = stage.judgements[0];
        stage.tell(Event::Judged { generation, judgement: Ok(judgement(generation)) });
        assert!(matches!(stage.screen(), Screen::Result(_)), "{:?}", stage.screen());
        stage
    }

    /// While the network computes.
    pub(super) fn working() -> Self {
        let mut stage = Self::aiming();
        stage.see_good(40);
        assert_eq!(stage.screen(), Screen::Working);
        stage
    }

    pub(super) fn screen(&self) -> Screen {
        self.session.screen()
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        match self.screen() {
            Screen::Fault(fault) => Some(fault),
            _ => None,
        }
    }

    pub(super) fn tell(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.session.handle(event, self.now);
        self.note(&effects);
        effects
    }

    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::SelfTest { generation } => self.tests.push(*generation),
                Effect::Keep(frame) => drop(self.kept.insert(*frame)),
                Effect::Judge { generation, frames } => {
                    assert!((1..=5).contains(&frames.len()), "{frames:?}");
                    assert!(frames.iter().all(|frame| self.kept.contains(frame)), "{frames:?} of {:?}", self.kept);
                    self.judgements.push(*generation);
                    self.asked = Some(*generation);
                }
                Effect::Wipe => {
                    self.kept.clear();
                    self.asked = None;
                    self.wipes += 1;
                }
                Effect::SaveLanguage(code) => self.saved.push(code.clone()),
                Effect::PowerOff => self.off = true,
                Effect::Install { generation } | Effect::SaveRegister { generation } => {
                    assert!(!self.session.knows_a_patient(), "with a patient");
                    self.stick_job = Some(*generation);
                }
                Effect::StopStick => self.stick_job = None,
                Effect::Restart => self.restarts += 1,
                Effect::Watch(_) => {}
            }
        }
    }

    /// Time passes without anything else.
    pub(super) fn wait(&mut self, milliseconds: u64) -> Vec<Effect> {
        self.now += Duration::from_millis(milliseconds);
        self.tell(Event::Tick)
    }

    /// A press, half a second after what was before.
    pub(super) fn press(&mut self, button: Button, press: Press) {
        self.now += Duration::from_millis(500);
        self.tell(Event::Press(button, press));
    }

    pub(super) fn capture(&mut self) {
        self.press(Button::Capture, Press::Short);
    }

    pub(super) fn back(&mut self) {
        self.press(Button::Back, Press::Short);
    }

    pub(super) fn menu(&mut self) {
        self.press(Button::Menu, Press::Short);
    }

    pub(super) fn touch(&mut self, action: Action) {
        self.now += Duration::from_millis(500);
        self.tell(Event::Touch(action));
    }

    /// Answers the self-test that was asked for last.
    pub(super) fn test(&mut self, checks: Vec<Check>, bundle: Result<Box<OpenedBundle>, String>) {
        if let Some(generation) = self.tests.pop() {
            self.now += Duration::from_millis(300);
            self.tell(Event::SelfTested { generation, checks, bundle });
        }
    }

    /// A picture, 100 ms after what was before.
    pub(super) fn frame(&mut self) -> FrameId {
        self.now += Duration::from_millis(100);
        self.frame += 1;
        let frame = FrameId(self.frame);
        self.tell(Event::Frame { frame, taken: self.now });
        frame
    }

    /// A picture with a face, and what is seen in it.
    pub(super) fn see(&mut self, measures: QualityMeasures) {
        self.see_at(measures, (300.0, 200.0));
    }

    /// The same with the eyes somewhere else.
    pub(super) fn see_at(&mut self, measures: QualityMeasures, (x, y): (f32, f32)) {
        let frame = self.frame();
        let face = SeenFace {
            bounds: FaceBox { x: 0.3, y: 0.3, width: 0.3, height: 0.3 },
            eyes: Point { x, y },
            inter_eye_px: measures.inter_eye_px,
        };
        let verdict = DEFAULT_THRESHOLDS.first_fault(&measures).map_or(Ok(()), Err);
        self.tell(Event::Sight(Sight {
            frame,
            taken: self.now,
            verdict,
            measures: Some(measures),
            face: Some(face),
            unevenness: Some(0.1),
        }));
    }

    /// A picture without a face.
    pub(super) fn see_nothing(&mut self) {
        let frame = self.frame();
        let verdict = Err(RetakeReason::NoFace);
        self.tell(Event::Sight(Sight {
            frame,
            taken: self.now,
            verdict,
            measures: None,
            face: None,
            unevenness: None,
        }));
    }

    /// Good pictures until the screen is another one, at most so many.
    pub(super) fn see_good(&mut self, count: usize) {
        for _ in 0..count {
            if !matches!(self.screen(), Screen::Aim(_) | Screen::Capture { .. }) {
                return;
            }
            self.see(good());
        }
    }
}
