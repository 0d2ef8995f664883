//! The pictures of one capture: which to keep, when there are enough, which are the best.

use std::time::Duration;

use lakshan_core::RetakeReason;
use lakshan_core::quality::{QualityMeasures, QualityThresholds};

use super::event::{FrameId, SeenFace, Sight};

/// How many good pictures end a capture.
pub const WANTED: usize = 8;
/// How many of them are judged, at most; and at least, unless none of those that were seen had a fault.
pub const JUDGED: (usize, usize) = (5, 3);
/// When a capture ends with what it has, if it has seen at least [`MIN_SEEN`] pictures.
pub const LIMIT: Duration = Duration::from_secs(3);
/// A slow processor gets more time, up to [`HARD_LIMIT`].
pub const MIN_SEEN: usize = 3;
/// When a capture ends in any case.
pub const HARD_LIMIT: Duration = Duration::from_secs(10);
/// A face that is further away than this from one good picture to the next, in distances between the eyes, or larger or
/// smaller by more than [`MAX_GROWTH`], may be another person's: what came before it is not used.
pub const MAX_JUMP: f32 = 1.0;
/// See [`MAX_JUMP`].
pub const MAX_GROWTH: f32 = 1.5;

/// One capture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Series {
    started: Duration,
    good: Vec<(FrameId, f32)>,
    /// The face of the last good one.
    last: Option<SeenFace>,
    faults: Vec<RetakeReason>,
}

/// How a capture ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// These are to be judged, the best first.
    Judge(Vec<FrameId>),
    /// Too few were good; the commonest fault of the others.
    Retake(RetakeReason),
    /// No picture was analysed at all.
    Nothing,
}

impl Series {
    pub(super) fn new(now: Duration) -> Self {
        Self { started: now, good: Vec::new(), last: None, faults: Vec::new() }
    }

    /// How many good pictures there are.
    pub(super) fn taken(&self) -> usize {
        self.good.len()
    }

    /// Takes in one sight; true when its face is to be kept.
    pub(super) fn see(&mut self, sight: &Sight, thresholds: &QualityThresholds) -> bool {
        // A picture from before the press shows what was before the press.
        if sight.taken < self.started || self.good.len() >= WANTED {
            return false;
        }
        match (sight.verdict, &sight.measures) {
            (Ok(()), Some(measures)) => {
                if let (Some(last), Some(face)) = (&self.last, &sight.face)
                    && is_jump(last, face)
                {
                    self.faults.extend(self.good.drain(..).map(|_| RetakeReason::Blurred));
                }
                self.last = sight.face;
                self.good.push((sight.frame, rank(measures, thresholds)));
                true
            }
            (verdict, _) => {
                self.faults.push(verdict.err().unwrap_or(RetakeReason::NoFace));
                false
            }
        }
    }

    /// How it ended, if it has.
    pub(super) fn end(&self, now: Duration) -> Option<End> {
        let age = now.saturating_sub(self.started);
        let seen = self.good.len() + self.faults.len();
        let over = self.good.len() >= WANTED || (age >= LIMIT && seen >= MIN_SEEN) || age >= HARD_LIMIT;
        over.then(|| {
            if self.good.len() >= JUDGED.1 {
                let mut best = self.good.clone();
                best.sort_by(|(a, a_rank), (b, b_rank)| b_rank.total_cmp(a_rank).then(a.cmp(b)));
                End::Judge(best.into_iter().take(JUDGED.0).map(|(frame, _)| frame).collect())
            } else if let Some(reason) = self.commonest_fault() {
                End::Retake(reason)
            } else if seen > 0 {
                // Nothing was wrong with any of them: the processor is too slow for more.
                End::Judge(self.good.iter().map(|(frame, _)| *frame).collect())
            } else {
                End::Nothing
            }
        })
    }

    /// The first in the gate's order of those that are equally common.
    fn commonest_fault(&self) -> Option<RetakeReason> {
        let count = |reason: RetakeReason| self.faults.iter().filter(|fault| **fault == reason).count();
        let commonest = RetakeReason::ALL.into_iter().rev().max_by_key(|reason| count(*reason));
        commonest.filter(|reason| count(*reason) > 0)
    }
}

fn is_jump(from: &SeenFace, to: &SeenFace) -> bool {
    let (small, large) = (from.inter_eye_px.min(to.inter_eye_px), from.inter_eye_px.max(to.inter_eye_px));
    from.eyes.distance(to.eyes) > MAX_JUMP * small || large > MAX_GROWTH * small
}

/// A larger number is a better picture: sharp, up to where more sharpness is only noise, and straight.
fn rank(m: &QualityMeasures, t: &QualityThresholds) -> f32 {
    let sharp = (m.sharpness / t.min_sharpness.max(f32::MIN_POSITIVE)).min(10.0) / 10.0;
    sharp - m.yaw_deg.abs() / t.max_yaw_deg.max(1.0) - m.roll_deg.abs() / t.max_roll_deg.max(1.0)
}
