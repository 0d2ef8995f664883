//! The loop with its real threads and networks, and with parts that the test plays.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU8, AtomicUsize};
use std::time::Instant;

use tiny_skia::Pixmap;

use super::*;
use crate::parts::{Button, CameraFault, Press, WallTime};
use crate::screen::StickScreen;
use crate::screen::{Fault, Size};
use crate::self_test::{Outcome, Part};
use crate::sticks::{Kind, News, Offer, Reason, Refused, Step};

const GIVES: u8 = 0;
const LOST: u8 = 1;
const PANICS: u8 = 2;
const SILENT: u8 = 3;

/// A camera that sees one photograph, thirty times a second.
struct OnePhotograph {
    frame: Frame,
    mode: Arc<AtomicU8>,
}

impl Camera for OnePhotograph {
    fn next(&mut self, timeout: Duration) -> Result<Frame, CameraFault> {
        std::thread::sleep(Duration::from_millis(33).min(timeout));
        match self.mode.load(Ordering::Relaxed) {
            GIVES => Ok(self.frame.clone()),
            LOST => Err(CameraFault::Lost("unplugged".into())),
            SILENT => Err(CameraFault::TimedOut),
            _ => {
                // Once: its successor works.
                self.mode.store(GIVES, Ordering::Relaxed);
                panic!("the camera's driver has a fault, as the test wants it")
            }
        }
    }

    fn describe(&self) -> String {
        "one photograph".into()
    }
}

struct Nowhere(Rc<RefCell<usize>>);

impl Display for Nowhere {
    fn size(&self) -> Size {
        Size::DEVICE
    }

    fn show(&mut self, _: &Pixmap) -> Result<(), DisplayError> {
        *self.0.borrow_mut() += 1;
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Fingers(Rc<RefCell<VecDeque<InputEvent>>>);

impl Input for Fingers {
    fn poll(&mut self, _: Duration) -> Result<Vec<InputEvent>, InputError> {
        Ok(self.0.borrow_mut().drain(..).collect())
    }
}

struct Since(Instant);

impl Clock for Since {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn wall(&self) -> WallTime {
        WallTime { unix_seconds: 0, verified: false }
    }
}

/// A stick with one update.
struct OneUpdate {
    told: bool,
}

impl Sticks for OneUpdate {
    fn look(&mut self) -> Option<News> {
        let [name, version, signer] = ["network", "2", "clinic.pub"].map(str::to_owned);
        let offer = Offer { kind: Kind::Bundle, name, version, signer };
        (!std::mem::replace(&mut self.told, true)).then_some(News { plugged: true, update: Some(Ok(offer)) })
    }

    fn install(&mut self, told: &mut dyn FnMut(Step) -> bool) -> Result<Kind, Refused> {
        for step in [Step::Copying(1), Step::Copying(99), Step::Testing] {
            if !told(step) {
                return Err(Refused { reason: Reason::Device, details: "stopped".into() });
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(Kind::Bundle)
    }

    fn save_register(&mut self) -> Result<usize, Refused> {
        panic!("the stick's driver has a fault, as the test wants it")
    }
}

/// The loop, and the strings that the test pulls.
struct Stage {
    device: DeviceLoop,
    mode: Arc<AtomicU8>,
    fingers: Fingers,
    drawings: Rc<RefCell<usize>>,
    saved: Rc<RefCell<Vec<String>>>,
    recorded: Rc<RefCell<Vec<String>>>,
    opened: Arc<AtomicUsize>,
}

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

impl Stage {
    fn new(photograph: &str) -> Self {
        Self::with(photograph, None)
    }

    fn with(photograph: &str, sticks: Option<Box<dyn Sticks>>) -> Self {
        let mode = Arc::new(AtomicU8::new(GIVES));
        let opened = Arc::new(AtomicUsize::new(0));
        let (fingers, drawings) = (Fingers::default(), Rc::default());
        let saved: Rc<RefCell<Vec<String>>> = Rc::default();
        let frame = lakshan_vision::open(project(photograph)).unwrap();
        let (camera_mode, times) = (Arc::clone(&mode), Arc::clone(&opened));
        let keep = Rc::clone(&saved);
        let recorded: Rc<RefCell<Vec<String>>> = Rc::default();
        let record = Rc::clone(&recorded);
        let parts = Parts {
            camera: Box::new(move || {
                times.fetch_add(1, Ordering::Relaxed);
                Ok(Box::new(OnePhotograph { frame: frame.clone(), mode: Arc::clone(&camera_mode) }))
            }),
            display: Box::new(Nowhere(Rc::clone(&drawings))),
            input: Box::new(fingers.clone()),
            indicator: None,
            clock: Box::new(Since(Instant::now())),
            test: Box::new(|tested: Tested<'_>| {
                let camera = tested.camera.settled(Duration::from_secs(20));
                assert_eq!(camera.description.as_deref(), Some("one photograph"));
                let bundle = match tested.screener {
                    Ok(_) => Outcome::Passed,
                    Err(why) => Outcome::Failed(why.to_owned()),
                };
                vec![Check { part: Part::Bundle, outcome: bundle }]
            }),
            bundle: Box::new(|| {
                let bundle = lakshan_engine::Bundle::open(project("models/demo")).map_err(|error| error.to_string())?;
                Screener::new(bundle).map_err(|error| error.to_string())
            }),
            record: Box::new(move |finding, bundle| {
                record.borrow_mut().push(format!("{} {}", bundle.name, finding.kind()));
            }),
            save_language: Box::new(move |code| {
                keep.borrow_mut().push(code.to_owned());
                Ok(())
            }),
            witness: None,
            memory: Box::new(|| None),
            sticks,
        };
        let settings = Settings {
            languages: vec!["en".into()],
            language: None,
            idle: Duration::from_secs(600),
            can_power_off: true,
            keeps_register: true,
        };
        let device = DeviceLoop::new(parts, settings).unwrap();
        Self { device, mode, fingers, drawings, saved, recorded, opened }
    }

    /// Turns until the screen is as wanted.
    #[track_caller]
    fn until(&mut self, what: &str, is_so: impl Fn(&Screen) -> bool) -> Screen {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let screen = self.device.session.screen();
            if is_so(&screen) {
                return screen;
            }
            assert!(Instant::now() < end, "not {what}, but {screen:?}");
            assert_eq!(self.device.turn().unwrap(), None);
        }
    }

    /// Presses when the screen has settled.
    fn press(&mut self, button: Button) {
        let end = Instant::now() + crate::session::SETTLE + Duration::from_millis(50);
        while Instant::now() < end {
            self.device.turn().unwrap();
        }
        self.fingers.0.borrow_mut().push_back(InputEvent::Button(button, Press::Short));
        self.device.turn().unwrap();
    }

    fn go_to_aim(&mut self) {
        self.until("tested", |screen| matches!(screen, Screen::Language { .. }));
        self.press(Button::Capture);
        self.until("consent", |screen| matches!(screen, Screen::Consent { .. }));
        self.press(Button::Menu);
        self.press(Button::Capture);
        self.until("aiming", |screen| matches!(screen, Screen::Aim(_)));
    }
}

#[test]
fn a_whole_session_gives_the_finding_of_classify_and_leaves_nothing() {
    let mut stage = Stage::new("models/samples/down-2.jpg");
    stage.go_to_aim();
    assert_eq!(*stage.saved.borrow(), ["en"]);
    let Screen::Result(result) = stage.until("a result", |screen| matches!(screen, Screen::Result(_))) else {
        unreachable!()
    };
    // The same picture five times has the same mean: the answer is that of one photograph.
    let screener =
        crate::screening::Screener::new(lakshan_engine::Bundle::open(project("models/demo")).unwrap()).unwrap();
    let frame = lakshan_vision::open(project("models/samples/down-2.jpg")).unwrap();
    let expected = screener.screen(&frame).unwrap().finding;
    assert_eq!(format!("{:?}", result.finding), format!("{expected:?}"));
    assert_eq!(expected.kind(), "resembles");
    assert_eq!(*stage.recorded.borrow(), ["demo resembles"], "one result is one encounter");
    stage.device.turn().unwrap();
    assert!(stage.device.pictures.face(stage.device.session.thumbnail()).is_some(), "the face stands beside it");

    stage.press(Button::Menu);
    stage.press(Button::Capture);
    stage.until("the next patient", |screen| matches!(screen, Screen::Consent { .. }));
    assert!(stage.device.pictures.is_empty());
    let drawn = *stage.drawings.borrow();
    for _ in 0..20 {
        stage.device.turn().unwrap();
    }
    assert_eq!(*stage.drawings.borrow(), drawn, "what does not change is not drawn again");
}

#[test]
fn a_lost_camera_takes_its_picture_with_it_and_comes_back() {
    for fault in [LOST, SILENT] {
        let mut stage = Stage::new("models/samples/negative-1.jpg");
        // Too dark would do as well; without a face nothing takes itself.
        stage.go_to_aim();
        stage.mode.store(fault, Ordering::Relaxed);
        stage.until("lost", |screen| matches!(screen, Screen::Fault(Fault::CameraLost)));
        assert!(stage.device.session.picture(stage.device.clock.now()).is_none());
        stage.mode.store(GIVES, Ordering::Relaxed);
        stage.until("back", |screen| matches!(screen, Screen::Aim(_)));
        assert_eq!(stage.opened.load(Ordering::Relaxed), 1, "this camera re-opens by itself");
    }
}

#[test]
fn an_update_is_installed_from_a_stick_and_ends_the_loop_for_a_new_start() {
    let mut stage = Stage::with("models/samples/down-2.jpg", Some(Box::new(OneUpdate { told: false })));
    stage.until("tested", |screen| matches!(screen, Screen::Language { .. }));
    stage.press(Button::Capture);
    stage.press(Button::Back);
    let asked = |screen: &Screen| matches!(screen, Screen::Stick(StickScreen::Found { .. }));
    stage.until("asked", asked);
    stage.press(Button::Menu);
    stage.press(Button::Capture);
    stage.until("testing", |screen| matches!(screen, Screen::Stick(StickScreen::Installing(Step::Testing))));
    stage.until("installed", |screen| matches!(screen, Screen::Stick(StickScreen::Installed(Kind::Bundle))));
    stage.press(Button::Capture);
    assert_eq!(stage.device.ended, Some(Ended::Restart));
}

#[test]
fn a_stick_that_is_not_wanted_any_more_is_let_go_and_its_panic_is_a_fault() {
    let mut stage = Stage::with("models/samples/down-2.jpg", Some(Box::new(OneUpdate { told: true })));
    stage.until("tested", |screen| matches!(screen, Screen::Language { .. }));
    let outcomes = |stage: &mut Stage| {
        let mut told = Vec::new();
        while let Ok(message) = stage.device.messages.recv_timeout(Duration::from_secs(2)) {
            match message {
                Message::Stick(Event::Installed { outcome, .. }) => told.push(outcome),
                Message::Stick(Event::InstallStep { step: Step::Copying(1), .. }) => stage.device.sticks.stop(),
                Message::Fell(thread) => {
                    assert_eq!(thread, Thread::Sticks);
                    stage.device.take(Message::Fell(thread)).unwrap();
                    return told;
                }
                _ => {}
            }
        }
        told
    };
    stage.device.sticks.give(stick_thread::Job::Install { generation: 1 });
    let told = outcomes(&mut stage);
    assert!(matches!(told.as_slice(), [Err(refused)] if refused.details == "stopped"), "{told:?}");
    stage.device.sticks.give(stick_thread::Job::SaveRegister { generation: 2 });
    assert!(outcomes(&mut stage).is_empty());
    stage.until("the fault", |screen| matches!(screen, Screen::Fault(Fault::Internal(_))));
    // The new thread works.
    stage.device.sticks.give(stick_thread::Job::Install { generation: 3 });
    assert!(!outcomes(&mut stage).is_empty());
}

#[test]
fn a_thread_that_panics_is_a_fault_and_starts_again() {
    let mut stage = Stage::new("models/samples/down-2.jpg");
    stage.go_to_aim();
    stage.mode.store(PANICS, Ordering::Relaxed);
    let is_internal = |screen: &Screen| matches!(screen, Screen::Fault(Fault::Internal(_)));
    stage.until("the fault", is_internal);
    assert!(stage.device.pictures.is_empty());
    stage.press(Button::Capture);
    stage.until("tested again", |screen| matches!(screen, Screen::Start { checks } if !checks.is_empty()));
    stage.press(Button::Capture);
    stage.press(Button::Menu);
    stage.press(Button::Capture);
    stage.until("a result", |screen| matches!(screen, Screen::Result(_)));
    assert_eq!(stage.opened.load(Ordering::Relaxed), 2, "opened again");
}

#[test]
fn what_falls_again_and_again_ends_the_loop() {
    let mut stage = Stage::new("models/samples/down-2.jpg");
    let end = Instant::now() + Duration::from_secs(120);
    let error = loop {
        stage.mode.store(PANICS, Ordering::Relaxed);
        match stage.device.turn() {
            Ok(_) => assert!(Instant::now() < end, "it goes on for ever"),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, LoopError::Falls(part) if part.contains("camera")), "{error}");
}

#[test]
fn it_ends_when_asked() {
    let mut stage = Stage::new("models/samples/down-2.jpg");
    let stop = AtomicBool::new(false);
    let mut turns = 0;
    let ended = stage.device.run(&stop, &mut || {
        turns += 1;
        stop.store(turns == 3, Ordering::Relaxed);
    });
    assert_eq!((ended.unwrap(), turns), (Ended::Asked, 3));
    stage.fingers.0.borrow_mut().push_back(InputEvent::Quit);
    assert_eq!(stage.device.run(&AtomicBool::new(false), &mut || {}).unwrap(), Ended::Asked);
}
