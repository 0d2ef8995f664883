//! One file a subcommand, and how every one of them reports an error.

pub mod export;
pub mod synth;
pub mod train;
pub mod weights;

use std::fmt;

/// An error for people: what went wrong and what to do about it. Attach it with
/// [`anyhow::Context::context`] or make one with [`hinted`].
#[derive(Debug)]
pub struct Hinted {
    what: String,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Hinted {}

/// An error that says `what` went wrong and, on a line of its own, the `hint`.
pub fn hinted(what: impl Into<String>, hint: impl Into<String>) -> Hinted {
    Hinted { what: what.into(), hint: hint.into() }
}

/// Prints `error:`, the chain of `caused by:` lines and the `hint:` on stderr.
pub fn report(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("caused by: {cause}");
    }
    if let Some(hinted) = error.downcast_ref::<Hinted>() {
        eprintln!("hint: {}", hinted.hint);
    }
}
