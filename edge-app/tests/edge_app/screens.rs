//! Golden pictures of the screens. `UPDATE_GOLDEN=1 cargo test --release -p edge-app` draws them anew; then look at them.

use std::path::{Path, PathBuf};

use edge_app::png_file;
use edge_app::screen::{
    AllClassesScreen, BundleLine, Fonts, ResultScreen, Scene, Screen, Size, Tile, contact_sheet, render, to_frame,
};
use edge_app::text::Texts;
use lakshan_core::{FaceCrop, Finding, Frame, Logits, Resemblance, RetakeReason, Syndrome};

/// The largest difference of a channel that rounding on another processor explains.
const TOLERANCE: u8 = 12;
/// How many pixels may differ more, of a million.
const OUTLIERS_PER_MILLION: usize = 200;

fn bundle(synthetic: bool) -> BundleLine {
    let statement = "3600 rendered photographs of 1200 made-up subjects; no patient was photographed".to_owned();
    BundleLine { name: "demo".to_owned(), version: "2026.11.24".to_owned(), statement, synthetic }
}

/// A face-like drawing: goldens hold no person.
fn face() -> FaceCrop {
    let inside = |x: i64, y: i64, cx: i64, cy: i64, rx: i64, ry: i64| {
        (x - cx).pow(2) * ry * ry + (y - cy).pow(2) * rx * rx <= rx * rx * ry * ry
    };
    let pixel = |x: i64, y: i64| -> [u8; 3] {
        if inside(x, y, 85, 100, 8, 5) || inside(x, y, 139, 100, 8, 5) {
            [40, 28, 22]
        } else if inside(x, y, 112, 165, 22, 5) {
            [150, 70, 66]
        } else if inside(x, y, 112, 115, 62, 82) {
            [196, 148, 116]
        } else if inside(x, y, 112, 90, 76, 84) {
            [52, 40, 34]
        } else {
            [120, 140 + (y / 8) as u8, 150]
        }
    };
    let rgb = (0..224).flat_map(|y| (0..224).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
    FaceCrop::new(Frame::new(224, 224, rgb).unwrap()).unwrap()
}

fn resembles(classes: &[(Syndrome, f32)]) -> Finding {
    Finding::Resembles(classes.iter().map(|(class, p)| Resemblance { class: *class, probability: *p }).collect())
}

/// A screen with what is around it.
struct Shown {
    screen: Screen,
    face: Option<FaceCrop>,
    bundle: BundleLine,
}

impl Shown {
    fn scene(&self) -> Scene<'_> {
        Scene { screen: &self.screen, bundle: Some(&self.bundle), picture: None, face: self.face.as_ref() }
    }
}

fn result(finding: Finding, thumbnail: bool, synthetic: bool) -> Shown {
    let screen = Screen::Result(ResultScreen { finding });
    Shown { screen, face: thumbnail.then(face), bundle: bundle(synthetic) }
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"))
}

#[track_caller]
fn check(name: &str, drawn: &Frame) {
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        png_file::write(drawn, &path).unwrap();
    }
    let wanted = image::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).to_rgb8();
    assert_eq!(wanted.dimensions(), (drawn.width(), drawn.height()), "{name}");
    let differs = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > TOLERANCE);
    let pixels = wanted.as_raw().chunks_exact(3).zip(drawn.rgb().chunks_exact(3));
    let different = pixels.filter(|pair| differs(*pair)).count();
    let allowed = OUTLIERS_PER_MILLION * (drawn.rgb().len() / 3) / 1_000_000;
    if different > allowed {
        let actual = std::env::temp_dir().join(format!("{name}.actual.png"));
        png_file::write(drawn, &actual).unwrap();
        panic!("{name}: {different} pixels differ; compare {} with {}", actual.display(), path.display());
    }
}

#[track_caller]
fn check_screen(name: &str, shown: &Shown, size: (u32, u32)) {
    let size = Size::new(size.0, size.1).unwrap();
    let texts = Texts::load("en").unwrap();
    check(name, &to_frame(&render(&shown.scene(), size, &texts, &mut Fonts::embedded())));
}

#[test]
fn results_of_one_to_three_classes() {
    let one = resembles(&[(Syndrome::Down, 0.91)]);
    let two = resembles(&[(Syndrome::HutchinsonGilford, 0.61), (Syndrome::Williams, 0.3)]);
    let three = resembles(&[
        (Syndrome::CorneliaDeLange, 0.4),
        (Syndrome::Deletion22q11, 0.3),
        (Syndrome::TreacherCollins, 0.2),
    ]);
    check_screen("result-one", &result(one, true, true), (800, 480));
    check_screen("result-two", &result(two, true, false), (800, 480));
    check_screen("result-three", &result(three, true, true), (800, 480));
}

#[test]
fn refusals() {
    check_screen("not-clear", &result(Finding::NotClear, true, true), (800, 480));
    check_screen("no-match", &result(Finding::NoMatch, true, true), (800, 480));
}

#[test]
fn retakes() {
    for reason in RetakeReason::ALL {
        let screen = result(Finding::Retake(reason), reason != RetakeReason::NoFace, true);
        check_screen(&format!("retake-{reason}"), &screen, (480, 320));
    }
}

#[test]
fn other_sizes() {
    let three = resembles(&[
        (Syndrome::CorneliaDeLange, 0.4),
        (Syndrome::Deletion22q11, 0.3),
        (Syndrome::TreacherCollins, 0.2),
    ]);
    let screen = result(three, true, true);
    check_screen("result-480x320", &screen, (480, 320));
    check_screen("result-1280x720", &screen, (1280, 720));
    check_screen("result-480x800", &screen, (480, 800));
}

#[test]
fn all_twelve() {
    let mut values = [-3.0; 12];
    (values[4], values[11], values[5]) = (3.0, 2.2, 0.5);
    let probabilities = Logits::new(values).unwrap().probabilities(1.0);
    let named = vec![Syndrome::Down, Syndrome::Williams];
    let screen = Screen::AllClasses(AllClassesScreen { probabilities, named });
    let screen = Shown { screen, face: None, bundle: bundle(true) };
    check_screen("all-classes", &screen, (800, 480));
    check_screen("all-classes-480x320", &screen, (480, 320));
}

#[test]
fn sheet() {
    let findings = [resembles(&[(Syndrome::Down, 0.9)]), Finding::NoMatch, Finding::Retake(RetakeReason::TooDark)];
    let tile = |finding| Tile { label: "photo-01.jpg".to_owned(), picture: face().frame().clone(), finding };
    let tiles = findings.map(tile);
    let texts = Texts::load("en").unwrap();
    check("contact-sheet", &to_frame(&contact_sheet(&tiles, &bundle(true), &texts, &mut Fonts::embedded())));
}

/// Every size that is allowed, with the longest texts: nothing panics.
#[test]
fn odd_sizes_are_drawn() {
    let texts = Texts::load("en").unwrap();
    let mut fonts = Fonts::embedded();
    let long = resembles(&[(Syndrome::HutchinsonGilford, 1.0), (Syndrome::Deletion22q11, 0.0), (Syndrome::Apert, 0.0)]);
    for (width, height) in [(320, 320), (321, 999), (1999, 320), (4096, 320), (320, 4096)] {
        let size = Size::new(width, height).unwrap();
        let drawn = render(&result(long.clone(), true, true).scene(), size, &texts, &mut fonts);
        assert_eq!((drawn.width(), drawn.height()), (width, height));
    }
}
