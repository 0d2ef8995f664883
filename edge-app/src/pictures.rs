//! The pixels that the session's numbers stand for. Each is wiped when it is dropped, and all are dropped on a wipe.

use std::collections::BTreeMap;
use std::sync::Arc;

use lakshan_core::{FaceCrop, Frame};

use crate::session::FrameId;

/// The newest picture, and the faces that were kept.
#[derive(Debug, Default)]
pub struct Pictures {
    live: Option<(FrameId, Arc<Frame>)>,
    /// The face of the picture that was analysed last; kept or dropped by what the session says to it.
    seen: Option<(FrameId, FaceCrop)>,
    kept: BTreeMap<FrameId, FaceCrop>,
}

impl Pictures {
    /// The camera's newest picture takes the place of the one before.
    pub fn arrived(&mut self, number: FrameId, frame: Arc<Frame>) {
        self.live = Some((number, frame));
    }

    /// The face of an analysed picture, until the next one.
    pub fn seen(&mut self, number: FrameId, face: Option<FaceCrop>) {
        self.seen = face.map(|face| (number, face));
    }

    /// Keeps the face that was seen last.
    pub fn keep(&mut self, number: FrameId) {
        if let Some((_, face)) = self.seen.take_if(|(seen, _)| *seen == number) {
            self.kept.insert(number, face);
        }
    }

    /// The kept faces of these numbers, in their order. Only the first stays kept, for the screen.
    pub fn to_judge(&mut self, numbers: &[FrameId]) -> Vec<FaceCrop> {
        let faces = numbers.iter().filter_map(|number| self.kept.get(number).cloned()).collect();
        self.kept.retain(|number, _| numbers.first() == Some(number));
        self.seen = None;
        faces
    }

    /// The live picture, if it is the one of this number or a newer one.
    pub fn live(&self, number: Option<FrameId>) -> Option<&Frame> {
        let wanted = number?;
        self.live.as_ref().filter(|(held, _)| *held >= wanted).map(|(_, frame)| frame.as_ref())
    }

    /// A kept face.
    pub fn face(&self, number: Option<FrameId>) -> Option<&FaceCrop> {
        self.kept.get(&number?)
    }

    /// Forgets the live picture and the face seen last, but not what was kept.
    pub fn look_away(&mut self) {
        self.live = None;
        self.seen = None;
    }

    /// Forgets everything.
    pub fn wipe(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing of anybody is held.
    pub fn is_empty(&self) -> bool {
        self.live.is_none() && self.seen.is_none() && self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use lakshan_core::preprocess::SIZE;

    use super::*;

    fn face(value: u8) -> FaceCrop {
        FaceCrop::new(Frame::new(SIZE as u32, SIZE as u32, vec![value; SIZE * SIZE * 3]).unwrap()).unwrap()
    }

    #[test]
    fn only_what_the_session_names_is_kept() {
        let mut pictures = Pictures::default();
        for number in 1..=4 {
            pictures.seen(FrameId(number), Some(face(number as u8)));
            if number != 2 {
                pictures.keep(FrameId(number));
            }
        }
        pictures.keep(FrameId(9));
        assert!(pictures.face(Some(FrameId(2))).is_none() && pictures.face(None).is_none());
        let faces = pictures.to_judge(&[FrameId(4), FrameId(1)]);
        assert_eq!(faces, [face(4), face(1)]);
        assert_eq!(pictures.face(Some(FrameId(4))), Some(&face(4)));
        assert!(pictures.face(Some(FrameId(1))).is_none(), "only the first stands on the screen");
        pictures.wipe();
        assert!(pictures.is_empty());
    }

    #[test]
    fn an_older_picture_is_not_the_live_one() {
        let mut pictures = Pictures::default();
        let frame = Arc::new(Frame::new(1, 1, vec![7; 3]).unwrap());
        pictures.arrived(FrameId(5), frame);
        assert!(pictures.live(Some(FrameId(5))).is_some());
        assert!(pictures.live(Some(FrameId(6))).is_none());
        assert!(pictures.live(None).is_none());
        pictures.look_away();
        assert!(pictures.is_empty());
    }
}
