//! `edge-app self-test`: whether every part of the device works.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use lakshan_engine::Bundle;
use serde_json::json;

use super::Outcome;
use super::classify::BundleArgument;
use super::config::ConfigArgument;
use crate::bundles::{InUse, Place, Slots};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::indicator::LightChoice;
use crate::input::ButtonsChoice;
use crate::screening::Screener;
use crate::self_test::{self, Check, Limits, Outcome as Looked, Subjects, known};
use crate::{camera, display, indicator, input};

/// How long the camera may take to give its first picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// Check whether every part of the device works.
///
/// Looks at the bundle, at a known photograph's logits, at camera, screen, buttons, light, free memory, temperature,
/// disk and clock, as the configuration names them. The screen goes dark and comes back. Ends with 1 when a part failed.
#[derive(Debug, Args)]
pub struct SelfTest {
    #[command(flatten)]
    bundle: BundleArgument,

    #[command(flatten)]
    config: ConfigArgument,

    /// Print one JSON object, for programs.
    #[arg(long)]
    json: bool,

    /// Print the line of this bundle for edge-app/data/known_logits.tsv, and look at nothing else. For who ships a bundle.
    #[arg(long, conflicts_with = "json")]
    known_logits: bool,
}

impl SelfTest {
    /// Looks at every part and reports.
    ///
    /// # Errors
    /// When the configuration cannot be used. A part that does not work is a result.
    pub fn run(self) -> anyhow::Result<Outcome> {
        if self.known_logits {
            return self.print_known_logits();
        }
        let config = self.config.load()?;
        let screener = self.screener(&config);
        let refused = screener.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
        let clock = SystemClock::start();
        let limits =
            Limits { memory_mb: config.least_memory_mb, disk_mb: config.least_disk_mb, celsius: config.warm_celsius };
        let checks = self_test::run(Subjects {
            screener: screener.as_ref().map_err(|_| refused.as_str()),
            camera: look_at_camera(&config),
            screen: look_at_screen(&config),
            buttons: look_at_buttons(&config),
            light: look_at_light(&config),
            state: &config.state,
            limits,
            clock: &clock,
        });
        self.report(&checks)?;
        let failed = checks.iter().any(|check| matches!(check.outcome, Looked::Failed(_)));
        Ok(if failed { Outcome::PartlyFailed } else { Outcome::Done })
    }

    /// The bundle that is named, or the one that the device uses.
    fn screener(&self, config: &Config) -> anyhow::Result<Screener> {
        let bundle = match &config.bundle {
            _ if self.bundle.is_named() => self.bundle.open()?,
            Some(folder) => Bundle::open(folder)?,
            None => {
                let slots = Slots::new(&config.state);
                let program = match slots.state()?.active {
                    Place::Program => self.bundle.folder()?,
                    Place::A | Place::B => PathBuf::new(),
                };
                return Ok(InUse::new(slots, config.keys.clone(), program).look()?);
            }
        };
        Screener::new(bundle).context("cannot load the face detector")
    }

    fn report(&self, checks: &[Check]) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            let checks: Vec<_> = checks
                .iter()
                .map(
                    |check| json!({"part": check.part.id(), "outcome": check.outcome.id(), "why": check.outcome.why()}),
                )
                .collect();
            writeln!(out, "{}", json!({ "checks": checks }))?;
            return Ok(());
        }
        for check in checks {
            let part = check.part.id().replace('_', " ");
            let why = check.outcome.why().map(|why| format!("  {why}")).unwrap_or_default();
            writeln!(out, "{part:<17} {:<8}{why}", check.outcome.id())?;
        }
        Ok(())
    }

    fn print_known_logits(&self) -> anyhow::Result<Outcome> {
        let screener = Screener::new(self.bundle.open()?).context("cannot load the face detector")?;
        let logits = known::logits(&screener).map_err(|why| anyhow::anyhow!("the known photograph: {why}"))?;
        let values: Vec<String> = logits.iter().map(f32::to_string).collect();
        writeln!(io::stdout().lock(), "{}\t{}", known::network_hash(&screener), values.join("\t"))?;
        Ok(Outcome::Done)
    }
}

fn look_at_camera(config: &Config) -> Looked {
    match camera::open(&config.camera, config.wanted, config.controls) {
        Ok(mut camera) => self_test::camera(camera.as_mut(), PATIENCE),
        Err(error) => self_test::no_camera(&error),
    }
}

fn look_at_screen(config: &Config) -> Looked {
    match display::open(&config.display, &config.display_wishes) {
        Ok(mut opened) => match tiny_skia::Pixmap::new(opened.display.size().width(), opened.display.size().height()) {
            Some(dark) => opened.display.show(&dark).map_or_else(|error| failed(&error), |()| Looked::Passed),
            None => Looked::Failed("the screen has no pixels".to_owned()),
        },
        Err(error) => failed(&error),
    }
}

fn look_at_buttons(config: &Config) -> Looked {
    if config.buttons == (ButtonsChoice::These { gpio: false, evdev: false }) {
        return Looked::Skipped("the configuration has none".to_owned());
    }
    let size = config.display_wishes.size.unwrap_or(crate::screen::Size::DEVICE);
    match input::open(config.buttons, &config.pins, size, config.touch, false) {
        Ok(_) => Looked::Passed,
        Err(error) => failed(&error),
    }
}

fn look_at_light(config: &Config) -> Looked {
    if config.light == LightChoice::None {
        return Looked::Skipped("the configuration has none".to_owned());
    }
    match indicator::open(config.light, &config.pins) {
        Ok(mut light) => self_test::light(light.as_mut()),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> Looked {
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    Looked::Failed(format!("{error}{source}"))
}
