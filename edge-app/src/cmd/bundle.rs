//! `edge-app bundle`: checks, lists, installs and removes bundles, and goes back to the one before.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use lakshan_core::manifest::Manifest;
use serde_json::json;

use super::Outcome;
use super::config::ConfigArgument;
use crate::bundle_search;
use crate::bundles::{self, MAX_STARTS, Place, Progress, SignedBundle, Slots, State, TrustedKeys, Verified};
use crate::config::Config;

/// Check, list, install or remove bundles, or go back to the one before.
///
/// A bundle must be signed by a key in the configuration's folder `keys`. A new one is tried on a known photograph before
/// it is used, and is left again by itself when the program does not run with it.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Bundle {
    #[command(subcommand)]
    action: Action,
}

const HELP: &str = "\
Examples:
  edge-app bundle verify /media/usb/bundle    signature, hashes, format, classes, known photograph
  edge-app bundle install /media/usb/bundle   the same on a copy on the device, then the switch
  edge-app bundle list                        what is in use, and what can be gone back to

What is installed is used from the next start of `edge-app run`.";

#[derive(Debug, Subcommand)]
enum Action {
    /// Check a bundle as an installation would, and change nothing.
    Verify {
        /// The folder of the bundle.
        path: PathBuf,
        /// The folder of the public keys [default: the configuration's].
        #[arg(long, value_name = "DIR")]
        keys: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// List the bundles on the device.
    List {
        /// Print one JSON object, for programs.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Install a bundle; the one in use stays beside it.
    Install {
        /// The folder of the bundle, on a stick for one.
        path: PathBuf,
        /// Also when this version or a newer one was in use before, or a synthetic bundle would replace a clinical one.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Go back to the bundle that was in use before.
    Rollback {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Remove the bundle that is not in use.
    Remove {
        /// Remove all that were installed; the one that came with the program is used again.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        config: ConfigArgument,
    },
}

impl Bundle {
    /// Does what was asked for.
    ///
    /// # Errors
    /// When it cannot be done; the bundle in use is then the same as before.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::Verify { path, keys, config } => {
                let keys = TrustedKeys::read(&keys.map_or_else(|| Ok(config.load()?.keys), anyhow::Ok)?)?;
                let verified = bundles::verify(&path, &keys)
                    .with_context(|| format!("the bundle {} is refused", path.display()))?;
                print_verified(&verified)?;
            }
            Action::List { json, config } => list(&config.load()?, json)?,
            Action::Install { path, force, config } => {
                let config = config.load()?;
                let keys = TrustedKeys::read(&config.keys)?;
                let slots = Slots::new(&config.state);
                let signed = SignedBundle::read(&path, &keys);
                let (verified, place) = signed
                    .and_then(|signed| bundles::install(&path, &signed, &keys, &slots, force, &mut shown()))
                    .with_context(|| format!("the bundle {} was not installed", path.display()))?;
                print_verified(&verified)?;
                writeln!(io::stdout().lock(), "installed  in slot {}; used from the next start", place.id())?;
            }
            Action::Rollback { config } => {
                let slots = Slots::new(&config.load()?.state);
                let place = slots.roll_back().context("cannot go back")?;
                writeln!(io::stdout().lock(), "{} is used from the next start", words(place))?;
            }
            Action::Remove { all, config } => {
                let removed = Slots::new(&config.load()?.state).remove(all).context("nothing was removed")?;
                for place in removed {
                    writeln!(io::stdout().lock(), "removed    {}", words(place))?;
                }
            }
        }
        Ok(Outcome::Done)
    }
}

/// Tells people how far an installation is.
pub(super) fn shown() -> impl FnMut(Progress) -> bool {
    let on_terminal = io::stderr().is_terminal();
    let mut percent = None;
    move |progress| {
        match progress {
            Progress::Copied(bytes, all) => {
                let now = bytes * 100 / all.max(1);
                if on_terminal && percent.replace(now) != Some(now) {
                    eprint!("\rcopying {now} %");
                }
            }
            Progress::StickFree => {
                let begin = if on_terminal { "\r" } else { "" };
                eprintln!("{begin}copied: the stick may be pulled; trying it");
            }
        }
        true
    }
}

fn print_verified(verified: &Verified) -> io::Result<()> {
    let Verified { manifest, signed_by, self_test } = verified;
    let mut out = io::stdout().lock();
    writeln!(out, "bundle     {} {}", manifest.name, manifest.version)?;
    writeln!(out, "signed by  {} ({})", signed_by.key, signed_by.comment)?;
    writeln!(out, "data       {}", manifest.provenance.statement)?;
    if let Some(notice) = manifest.provenance.notice() {
        writeln!(out, "           {notice}")?;
    }
    let why = self_test.why().map(|why| format!("  {why}")).unwrap_or_default();
    writeln!(out, "self-test  {}{why}", self_test.id())
}

fn words(place: Place) -> String {
    match place {
        Place::Program => "the bundle that came with the program".to_owned(),
        place => format!("slot {}", place.id()),
    }
}

fn list(config: &Config, json: bool) -> anyhow::Result<()> {
    let slots = Slots::new(&config.state);
    let state = slots.state()?;
    let places: Vec<(Place, Option<Manifest>)> =
        [Place::A, Place::B, Place::Program].into_iter().map(|place| (place, manifest(&slots, place))).collect();
    let mut out = io::stdout().lock();
    if json {
        let bundles: Vec<_> = places
            .iter()
            .filter_map(|(place, manifest)| Some((place, manifest.as_ref()?)))
            .map(|(place, manifest)| {
                json!({"place": place.id(), "name": manifest.name, "version": manifest.version, "role": role(&state, *place)})
            })
            .collect();
        let on_trial = state.trial.map(|trial| trial.starts);
        writeln!(out, "{}", json!({"bundles": bundles, "trial_starts": on_trial, "went_back": state.went_back}))?;
        return Ok(());
    }
    for (place, manifest) in &places {
        let about = match manifest {
            Some(manifest) => format!("{} {}", manifest.name, manifest.version),
            None if state.active == *place => "no bundle found".to_owned(),
            None => continue,
        };
        writeln!(out, "{:<8} {:<8} {about}", place.id(), role(&state, *place))?;
    }
    end_list(&mut out, &state)?;
    Ok(())
}

/// What stands below a list: how far a trial is, and why the device went back.
pub(super) fn end_list(out: &mut impl Write, state: &State) -> io::Result<()> {
    if let Some(trial) = state.trial {
        writeln!(out, "on trial: {} of {MAX_STARTS} starts", trial.starts)?;
    }
    if let Some(why) = &state.went_back {
        writeln!(out, "went back by itself: {why}")?;
    }
    Ok(())
}

pub(super) fn role(state: &State, place: Place) -> &'static str {
    match place {
        _ if state.active == place => "in use",
        _ if state.previous == Some(place) => "before",
        _ => "-",
    }
}

/// What the bundle there says about itself; nothing is checked.
fn manifest(slots: &Slots, place: Place) -> Option<Manifest> {
    let folder = slots.path(place).or_else(|| {
        let current = std::env::current_dir().ok()?;
        bundle_search::find(&current, std::env::current_exe().ok().as_deref()).ok()
    })?;
    Manifest::parse(&std::fs::read(folder.join(lakshan_core::manifest::FILE_NAME)).ok()?).ok()
}
