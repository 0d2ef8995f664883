//! The icons: line drawings on a grid of 100 x 100, in one colour.

use lakshan_core::{Finding, RetakeReason};
use tiny_skia::{Path, PathBuilder, Rect, Transform};

use super::canvas::{Area, Canvas};
use super::{Fault, Guidance, MenuItem};

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Resembles,
    NoMatch,
    NotClear,
    Retake(RetakeReason),
    TurnToLight,
    Tick,
    Cross,
    Warning,
    Dash,
    Back,
    Menu,
    Shutter,
    More,
    Down,
    Again,
    Heart,
    Breath,
    Fits,
    Feeding,
    Speech,
    Agreement,
    Info,
    Tool,
    NextPerson,
    Power,
    Hourglass,
    Plug,
    Parcel,
    Chip,
    Disk,
    Doctor,
    Bars,
}

impl From<&Finding> for Icon {
    fn from(finding: &Finding) -> Self {
        match finding {
            Finding::Resembles(_) => Self::Resembles,
            Finding::NoMatch => Self::NoMatch,
            Finding::NotClear => Self::NotClear,
            Finding::Retake(reason) => Self::Retake(*reason),
        }
    }
}

impl From<Guidance> for Icon {
    fn from(guidance: Guidance) -> Self {
        match guidance {
            Guidance::NoFace => Self::Retake(RetakeReason::NoFace),
            Guidance::ComeCloser => Self::Retake(RetakeReason::TooSmall),
            Guidance::MoveBack => Self::Retake(RetakeReason::CutOff),
            Guidance::HoldStill => Self::Retake(RetakeReason::Blurred),
            Guidance::MoreLight => Self::Retake(RetakeReason::TooDark),
            Guidance::LessLight => Self::Retake(RetakeReason::TooBright),
            Guidance::TurnToLight => Self::TurnToLight,
            Guidance::LookStraight => Self::Retake(RetakeReason::TurnedAway),
            Guidance::OnePersonOnly => Self::Retake(RetakeReason::SeveralFaces),
            Guidance::Good => Self::Tick,
        }
    }
}

impl From<MenuItem> for Icon {
    fn from(item: MenuItem) -> Self {
        match item {
            MenuItem::Language => Self::Speech,
            MenuItem::RedFlags => Self::Heart,
            MenuItem::AllClasses => Self::Bars,
            MenuItem::About => Self::Info,
            MenuItem::SelfTest => Self::Tool,
            MenuItem::NextPatient => Self::NextPerson,
            MenuItem::SaveRegister => Self::Disk,
            MenuItem::PowerOff => Self::Power,
        }
    }
}

impl From<&Fault> for Icon {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::CameraLost | Fault::CameraMissing => Self::Plug,
            Fault::BundleRefused(_) => Self::Parcel,
            Fault::SelfTestFailed(_) => Self::Tool,
            Fault::LowMemory => Self::Chip,
            Fault::Storage(_) => Self::Disk,
            Fault::Internal(_) => Self::Warning,
        }
    }
}

/// Draws an icon into the largest square in the middle of `area`.
pub(super) fn draw(canvas: &mut Canvas<'_>, icon: Icon, area: Area, colour: [u8; 3]) {
    let square = canvas.place(area).square();
    let mut pen = Pen { canvas, corner: (square.x, square.y), scale: square.width / 100.0, colour };
    let pen = &mut pen;
    match icon {
        Icon::Resembles => {
            magnifier(pen);
            face(pen, (41.0, 41.0), 0.62);
        }
        Icon::NoMatch => {
            magnifier(pen);
            // Unequal. A lone minus would read as "zoom out".
            pen.line(&[(26.0, 34.0), (56.0, 34.0)], 6.0);
            pen.line(&[(26.0, 48.0), (56.0, 48.0)], 6.0);
            pen.line(&[(50.0, 22.0), (32.0, 60.0)], 6.0);
        }
        Icon::NotClear => {
            pen.ring((50.0, 50.0), 43.0, 7.0);
            pen.curve((34.0, 38.0), (34.0, 14.0), (68.0, 14.0), (67.0, 38.0), 9.0);
            pen.curve((67.0, 38.0), (66.0, 50.0), (50.0, 47.0), (50.0, 61.0), 9.0);
            pen.dot((50.0, 76.0), 6.0);
        }
        Icon::Retake(reason) => retake(pen, reason),
        Icon::TurnToLight => {
            pen.oval((32.0, 56.0), 24.0, 31.0, 6.0);
            pen.dot((30.0, 50.0), 4.0);
            pen.dot((45.0, 50.0), 4.0);
            pen.ring((84.0, 22.0), 10.0, 6.0);
            pen.line(&[(66.0, 36.0), (74.0, 30.0)], 6.0);
            pen.line(&[(62.0, 20.0), (70.0, 21.0)], 6.0);
            pen.line(&[(84.0, 40.0), (84.0, 48.0)], 6.0);
            pen.line(&[(70.0, 44.0), (75.0, 38.0)], 6.0);
        }
        Icon::Tick => pen.line(&[(16.0, 54.0), (40.0, 78.0), (86.0, 24.0)], 13.0),
        Icon::Cross => {
            pen.line(&[(22.0, 22.0), (78.0, 78.0)], 13.0);
            pen.line(&[(78.0, 22.0), (22.0, 78.0)], 13.0);
        }
        Icon::Warning => {
            pen.line(&[(50.0, 12.0), (92.0, 86.0), (8.0, 86.0), (50.0, 12.0)], 8.0);
            pen.line(&[(50.0, 40.0), (50.0, 60.0)], 9.0);
            pen.dot((50.0, 74.0), 5.5);
        }
        Icon::Dash => pen.line(&[(24.0, 50.0), (76.0, 50.0)], 10.0),
        Icon::Back => {
            pen.line(&[(14.0, 44.0), (64.0, 44.0)], 9.0);
            pen.curve((64.0, 44.0), (94.0, 44.0), (94.0, 82.0), (64.0, 82.0), 9.0);
            pen.line(&[(64.0, 82.0), (40.0, 82.0)], 9.0);
            pen.line(&[(36.0, 20.0), (12.0, 44.0), (36.0, 68.0)], 9.0);
        }
        Icon::Menu => {
            for y in [26.0, 50.0, 74.0] {
                pen.line(&[(16.0, y), (84.0, y)], 10.0);
            }
        }
        Icon::Shutter => {
            pen.ring((50.0, 50.0), 40.0, 8.0);
            pen.dot((50.0, 50.0), 27.0);
        }
        Icon::More => {
            for x in [22.0, 50.0, 78.0] {
                pen.dot((x, 50.0), 9.5);
            }
        }
        Icon::Down => {
            pen.line(&[(50.0, 14.0), (50.0, 82.0)], 10.0);
            pen.line(&[(24.0, 58.0), (50.0, 84.0), (76.0, 58.0)], 10.0);
        }
        Icon::Again => {
            pen.curve((80.0, 34.0), (60.0, 4.0), (14.0, 14.0), (14.0, 52.0), 9.0);
            pen.curve((14.0, 52.0), (16.0, 94.0), (72.0, 98.0), (84.0, 62.0), 9.0);
            pen.line(&[(84.0, 10.0), (82.0, 36.0), (56.0, 34.0)], 9.0);
        }
        Icon::Heart => {
            pen.curve((50.0, 86.0), (-14.0, 42.0), (16.0, -2.0), (50.0, 28.0), 8.0);
            pen.curve((50.0, 86.0), (114.0, 42.0), (84.0, -2.0), (50.0, 28.0), 8.0);
        }
        Icon::Breath => {
            pen.line(&[(50.0, 12.0), (50.0, 46.0)], 7.0);
            for side in [-1.0_f32, 1.0] {
                let x = |dx: f32| 50.0 + side * dx;
                pen.curve((x(8.0), 34.0), (x(24.0), 14.0), (x(44.0), 44.0), (x(42.0), 80.0), 7.0);
                pen.curve((x(42.0), 80.0), (x(34.0), 90.0), (x(14.0), 84.0), (x(8.0), 74.0), 7.0);
                pen.line(&[(x(8.0), 74.0), (x(8.0), 34.0)], 7.0);
            }
        }
        Icon::Fits => pen.line(
            &[(58.0, 6.0), (26.0, 54.0), (50.0, 54.0), (40.0, 94.0), (76.0, 40.0), (52.0, 40.0), (58.0, 6.0)],
            7.0,
        ),
        Icon::Feeding => {
            pen.line(&[(34.0, 40.0), (34.0, 92.0), (66.0, 92.0), (66.0, 40.0), (34.0, 40.0)], 7.0);
            pen.line(&[(30.0, 30.0), (70.0, 30.0)], 8.0);
            pen.curve((40.0, 26.0), (44.0, 2.0), (56.0, 2.0), (60.0, 26.0), 7.0);
            pen.line(&[(46.0, 56.0), (66.0, 56.0)], 5.0);
            pen.line(&[(46.0, 72.0), (66.0, 72.0)], 5.0);
        }
        Icon::Speech => {
            pen.line(
                &[
                    (8.0, 12.0),
                    (92.0, 12.0),
                    (92.0, 66.0),
                    (48.0, 66.0),
                    (26.0, 88.0),
                    (26.0, 66.0),
                    (8.0, 66.0),
                    (8.0, 12.0),
                ],
                7.0,
            );
            pen.line(&[(26.0, 32.0), (74.0, 32.0)], 6.0);
            pen.line(&[(26.0, 48.0), (58.0, 48.0)], 6.0);
        }
        Icon::Agreement => {
            pen.line(&[(16.0, 8.0), (84.0, 8.0), (84.0, 92.0), (16.0, 92.0), (16.0, 8.0)], 7.0);
            pen.line(&[(30.0, 28.0), (70.0, 28.0)], 6.0);
            pen.line(&[(30.0, 62.0), (44.0, 76.0), (72.0, 46.0)], 8.0);
        }
        Icon::Info => {
            pen.ring((50.0, 50.0), 43.0, 7.0);
            pen.dot((50.0, 28.0), 6.5);
            pen.line(&[(50.0, 46.0), (50.0, 74.0)], 10.0);
        }
        Icon::Tool => {
            pen.line(&[(18.0, 84.0), (58.0, 44.0)], 13.0);
            pen.curve((74.0, 10.0), (44.0, 6.0), (40.0, 44.0), (58.0, 44.0), 8.0);
            pen.curve((58.0, 44.0), (62.0, 62.0), (96.0, 54.0), (90.0, 26.0), 8.0);
            pen.line(&[(74.0, 10.0), (70.0, 30.0), (90.0, 26.0)], 8.0);
        }
        Icon::NextPerson => {
            pen.ring((36.0, 28.0), 17.0, 7.0);
            pen.curve((8.0, 88.0), (8.0, 48.0), (64.0, 48.0), (64.0, 88.0), 7.0);
            pen.line(&[(68.0, 50.0), (94.0, 50.0)], 7.0);
            pen.line(&[(82.0, 38.0), (95.0, 50.0), (82.0, 62.0)], 7.0);
        }
        Icon::Power => {
            pen.line(&[(50.0, 8.0), (50.0, 46.0)], 9.0);
            pen.curve((30.0, 22.0), (-8.0, 46.0), (10.0, 92.0), (50.0, 92.0), 9.0);
            pen.curve((70.0, 22.0), (108.0, 46.0), (90.0, 92.0), (50.0, 92.0), 9.0);
        }
        Icon::Hourglass => {
            pen.line(&[(20.0, 8.0), (80.0, 8.0)], 8.0);
            pen.line(&[(20.0, 92.0), (80.0, 92.0)], 8.0);
            pen.line(&[(27.0, 10.0), (27.0, 26.0), (50.0, 50.0), (27.0, 74.0), (27.0, 90.0)], 7.0);
            pen.line(&[(73.0, 10.0), (73.0, 26.0), (50.0, 50.0), (73.0, 74.0), (73.0, 90.0)], 7.0);
            pen.line(&[(42.0, 82.0), (58.0, 82.0)], 8.0);
        }
        Icon::Plug => {
            pen.line(
                &[(26.0, 44.0), (74.0, 44.0), (74.0, 58.0), (60.0, 74.0), (40.0, 74.0), (26.0, 58.0), (26.0, 44.0)],
                7.0,
            );
            pen.line(&[(38.0, 44.0), (38.0, 18.0)], 8.0);
            pen.line(&[(62.0, 44.0), (62.0, 18.0)], 8.0);
            pen.line(&[(50.0, 76.0), (50.0, 94.0)], 8.0);
            pen.line(&[(8.0, 90.0), (92.0, 8.0)], 7.0);
        }
        Icon::Parcel => {
            pen.line(
                &[(10.0, 28.0), (50.0, 8.0), (90.0, 28.0), (90.0, 74.0), (50.0, 94.0), (10.0, 74.0), (10.0, 28.0)],
                7.0,
            );
            pen.line(&[(10.0, 28.0), (50.0, 48.0), (90.0, 28.0)], 6.0);
            pen.line(&[(50.0, 48.0), (50.0, 92.0)], 6.0);
        }
        Icon::Chip => {
            pen.line(&[(24.0, 24.0), (76.0, 24.0), (76.0, 76.0), (24.0, 76.0), (24.0, 24.0)], 7.0);
            for at in [36.0, 50.0, 64.0] {
                for (near, far) in [(8.0, 20.0), (80.0, 92.0)] {
                    pen.line(&[(at, near), (at, far)], 6.0);
                    pen.line(&[(near, at), (far, at)], 6.0);
                }
            }
        }
        Icon::Disk => {
            pen.oval((50.0, 24.0), 38.0, 15.0, 7.0);
            pen.line(&[(12.0, 24.0), (12.0, 76.0)], 7.0);
            pen.line(&[(88.0, 24.0), (88.0, 76.0)], 7.0);
            pen.curve((12.0, 76.0), (14.0, 96.0), (86.0, 96.0), (88.0, 76.0), 7.0);
            pen.curve((12.0, 50.0), (14.0, 70.0), (86.0, 70.0), (88.0, 50.0), 7.0);
        }
        Icon::Doctor => {
            pen.curve((16.0, 8.0), (12.0, 64.0), (68.0, 64.0), (64.0, 8.0), 8.0);
            pen.curve((40.0, 50.0), (40.0, 104.0), (84.0, 104.0), (84.0, 62.0), 7.0);
            pen.ring((84.0, 50.0), 9.0, 7.0);
        }
        Icon::Bars => {
            for (y, length) in [(20.0, 78.0), (42.0, 40.0), (64.0, 58.0), (86.0, 22.0)] {
                pen.line(&[(14.0, y), (14.0 + length, y)], 11.0);
            }
        }
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
