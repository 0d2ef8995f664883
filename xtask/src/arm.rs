//! `cargo xtask arm`: the whole device program on emulated ARM processors, beside this one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

/// The target that the device program is built for.
pub(crate) const TARGET: &str = "aarch64-unknown-linux-gnu";

/// The processors that are emulated: in a Raspberry Pi Zero 2 W, 4 and 5. Each has kernels of its own.
pub(crate) const PROCESSORS: [&str; 3] = ["cortex-a53", "cortex-a72", "cortex-a76"];

/// Shows that the network gives the same on ARM, bit for bit: classifies photographs here and under emulation.
#[derive(Args)]
pub(crate) struct Cmd {
    /// Photographs; by default six of models/samples.
    photos: Vec<PathBuf>,
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        setup::install_arm()?;
        let cargo = |words: &[&str]| {
            let mut command = Command::new("cargo");
            command.current_dir(workspace.root()).args(words);
            command
        };
        shell::run(&mut cargo(&["build", "--release", "-p", "edge-app"]))?;
        shell::run(&mut cargo(&["build", "--release", "-p", "edge-app", "--target", TARGET]))?;
        let photos = if self.photos.is_empty() {
            let names = ["22q11ds-1", "apert-1", "down-1", "hgps-2", "negative-3", "williams-1"];
            names.map(|name| PathBuf::from(format!("models/samples/{name}.jpg"))).to_vec()
        } else {
            self.photos
        };
        let expected = classify(Command::new(workspace.program("edge-app")), workspace.root(), &photos)?;
        for photo in &photos {
            let result = expected.get(photo).with_context(|| format!("no result for {}", photo.display()))?;
            ensure!(result["logits"].is_object(), "{} gives no crop, so there is nothing to compare", photo.display());
            println!("{}: {}", photo.display(), result["logits"]);
        }
        let mut wrong = 0;
        for processor in PROCESSORS {
            let program = workspace.target.join(TARGET).join("release/edge-app");
            let start = Instant::now();
            let found = classify(emulate(processor, &program), workspace.root(), &photos)?;
            let same = photos.iter().filter(|photo| found.get(*photo) == expected.get(*photo)).count();
            let kernel = kernel(emulate(processor, &program), workspace.root())?;
            let seconds = start.elapsed().as_secs_f32();
            println!(
                "{processor}, kernel {kernel}: {same} of {} equal, bit for bit ({seconds:.0} s of emulation)",
                photos.len()
            );
            wrong += photos.len() - same;
        }
        if wrong > 0 {
            bail!("{wrong} results differ from those of this processor");
        }
        Ok(())
    }
}

/// `program` on an emulated processor.
pub(crate) fn emulate(processor: &str, program: &Path) -> Command {
    let mut command = Command::new("qemu-aarch64-static");
    command.args(["-cpu", processor, "-L", LIBRARIES]).arg(program);
    command
}

/// Where Debian's cross compiler has the C library of the target.
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";

/// How cargo starts the target's programs.
pub(crate) fn runner(processor: &str) -> String {
    format!("qemu-aarch64-static -cpu {processor} -L {LIBRARIES}")
}

/// What must not depend on the processor, of each photograph: where the face is, kind of finding and logits, as JSON. The
/// detector computes in floats, and the last digit of its score does depend on it.
fn classify(mut program: Command, root: &Path, photos: &[PathBuf]) -> Result<BTreeMap<PathBuf, Value>> {
    let text = output(program.current_dir(root).args(["classify", "--json", "--bundle", "models/demo"]).args(photos))?;
    let mut results = BTreeMap::new();
    for line in text.lines() {
        let mut value: Value = serde_json::from_str(line).context("edge-app printed a line that is no JSON")?;
        let photo = value["photo"].as_str().context("a line names no photograph")?.into();
        if let Some(face) = value["face"].as_object_mut() {
            face.remove("score");
        }
        let [face, kind, logits] =
            ["/face", "/finding/kind", "/logits"].map(|pointer| value.pointer_mut(pointer).map(Value::take));
        results.insert(photo, json!({ "face": face, "finding": kind, "logits": logits }));
    }
    Ok(results)
}

/// Which kernel the program chooses.
fn kernel(mut program: Command, root: &Path) -> Result<String> {
    let text = output(program.current_dir(root).args(["bench", "--runs", "1", "--json", "--bundle", "models/demo"]))?;
    let value: Value = serde_json::from_str(&text).context("edge-app bench printed no JSON")?;
    Ok(value["kernel"].as_str().context("edge-app bench names no kernel")?.to_owned())
}

/// Runs `command` and gives what it prints to stdout.
fn output(command: &mut Command) -> Result<String> {
    let line = shell::line(command);
    eprintln!("$ {line}");
    let run = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start: {line}"))?;
    ensure!(run.status.success(), "failed ({}): {line}", run.status);
    String::from_utf8(run.stdout).with_context(|| format!("no text: {line}"))
}
