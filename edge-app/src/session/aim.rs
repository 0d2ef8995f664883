//! From what the analyser sees to one steady instruction, and to the moment when the picture takes itself.

use std::collections::VecDeque;
use std::time::Duration;

use lakshan_core::Point;
use lakshan_core::quality::QualityThresholds;

use super::event::Sight;
use crate::screen::{AimScreen, FaceBox, Guidance};

/// How long all must be good before the picture takes itself.
pub const STEADY: Duration = Duration::from_secs(1);
/// How long another instruction must hold before it replaces the one that is shown.
pub const DWELL: Duration = Duration::from_millis(300);
/// How old the face's box may be and still be drawn.
const MAX_BOX_AGE: Duration = Duration::from_secs(1);
/// Movement is measured over this time, or over the last two sights when they come more slowly.
const MOVEMENT_SPAN: Duration = Duration::from_millis(400);
/// A face moves when, within a short span, the middle between its eyes goes further than this from its mean place,
/// in distances between the eyes. That is half a distance a second for a steady movement, and it sees a trembling hand.
/// The detector's own tremor on a still face is at most 0.025 in noise of 12 levels (the test in `screening/live.rs`).
pub const MAX_MOVEMENT: f32 = 0.1;
/// One half of the face may be darker than the other by this share. Of the 32 sample photographs and the six portraits of
/// the tests, in ordinary light, none is above 0.25 (`cargo run --release -p lakshan-vision --example inspect`).
pub const MAX_UNEVENNESS: f32 = 0.4;
/// A gap between two sights after which what came before says nothing about movement or steadiness.
const MAX_GAP: Duration = Duration::from_millis(1500);

/// What is known while aiming.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guide {
    shown: Guidance,
    /// Another instruction, and since when it holds.
    rival: Option<(Guidance, Duration)>,
    good_since: Option<Duration>,
    last: Option<Duration>,
    face: Option<(FaceBox, Duration)>,
    track: VecDeque<(Duration, Point, f32)>,
}

impl Guide {
    pub(super) fn new() -> Self {
        Self { shown: Guidance::NoFace, rival: None, good_since: None, last: None, face: None, track: VecDeque::new() }
    }

    /// Takes in one sight. True when all has been good for [`STEADY`].
    pub(super) fn see(&mut self, sight: &Sight, thresholds: &QualityThresholds) -> bool {
        let taken = sight.taken;
        if self.last.is_some_and(|last| taken.saturating_sub(last) > MAX_GAP) {
            self.good_since = None;
            self.track.clear();
        }
        self.last = Some(taken);
        self.face = sight.face.map(|face| (face.bounds, taken));
        self.follow(sight);

        let found = self.instruction(sight, thresholds);
        self.good_since = (found == Guidance::Good).then(|| self.good_since.unwrap_or(taken));
        match self.rival {
            _ if found == self.shown => self.rival = None,
            Some((rival, since)) if rival == found => {
                if taken.saturating_sub(since) >= DWELL {
                    self.shown = found;
                    self.rival = None;
                }
            }
            _ => self.rival = Some((found, taken)),
        }
        self.shown == Guidance::Good && self.good_since.is_some_and(|since| taken.saturating_sub(since) >= STEADY)
    }

    /// What the screen shows at `now`.
    pub(super) fn screen(&self, now: Duration) -> AimScreen {
        let steady = match (self.good_since, self.last) {
            (Some(since), Some(last)) if self.shown == Guidance::Good => {
                (last.saturating_sub(since).as_secs_f32() / STEADY.as_secs_f32()).min(1.0)
            }
            _ => 0.0,
        };
        let fresh = |taken: Duration| now.saturating_sub(taken) <= MAX_BOX_AGE;
        AimScreen {
            guidance: self.shown,
            face: self.face.filter(|(_, taken)| fresh(*taken)).map(|(bounds, _)| bounds),
            steady,
        }
    }

    fn follow(&mut self, sight: &Sight) {
        let Some(face) = sight.face else { return self.track.clear() };
        self.track.push_back((sight.taken, face.eyes, face.inter_eye_px));
        while self.track.len() > 2 && self.track.front().is_some_and(|(at, ..)| sight.taken - *at > MOVEMENT_SPAN) {
            self.track.pop_front();
        }
    }

    /// How far the face moves within [`MOVEMENT_SPAN`], in distances between the eyes; zero while that is not known.
    fn movement(&self) -> f32 {
        let (Some(first), Some(last)) = (self.track.front(), self.track.back()) else { return 0.0 };
        let count = self.track.len() as f32;
        let sum = self.track.iter().fold((0.0, 0.0), |(x, y), (_, eyes, _)| (x + eyes.x, y + eyes.y));
        let mean = Point { x: sum.0 / count, y: sum.1 / count };
        let furthest = self.track.iter().map(|(_, eyes, _)| eyes.distance(mean)).fold(0.0, f32::max);
        let span = last.0.saturating_sub(first.0).max(MOVEMENT_SPAN);
        furthest / last.2.max(1.0) * (MOVEMENT_SPAN.as_secs_f32() / span.as_secs_f32())
    }

    /// The first thing to mend, in the order in which a person mends things: who, where, light, pose, stillness. What is
    /// shown already is left only with a margin, so that a value on the threshold does not make it flicker.
    fn instruction(&self, sight: &Sight, thresholds: &QualityThresholds) -> Guidance {
        let (Some(m), Some(_)) = (&sight.measures, &sight.face) else {
            return sight.verdict.err().map_or(Guidance::NoFace, Guidance::from);
        };
        let t = thresholds;
        let margin = |guidance: Guidance, share: f32| if self.shown == guidance { share } else { 0.0 };
        let dark = t.min_mean_luma * (1.0 + margin(Guidance::MoreLight, 0.1));
        let bright = 1.0 - margin(Guidance::LessLight, 0.05);
        let turned = 1.0 - margin(Guidance::LookStraight, 0.1);
        let still = margin(Guidance::HoldStill, 0.2);
        if m.inter_eye_px < t.min_inter_eye_px * (1.0 + margin(Guidance::ComeCloser, 0.1)) {
            Guidance::ComeCloser
        } else if m.inside_fraction < (t.min_inside_fraction + margin(Guidance::MoveBack, 0.02)).min(1.0) {
            Guidance::MoveBack
        } else if m.mean_luma < dark {
            Guidance::MoreLight
        } else if m.mean_luma > t.max_mean_luma * bright || m.burnt_fraction > t.max_burnt_fraction * bright {
            Guidance::LessLight
        } else if sight.unevenness.is_some_and(|u| u > MAX_UNEVENNESS * (1.0 - margin(Guidance::TurnToLight, 0.1))) {
            Guidance::TurnToLight
        } else if m.yaw_deg.abs() > t.max_yaw_deg * turned || m.roll_deg.abs() > t.max_roll_deg * turned {
            Guidance::LookStraight
        } else if m.sharpness < t.min_sharpness * (1.0 + still) || self.movement() > MAX_MOVEMENT * (1.0 - still) {
            Guidance::HoldStill
        } else {
            // The gate has the last word, whatever else it may learn to ask.
            sight.verdict.err().map_or(Guidance::Good, Guidance::from)
        }
    }
}
