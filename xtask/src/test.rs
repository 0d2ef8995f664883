//! `cargo xtask test`: everything that must hold, and one line at the end that counts the tests.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::arm;
use crate::setup::{self, Parts};
use crate::shell;
use crate::workspace::Workspace;

/// Sets up what is missing, then checks style, licences and builds, and runs every test.
#[derive(Args)]
pub(crate) struct Cmd {}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let mut report = Report::default();
        let parts = report.timed("set up", || setup::set_up(workspace))?;
        let cargo = |words: &[&str]| {
            let mut command = Command::new("cargo");
            command.current_dir(workspace.root()).args(words);
            parts.announce(workspace, &mut command);
            command
        };
        report.check("format", &mut cargo(&["fmt", "--all", "--check"]));
        check_licences(&mut report, &parts, workspace);
        let lint = ["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"];
        report.check("lints", &mut cargo(&lint));
        let device = ["clippy", "--release", "-p", "edge-app", "--features", "pi,window", "--all-targets"];
        report.check("device features", cargo(&device).args(["--", "-D", "warnings"]));
        let docs = ["doc", "--release", "--workspace", "--no-deps", "--quiet"];
        report.check("documentation", cargo(&docs).env("RUSTDOCFLAGS", "-D warnings"));
        report.check("build", &mut cargo(&["build", "--release", "--workspace"]));
        report.tests(
            "tests",
            &mut cargo(&["test", "--release", "--workspace", "--no-fail-fast"]),
            &mut std::io::stdout(),
        )?;
        if parts.builds_for_arm {
            test_on_arm(&mut report, cargo)?;
        } else {
            report
                .notes
                .push("kernels on ARM: not run because Rust's library for it is missing (see above)".to_owned());
        }
        report.finish()
    }
}

/// The kernels alone, so that the inference runtime is not built once more: `cargo xtask arm` runs all of it.
fn test_on_arm(report: &mut Report, cargo: impl Fn(&[&str]) -> Command) -> Result<()> {
    let names = ["tests, Cortex-A53", "tests, Cortex-A72", "tests, Cortex-A76"];
    for (processor, name) in arm::PROCESSORS.into_iter().zip(names) {
        let mut kernels = cargo(&["test", "--release", "-p", "lakshan-kernels", "--lib", "--target", arm::TARGET]);
        kernels.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", arm::runner(processor));
        report.tests(name, &mut kernels, &mut std::io::stdout())?;
    }
    Ok(())
}

fn check_licences(report: &mut Report, parts: &Parts, workspace: &Workspace) {
    match &parts.cargo_deny {
        Some(program) => {
            let mut deny = Command::new(program);
            // Advisories need a database from the network; licences, bans and sources do not.
            deny.current_dir(workspace.root()).args(["--workspace", "check", "licenses", "bans", "sources"]);
            report.check("licences and bans", &mut deny);
        }
        None => report.notes.push("cargo deny: not run because it could not be installed (see above)".to_owned()),
    }
}

/// What was done, how long it took, and how the tests came out.
#[derive(Default)]
struct Report {
    steps: Vec<(&'static str, Duration, bool)>,
    notes: Vec<String>,
    passed: u64,
    failed: u64,
}

impl Report {
    fn timed<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = step();
        self.steps.push((name, start.elapsed(), result.is_ok()));
        result
    }

    /// Runs a check that has no tests to count. A failure does not keep the next checks from running.
    fn check(&mut self, name: &'static str, command: &mut Command) {
        if let Err(error) = self.timed(name, || shell::run(command)) {
            shell::report(&error);
        }
    }

    /// Runs cargo's tests, passes their output on to `out` and counts.
    fn tests(&mut self, name: &'static str, command: &mut Command, out: &mut dyn Write) -> Result<()> {
        let line = shell::line(command);
        eprintln!("$ {line}");
        let (start, failed) = (Instant::now(), self.failed);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
        let output = BufReader::new(child.stdout.take().context("cargo's output was not captured")?);
        let mut ignored = 0;
        for line in output.lines() {
            let line = line.context("cannot read cargo's output")?;
            writeln!(out, "{line}")?;
            if let Some(counts) = Counts::parse(&line) {
                self.passed += counts.passed;
                self.failed += counts.failed;
                ignored += counts.ignored;
            }
        }
        let status = child.wait()?;
        if !status.success() {
            eprintln!("error: failed ({status}): {line}");
        }
        if ignored > 0 {
            self.notes.push(format!("{ignored} tests are ignored by their own mark"));
        }
        self.steps.push((name, start.elapsed(), status.success() && self.failed == failed));
        Ok(())
    }

    /// Prints how long each step took and, last, the line that counts.
    fn finish(self) -> Result<()> {
        eprintln!();
        for (name, time, good) in &self.steps {
            eprintln!("{:>6.0} s  {}  {name}", time.as_secs_f32(), if *good { "ok    " } else { "FAILED" });
        }
        for note in &self.notes {
            eprintln!("note: {note}");
        }
        let wrong: Vec<&str> = self.steps.iter().filter(|(_, _, good)| !good).map(|(name, _, _)| *name).collect();
        // A check that failed before any test could run must not end in "0 failed".
        let failed = self.failed.max(wrong.len() as u64);
        println!("{} passed, {failed} failed", self.passed);
        if !wrong.is_empty() {
            bail!("these did not hold: {}", wrong.join(", "));
        }
        Ok(())
    }
}

/// The numbers of one `test result:` line.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let number =
            |what: &str| counts.split("; ").find_map(|part| part.trim().strip_suffix(what)?.trim().parse::<u64>().ok());
        Some(Self { passed: number("passed")?, failed: number("failed")?, ignored: number("ignored")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_cargos_result_lines() {
        let line = "test result: FAILED. 13 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.16s";
        assert_eq!(Counts::parse(line), Some(Counts { passed: 13, failed: 2, ignored: 1 }));
        assert_eq!(Counts::parse("test result: ok. 0 passed; 0 failed; 0 ignored").unwrap().passed, 0);
        assert_eq!(Counts::parse("test reads ... ok"), None);
        assert_eq!(Counts::parse("the test result: 3 passed"), None);
    }

    #[test]
    fn a_failed_check_fails_the_whole() {
        let mut report = Report::default();
        report.check("sleep", Command::new("sh").args(["-c", "exit 0"]));
        report.check("style", Command::new("sh").args(["-c", "exit 1"]));
        report.check("after", Command::new("sh").args(["-c", "exit 0"]));
        assert_eq!(report.steps.len(), 3, "the checks after a failed one still ran");
        assert!(report.finish().unwrap_err().to_string().ends_with("hold: style"));
    }

    #[test]
    fn tests_are_counted_over_all_programs() {
        let mut report = Report::default();
        let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured'; \
                      echo 'test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured'; exit 101";
        report.tests("tests", Command::new("sh").args(["-c", script]), &mut std::io::sink()).unwrap();
        assert_eq!((report.passed, report.failed), (5, 1));
        assert!(report.finish().is_err());
    }
}
