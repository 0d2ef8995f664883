//! Measuring: a network's outputs on held-out subjects, and the figures made of them.
//!
//! [`outputs`] runs a checkpoint (libtorch) or an ONNX file (the device's engine) over the crops of a split, [`metrics`]
//! makes figures of the logits, [`ceiling`] says what could be reached at best on synthetic data, [`report`] puts it
//! all in tables. [`calibration`] fits the policy of the device; [`bias`] and [`novelty`] are choices that it makes.

pub mod bias;
pub mod calibration;
pub mod ceiling;
pub mod metrics;
pub mod novelty;
pub mod outputs;
pub mod report;

pub use report::Report;
