//! Draws scene after scene: what does not move on the live screens is drawn once and kept.

use tiny_skia::Pixmap;

use super::canvas::Canvas;
use super::layout::Layout;
use super::{AimScreen, BundleLine, Fonts, Scene, Screen, Size, aim, draw_still};
use crate::text::Texts;

/// Gives the pixels that [`super::render`] gives, faster when only the live picture has changed.
pub struct Painter {
    fonts: Fonts,
    drawn: Option<Drawn>,
}

struct Drawn {
    key: Key,
    pixmap: Pixmap,
    /// It shows a person.
    private: bool,
}

/// What the still part depends on.
#[derive(PartialEq)]
struct Key {
    screen: Screen,
    bundle: Option<BundleLine>,
    size: Size,
    language: &'static str,
    /// The live picture's size: what lies beside it is not drawn again.
    picture: Option<(u32, u32)>,
}

impl Painter {
    /// With these fonts.
    pub fn new(fonts: Fonts) -> Self {
        Self { fonts, drawn: None }
    }

    /// Draws a scene.
    pub fn paint(&mut self, scene: &Scene<'_>, size: Size, texts: &Texts) -> &Pixmap {
        let key = Key::of(scene, size, texts);
        let kept = self.drawn.take().filter(|drawn| is_live(scene.screen) && drawn.key == key);
        let layout = Layout::of(size);
        let private = scene.picture.is_some() || scene.face.is_some();
        let mut canvas = match kept {
            Some(mut drawn) => {
                // Taken out, so that the wiping drop does not see it.
                let pixmap = std::mem::replace(&mut drawn.pixmap, Pixmap::new(1, 1).expect("one pixel"));
                Canvas::over(pixmap, texts, &mut self.fonts)
            }
            None => draw_still(scene, &layout, texts, &mut self.fonts),
        };
        aim::live(&mut canvas, scene, &layout, texts);
        let pixmap = canvas.pixmap;
        &self.drawn.insert(Drawn { key, pixmap, private }).pixmap
    }

    /// Forgets the last picture; when it shows a person, it is wiped.
    pub fn wipe(&mut self) {
        self.drawn = None;
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        if self.private {
            lakshan_core::wipe(self.pixmap.data_mut());
        }
    }
}

impl Key {
    fn of(scene: &Scene<'_>, size: Size, texts: &Texts) -> Self {
        let screen = match scene.screen {
            Screen::Aim(aim) => Screen::Aim(AimScreen { face: None, steady: 0.0, ..*aim }),
            screen => screen.clone(),
        };
        let picture = scene.picture.map(|picture| (picture.width(), picture.height()));
        Self { screen, bundle: scene.bundle.cloned(), size, language: texts.language(), picture }
    }
}

fn is_live(screen: &Screen) -> bool {
    matches!(screen, Screen::Aim(_) | Screen::Capture { .. })
}
