//! Where things are: the notice above, the three buttons' labels below, the entries of lists. Drawing and touch share it.

use super::canvas::Area;
use super::{Action, Screen, Size, StickScreen};

/// Sizes in pixels for one screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metrics {
    /// Distance of things from the border and from each other.
    pub(super) gap: f32,
    /// Size of running text.
    pub(super) body: f32,
    /// Size of secondary text.
    pub(super) small: f32,
    /// No letters are smaller.
    pub(super) least: f32,
    /// How much larger everything is than on the 800 x 480 screen.
    pub(super) scale: f32,
}

impl Metrics {
    /// Text never falls below what can be read on a 3.5 inch screen.
    fn of(size: Size) -> Self {
        let scale = size.scale();
        Self {
            gap: (16.0 * scale).max(8.0),
            body: (20.0 * scale).max(14.0),
            small: (15.0 * scale).max(11.0),
            least: (12.0 * scale).max(10.0),
            scale,
        }
    }
}

/// The parts that every screen of one size has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) metrics: Metrics,
    /// The disclaimer, and beside or below it the notice.
    pub(super) strip: Area,
    /// What differs from screen to screen.
    pub(super) body: Area,
    /// The labels of the three buttons.
    pub(super) bar: Area,
}

/// Where the live picture and its instruction are.
#[derive(Clone, Copy, Debug)]
pub(super) struct AimLayout {
    /// The room for the live picture.
    pub(super) view: Area,
    /// The coloured panel.
    pub(super) panel: Area,
    /// The ring around the icon, a square.
    pub(super) ring: Area,
    /// The words.
    pub(super) words: Area,
}

impl Layout {
    pub(super) fn of(size: Size) -> Self {
        let metrics = Metrics::of(size);
        let whole = Area::new(0.0, 0.0, size.width() as f32, size.height() as f32);
        let one_line = (28.0 * metrics.scale).round().max(22.0);
        let (strip, rest) = whole.split_top(if strip_is_wide(size) { one_line } else { (one_line * 1.5).round() });
        let (bar, body) = rest.split_bottom((54.0 * metrics.scale).round().max(44.0));
        Self { size, metrics, strip, body, bar }
    }

    /// The strip's part for the disclaimer, whose words take `width`, and that for the notice: beside it where the screen
    /// is wide, otherwise below it.
    pub(super) fn strip_parts(&self, width: f32) -> (Area, Area) {
        if strip_is_wide(self.size) {
            self.strip.split_left((width + self.metrics.gap).ceil())
        } else {
            self.strip.split_top((self.strip.height / 2.0).floor())
        }
    }

    /// The labels of back, menu and capture, from left to right in every language: the buttons below do not move.
    pub(super) fn buttons(&self) -> [Area; 3] {
        let width = (self.bar.width / 3.0).floor();
        [0.0, 1.0, 2.0].map(|at: f32| {
            let right = if at == 2.0 { self.bar.width } else { (at + 1.0) * width };
            Area::new(at * width, self.bar.y, right - at * width, self.bar.height)
        })
    }

    /// The heading of a screen, and what is below.
    pub(super) fn heading(&self) -> (Area, Area) {
        let inner = self.body.inset(self.metrics.gap * 0.6);
        let (title, rest) = inner.split_top((40.0 * self.metrics.scale).max(28.0));
        (title, rest.split_top(self.metrics.gap * 0.4).1)
    }

    /// The entries of a list screen, before mirroring; none on other screens.
    pub(super) fn entries(&self, screen: &Screen) -> Vec<Area> {
        let (_, rest) = self.heading();
        let upright = self.size.is_portrait();
        match screen {
            Screen::Language { .. } => {
                let count = crate::text::languages().count();
                self.grid(rest, count, if upright { 2 } else { 3 })
            }
            Screen::Menu { items, .. } => self.grid(rest, items.len(), if upright { 1 } else { 2 }),
            Screen::Consent { .. } | Screen::Stick(StickScreen::Found { .. }) => {
                let height = (76.0 * self.metrics.scale).max(50.0);
                self.grid(rest.split_bottom(height).0, 2, 2)
            }
            _ => Vec::new(),
        }
    }

    fn grid(&self, area: Area, count: usize, columns: usize) -> Vec<Area> {
        let gap = (self.metrics.gap * 0.5).round();
        // A short list does not get giant rows.
        let rows = count.div_ceil(columns).max(1) as f32;
        let width = ((area.width - gap * (columns as f32 - 1.0)) / columns as f32).floor();
        let height = ((area.height - gap * (rows - 1.0)) / rows).floor().min(110.0 * self.metrics.scale);
        let entry = |at: usize| {
            let (column, row) = ((at % columns) as f32, (at / columns) as f32);
            Area::new(area.x + column * (width + gap), area.y + row * (height + gap), width, height)
        };
        (0..count).map(entry).collect()
    }

    /// The live picture and its instruction, before mirroring.
    pub(super) fn aim(&self) -> AimLayout {
        let (gap, body) = (self.metrics.gap, self.body);
        if self.size.is_portrait() {
            let (panel, view) = body.split_bottom((body.height * 0.27).round());
            let inner = panel.inset(gap);
            let (left, words) = inner.split_left(inner.height.min(inner.width * 0.34));
            AimLayout { view, panel, ring: left.square(), words: words.split_left(gap).1 }
        } else {
            let (view, panel) = body.split_left((body.width * 0.69).round());
            let inner = panel.inset(gap * 0.75);
            let (above, words) = inner.split_top((inner.height * 0.46).min(inner.width));
            AimLayout { view, panel, ring: above.square(), words: words.split_top(gap * 0.5).1 }
        }
    }

    /// What a touch at (`x`, `y`) asks for.
    pub(super) fn touched(&self, screen: &Screen, rtl: bool, x: f32, y: f32) -> Option<Action> {
        let buttons = [Action::Back, Action::Menu, Action::Confirm];
        if let Some(at) = self.buttons().iter().position(|area| area.contains(x, y)) {
            return super::frame::labels(screen)[at].map(|_| buttons[at]);
        }
        let x = if rtl { self.body.width - x } else { x };
        match screen {
            Screen::DoctorsLookFor { .. } | Screen::About { .. } if self.body.contains(x, y) => {
                Some(if x < self.body.width / 2.0 { Action::Previous } else { Action::Next })
            }
            _ => self.entries(screen).iter().position(|area| area.contains(x, y)).map(Action::Choose),
        }
    }
}

/// Whether disclaimer and notice stand on one line.
fn strip_is_wide(size: Size) -> bool {
    !size.is_portrait() && size.scale() >= 1.0
}

#[cfg(test)]
mod tests {
    use lakshan_core::Syndrome;

    use super::super::MenuItem;
    use super::*;

    /// Pixels of 9 mm on the 7 inch screen, which is 154.08 mm wide.
    const LEAST_TARGET_PX: f32 = 9.0 * 800.0 / 154.08;

    fn lists() -> [Screen; 3] {
        let items = MenuItem::ALL.to_vec();
        [Screen::Language { selected: 0 }, Screen::Consent { selected: true }, Screen::Menu { items, selected: 0 }]
    }

    #[test]
    fn a_gloved_finger_meets_one_target() {
        for size in [Size::DEVICE, Size::new(480, 800).unwrap()] {
            let layout = Layout::of(size);
            for screen in lists() {
                let entries = layout.entries(&screen);
                for (at, area) in entries.iter().chain(&layout.buttons()).enumerate() {
                    assert!(
                        area.width >= LEAST_TARGET_PX && area.height >= LEAST_TARGET_PX,
                        "{screen:?} {at} {area:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn disclaimer_and_notice_share_the_strip() {
        for (width, height) in [(480, 320), (800, 480), (1280, 720), (1920, 1080), (320, 480), (480, 800), (720, 1280)]
        {
            let layout = Layout::of(Size::new(width, height).unwrap());
            let (disclaimer, notice) = layout.strip_parts(200.0);
            for part in [disclaimer, notice] {
                assert!(part.height >= layout.metrics.least && part.width >= 200.0, "{width}x{height} {part:?}");
                assert!(part.right() <= layout.strip.right() && part.bottom() <= layout.body.y, "{width}x{height}");
            }
            assert!(disclaimer.right() <= notice.x || disclaimer.bottom() <= notice.y, "{width}x{height}");
        }
    }

    #[test]
    fn entries_stay_in_the_body_and_apart() {
        for (width, height) in [(480, 320), (800, 480), (1280, 720), (480, 800), (320, 320), (1920, 1080)] {
            let layout = Layout::of(Size::new(width, height).unwrap());
            for screen in lists() {
                let entries = layout.entries(&screen);
                for (at, area) in entries.iter().enumerate() {
                    assert!(area.x >= 0.0 && area.right() <= width as f32, "{screen:?} {area:?}");
                    assert!(
                        area.y >= layout.body.y && area.bottom() <= layout.body.bottom() + 0.5,
                        "{screen:?} {area:?}"
                    );
                    let apart = |other: &Area| {
                        area.right() <= other.x
                            || other.right() <= area.x
                            || area.bottom() <= other.y
                            || other.bottom() <= area.y
                    };
                    assert!(entries[..at].iter().all(apart), "{screen:?} {at}");
                }
            }
        }
    }

    #[test]
    fn a_touch_finds_what_is_drawn_there() {
        let layout = Layout::of(Size::DEVICE);
        let [language, consent, _] = lists();
        let middle = |area: Area| (area.x + area.width / 2.0, area.y + area.height / 2.0);
        for (at, area) in layout.entries(&language).into_iter().enumerate() {
            let (x, y) = middle(area);
            assert_eq!(layout.touched(&language, false, x, y), Some(Action::Choose(at)));
            assert_eq!(layout.touched(&language, true, 800.0 - x, y), Some(Action::Choose(at)));
        }
        let (x, y) = middle(layout.buttons()[2]);
        // The buttons do not move in a language that is written from the right.
        assert_eq!(layout.touched(&consent, false, x, y), Some(Action::Confirm));
        assert_eq!(layout.touched(&consent, true, x, y), Some(Action::Confirm));
        assert_eq!(layout.touched(&Screen::Working, false, x, y), None, "a label that is not there cannot be touched");
        let about = Screen::DoctorsLookFor { class: Syndrome::Down, page: 0 };
        assert_eq!(layout.touched(&about, false, 700.0, 200.0), Some(Action::Next));
        assert_eq!(layout.touched(&about, true, 700.0, 200.0), Some(Action::Previous));
    }
}
