//! `edge-app bench`: how fast the network runs on this machine, and where the time goes.

mod screens;
mod stages;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use lakshan_core::{FaceCrop, Frame, InputTensor, preprocess};
use lakshan_engine::{InstructionSet, LayerTime, Network, NodeFate, Options};
use lakshan_vision::Analyser;
use serde::Serialize;

use super::Outcome;
use super::classify::{BundleArgument, parse_size};
use crate::screen::Size;
use stages::Stages;

/// Runs before the first that counts.
const WARM_UP: usize = 3;

/// Measure how fast the network runs here.
///
/// The network of the bundle is loaded once and run on one crop, again and again. Inference alone is timed; with --photo,
/// decoding, face detector and crop too. The peak is what the kernel's own multiplication does on registers alone, with
/// as many threads; layers that save multiplications may be above it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Bench {
    #[command(flatten)]
    bundle: BundleArgument,

    /// How many threads compute one inference [default: the number of physical cores].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// How many runs are timed.
    #[arg(long, value_name = "N", default_value = "50")]
    runs: NonZeroUsize,

    /// Print one JSON object, for programs.
    #[arg(long)]
    json: bool,

    /// Time the way from this photograph's file to the network's input too, stage by stage.
    #[arg(long, value_name = "PHOTO")]
    photo: Option<PathBuf>,

    /// Say of each node of the network and of the face detector whether this program's own kernels compute it, and if not,
    /// why.
    #[arg(long)]
    explain: bool,

    /// Add a table of the time that each kind of layer takes.
    #[arg(long)]
    per_layer: bool,

    /// Compute with this kernel in place of the fastest: scalar, avx2, avxvnni, avx512vnni or another that this processor
    /// has. All give the same result.
    #[arg(long, value_name = "NAME", conflicts_with = "floats")]
    kernel: Option<InstructionSet>,

    /// Compute in floats, as the file says literally: slow, for comparison.
    #[arg(long)]
    floats: bool,

    /// Measure the screens instead of the network: the live picture and what is drawn over it.
    #[arg(long, conflicts_with_all = ["threads", "explain", "per_layer", "kernel", "floats"])]
    screens: bool,

    /// With --screens, the size of the screen in pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = parse_size)]
    screen_size: Size,

    /// With --screens, the language of the words.
    #[arg(long, value_name = "CODE", default_value = "en")]
    lang: String,
}

const EXAMPLES: &str = "\
Examples:
  edge-app bench                         the time of one inference on all cores
  edge-app bench --threads 1 --per-layer on one core, and where the time goes
  edge-app bench --kernel avx2           as on a processor without AVX-512
  edge-app bench --json | jq .median_ms
  edge-app bench --screens --lang ur     how long the live screen takes
  edge-app bench --photo photo.jpg       and the way from a photograph to the network
  edge-app bench --explain --runs 1      which nodes are computed in integers";

/// What was measured. Times in milliseconds.
#[derive(Debug, Serialize)]
struct Measured {
    median_ms: f64,
    p95_ms: f64,
    min_ms: f64,
    /// Reading, checking and loading the bundle.
    load_ms: f64,
    /// The first inference.
    first_ms: f64,
    /// The most memory that this process ever held, in 10^6 bytes; `null` where the system does not say.
    peak_rss_mb: Option<f64>,
    threads: usize,
    runs: usize,
    /// The instruction set of the integer part; `null` when there is none.
    kernel: Option<&'static str>,
    /// The kernels that this processor has, the fastest first.
    kernels: Vec<&'static str>,
    /// Multiplications of the integer part as its layers are defined, by the median time.
    gmac_per_s: f64,
    /// What the kernel's own multiplication does at most, with as many threads; `null` when it has none of its own.
    peak_gmac_per_s: Option<f64>,
    of_peak: Option<f64>,
    /// The way from a photograph to the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    stages: Option<Stages>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<Vec<Class>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<Vec<Node>>,
    /// The same of the face detector, whose own kernels compute in floats.
    #[serde(skip_serializing_if = "Option::is_none")]
    detector_nodes: Option<Vec<Node>>,
}

/// All layers of a kind, in the median run.
#[derive(Debug, PartialEq, Serialize)]
struct Class {
    class: String,
    layers: usize,
    ms: f64,
    gmac_per_s: f64,
    /// Above 1 where Winograd's algorithm saves multiplications, which count as if they were done.
    of_peak: Option<f64>,
}

/// What became of a node.
#[derive(Debug, Serialize)]
struct Node {
    name: String,
    operator: String,
    /// Whether this program's own kernels compute it: the network's in integers, the detector's in floats.
    fused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
}

impl Bench {
    /// Measures and prints.
    ///
    /// # Errors
    /// When the bundle cannot be used, or the network fails while running.
    pub fn run(self) -> anyhow::Result<Outcome> {
        if self.screens {
            screens::run(self.screen_size, &self.lang, self.runs.get(), self.json)?;
            return Ok(Outcome::Done);
        }
        let default = Options::default();
        let options = Options {
            threads: self.threads.unwrap_or(default.threads),
            integers: !self.floats,
            instructions: self.kernel.unwrap_or(default.instructions),
        };
        let start = Instant::now();
        let bundle = self.bundle.open_with(options)?;
        let load = start.elapsed();
        let network = bundle.network();
        let side = preprocess::SIZE;
        let pixels = (0..side * side * 3).map(|at| (at * 7 % 256) as u8).collect();
        let frame = Frame::new(side as u32, side as u32, pixels)?;
        let crop = FaceCrop::new(frame).context("the crop has another size")?;
        let input = InputTensor::from_crop(&crop);
        let start = Instant::now();
        network.infer(&input)?;
        let first = start.elapsed();
        let mut times = Vec::with_capacity(self.runs.get());
        for run in 0..WARM_UP + self.runs.get() {
            let start = Instant::now();
            network.infer(&input)?;
            if run >= WARM_UP {
                times.push(start.elapsed());
            }
        }
        times.sort();
        let layers = layers(network, &input, self.runs.get())?;
        // Loading the detector costs time and memory of its own.
        let peak_rss_mb = fs::read_to_string("/proc/self/status").ok().and_then(|status| peak_rss_mb(&status));
        let analyser = if self.photo.is_some() || self.explain {
            Some(Analyser::new().context("cannot load the face detector")?)
        } else {
            None
        };
        let stages = match (&self.photo, &analyser) {
            (Some(photo), Some(analyser)) => Some(Stages::time(photo, analyser, self.runs.get())?),
            _ => None,
        };
        let nodes = |fates: &[NodeFate]| fates.iter().map(Node::from).collect();
        let median = times[times.len() / 2];
        let macs: u64 = layers.iter().map(|layer| layer.macs).sum();
        let gmac_per_s = macs as f64 / median.as_secs_f64() / 1e9;
        let instructions = network.graph().instructions();
        let peak = instructions.and_then(|set| set.peak(network.graph().threads())).map(|peak| peak / 1e9);
        let measured = Measured {
            median_ms: ms(median),
            p95_ms: ms(times[(times.len() * 95).div_ceil(100) - 1]),
            min_ms: ms(times[0]),
            load_ms: ms(load),
            first_ms: ms(first),
            peak_rss_mb,
            threads: network.graph().threads(),
            runs: times.len(),
            kernel: instructions.map(InstructionSet::name),
            kernels: InstructionSet::available().into_iter().map(InstructionSet::name).collect(),
            gmac_per_s,
            peak_gmac_per_s: peak,
            of_peak: peak.map(|peak| gmac_per_s / peak),
            layers: self.per_layer.then(|| classes(&layers, peak)),
            stages,
            nodes: self.explain.then(|| nodes(network.graph().explain())),
            detector_nodes: analyser.filter(|_| self.explain).map(|it| nodes(it.detector().graph().explain())),
        };
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &measured)?;
            writeln!(out)?;
        } else {
            write_words(&mut out, &measured)?;
        }
        Ok(Outcome::Done)
    }
}

impl From<&NodeFate> for Node {
    fn from(fate: &NodeFate) -> Self {
        let NodeFate { name, operator, obstacle } = fate.clone();
        Self { name, operator, fused: obstacle.is_none(), why_not: obstacle }
    }
}

/// The layers, each with its median time of several runs.
fn layers(network: &Network, input: &InputTensor, runs: usize) -> anyhow::Result<Vec<LayerTime>> {
    let mut layers = network.time_layers(input)?;
    let mut times: Vec<Vec<Duration>> = layers.iter().map(|layer| vec![layer.time]).collect();
    for _ in 1..runs.min(20) {
        for (times, layer) in times.iter_mut().zip(network.time_layers(input)?) {
            times.push(layer.time);
        }
    }
    for (layer, times) in layers.iter_mut().zip(&mut times) {
        times.sort();
        layer.time = times[times.len() / 2];
    }
    Ok(layers)
}

/// Adds up the layers of each kind, the slowest first. `peak` in GMAC/s.
fn classes(layers: &[LayerTime], peak: Option<f64>) -> Vec<Class> {
    let mut sums: BTreeMap<&str, (usize, Duration, u64)> = BTreeMap::new();
    for layer in layers {
        let (count, time, macs) = sums.entry(&layer.class).or_default();
        *count += 1;
        *time += layer.time;
        *macs += layer.macs;
    }
    let class = |(class, (layers, time, macs)): (&str, (usize, Duration, u64))| {
        let gmac_per_s = macs as f64 / time.as_secs_f64().max(1e-9) / 1e9;
        let of_peak = peak.filter(|_| macs > 0).map(|peak| gmac_per_s / peak);
        Class { class: class.to_owned(), layers, ms: ms(time), gmac_per_s, of_peak }
    };
    let mut classes: Vec<Class> = sums.into_iter().map(class).collect();
    classes.sort_by(|a, b| b.ms.total_cmp(&a.ms));
    classes
}

fn write_words(out: &mut impl Write, measured: &Measured) -> io::Result<()> {
    writeln!(out, "median {:.2} ms of {} runs", measured.median_ms, measured.runs)?;
    writeln!(out, "95 % within {:.2} ms, least {:.2} ms", measured.p95_ms, measured.min_ms)?;
    writeln!(out, "load {:.0} ms, first inference {:.1} ms", measured.load_ms, measured.first_ms)?;
    if let Some(peak) = measured.peak_rss_mb {
        writeln!(out, "peak memory {peak:.0} MB")?;
    }
    let kernel = measured.kernel.unwrap_or("floats");
    write!(out, "threads {}, {kernel}, {:.1} GMAC/s", measured.threads, measured.gmac_per_s)?;
    if let (Some(peak), Some(of_peak)) = (measured.peak_gmac_per_s, measured.of_peak) {
        write!(out, ", {of_peak:.2} of the peak of {peak:.1}")?;
    }
    writeln!(out, "\nkernels here: {}", measured.kernels.join(", "))?;
    if let Some(stages) = &measured.stages {
        stages.write(out)?;
    }
    if let Some(layers) = &measured.layers {
        writeln!(out, "\n{:24} {:>6} {:>9} {:>8} {:>8}", "layers", "count", "ms", "GMAC/s", "of peak")?;
        for Class { class, layers, ms, gmac_per_s, of_peak } in layers {
            let of_peak = of_peak.map_or_else(|| "-".to_owned(), |of_peak| format!("{of_peak:.2}"));
            writeln!(out, "{class:24} {layers:6} {ms:9.3} {gmac_per_s:8.1} {of_peak:>8}")?;
        }
    }
    for (nodes, own) in [(&measured.nodes, "integers"), (&measured.detector_nodes, "float kernels")] {
        let Some(nodes) = nodes else { continue };
        writeln!(out)?;
        for Node { name, operator, why_not, .. } in nodes {
            let fate = why_not.as_deref().map_or(own.to_owned(), |why| format!("tract, in floats: {why}"));
            let name = if name.is_empty() { "(no name)" } else { name };
            writeln!(out, "{operator:18} {name}: {fate}")?;
        }
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The line `VmHWM:   12345 kB` of a process's status on Linux.
fn peak_rss_mb(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_from_the_status() {
        assert_eq!(peak_rss_mb("Name:\tx\nVmHWM:\t    1000 kB\nVmRSS:\t 5 kB\n"), Some(1.024));
        assert_eq!(peak_rss_mb("Name:\tx\n"), None);
    }

    #[test]
    fn layers_of_a_kind_are_added_up() {
        let layer = |class: &str, macs, millis| LayerTime {
            name: String::new(),
            class: class.to_owned(),
            macs,
            time: Duration::from_millis(millis),
        };
        let layers = [layer("a", 1_000_000_000, 10), layer("b", 0, 50), layer("a", 1_000_000_000, 10)];
        let classes = classes(&layers, Some(200.0));
        let expected = [("b", 1, 50.0, 0.0, None), ("a", 2, 20.0, 100.0, Some(0.5))];
        for (class, (name, layers, ms, gmac_per_s, of_peak)) in classes.iter().zip(expected) {
            assert_eq!((class.class.as_str(), class.layers, class.of_peak), (name, layers, of_peak));
            assert!((class.ms - ms).abs() < 1e-9 && (class.gmac_per_s - gmac_per_s).abs() < 1e-6);
        }
    }
}
