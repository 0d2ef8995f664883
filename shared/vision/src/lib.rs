//! From a photograph to a verdict: decode, find the face, cut the crop, judge its quality.
//!
//! One file a stage, each usable alone; [`Analyser`] runs them in order:
//!
//! ```text
//! bytes -> Frame          decode      JPEG, PNG, WebP; upright; 8-bit RGB
//! Frame -> Face...        Detector    BlazeFace through lakshan-engine
//! Frame, Face -> FaceCrop crop        levelled square of 224 x 224 pixels
//! ... -> QualityMeasures  measure     size, exposure, sharpness, turn
//! ... -> Verdict          Analyser    accept with the crop, or retake with the reason
//! ```
//!
//! Decoding, resizing and cropping use integers, or floats with nothing but `+ - * / sqrt` in a fixed order; the engine's
//! float kernels, which run the detector, fix the order of theirs too. So the same file gives the same face and the same
//! crop, bit for bit, on every processor.
//!
//! ```
//! use lakshan_core::{Frame, RetakeReason};
//! use lakshan_vision::{Analyser, DEFAULT_THRESHOLDS, Verdict};
//!
//! let analyser = Analyser::new()?;
//! let grey = Frame::new(640, 480, vec![128; 640 * 480 * 3]).expect("the size fits");
//! let analysis = analyser.analyse(&grey, &DEFAULT_THRESHOLDS)?;
//! assert!(matches!(analysis.verdict, Verdict::Retake { reason: RetakeReason::NoFace, face: None }));
//! # Ok::<(), lakshan_engine::EngineError>(())
//! ```

/// Is raised whenever the same photograph gives another face or another crop; whoever keeps crops cuts them again then.
pub const VERSION: u32 = 1;

mod analyse;
mod crop;
mod decode;
mod detect;
pub mod known;
mod quality;
mod resize;

pub use analyse::{Analyser, Analysis, Timings, Verdict};
pub use crop::{Cropped, crop};
pub use decode::{DecodeError, MAX_FILE_BYTES, MAX_PIXELS, decode, is_picture, open};
pub use detect::Detector;
pub use quality::{DEFAULT_THRESHOLDS, measure, unevenness};
