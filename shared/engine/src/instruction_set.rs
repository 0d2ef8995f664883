//! Which kernel computes the integers: what this processor has, by name.

use std::fmt;
use std::str::FromStr;

use lakshan_kernels::Kernel;

use crate::error::EngineError;

/// An instruction set that the integer part can be computed with, and that this processor has. All give the same bytes.
///
/// ```
/// use lakshan_engine::InstructionSet;
///
/// let scalar: InstructionSet = "scalar".parse()?;
/// assert!(InstructionSet::available().contains(&scalar));
/// # Ok::<(), lakshan_engine::EngineError>(())
/// ```
#[derive(Clone, Copy)]
pub struct InstructionSet(&'static Kernel);

impl InstructionSet {
    /// Those that this processor has, the fastest first. The last is `scalar`, plain Rust.
    pub fn available() -> Vec<Self> {
        lakshan_kernels::available().into_iter().map(Self).collect()
    }

    /// Its name, such as `avx2`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// How many multiplications a second its own instruction does at most, on `threads` threads together: measured on
    /// registers alone, in some ten milliseconds. `None` for `scalar`, where the compiler chooses the instruction.
    pub fn peak(self, threads: usize) -> Option<f64> {
        lakshan_kernels::peak(self.0, threads)
    }

    pub(crate) fn kernel(self) -> &'static Kernel {
        self.0
    }
}

impl Default for InstructionSet {
    /// The fastest.
    fn default() -> Self {
        Self::available()[0]
    }
}

impl FromStr for InstructionSet {
    type Err = EngineError;

    fn from_str(name: &str) -> Result<Self, EngineError> {
        let available = Self::available();
        let names = || available.iter().map(|set| set.name()).collect::<Vec<_>>().join(", ");
        let found = available.iter().find(|set| set.name() == name).copied();
        found.ok_or_else(|| EngineError::NoInstructionSet { asked: name.to_owned(), available: names() })
    }
}

impl PartialEq for InstructionSet {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for InstructionSet {}

impl fmt::Debug for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_processor_has_is_found_by_name() {
        for set in InstructionSet::available() {
            assert_eq!(set.name().parse::<InstructionSet>().unwrap(), set);
        }
        assert_eq!(InstructionSet::default(), InstructionSet::available()[0]);
    }

    #[test]
    fn what_it_lacks_is_refused_with_what_it_has() {
        let error = "sse9".parse::<InstructionSet>().unwrap_err().to_string();
        assert!(error.starts_with("this processor has no kernel 'sse9'; it has ") && error.ends_with("scalar"));
    }
}
