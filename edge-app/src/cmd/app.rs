//! `edge-app app`: checks, lists and installs programs, goes back to the one before, and starts the one in use.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::Outcome;
use super::bundle::{end_list, role, shown};
use super::config::ConfigArgument;
use crate::bundle_search;
use crate::bundles::{InUse, Place, Slots, TrustedKeys};
use crate::programs::{self, MANIFEST_FILE, ProgramManifest, SignedProgram};
use crate::self_test::{Outcome as Looked, known};

/// Check, list or install programs, go back to the one before, or start the one in use.
///
/// An update is a folder with program.json, its signature and edge-app, as `cargo xtask update` makes it. It must be signed
/// by a key in the folder `program` inside the configuration's folder `keys`. A new one is tried before it is used, and is
/// left again by itself when it does not run for a minute within three starts, or fails its self-test.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct App {
    #[command(subcommand)]
    action: Action,
}

const HELP: &str = "\
Examples:
  edge-app app verify /media/usb/lakshan-app    signature, hash, processor; it is not run
  edge-app app install /media/usb/lakshan-app   the same on a copy on the device, its test, then the switch
  edge-app app list                             what is in use, and what can be gone back to

What is installed runs from the next `edge-app app start`, which is what the service does.";

#[derive(Debug, Subcommand)]
enum Action {
    /// Check a program without running it, and change nothing.
    Verify {
        /// The folder of the update.
        path: PathBuf,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// List the programs on the device.
    List {
        /// Print one JSON object, for programs.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Install a program; the one in use stays beside it.
    Install {
        /// The folder of the update, on a stick for one.
        path: PathBuf,
        /// Also when this version or a newer one was in use before.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Go back to the program that was in use before.
    Rollback {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Run the program in use, `run` with these words: the one in a slot if its signature and hash hold, else this one.
    Start {
        #[command(flatten)]
        config: ConfigArgument,
        /// For `edge-app run`.
        #[arg(last = true)]
        words: Vec<OsString>,
    },
    /// Open the bundle in use and judge the known photograph: how a new program is tried before it is used.
    #[command(hide = true)]
    Try {
        #[command(flatten)]
        config: ConfigArgument,
    },
}

impl App {
    /// Does what was asked for.
    ///
    /// # Errors
    /// When it cannot be done; the program in use is then the same as before.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Verify { path, config } => {
                let keys = TrustedKeys::read(&programs::keys(&config.load()?.keys))?;
                let verified = programs::verify(&path, &keys)
                    .with_context(|| format!("the program {} is refused", path.display()))?;
                print(&verified)?;
            }
            Action::List { json, config } => list(&config.load()?, json)?,
            Action::Install { path, force, config } => {
                let file = config.path();
                let config = config.load()?;
                let keys = TrustedKeys::read(&programs::keys(&config.keys))?;
                let slots = Slots::of_programs(&config.state);
                let signed = SignedProgram::read(&path, &keys);
                let (verified, place) = signed
                    .and_then(|signed| {
                        programs::install(&path, &signed, &keys, &slots, file.as_deref(), force, &mut shown())
                    })
                    .with_context(|| format!("the program {} was not installed", path.display()))?;
                print(&verified)?;
                writeln!(io::stdout().lock(), "installed  in slot {}; runs from the next start", place.id())?;
            }
            Action::Rollback { config } => {
                let place = Slots::of_programs(&config.load()?.state).roll_back().context("cannot go back")?;
                let words = if place == Place::Program { "the program of the package" } else { "the other program" };
                writeln!(io::stdout().lock(), "{words} runs from the next start")?;
            }
            Action::Start { config, words } => {
                let mut all = Vec::new();
                if let Some(file) = config.path() {
                    all.extend(["--config".into(), file.into_os_string()]);
                }
                all.extend(words);
                return Err(programs::start(&config.load()?, &all));
            }
            Action::Try { config } => try_out(&config.load()?)?,
        }
        Ok(Outcome::Done)
    }
}

fn print(verified: &programs::VerifiedProgram) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "program    {} for {}", verified.manifest.program_version, verified.manifest.processor)?;
    writeln!(out, "signed by  {} ({})", verified.signed_by.key, verified.signed_by.comment)
}

/// Nothing is counted and nothing is gone back to: the program that is in use still runs beside this one.
fn try_out(config: &crate::config::Config) -> anyhow::Result<()> {
    let current = std::env::current_dir().unwrap_or_default();
    let program = match &config.bundle {
        Some(folder) => folder.clone(),
        // It need not be there when another one is in use.
        None => bundle_search::find(&current, None).unwrap_or_else(|_| PathBuf::from(bundle_search::IN_SYSTEM)),
    };
    let in_use = InUse::new(Slots::new(&config.state), config.keys.clone(), program);
    let screener = in_use.look()?;
    match known::check(&screener) {
        Looked::Passed | Looked::Warned(_) => Ok(()),
        Looked::Failed(why) | Looked::Skipped(why) => bail!("the self-test with the known photograph failed: {why}"),
    }
}

fn list(config: &crate::config::Config, json: bool) -> anyhow::Result<()> {
    let slots = Slots::of_programs(&config.state);
    let state = slots.state()?;
    let version = |place: Place| match slots.path(place) {
        None => Some(env!("CARGO_PKG_VERSION").to_owned()),
        Some(folder) => {
            let manifest = ProgramManifest::parse(&std::fs::read(folder.join(MANIFEST_FILE)).ok()?).ok()?;
            Some(manifest.program_version)
        }
    };
    let places = [Place::A, Place::B, Place::Program].map(|place| (place, version(place)));
    let mut out = io::stdout().lock();
    if json {
        let found = places.iter().filter_map(|(place, version)| {
            let version = version.as_ref()?;
            Some(json!({"place": place.id(), "version": version, "role": role(&state, *place)}))
        });
        let found: Vec<_> = found.collect();
        let on_trial = state.trial.map(|trial| trial.starts);
        writeln!(out, "{}", json!({"programs": found, "trial_starts": on_trial, "went_back": state.went_back}))?;
        return Ok(());
    }
    for (place, version) in &places {
        if let Some(version) = version {
            writeln!(out, "{:<8} {:<8} {version}", place.id(), role(&state, *place))?;
        }
    }
    end_list(&mut out, &state)?;
    Ok(())
}
