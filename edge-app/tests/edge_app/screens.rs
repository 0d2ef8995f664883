//! Golden pictures of the screens. `UPDATE_GOLDEN=1 cargo test --release -p edge-app` draws them anew; then look at them.
//!
//! Each sheet holds every screen of one language at one size, made smaller; a few screens are kept at full size.

use std::path::{Path, PathBuf};

use edge_app::png_file;
use edge_app::screen::samples::{self, Sample};
use edge_app::screen::{
    AimScreen, FaceBox, Fonts, Guidance, MenuItem, Painter, Scene, Screen, Size, Tile, contact_sheet, cut_texts,
    render, to_frame,
};
use edge_app::text::{self, Texts};
use lakshan_core::{Finding, Frame, Resemblance, RetakeReason, Syndrome};

/// The largest difference of a channel that rounding on another processor explains.
const TOLERANCE: u8 = 20;
/// How many pixels may differ more, of a million.
const OUTLIERS_PER_MILLION: usize = 200;

/// The sizes of the golden sheets, and how much smaller the screens are on them.
const SIZES: [(u32, u32, u32); 3] = [(480, 320, 2), (800, 480, 3), (1280, 720, 5)];

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

/// Every block of `by` x `by` pixels as one, in 32 shades: small files, and still every moved word is seen.
fn smaller(frame: &Frame, by: u32) -> Frame {
    let (width, height) = (frame.width() / by, frame.height() / by);
    let shade = |x: u32, y: u32, channel: usize| {
        let block = (0..by * by).map(|at| u32::from(frame.pixel(x * by + at % by, y * by + at / by)[channel]));
        (block.sum::<u32>() / (by * by)) as u8 & 0xf8
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = places.flat_map(|(x, y)| [0, 1, 2].map(|channel| shade(x, y, channel))).collect();
    Frame::new(width, height, rgb).unwrap()
}

/// Pictures of one size in rows of eight.
fn sheet(pictures: &[Frame]) -> Frame {
    let (width, height) = (pictures[0].width() as usize, pictures[0].height() as usize);
    let (columns, rows) = (8, pictures.len().div_ceil(8));
    let mut rgb = vec![0; columns * width * rows * height * 3];
    for (at, picture) in pictures.iter().enumerate() {
        for (y, row) in picture.rgb().chunks_exact(width * 3).enumerate() {
            let start = ((at / columns * height + y) * columns + at % columns) * width * 3;
            rgb[start..start + width * 3].copy_from_slice(row);
        }
    }
    Frame::new((columns * width) as u32, (rows * height) as u32, rgb).unwrap()
}

fn check_language(language: &str) {
    let texts = Texts::load(language).unwrap();
    let mut fonts = Fonts::embedded();
    for (width, height, by) in SIZES {
        let size = Size::new(width, height).unwrap();
        let mut draw = |sample: &Sample| smaller(&to_frame(&render(&sample.scene(), size, &texts, &mut fonts)), by);
        let pictures: Vec<Frame> = samples::all().iter().map(&mut draw).collect();
        check(&format!("{language}-{width}x{height}"), &sheet(&pictures));
    }
}

#[test]
fn every_screen_in_english() {
    check_language("en");
}

#[test]
fn every_screen_in_hindi() {
    check_language("hi");
}

#[test]
fn every_screen_in_urdu() {
    check_language("ur");
}

/// Letters are judged at full size: one screen in each language.
#[test]
fn a_result_in_every_language() {
    let sample = samples::all().into_iter().find(|sample| sample.name == "result-two").unwrap();
    let mut fonts = Fonts::embedded();
    for (language, _) in text::languages() {
        let texts = Texts::load(language).unwrap();
        let size = Size::new(480, 320).unwrap();
        check(&format!("result-{language}"), &to_frame(&render(&sample.scene(), size, &texts, &mut fonts)));
    }
}

#[test]
fn upright_and_large() {
    let sample = samples::all().into_iter().find(|sample| sample.name == "result-three").unwrap();
    let (texts, mut fonts) = (Texts::load("en").unwrap(), Fonts::embedded());
    for (width, height) in [(480, 800), (1280, 720)] {
        let size = Size::new(width, height).unwrap();
        check(&format!("result-{width}x{height}"), &to_frame(&render(&sample.scene(), size, &texts, &mut fonts)));
    }
}

/// No text is cut off, broken inside a word or larger than its room: in no language, on no screen, at no size.
#[test]
fn no_text_is_cut_off() {
    let mut fonts = Fonts::embedded();
    let sizes = [(480, 320), (800, 480), (1280, 720), (1920, 1080), (320, 480), (480, 800), (720, 1280)];
    let mut cut = Vec::new();
    for (language, _) in text::languages() {
        let texts = Texts::load(language).unwrap();
        for (width, height) in sizes {
            let size = Size::new(width, height).unwrap();
            for sample in samples::all() {
                let texts = cut_texts(&sample.scene(), size, &texts, &mut fonts);
                cut.extend(
                    texts.into_iter().map(|text| format!("{language} {width}x{height} {}: {text}", sample.name)),
                );
            }
        }
    }
    assert!(cut.is_empty(), "{}", cut.join("\n"));
}

/// The report of cut texts can fail.
#[test]
fn a_text_that_does_not_fit_is_reported() {
    let screen = Screen::Menu { items: [MenuItem::SelfTest].repeat(40), selected: 0 };
    let (texts, mut fonts) = (Texts::load("en").unwrap(), Fonts::embedded());
    let cut = cut_texts(&Scene::of(&screen), Size::new(480, 320).unwrap(), &texts, &mut fonts);
    assert_eq!(cut.len(), 40, "{cut:?}");
}

/// What is kept from frame to frame is what would be drawn anew.
#[test]
fn the_painter_draws_what_render_draws() {
    let (texts, mut fonts) = (Texts::load("ur").unwrap(), Fonts::embedded());
    let mut painter = Painter::new(Fonts::embedded());
    let picture = samples::picture();
    let aim = |guidance, x, steady| {
        let face = Some(FaceBox { x, y: -0.1, width: 0.4, height: 0.7 });
        Screen::Aim(AimScreen { guidance, face, steady })
    };
    let screens = [
        aim(Guidance::Good, 0.3, 0.0),
        aim(Guidance::Good, 0.8, 1.0),
        aim(Guidance::Good, -0.2, 0.3),
        aim(Guidance::MoveBack, 0.3, 0.0),
        Screen::Working,
        Screen::Capture { taken: 1, wanted: 3 },
        Screen::Capture { taken: 2, wanted: 3 },
    ];
    for (at, screen) in screens.iter().enumerate() {
        for picture in [Some(&picture), None, Some(&picture)] {
            let scene = Scene { screen, bundle: None, picture, face: None };
            let kept = painter.paint(&scene, Size::DEVICE, &texts);
            let anew = render(&scene, Size::DEVICE, &texts, &mut fonts);
            assert!(kept.data() == anew.data(), "screen {at}");
        }
    }
}

#[test]
fn sheet_of_findings() {
    let down = Finding::Resembles(vec![Resemblance { class: Syndrome::Down, probability: 0.9 }]);
    let findings = [down, Finding::NoMatch, Finding::Retake(RetakeReason::TooDark)];
    let picture = samples::face().frame().clone();
    let tile = |finding| Tile { label: "photo-01.jpg".to_owned(), picture: picture.clone(), finding };
    let tiles = findings.map(tile);
    let texts = Texts::load("en").unwrap();
    check("contact-sheet", &to_frame(&contact_sheet(&tiles, &samples::bundle(), &texts, &mut Fonts::embedded())));
}

/// Every size that is allowed: nothing panics.
#[test]
fn odd_sizes_are_drawn() {
    let texts = Texts::load("en").unwrap();
    let mut fonts = Fonts::embedded();
    for (width, height) in [(320, 320), (321, 999), (1999, 320), (4096, 320), (320, 4096)] {
        let size = Size::new(width, height).unwrap();
        for sample in samples::all().iter().step_by(4) {
            let drawn = render(&sample.scene(), size, &texts, &mut fonts);
            assert_eq!((drawn.width(), drawn.height()), (width, height));
        }
    }
}
