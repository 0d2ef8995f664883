//! The device's screens: a pure function from what is to be shown to pixels. No I/O, no clock, no environment.
//!
//! ```
//! use edge_app::screen::{Fonts, ResultScreen, Scene, Screen, Size, render};
//! use edge_app::text::Texts;
//! use lakshan_core::Finding;
//!
//! let screen = Screen::Result(ResultScreen { finding: Finding::NotClear });
//! let pixels = render(&Scene::of(&screen), Size::DEVICE, &Texts::load("en")?, &mut Fonts::embedded());
//! assert_eq!((pixels.width(), pixels.height()), (800, 480));
//! # Ok::<(), edge_app::text::TextError>(())
//! ```

mod about;
mod aim;
mod all_classes;
mod canvas;
mod choice;
mod contact_sheet;
mod doctors;
mod fonts;
mod frame;
mod icon;
mod layout;
mod model;
mod painter;
mod plain;
mod preview;
mod result;
pub mod samples;
mod start;
mod stick;
mod theme;

use lakshan_core::Frame;
use tiny_skia::Pixmap;

use crate::text::Texts;
use canvas::Canvas;
pub use contact_sheet::{Tile, contact_sheet};
pub use fonts::Fonts;
use layout::Layout;
pub use model::{
    AboutLines, Action, AimScreen, AllClassesScreen, BundleLine, FaceBox, Fault, Guidance, MenuItem, ResultScreen,
    Scene, Screen, StickScreen,
};
pub use painter::Painter;

/// Width and height of a screen, in pixels. At least [`Size::LEAST`] on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// The official touch screen.
    pub const DEVICE: Self = Self { width: 800, height: 480 };
    /// The least width and height on which the words still fit.
    pub const LEAST: u32 = 320;
    /// The largest width and height.
    pub const LARGEST: u32 = 4096;

    /// `None` when a side is below [`Size::LEAST`] or above [`Size::LARGEST`].
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let allowed = Self::LEAST..=Self::LARGEST;
        (allowed.contains(&width) && allowed.contains(&height)).then_some(Self { width, height })
    }

    /// Width in pixels.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Higher than wide.
    pub fn is_portrait(self) -> bool {
        self.height > self.width
    }

    /// How much larger everything is than on [`Size::DEVICE`] (or that screen turned upright).
    fn scale(self) -> f32 {
        let (long, short) = (self.width.max(self.height), self.width.min(self.height));
        (long as f32 / 800.0).min(short as f32 / 480.0)
    }
}

/// Draws one scene.
pub fn render(scene: &Scene<'_>, size: Size, texts: &Texts, fonts: &mut Fonts) -> Pixmap {
    drawn(scene, size, texts, fonts).pixmap
}

/// The texts that do not fit on a screen: cut off, broken inside a word, or larger than the room for them. Words from
/// outside (a bundle's name, an engineer's details) may be shortened and are not among them.
pub fn cut_texts(scene: &Scene<'_>, size: Size, texts: &Texts, fonts: &mut Fonts) -> Vec<String> {
    drawn(scene, size, texts, fonts).cut
}

fn drawn<'a>(scene: &Scene<'_>, size: Size, texts: &Texts, fonts: &'a mut Fonts) -> Canvas<'a> {
    let layout = Layout::of(size);
    let mut canvas = draw_still(scene, &layout, texts, fonts);
    aim::live(&mut canvas, scene, &layout, texts);
    canvas
}

/// Everything but the live picture and what is drawn over it.
fn draw_still<'a>(scene: &Scene<'_>, layout: &Layout, texts: &Texts, fonts: &'a mut Fonts) -> Canvas<'a> {
    let mut canvas = Canvas::new(layout.size.width, layout.size.height, theme::PAPER, texts, fonts);
    let (on, screen) = (&mut canvas, scene.screen);
    frame::draw(on, screen, scene.bundle, layout, texts);
    match screen {
        Screen::Start { checks } => start::draw(on, checks, layout, texts),
        Screen::Language { selected } => choice::language(on, screen, *selected, layout, texts),
        Screen::Consent { selected } => choice::consent(on, screen, *selected, layout, texts),
        Screen::Aim(_) | Screen::Capture { .. } => aim::still(on, screen, layout, texts),
        Screen::Working => plain::working(on, layout, texts),
        Screen::Result(result) => result::draw(on, scene, result, layout, texts),
        Screen::AllClasses(all) => all_classes::draw(on, all, layout, texts),
        Screen::DoctorsLookFor { class, page } => doctors::draw(on, *class, *page, layout, texts),
        Screen::RedFlags => plain::red_flags(on, layout, texts),
        Screen::Menu { items, selected } => choice::menu(on, screen, items, *selected, layout, texts),
        Screen::About { page, lines } => about::draw(on, lines, *page, layout, texts),
        Screen::Stick(stick) => stick::draw(on, screen, stick, layout, texts),
        Screen::Fault(fault) => plain::fault(on, fault, layout, texts),
    }
    canvas
}

/// What a touch at (`x`, `y`), in pixels of the screen, asks for.
pub fn touched(screen: &Screen, size: Size, texts: &Texts, x: f32, y: f32) -> Option<Action> {
    Layout::of(size).touched(screen, texts.is_right_to_left(), x, y)
}

/// The pixels of a rendered screen as a frame.
pub fn to_frame(pixmap: &Pixmap) -> Frame {
    let rgb = pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    Frame::new(pixmap.width(), pixmap.height(), rgb).expect("a pixmap has at least one pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_bounds() {
        assert!(Size::new(480, 320).is_some());
        assert!(Size::new(319, 320).is_none());
        assert!(Size::new(5000, 800).is_none());
        assert!(Size::new(480, 800).unwrap().is_portrait());
        assert!((Size::DEVICE.scale() - 1.0).abs() < 1e-6);
    }
}
