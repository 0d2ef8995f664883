//! The camera of a simulation: a photograph, as it is or changed.

use std::path::{Path, PathBuf};

use lakshan_core::Frame;

use super::script::{Photograph, Seen};

/// What the camera gives without a photograph, pixels.
const WALL: (u32, u32) = (640, 480);

/// A camera that sees what the script says.
#[derive(Debug, Default)]
pub(super) struct SimulatedCamera {
    sees: Sees,
    /// How often it was told what to see.
    told: u64,
    /// Which way the next picture is shaken.
    other_way: bool,
}

#[derive(Debug, Default)]
enum Sees {
    Photograph {
        frame: Frame,
        shake: u32,
    },
    #[default]
    Nothing,
    Frozen,
    Lost,
}

impl SimulatedCamera {
    /// Sees this from now on. `open` reads a photograph.
    pub(super) fn see<E>(
        &mut self,
        seen: &Seen,
        folder: &Path,
        open: impl FnOnce(PathBuf) -> Result<Frame, E>,
    ) -> Result<(), E> {
        self.told += 1;
        self.sees = match seen {
            Seen::Photograph(photograph) => {
                let frame = changed(&open(folder.join(&photograph.file))?, photograph);
                Sees::Photograph { frame, shake: photograph.shake }
            }
            Seen::Nothing => Sees::Nothing,
            Seen::Frozen => Sees::Frozen,
            Seen::Lost => Sees::Lost,
        };
        Ok(())
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(self.sees, Sees::Lost)
    }

    /// The next picture, if it gives one, and a number that only equal pictures share.
    pub(super) fn next(&mut self) -> Option<(Frame, u64)> {
        let frame = self.picture()?;
        let is_shaken = matches!(self.sees, Sees::Photograph { shake: 1.., .. });
        Some((frame, self.told * 2 + u64::from(is_shaken && self.other_way)))
    }

    fn picture(&mut self) -> Option<Frame> {
        self.other_way = !self.other_way;
        match &self.sees {
            Sees::Photograph { frame, shake } => Some(moved(frame, if self.other_way { i64::from(*shake) } else { 0 })),
            Sees::Nothing => {
                let (width, height) = WALL;
                Frame::new(width, height, vec![128; (width * height * 3) as usize]).ok()
            }
            Sees::Frozen | Sees::Lost => None,
        }
    }
}

/// A photograph with its light, shade and size changed.
fn changed(frame: &Frame, change: &Photograph) -> Frame {
    let (width, height) = (frame.width(), frame.height());
    let (inner_width, inner_height) = (width as f32 * change.size, height as f32 * change.size);
    let (left, top) = ((width as f32 - inner_width) / 2.0, (height as f32 - inner_height) / 2.0);
    let mut rgb = Vec::with_capacity(frame.rgb().len());
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = ((x as f32 + 0.5 - left) / change.size, (y as f32 + 0.5 - top) / change.size);
            // Beyond the photograph its border goes on: a background, not another picture's edge.
            let column = (from_x.max(0.0) as u32).min(width - 1);
            let pixel = frame.pixel(column, (from_y.max(0.0) as u32).min(height - 1));
            let shade = if x < width / 2 { change.shade } else { 1.0 };
            rgb.extend(pixel.map(|value| (f32::from(value) * change.light * shade).min(255.0) as u8));
        }
    }
    Frame::new(width, height, rgb).expect("as many pixels as before")
}

/// A photograph moved to the right; its left column fills the gap.
fn moved(frame: &Frame, pixels: i64) -> Frame {
    let width = i64::from(frame.width());
    let mut rgb = Vec::with_capacity(frame.rgb().len());
    for y in 0..frame.height() {
        for x in 0..width {
            rgb.extend(frame.pixel((x - pixels).clamp(0, width - 1) as u32, y));
        }
    }
    Frame::new(frame.width(), frame.height(), rgb).expect("as many pixels as before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photographs_are_darkened_shaded_and_moved() {
        let frame = Frame::new(2, 1, vec![100, 100, 100, 200, 200, 200]).unwrap();
        let change = Photograph { file: String::new(), light: 0.5, shade: 0.5, shake: 0, size: 1.0 };
        let changed = changed(&frame, &change);
        assert_eq!(changed.rgb(), [25, 25, 25, 100, 100, 100]);
        assert_eq!(moved(&frame, 1).rgb(), [100; 6]);
        assert_eq!(moved(&frame, 0), frame);
    }
}
