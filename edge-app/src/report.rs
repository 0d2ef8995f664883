//! Errors as people read them: what failed, why, and what to do about it.
//!
//! ```text
//! error: cannot use photos/a.jpg
//! caused by: it is cut off
//! hint: copy the file again
//! ```

use std::error::Error;
use std::io;

use lakshan_engine::BundleError;
use lakshan_vision::DecodeError;

use crate::board::BoardError;
use crate::bundle_search::BundleNotFound;
use crate::bundles::{BundlesError, SignatureError};
use crate::camera::CameraError;
use crate::config::ConfigError;
use crate::display::DisplayError;
use crate::indicator::IndicatorError;
use crate::input::InputError;
use crate::missing_part::MissingPart;
use crate::register::RegisterError;
use crate::simulate::SimulateError;
use crate::simulate::script::ScriptError;
use crate::text::TextError;

/// Writes an error, its causes and a hint to stderr. A closed stderr is nobody's loss.
pub fn print(error: &anyhow::Error) {
    use std::io::Write;
    let _ = io::stderr().lock().write_all(lines(error).as_bytes());
}

/// An error, its causes and a hint, each on a line of its own.
pub fn lines(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error}\n");
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let words = cause.to_string();
        // A transparent wrapper says the same as what it wraps.
        if words != last {
            text.push_str(&format!("caused by: {}\n", words.replace('\n', " ")));
        }
        last = words;
    }
    if let Some(hint) = error.chain().find_map(hint) {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}

/// An error and its causes in one line, for a screen and for logs.
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(&format!(": {error}"));
        cause = error.source();
    }
    line.replace('\n', " ")
}

/// Whether the reader of our output went away, as `head` does. Not a failure.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io_errors = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    io_errors.into_iter().any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// What one kind of error advises.
fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<BundleError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(error) = error.downcast_ref::<BundleNotFound>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<BundlesError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(error) = error.downcast_ref::<SignatureError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(error) = error.downcast_ref::<RegisterError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(error) = error.downcast_ref::<TextError>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<CameraError>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<DisplayError>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<InputError>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<IndicatorError>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<BoardError>() {
        return Some(error.hint());
    }
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return error.hint();
    }
    if let Some(part) = error.downcast_ref::<MissingPart>() {
        return Some(part.hint());
    }
    if let Some(error) = error.downcast_ref::<ScriptError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(SimulateError::Script(error)) = error.downcast_ref() {
        return Some(error.hint().to_owned());
    }
    error.downcast_ref::<DecodeError>().map(|error| error.hint().to_owned())
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn causes_and_hint_follow_the_error() {
        let cause = TextError::UnknownLanguage("tlh".to_owned());
        let error = Err::<(), _>(cause).context("cannot start").unwrap_err();
        let expected = "error: cannot start\ncaused by: there is no language 'tlh'\n\
                        hint: languages in this build: en (English)";
        let lines = lines(&error);
        assert!(lines.starts_with(expected) && lines.ends_with('\n') && lines.lines().count() == 3, "{lines}");
    }

    #[test]
    fn a_closed_pipe_is_recognised_inside_a_chain() {
        let broken = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_closed_pipe(&anyhow::Error::from(broken).context("cannot write the results")));
        assert!(!is_closed_pipe(&anyhow::anyhow!("something else")));
    }
}
