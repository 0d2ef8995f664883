//! The live screens: the mirrored picture with the face's box, one instruction with an icon, and the ring of steadiness.
//!
//! What does not move is drawn once ([`still`]); picture, box and ring are drawn over it again for each frame ([`live`]).

use lakshan_core::Frame;
use tiny_skia::PathBuilder;

use super::canvas::{Area, Canvas};
use super::icon::{self, Icon};
use super::layout::{AimLayout, Layout};
use super::preview::{self, Window};
use super::{AimScreen, FaceBox, Guidance, Scene, Screen, theme};
use crate::text::{Message, Texts};

/// What both live screens show.
struct Live {
    icon: Icon,
    words: String,
    ground: [u8; 3],
    face: Option<FaceBox>,
    good: bool,
    /// How much of the ring is closed, 0 to 1.
    closed: f32,
    /// Taken and wanted pictures.
    progress: Option<(u8, u8)>,
}

impl Live {
    fn of(screen: &Screen, texts: &Texts) -> Option<Self> {
        match screen {
            Screen::Aim(AimScreen { guidance, face, steady }) => {
                let good = *guidance == Guidance::Good;
                let ground = if good { theme::GOOD } else { theme::INSTRUCTION };
                let (icon, words) = (Icon::from(*guidance), texts.guidance(*guidance));
                Some(Self { icon, words, ground, face: *face, good, closed: *steady, progress: None })
            }
            Screen::Capture { taken, wanted } => Some(Self {
                icon: Icon::Shutter,
                words: texts.get(Message::CaptureTitle),
                ground: theme::GOOD,
                face: None,
                good: true,
                closed: f32::from(*taken) / f32::from((*wanted).max(1)),
                progress: Some((*taken, *wanted)),
            }),
            _ => None,
        }
    }
}

/// Draws what stays the same from frame to frame.
pub(super) fn still(canvas: &mut Canvas<'_>, screen: &Screen, layout: &Layout, texts: &Texts) {
    let Some(live) = Live::of(screen, texts) else { return };
    let areas = layout.aim();
    canvas.fill(areas.view, theme::INK);
    canvas.fill(areas.panel, live.ground);
    icon::draw(canvas, live.icon, areas.ring.inset(areas.ring.width * 0.19), theme::PAPER);
    let mut words = areas.words;
    if let Some((taken, wanted)) = live.progress {
        let (dots, rest) = words.split_bottom((22.0 * layout.metrics.scale).max(16.0));
        words = rest;
        let side = dots.height * 0.8;
        let step = (dots.width / f32::from(wanted.max(1))).min(side * 1.6);
        for at in 0..wanted {
            let area = Area::new(dots.x + f32::from(at) * step, dots.y, side.min(step * 0.8), side);
            canvas.outline(area, 2.0, (side * 0.12).max(1.5), theme::PAPER);
            if at < taken {
                canvas.fill_rounded(area, 2.0, theme::PAPER);
            }
        }
    }
    let style = canvas.style(34.0 * layout.metrics.scale.max(0.65), theme::PAPER).bold();
    canvas.block(&live.words, style, words, layout.metrics.least);
}

/// Draws what changes with every frame, over what [`still`] has drawn.
pub(super) fn live(canvas: &mut Canvas<'_>, scene: &Scene<'_>, layout: &Layout, texts: &Texts) {
    let Some(live) = Live::of(scene.screen, texts) else { return };
    let areas = layout.aim();
    ring(canvas, &live, &areas, layout);
    let Some(frame) = scene.picture else {
        canvas.fill(areas.view, theme::INK);
        icon::draw(canvas, Icon::Hourglass, areas.view.inset(areas.view.height * 0.38), theme::PAPER);
        return;
    };
    let window = window_of(canvas, frame, areas.view);
    preview::draw(&mut canvas.pixmap, frame, window);
    if let Some(face) = live.face {
        face_box(canvas, face, window, live.good, layout);
    }
}

fn window_of(canvas: &Canvas<'_>, frame: &Frame, view: Area) -> Window {
    let view = canvas.place(view);
    let whole = |value: f32| value.max(0.0).round() as usize;
    let (x, y) = (whole(view.x), whole(view.y));
    let (right, bottom) = (canvas.pixmap.width() as usize, canvas.pixmap.height() as usize);
    let room = Window { x, y, width: whole(view.width).min(right - x), height: whole(view.height).min(bottom - y) };
    preview::fitted(frame.width(), frame.height(), room)
}

/// The ring around the icon: a thin one, closed more and more by a thick one.
fn ring(canvas: &mut Canvas<'_>, live: &Live, areas: &AimLayout, layout: &Layout) {
    let square = canvas.place(areas.ring);
    let thick = (7.0 * layout.metrics.scale).max(4.0);
    let centre = (square.x + square.width / 2.0, square.y + square.height / 2.0);
    let radius = square.width / 2.0 - thick;
    // What an earlier frame has drawn goes.
    if let Some(path) = PathBuilder::from_circle(centre.0, centre.1, radius) {
        canvas.stroke_path(&path, thick + 2.5, live.ground);
        canvas.stroke_path(&path, (thick * 0.3).max(1.0), theme::PAPER);
    }
    let closed = live.closed.clamp(0.0, 1.0);
    let steps = (closed * 48.0).round() as usize;
    if steps > 0 {
        let mut path = PathBuilder::new();
        for step in 0..=steps {
            let angle = (step as f32 / 48.0 - 0.25) * std::f32::consts::TAU;
            let (x, y) = (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin());
            if step == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if let Some(path) = path.finish() {
            canvas.stroke_path(&path, thick, theme::PAPER);
        }
    }
}

/// Corners around the face; a closed box when all is good, so that it is not told by colour alone.
fn face_box(canvas: &mut Canvas<'_>, face: FaceBox, window: Window, good: bool, layout: &Layout) {
    let (w, h) = (window.width as f32, window.height as f32);
    let (left, right) = (1.0 - face.x - face.width, 1.0 - face.x);
    let inside = |value: f32, side: f32| (value * side).clamp(0.0, side).round();
    let (x0, x1) = (window.x as f32 + inside(left, w), window.x as f32 + inside(right, w));
    let (y0, y1) = (window.y as f32 + inside(face.y, h), window.y as f32 + inside(face.y + face.height, h));
    let line = (5.0 * layout.metrics.scale).max(3.0).round();
    let (arm_x, arm_y) = if good { (x1 - x0, y1 - y0) } else { ((x1 - x0) * 0.28, (y1 - y0) * 0.28) };
    let colour = if good { theme::BOX_GOOD } else { theme::PAPER };
    // The window is placed already.
    let mirrored = std::mem::replace(&mut canvas.mirrored, false);
    for (grown, colour) in [(1.5, theme::INK), (0.0, colour)] {
        let mut bar = |x: f32, y: f32, width: f32, height: f32| {
            let area = Area::new(x - grown, y - grown, width + 2.0 * grown, height + 2.0 * grown);
            let (left, top) = (area.x.max(window.x as f32), area.y.max(window.y as f32));
            let right = area.right().min(window.x as f32 + w);
            let bottom = area.bottom().min(window.y as f32 + h);
            canvas.fill(Area::new(left, top, right - left, bottom - top), colour);
        };
        for x in [x0, x1 - arm_x] {
            bar(x, y0, arm_x, line);
            bar(x, y1 - line, arm_x, line);
        }
        for y in [y0, y1 - arm_y] {
            bar(x0, y, line, arm_y);
            bar(x1 - line, y, line, arm_y);
        }
    }
    canvas.mirrored = mirrored;
}
