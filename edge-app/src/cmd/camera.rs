//! `edge-app camera`: which cameras there are, what one offers, and a picture from it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::Outcome;
use super::config::ConfigArgument;
use crate::camera::{self, CameraChoice, NodeVerdict, v4l};
use crate::config::Config;
use crate::parts::CameraFault;
use crate::png_file;
use crate::stop::Stop;

/// Look at the cameras, or try one (feature `v4l`).
#[derive(Debug, Args)]
pub struct Camera {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every video node: its device, driver and formats, and whether it is a camera.
    List,
    /// Show what a camera offers and what would be used, then count its pictures for some seconds. Nothing is stored.
    Probe {
        #[command(flatten)]
        which: Which,

        /// How long to count, in seconds.
        #[arg(long, value_name = "N", default_value_t = 3)]
        seconds: u64,
    },
    /// Write one picture into a PNG file. It may show a person: keep it as you would any photograph of a patient.
    Snapshot {
        #[command(flatten)]
        which: Which,

        /// The file to write. Without it nothing is ever stored.
        #[arg(long, value_name = "OUT.png")]
        to: PathBuf,

        /// How many pictures to let pass first: cameras need some to find their exposure.
        #[arg(long, value_name = "N", default_value_t = 10)]
        skip: u32,
    },
}

/// Which camera.
#[derive(Debug, Args)]
struct Which {
    /// auto, v4l:PATH, rpicam, rpicam:PROGRAM or folder:DIR [default: the configuration's].
    #[arg(long, value_name = "CAMERA")]
    camera: Option<CameraChoice>,

    #[command(flatten)]
    config: ConfigArgument,
}

impl Which {
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = self.config.load()?;
        if let Some(choice) = &self.camera {
            config.camera = choice.clone();
        }
        Ok(config)
    }
}

impl Camera {
    /// Looks or tries.
    ///
    /// # Errors
    /// When this build has no camera support, or the camera cannot be used.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.action {
            Action::List => list(),
            Action::Probe { which, seconds } => probe(&which.config()?, Duration::from_secs(seconds)),
            Action::Snapshot { which, to, skip } => snapshot(&which.config()?, &to, skip),
        }
    }
}

fn list() -> anyhow::Result<Outcome> {
    let nodes = v4l::nodes()?;
    if nodes.is_empty() {
        eprintln!("no video nodes: plug a camera in, and check that its driver is loaded");
    }
    let mut out = io::stdout().lock();
    for node in nodes {
        writeln!(out, "{}  {}", node.path.display(), node.verdict.words())?;
        if !node.card.is_empty() {
            writeln!(out, "  card {}, driver {}", node.card, node.driver)?;
        }
        if !node.formats.is_empty() {
            writeln!(out, "  formats {}", node.formats.join(" "))?;
        }
    }
    Ok(Outcome::Done)
}

fn probe(config: &Config, counted: Duration) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    if let Some(path) = v4l_node(config)? {
        let probe = v4l::probe(&path, config.wanted, config.controls)?;
        writeln!(out, "{}  {}", path.display(), probe.card)?;
        for offer in &probe.offers {
            let rate = offer.rate.map(|rate| format!(", up to {rate:.1} a second")).unwrap_or_default();
            writeln!(out, "  offers {} {}x{}{rate}", offer.format.fourcc(), offer.width, offer.height)?;
        }
        for control in &probe.controls {
            writeln!(out, "  {control}")?;
        }
    }
    let mut camera = camera::open(&config.camera, config.wanted, config.controls)?;
    writeln!(out, "uses {}", camera.describe())?;
    out.flush()?;

    let stop = Stop::on_signals()?;
    let start = Instant::now();
    let mut count = Count::default();
    let mut last_words = String::new();
    while start.elapsed() < counted && !stop.is_requested() {
        let words = match camera.next(Duration::from_millis(200)) {
            Ok(mut frame) => {
                count.pictures += 1;
                count.first = count.first.or(Some(start.elapsed()));
                frame.wipe();
                "pictures".to_owned()
            }
            Err(CameraFault::TimedOut) => {
                count.timed_out += 1;
                continue;
            }
            Err(CameraFault::Damaged) => {
                count.damaged += 1;
                continue;
            }
            Err(fault) => fault.to_string(),
        };
        // A change is news: when the camera is lost, and when it is back.
        if words != last_words {
            writeln!(out, "  {:.1} s: {words}", start.elapsed().as_secs_f64())?;
            out.flush()?;
            last_words = words;
        }
    }
    let seconds = start.elapsed().saturating_sub(count.first.unwrap_or_default()).as_secs_f64().max(1e-3);
    writeln!(
        out,
        "{} pictures, {:.1} a second, the first after {:.0} ms; {} damaged, {} time-outs of 200 ms",
        count.pictures,
        count.pictures as f64 / seconds,
        count.first.unwrap_or_default().as_secs_f64() * 1e3,
        count.damaged,
        count.timed_out
    )?;
    Ok(if count.pictures > 0 { Outcome::Done } else { Outcome::PartlyFailed })
}

#[derive(Default)]
struct Count {
    pictures: u64,
    damaged: u64,
    timed_out: u64,
    first: Option<Duration>,
}

/// The node that would be opened, when it is a V4L2 camera.
fn v4l_node(config: &Config) -> anyhow::Result<Option<PathBuf>> {
    match &config.camera {
        CameraChoice::V4l(path) => Ok(Some(path.clone())),
        CameraChoice::Auto => {
            let nodes = v4l::nodes()?;
            Ok(nodes.into_iter().find(|node| node.verdict == NodeVerdict::Camera).map(|node| node.path))
        }
        CameraChoice::Rpicam(_) | CameraChoice::Folder(_) => Ok(None),
    }
}

fn snapshot(config: &Config, to: &std::path::Path, skip: u32) -> anyhow::Result<Outcome> {
    let mut camera = camera::open(&config.camera, config.wanted, config.controls)?;
    let start = Instant::now();
    let mut left = skip;
    let mut last = CameraFault::TimedOut;
    while start.elapsed() < Duration::from_secs(15) {
        match camera.next(Duration::from_millis(500)) {
            Ok(mut frame) if left > 0 => {
                left -= 1;
                frame.wipe();
            }
            Ok(mut frame) => {
                let written = png_file::write(&frame, to);
                let size = (frame.width(), frame.height());
                frame.wipe();
                written?;
                eprintln!("{}: {}x{} from {}", to.display(), size.0, size.1, camera.describe());
                eprintln!("it may show a person: keep it as you would any photograph of a patient");
                return Ok(Outcome::Done);
            }
            Err(fault) => last = fault,
        }
    }
    Err(last).with_context(|| format!("no picture from {}", camera.describe()))
}
