//! One scene of every kind, with long words and a drawn face: for the gallery, the golden pictures and the tests of fit.

use lakshan_core::{FaceCrop, Finding, Frame, Logits, Resemblance, RetakeReason, Syndrome, preprocess};

use super::{
    AboutLines, AimScreen, AllClassesScreen, BundleLine, FaceBox, Fault, Guidance, MenuItem, ResultScreen, Scene,
    Screen, StickScreen,
};
use crate::self_test::{Check, Outcome, Part};
use crate::sticks::{Kind, Offer, Reason, Refused, Step};

/// A screen, and what is around it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its name, also that of its golden picture.
    pub name: String,
    /// The screen.
    pub screen: Screen,
    /// The live picture.
    pub picture: Option<Frame>,
    /// The judged face.
    pub face: Option<FaceCrop>,
    /// The bundle; none before one is open.
    pub bundle: Option<BundleLine>,
}

impl Sample {
    /// As [`super::render`] wants it.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            screen: &self.screen,
            bundle: self.bundle.as_ref(),
            picture: self.picture.as_ref(),
            face: self.face.as_ref(),
        }
    }
}

/// The bundle line of the samples.
pub fn bundle() -> BundleLine {
    let statement =
        "450 synthetic subjects of each class and 1800 negatives, 1 photograph each; no real person".to_owned();
    BundleLine { name: "demo".to_owned(), version: "2026.11.24".to_owned(), statement, synthetic: true }
}

/// A face-like drawing in a room, 16:9: samples hold no person.
pub fn picture() -> Frame {
    drawing(640, 360, (330.0, 170.0), 110.0)
}

/// The same face as the network would see it.
pub fn face() -> FaceCrop {
    let side = preprocess::SIZE as u32;
    FaceCrop::new(drawing(side, side, (112.0, 112.0), 82.0)).expect("the size of a crop")
}

/// Every kind of screen.
pub fn all() -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut add = |name: &str, screen: Screen| {
        let live = matches!(screen, Screen::Aim(_) | Screen::Capture { .. });
        let judged =
            matches!(&screen, Screen::Result(result) if result.finding != Finding::Retake(RetakeReason::NoFace));
        let early = matches!(screen, Screen::Language { .. })
            || matches!(&screen, Screen::Start { checks } if checks.is_empty());
        samples.push(Sample {
            name: name.to_owned(),
            screen,
            picture: live.then(picture),
            face: judged.then(face),
            bundle: (!early).then(bundle),
        });
    };
    add("start", Screen::Start { checks: Vec::new() });
    add("start-tested", Screen::Start { checks: checks() });
    add("language", Screen::Language { selected: 1 });
    add("consent", Screen::Consent { selected: false });
    add("consent-yes", Screen::Consent { selected: true });
    for guidance in Guidance::ALL {
        let face = FaceBox { x: 0.36, y: 0.16, width: 0.31, height: 0.62 };
        let good = guidance == Guidance::Good;
        let face = (guidance != Guidance::NoFace).then_some(face);
        let aim = AimScreen { guidance, face, steady: if good { 0.6 } else { 0.0 } };
        add(&format!("aim-{}", guidance.id()), Screen::Aim(aim));
    }
    add("capture", Screen::Capture { taken: 2, wanted: 5 });
    add("working", Screen::Working);
    let resembles = |classes: &[(Syndrome, f32)]| {
        let found = classes.iter().map(|(class, probability)| Resemblance { class: *class, probability: *probability });
        Screen::Result(ResultScreen { finding: Finding::Resembles(found.collect()) })
    };
    add("result-one", resembles(&[(Syndrome::Down, 0.91)]));
    add("result-two", resembles(&[(Syndrome::HutchinsonGilford, 0.61), (Syndrome::Williams, 0.3)]));
    let three = [(Syndrome::CorneliaDeLange, 0.4), (Syndrome::Deletion22q11, 0.3), (Syndrome::HutchinsonGilford, 0.2)];
    add("result-three", resembles(&three));
    add("result-not-clear", Screen::Result(ResultScreen { finding: Finding::NotClear }));
    add("result-no-match", Screen::Result(ResultScreen { finding: Finding::NoMatch }));
    for reason in RetakeReason::ALL {
        let finding = Finding::Retake(reason);
        add(&format!("result-retake-{reason}"), Screen::Result(ResultScreen { finding }));
    }
    let mut values = [-3.0; Syndrome::COUNT];
    (values[4], values[11], values[5]) = (3.0, 2.2, 0.5);
    let probabilities = Logits::new(values).expect("finite").probabilities(1.0);
    let named = vec![Syndrome::Down, Syndrome::Williams];
    add("all-classes", Screen::AllClasses(AllClassesScreen { probabilities, named }));
    for class in Syndrome::ALL {
        add(&format!("doctors-{class}"), Screen::DoctorsLookFor { class, page: 0 });
    }
    add("doctors-cdl-2", Screen::DoctorsLookFor { class: Syndrome::CorneliaDeLange, page: 1 });
    add("red-flags", Screen::RedFlags);
    add("menu", Screen::Menu { items: MenuItem::ALL.to_vec(), selected: 2 });
    for page in 0..3 {
        add(&format!("about-{}", page + 1), Screen::About { page, lines: about() });
    }
    for stick in sticks() {
        let name = match &stick {
            StickScreen::Found { offer, .. } => format!("update-found-{}", offer.kind.id()),
            StickScreen::Installing(Step::Testing) => "installing-testing".to_owned(),
            StickScreen::Refused(refused) => format!("refused-{}", refused.reason.id()),
            _ => Screen::Stick(stick.clone()).id().to_owned(),
        };
        add(&name, Screen::Stick(stick));
    }
    for fault in faults() {
        add(&format!("fault-{}", fault.id()), Screen::Fault(fault));
    }
    samples
}

fn checks() -> Vec<Check> {
    let outcome = |part| match part {
        Part::Clock => Outcome::Warned("nobody vouches for the time".to_owned()),
        Part::Light => Outcome::Skipped("no light in the configuration".to_owned()),
        Part::Camera => Outcome::Failed("no picture within 5 s".to_owned()),
        _ => Outcome::Passed,
    };
    Part::ALL.map(|part| Check { part, outcome: outcome(part) }).to_vec()
}

fn sticks() -> Vec<StickScreen> {
    let offer = |kind, name: &str| {
        let (name, version, signer) = (name.to_owned(), "2026.11.24".to_owned(), "district-hospital.pub".to_owned());
        Offer { kind, name, version, signer }
    };
    let details = "the bundle is refused: the signature does not hold: it is signed with a key that this device does not \
                   trust; it trusts clinic.pub, district-hospital.pub";
    let refused = |reason| Refused { reason, details: details.to_owned() };
    let mut sticks = vec![
        StickScreen::Found { offer: offer(Kind::Bundle, "clinic-network"), selected: false },
        StickScreen::Found { offer: offer(Kind::Program, "edge-app"), selected: true },
        StickScreen::Installing(Step::Copying(64)),
        StickScreen::Installing(Step::Testing),
        StickScreen::Installed(Kind::Bundle),
    ];
    let of_updates = Reason::ALL.into_iter().filter(|reason| *reason != Reason::Stick);
    sticks.extend(of_updates.map(|reason| StickScreen::Refused(refused(reason))));
    sticks.extend([StickScreen::Saving, StickScreen::Saved { rows: 1204 }]);
    sticks.push(StickScreen::NotSaved(refused(Reason::Stick)));
    sticks
}

fn faults() -> Vec<Fault> {
    let why = "model.onnx: SHA-256 is a2d1ad5d0268f0ff, the manifest says 539c8f17cff93d34763db12918e7be80".to_owned();
    vec![
        Fault::CameraLost,
        Fault::CameraMissing,
        Fault::BundleRefused(why),
        Fault::SelfTestFailed(checks()),
        Fault::LowMemory,
        Fault::Storage("/var/lib/lakshan: no space left on device".to_owned()),
        Fault::Internal("the thread of the network ended".to_owned()),
    ]
}

fn about() -> AboutLines {
    let card = "# Model card: demo 2026.11.24\n\n> **Trained on synthetic faces; no clinical accuracy.**\n\nA ResNet-50 that says \
                which of twelve genetic syndromes a face resembles, or that it resembles none, or that it is not clear. It \
                shows a sign, never a diagnosis.\n\n## Intended use\n\nTo check that the whole pipeline works. Not for any \
                use on patients.\n\n- By health workers, for a child who is already of concern.\n- Not for ruling anything \
                out: the absence of a facial sign shows nothing.\n\n## Figures\n\n| figure | value |\n|---|---|\n| top-1 | \
                95.6 % |\n";
    AboutLines {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bundle: Some(bundle()),
        camera: Some("HD Webcam (/dev/video0), 1280x720 MJPG".to_owned()),
        model_card: card.to_owned(),
    }
}

/// Flat colours: head, hair, eyes, mouth and shoulders before a wall with a window.
fn drawing(width: u32, height: u32, (cx, cy): (f32, f32), high: f32) -> Frame {
    let inside = |x: f32, y: f32, dx: f32, dy: f32, rx: f32, ry: f32| {
        let (x, y) = ((x - cx) / high - dx, (y - cy) / high - dy);
        (x / rx).powi(2) + (y / ry).powi(2) <= 1.0
    };
    let pixel = |x: f32, y: f32| -> [u8; 3] {
        if inside(x, y, -0.33, -0.18, 0.1, 0.06) || inside(x, y, 0.33, -0.18, 0.1, 0.06) {
            [40, 28, 22]
        } else if inside(x, y, 0.0, 0.55, 0.26, 0.07) {
            [150, 70, 66]
        } else if inside(x, y, 0.06, 0.18, 0.09, 0.12) {
            [160, 112, 84]
        } else if inside(x, y, 0.0, 0.04, 0.74, 1.0) {
            [178, 128, 98]
        } else if inside(x, y, 0.0, -0.28, 0.94, 1.02) {
            [52, 40, 34]
        } else if inside(x, y, 0.0, 2.3, 1.8, 1.3) {
            [24, 92, 104]
        } else if inside(x, y, -2.0, -0.6, 0.5, 0.7) {
            [232, 238, 240]
        } else {
            [150, 158, 160]
        }
    };
    let rgb = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x as f32, y as f32));
    Frame::new(width, height, rgb.collect()).expect("every pixel is given")
}
