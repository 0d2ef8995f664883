//! The way from a photograph's file to the network's input, timed stage by stage.

use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use lakshan_core::InputTensor;
use lakshan_vision::{Analyser, DecodeError, crop, decode, measure};
use serde::Serialize;

use super::{WARM_UP, ms};

/// Medians, in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Stages {
    /// From the file's bytes to pixels.
    decode_ms: f64,
    /// Finding the face.
    detect_ms: f64,
    /// Cutting the crop and measuring its quality.
    crop_ms: f64,
    /// From the crop to the network's input.
    tensor_ms: f64,
    /// All of these; the median of the sums.
    all_ms: f64,
    /// The photograph's size in pixels.
    width: u32,
    height: u32,
}

impl Stages {
    /// Takes the photograph through all stages, `runs` times.
    ///
    /// # Errors
    /// When it cannot be read, or shows no face.
    pub(super) fn time(photo: &Path, analyser: &Analyser, runs: usize) -> anyhow::Result<Self> {
        let failed = || format!("cannot time {}", photo.display());
        let fault = |source| DecodeError::Read { path: photo.to_owned(), source };
        let bytes = std::fs::read(photo).map_err(fault).with_context(failed)?;
        let mut times: [Vec<Duration>; 5] = Default::default();
        let mut size = (0, 0);
        for run in 0..WARM_UP + runs {
            let start = Instant::now();
            let frame = decode(&bytes).with_context(failed)?;
            let decoded = Instant::now();
            let faces = analyser.detector().detect(&frame)?;
            let detected = Instant::now();
            let face = faces.first().context("it shows no face: name a photograph with one").with_context(failed)?;
            let cropped = crop(&frame, face);
            black_box(measure(face, &cropped.crop, cropped.inside_fraction));
            let cut = Instant::now();
            black_box(InputTensor::from_crop(&cropped.crop));
            let end = Instant::now();
            size = (frame.width(), frame.height());
            if run >= WARM_UP {
                let spans = [decoded - start, detected - decoded, cut - detected, end - cut, end - start];
                times.iter_mut().zip(spans).for_each(|(times, span)| times.push(span));
            }
        }
        let [decode_ms, detect_ms, crop_ms, tensor_ms, all_ms] = times.map(|mut times| {
            times.sort();
            ms(times[times.len() / 2])
        });
        Ok(Self { decode_ms, detect_ms, crop_ms, tensor_ms, all_ms, width: size.0, height: size.1 })
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Self { decode_ms, detect_ms, crop_ms, tensor_ms, all_ms, width, height } = self;
        writeln!(
            out,
            "photograph of {width} x {height}: {all_ms:.1} ms (decode {decode_ms:.1}, detect {detect_ms:.1}, \
             crop {crop_ms:.1}, tensor {tensor_ms:.1})"
        )
    }
}
