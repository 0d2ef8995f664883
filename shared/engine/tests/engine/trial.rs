//! Loads bytes as a network and runs what loads.

use std::num::NonZeroUsize;

use lakshan_engine::{EngineError, Graph, Options};

/// Input values of a network that is run: more take too long, and find nothing that fewer do not.
const MOST_VALUES: usize = 1 << 16;

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Trial {
    /// It was refused.
    Refused,
    /// It was refused because tract panicked.
    Contained,
    /// It loaded; it was not run when its inputs are large.
    Loaded,
    /// It loaded and ran, `true` with a part in integers.
    Ran(bool),
}

/// Loads the bytes with two threads, and runs them twice on numbers of all kinds. A panic of the engine itself, and not of
/// tract, is a fault.
pub(crate) fn run(bytes: &[u8]) -> Result<Trial, String> {
    let options = Options { threads: NonZeroUsize::new(2).unwrap(), ..Options::default() };
    let graph = match Graph::from_onnx_with(bytes, options) {
        Ok(graph) => graph,
        Err(error) => return judge(&error).map(|contained| if contained { Trial::Contained } else { Trial::Refused }),
    };
    let sizes: Vec<usize> = graph.inputs().iter().map(|port| port.shape.iter().product()).collect();
    if sizes.iter().sum::<usize>() > MOST_VALUES {
        return Ok(Trial::Loaded);
    }
    let inputs: Vec<Vec<f32>> = sizes.iter().map(|size| (0..*size).map(value).collect()).collect();
    let inputs: Vec<(&[usize], &[f32])> =
        graph.inputs().iter().zip(&inputs).map(|(port, values)| (&port.shape[..], &values[..])).collect();
    for _ in 0..2 {
        if let Err(error) = graph.run(&inputs) {
            judge(&error)?;
        }
    }
    Ok(Trial::Ran(graph.kernel().is_some()))
}

/// Whether tract panicked, or the standard library on its behalf; a fault when the engine did.
fn judge(error: &EngineError) -> Result<bool, String> {
    match error {
        EngineError::Panicked { place, .. } if place.contains("shared/") => Err(format!("{error} at {place}")),
        EngineError::Panicked { .. } => Ok(true),
        _ => Ok(false),
    }
}

fn value(at: usize) -> f32 {
    match at % 97 {
        90 => f32::NAN,
        91 => f32::INFINITY,
        92 => f32::NEG_INFINITY,
        93 => f32::MAX,
        94 => 127.5,
        _ => (at * 37 % 300) as f32 - 150.0,
    }
}
