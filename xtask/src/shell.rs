//! Runs commands, shows each as a line that can be typed, and reports errors the way the programs do.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use lakshan_registry::FetchError;

/// An error with something that the user can do about it.
#[derive(Debug)]
pub(crate) struct Hinted {
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
pub(crate) fn hinted(what: impl Into<String>, hint: impl Into<String>) -> Hinted {
    Hinted { what: what.into(), hint: hint.into() }
}

/// Prints `error:`, `caused by:` and `hint:` lines.
pub(crate) fn report(error: &anyhow::Error) {
    eprintln!("error: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("caused by: {cause}");
    }
    let hint = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Hinted>() {
        Some(hinted) => Some(hinted.hint.clone()),
        None => cause.downcast_ref::<FetchError>()?.hint().map(str::to_owned),
    };
    if let Some(hint) = error.chain().find_map(hint) {
        eprintln!("hint: {hint}");
    }
}

/// `command` as one would type it, with the variables that are set for it.
pub(crate) fn line(command: &Command) -> String {
    let quote = |word: &std::ffi::OsStr| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
    };
    let set = |(name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>)| {
        value.map(|value| format!("{}={}", name.to_string_lossy(), quote(value)))
    };
    let variables = command.get_envs().filter_map(set);
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(quote);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// Shows and runs `command`; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start: {line}"))?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

/// Something of the last commit, in git's format: its time, so that the same commit gives the same bytes.
pub(crate) fn last_commit(root: &Path, format: &str) -> Result<String> {
    let mut command = Command::new("git");
    command.current_dir(root).args(["log", "-1", &format!("--format={format}")]);
    let output = command.output().context("cannot start git")?;
    if !output.status.success() {
        bail!("git knows no last commit of {}", root.display());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Whether `command` can be started and ends well; shows nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed() {
        let mut command = Command::new("cargo");
        command.args(["test", "-p", "a b", ""]).env("LIBTORCH", "/x y");
        assert_eq!(line(&command), "LIBTORCH='/x y' cargo test -p 'a b' ''");
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("sh -c"), "{error}");
        assert!(run(&mut Command::new("no-such-program-here")).unwrap_err().to_string().contains("cannot start"));
        assert!(!succeeds(&mut Command::new("no-such-program-here")));
    }
}
