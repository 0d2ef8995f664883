//! Finds faces: the BlazeFace short-range network (Bazarevsky et al. 2019, arXiv:1907.05047) on one or more windows of a frame.
//!
//! The network sees 128 x 128 pixels and misses faces below an eighth of that, so when the whole frame shows none, square
//! windows of it are searched too, first large ones, then smaller ones: the reader of the verdict should learn that the
//! face is too small, not that there is none.

use lakshan_core::{BoundingBox, Face, Frame, Keypoints, Point, wipe};
use lakshan_engine::{EngineError, Graph};

use crate::decode::MAX_SIDE;
use crate::resize::{Window, resize};

/// The network; see models/face-detector/README.md.
const NETWORK: &[u8] = include_bytes!("../../../models/face-detector/blazeface_short_range_128.onnx");
/// Side of the network's input, in pixels.
const SIDE: usize = 128;
/// The two grids of anchors: cells on a side, and anchors in each cell.
const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];
/// Numbers of one box: centre x and y, width, height, six points.
const BOX_LEN: usize = 16;
/// The least score of a face in the whole frame.
const MIN_SCORE: f32 = 0.5;
/// The least score of a face in a smaller window. Every further look is a further chance to be fooled.
const MIN_WINDOW_SCORE: f32 = 0.75;
/// Boxes that overlap by more than this are one face.
const MERGE_IOU: f32 = 0.3;
/// Points are rounded to this part of a pixel: finer, they mean nothing. The engine's own kernels give the same floats on
/// every processor; should tract compute the network, they differ in their last bits, and rounding hides most of that.
const GRID_PER_PX: f32 = 16.0;
/// Sides of the smaller windows, as eighths of the frame's long side.
const WINDOW_EIGHTHS: [u32; 2] = [5, 3];

/// The face detector. It keeps no state between frames, so threads may share one.
#[derive(Debug)]
pub struct Detector {
    graph: Graph,
}

impl Detector {
    /// Loads the embedded network.
    ///
    /// # Errors
    /// When it does not load, or its inputs and outputs are not BlazeFace's.
    pub fn new() -> Result<Self, EngineError> {
        let graph = Graph::from_onnx(NETWORK)?;
        let expected: [&[usize]; 4] = [&[1, 512, 1], &[1, 384, 1], &[1, 512, BOX_LEN], &[1, 384, BOX_LEN]];
        let found: Vec<&[usize]> = graph.outputs().iter().map(|port| port.shape.as_slice()).collect();
        if found != expected {
            return Err(EngineError::Shape {
                port: "the face detector's output".to_owned(),
                found: format!("{found:?}"),
                expected: format!("{expected:?}"),
            });
        }
        Ok(Self { graph })
    }

    /// The network behind it: what was fused, and which kernels compute it.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The faces in a frame, the largest first. A frame longer than any JPEG, 65,535 pixels, is not searched.
    ///
    /// # Errors
    /// When the network fails while running.
    pub fn detect(&self, frame: &Frame) -> Result<Vec<Face>, EngineError> {
        if frame.width().max(frame.height()) > MAX_SIDE {
            return Ok(Vec::new());
        }
        let whole = Window { x: 0, y: 0, width: frame.width(), height: frame.height() };
        let mut faces = merge(self.look(frame, whole, MIN_SCORE)?);
        for eighths in WINDOW_EIGHTHS {
            if !faces.is_empty() {
                break;
            }
            let mut found = Vec::new();
            for window in windows(frame, eighths) {
                found.extend(self.look(frame, window, MIN_WINDOW_SCORE)?);
            }
            faces = merge(found);
        }
        faces.sort_by(|a, b| b.bounds.width.total_cmp(&a.bounds.width));
        Ok(faces.into_iter().map(snap).collect())
    }

    /// What the network sees in one window: overlapping candidates, in pixels of the frame.
    fn look(&self, frame: &Frame, window: Window, min_score: f32) -> Result<Vec<Face>, EngineError> {
        let long = window.width.max(window.height);
        let fit = |side: u32| ((u64::from(side) * SIDE as u64 + u64::from(long) / 2) / u64::from(long)).max(1) as u32;
        let (width, height) = (fit(window.width), fit(window.height));
        let (left, top) = ((SIDE - width as usize) / 2, (SIDE - height as usize) / 2);
        let mut pixels = resize(frame, window, width, height);
        // Black around the picture, as in the network's training.
        let mut input = vec![-1.0; SIDE * SIDE * 3];
        for (row, values) in pixels.chunks_exact(width as usize * 3).enumerate() {
            let at = ((top + row) * SIDE + left) * 3;
            for (to, value) in input[at..].iter_mut().zip(values) {
                *to = f32::from(*value) / 127.5 - 1.0;
            }
        }
        wipe(&mut pixels);
        let outputs = self.graph.run(&[(&[1, SIDE, SIDE, 3], &input)]);
        wipe(&mut input);
        let outputs = outputs?;

        let (x_scale, y_scale) = (window.width as f32 / width as f32, window.height as f32 / height as f32);
        let to_frame = |x: f32, y: f32| Point {
            x: window.x as f32 + (x * SIDE as f32 - left as f32) * x_scale,
            y: window.y as f32 + (y * SIDE as f32 - top as f32) * y_scale,
        };
        let mut faces = Vec::new();
        for (grid, (cells, anchors)) in GRIDS.into_iter().enumerate() {
            let (scores, boxes) = (&outputs[grid].values, &outputs[grid + GRIDS.len()].values);
            for (index, (logit, numbers)) in scores.iter().zip(boxes.chunks_exact(BOX_LEN)).enumerate() {
                // The system's exponential differs from one C library to another; this one is `+ - * /`.
                let score = 1.0 / (1.0 + libm::expf(-logit.clamp(-80.0, 80.0)));
                if score < min_score {
                    continue;
                }
                let cell = index / anchors;
                let anchor = [(cell % cells) as f32, (cell / cells) as f32].map(|at| (at + 0.5) / cells as f32);
                let point = |at: usize| {
                    let [x, y] = [numbers[at] / SIDE as f32 + anchor[0], numbers[at + 1] / SIDE as f32 + anchor[1]];
                    to_frame(x, y)
                };
                let centre = point(0);
                let (width, height) = (numbers[2].max(0.0) * x_scale, numbers[3].max(0.0) * y_scale);
                faces.push(Face {
                    bounds: BoundingBox { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height },
                    keypoints: Keypoints {
                        right_eye: point(4),
                        left_eye: point(6),
                        nose: point(8),
                        mouth: point(10),
                        right_ear: point(12),
                        left_ear: point(14),
                    },
                    score,
                });
            }
        }
        Ok(faces)
    }
}

/// Square windows that cover the frame and overlap by at least half, `eighths` of its long side wide.
fn windows(frame: &Frame, eighths: u32) -> Vec<Window> {
    let long = frame.width().max(frame.height());
    let side = (long / 8 * eighths).max(1);
    let starts = |length: u32| -> Vec<u32> {
        let rest = length.saturating_sub(side);
        let steps = rest.div_ceil((side / 2).max(1));
        (0..=steps)
            .map(|step| if steps == 0 { 0 } else { (u64::from(rest) * u64::from(step) / u64::from(steps)) as u32 })
            .collect()
    };
    let (width, height) = (side.min(frame.width()), side.min(frame.height()));
    let rows = starts(frame.height());
    let columns = starts(frame.width());
    rows.iter().flat_map(|y| columns.iter().map(move |x| Window { x: *x, y: *y, width, height })).collect()
}

/// Merges the candidates for each face into their mean, weighted by score; the best score stands for all.
fn merge(mut candidates: Vec<Face>) -> Vec<Face> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(best) = candidates.first().copied() {
        let (same, others): (Vec<Face>, Vec<Face>) =
            candidates.into_iter().partition(|face| face.bounds.iou(&best.bounds) > MERGE_IOU);
        candidates = others;
        // A box without area overlaps nothing, itself included.
        if !same.is_empty() {
            faces.push(mean(&same, best.score));
        } else {
            candidates.remove(0);
        }
    }
    faces
}

fn mean(faces: &[Face], score: f32) -> Face {
    let total: f32 = faces.iter().map(|face| face.score).sum();
    let number = |of: fn(&Face) -> f32| faces.iter().map(|face| of(face) * face.score).sum::<f32>() / total;
    let point = |of: fn(&Face) -> Point| Point {
        x: faces.iter().map(|face| of(face).x * face.score).sum::<f32>() / total,
        y: faces.iter().map(|face| of(face).y * face.score).sum::<f32>() / total,
    };
    Face {
        bounds: BoundingBox {
            x: number(|face| face.bounds.x),
            y: number(|face| face.bounds.y),
            width: number(|face| face.bounds.width),
            height: number(|face| face.bounds.height),
        },
        keypoints: Keypoints {
            right_eye: point(|face| face.keypoints.right_eye),
            left_eye: point(|face| face.keypoints.left_eye),
            nose: point(|face| face.keypoints.nose),
            mouth: point(|face| face.keypoints.mouth),
            right_ear: point(|face| face.keypoints.right_ear),
            left_ear: point(|face| face.keypoints.left_ear),
        },
        score,
    }
}

/// Rounds every coordinate to the grid.
fn snap(face: Face) -> Face {
    let number = |value: f32| (value * GRID_PER_PX).round() / GRID_PER_PX;
    let point = |point: Point| Point { x: number(point.x), y: number(point.y) };
    let Face { bounds, keypoints, score } = face;
    Face {
        bounds: BoundingBox {
            x: number(bounds.x),
            y: number(bounds.y),
            width: number(bounds.width),
            height: number(bounds.height),
        },
        keypoints: Keypoints {
            right_eye: point(keypoints.right_eye),
            left_eye: point(keypoints.left_eye),
            nose: point(keypoints.nose),
            mouth: point(keypoints.mouth),
            right_ear: point(keypoints.right_ear),
            left_ear: point(keypoints.left_ear),
        },
        score,
    }
}
