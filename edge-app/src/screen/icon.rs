//! The icons: line drawings on a grid of 100 x 100, in one colour.

use lakshan_core::{Finding, RetakeReason};
use tiny_skia::{Path, PathBuilder, Rect, Transform};

use super::canvas::{Area, Canvas};

/// Draws the icon of a finding into the largest square in the middle of `area`.
pub(super) fn draw(canvas: &mut Canvas<'_>, finding: &Finding, area: Area, colour: [u8; 3]) {
    let side = area.width.min(area.height);
    let corner = (area.x + (area.width - side) / 2.0, area.y + (area.height - side) / 2.0);
    let mut pen = Pen { canvas, corner, scale: side / 100.0, colour };
    match finding {
        Finding::Resembles(_) => {
            magnifier(&mut pen);
            face(&mut pen, (41.0, 41.0), 0.62);
        }
        Finding::NoMatch => {
            magnifier(&mut pen);
            // Unequal. A lone minus would read as "zoom out".
            pen.line(&[(26.0, 34.0), (56.0, 34.0)], 6.0);
            pen.line(&[(26.0, 48.0), (56.0, 48.0)], 6.0);
            pen.line(&[(50.0, 22.0), (32.0, 60.0)], 6.0);
        }
        Finding::NotClear => {
            pen.ring((50.0, 50.0), 43.0, 7.0);
            pen.curve((34.0, 38.0), (34.0, 14.0), (68.0, 14.0), (67.0, 38.0), 9.0);
            pen.curve((67.0, 38.0), (66.0, 50.0), (50.0, 47.0), (50.0, 61.0), 9.0);
            pen.dot((50.0, 76.0), 6.0);
        }
        Finding::Retake(reason) => retake(&mut pen, *reason),
    }
}

fn retake(pen: &mut Pen<'_, '_>, reason: RetakeReason) {
    match reason {
        RetakeReason::NoFace => {
            viewfinder(pen, 92.0);
            for step in 0..10 {
                let angle = step as f32 * std::f32::consts::TAU / 10.0;
                let on_head = |a: f32| (50.0 + 19.0 * a.cos(), 50.0 + 25.0 * a.sin());
                pen.line(&[on_head(angle), on_head(angle + 0.3)], 5.0);
            }
        }
        RetakeReason::SeveralFaces => {
            viewfinder(pen, 92.0);
            face(pen, (33.0, 52.0), 0.48);
            face(pen, (67.0, 52.0), 0.48);
        }
        RetakeReason::TooSmall => {
            viewfinder(pen, 92.0);
            face(pen, (50.0, 50.0), 0.34);
        }
        RetakeReason::CutOff => {
            viewfinder(pen, 74.0);
            face(pen, (72.0, 50.0), 0.8);
        }
        RetakeReason::TooDark => {
            // A crescent: the outer arc, and an inner one back to the same points.
            pen.curve((62.0, 12.0), (5.0, 5.0), (5.0, 95.0), (62.0, 88.0), 7.0);
            pen.curve((62.0, 12.0), (32.0, 30.0), (32.0, 70.0), (62.0, 88.0), 7.0);
            for star in [(74.0, 32.0), (84.0, 54.0), (70.0, 66.0)] {
                pen.dot(star, 4.0);
            }
        }
        RetakeReason::TooBright => {
            pen.ring((50.0, 50.0), 19.0, 7.0);
            for step in 0..8 {
                let angle = step as f32 * std::f32::consts::TAU / 8.0;
                let at = |r: f32| (50.0 + r * angle.cos(), 50.0 + r * angle.sin());
                pen.line(&[at(31.0), at(43.0)], 7.0);
            }
        }
        RetakeReason::Blurred => {
            for shift in [-11.0, 0.0, 11.0] {
                pen.oval((50.0 + shift, 50.0), 26.0, 36.0, 3.5);
                pen.dot((39.0 + shift, 45.0), 3.0);
                pen.dot((61.0 + shift, 45.0), 3.0);
            }
            for y in [34.0, 50.0, 66.0] {
                pen.line(&[(1.0, y), (8.0, y)], 4.0);
                pen.line(&[(92.0, y), (99.0, y)], 4.0);
            }
        }
        RetakeReason::TurnedAway => {
            pen.oval((46.0, 54.0), 26.0, 33.0, 6.0);
            pen.dot((56.0, 47.0), 4.0);
            pen.line(&[(71.0, 50.0), (79.0, 60.0), (70.0, 63.0)], 5.0);
            pen.curve((22.0, 14.0), (42.0, 2.0), (64.0, 2.0), (82.0, 16.0), 6.0);
            pen.line(&[(84.0, 2.0), (83.0, 17.0), (68.0, 18.0)], 6.0);
        }
    }
}

/// A lens at the upper left with a handle to the lower right.
fn magnifier(pen: &mut Pen<'_, '_>) {
    pen.ring((41.0, 41.0), 33.0, 7.0);
    pen.line(&[(66.0, 66.0), (90.0, 90.0)], 12.0);
}

/// The four corners of a camera's frame, which ends at `right`.
fn viewfinder(pen: &mut Pen<'_, '_>, right: f32) {
    let (near, far, arm) = (8.0, 92.0, 18.0);
    let corners = [(near, near, arm, arm), (right, near, -arm, arm), (near, far, arm, -arm), (right, far, -arm, -arm)];
    for (x, y, dx, dy) in corners {
        pen.line(&[(x + dx, y), (x, y), (x, y + dy)], 6.0);
    }
}

/// A head with eyes and mouth; at size 1 it is 76 high.
fn face(pen: &mut Pen<'_, '_>, (x, y): (f32, f32), size: f32) {
    pen.oval((x, y), 29.0 * size, 38.0 * size, (7.0 * size).max(4.0));
    for side in [-1.0, 1.0] {
        pen.dot((x + side * 11.0 * size, y - 5.0 * size), (4.5 * size).max(2.2));
    }
    pen.line(&[(x - 8.0 * size, y + 17.0 * size), (x + 8.0 * size, y + 17.0 * size)], (5.0 * size).max(3.0));
}

/// Draws in grid units.
struct Pen<'a, 'b> {
    canvas: &'a mut Canvas<'b>,
    corner: (f32, f32),
    scale: f32,
    colour: [u8; 3],
}

impl Pen<'_, '_> {
    fn line(&mut self, points: &[(f32, f32)], width: f32) {
        let mut path = PathBuilder::new();
        for (at, (x, y)) in points.iter().enumerate() {
            if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        self.stroke(path, width);
    }

    fn curve(&mut self, from: (f32, f32), a: (f32, f32), b: (f32, f32), to: (f32, f32), width: f32) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.cubic_to(a.0, a.1, b.0, b.1, to.0, to.1);
        self.stroke(path, width);
    }

    fn ring(&mut self, centre: (f32, f32), radius: f32, width: f32) {
        self.oval(centre, radius, radius, width);
    }

    fn oval(&mut self, (x, y): (f32, f32), radius_x: f32, radius_y: f32, width: f32) {
        let mut path = PathBuilder::new();
        if let Some(bounds) = Rect::from_ltrb(x - radius_x, y - radius_y, x + radius_x, y + radius_y) {
            path.push_oval(bounds);
        }
        self.stroke(path, width);
    }

    fn dot(&mut self, (x, y): (f32, f32), radius: f32) {
        if let Some(path) = PathBuilder::from_circle(x, y, radius).and_then(|path| self.placed(path)) {
            self.canvas.fill_path(&path, self.colour);
        }
    }

    fn stroke(&mut self, path: PathBuilder, width: f32) {
        if let Some(path) = path.finish().and_then(|path| self.placed(path)) {
            self.canvas.stroke_path(&path, width * self.scale, self.colour);
        }
    }

    fn placed(&self, path: Path) -> Option<Path> {
        path.transform(Transform::from_scale(self.scale, self.scale).post_translate(self.corner.0, self.corner.1))
    }
}
