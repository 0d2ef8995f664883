//! How a network is to be loaded and run.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::{fs, thread};

use crate::instruction_set::InstructionSet;

/// How a network is to be loaded and run.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use lakshan_engine::Options;
///
/// let options = Options { threads: NonZeroUsize::MIN, ..Options::default() };
/// assert!(options.integers);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many threads compute one inference of a quantized network. They sleep in between. By default as many as
    /// there are physical cores.
    pub threads: NonZeroUsize,
    /// Whether what is quantized is computed in integers, and a float network that the float kernels know by them. By
    /// default so; without, tract computes in floats what the file says literally, which is slow and there for comparison.
    pub integers: bool,
    /// Which kernel computes the integers: by default the fastest that this processor has. All give the same result.
    pub instructions: InstructionSet,
}

impl Default for Options {
    fn default() -> Self {
        Self { threads: physical_cores(), integers: true, instructions: InstructionSet::default() }
    }
}

/// The physical cores that this process may use: two threads of one core get in each other's way.
fn physical_cores() -> NonZeroUsize {
    let allowed = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let core = |index: usize| {
        // Where the system does not say so, each counts for itself.
        let path = format!("/sys/devices/system/cpu/cpu{index}/topology/thread_siblings_list");
        fs::read_to_string(path).ok()
    };
    let cores: Option<HashSet<String>> = (0..allowed.get()).map(core).collect();
    cores.and_then(|cores| NonZeroUsize::new(cores.len())).map_or(allowed, |cores| cores.min(allowed))
}
