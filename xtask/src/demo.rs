//! `cargo xtask demo`: the whole road at small size, each step shown as the command that one would type.
//!
//! A step that is done leaves its command in a file; the next call begins at the first step whose command has changed
//! or was never finished.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::setup;
use crate::shell;
use crate::workspace::Workspace;

/// Walks the whole road at small size: photographs, training, measuring, packing, and results on one sheet.
#[derive(Args)]
pub(crate) struct Cmd {
    /// Where everything is written; relative to the project.
    #[arg(long, value_name = "DIR", default_value = "demo-run")]
    out: PathBuf,
    /// Do this step and all behind it again.
    #[arg(long, value_enum, value_name = "STEP")]
    from: Option<Step>,
}

/// The stations of the road, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Step {
    Synth,
    Weights,
    Train,
    Evaluate,
    Export,
    Quantize,
    Calibrate,
    Measure,
    Bundle,
    Classify,
}

impl Step {
    /// What happens there, for whoever watches.
    fn purpose(self) -> &'static str {
        match self {
            Self::Synth => "photographs of people who do not exist, labelled",
            Self::Weights => "a network that knows pictures, but no faces",
            Self::Train => "fine-tune it to the twelve classes and to none of them",
            Self::Evaluate => "measure it on people it has never seen",
            Self::Export => "write it as ONNX in 32-bit floats",
            Self::Quantize => "write it as ONNX in 8-bit integers, for the device",
            Self::Calibrate => "fit the numbers that turn scores into a finding, to the 8-bit network",
            Self::Measure => "measure what ships, beside what was trained",
            Self::Bundle => "pack it with its model card, and open it the way the device does",
            Self::Classify => "what the device says about people it has never seen",
        }
    }
}

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let parts = setup::set_up(workspace)?;
        let mut build = Command::new("cargo");
        build.current_dir(workspace.root()).args(["build", "--release", "-p", "host-trainer", "-p", "edge-app"]);
        shell::run(&mut build)?;
        let out = workspace.root().join(&self.out);
        fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
        let start = Instant::now();
        let mut redo = false;
        for step in Step::value_variants().iter().copied() {
            let name = step.to_possible_value().context("every step has a name")?.get_name().to_owned();
            let mut command = self.command(step, workspace)?;
            parts.announce(workspace, &mut command);
            let done = out.join(format!(".done-{name}"));
            let line = shell::line(&command);
            redo = redo || self.from.is_some_and(|from| from <= step);
            if !redo && fs::read_to_string(&done).is_ok_and(|text| text == line) {
                eprintln!("{name}: done before");
                continue;
            }
            redo = true;
            remove_file(&done)?;
            eprintln!("\n{name}: {}", step.purpose());
            let step_start = Instant::now();
            let begun = out.join(format!(".begun-{name}"));
            let cut_off = fs::read_to_string(&begun).is_ok_and(|text| text == line);
            if step == Step::Train && cut_off && out.join("run/config.json").exists() {
                command = self.resume(workspace);
                parts.announce(workspace, &mut command);
            } else {
                self.clear(step, workspace)?;
            }
            fs::write(&begun, &line).with_context(|| format!("cannot write {}", begun.display()))?;
            shell::run(&mut command)?;
            remove_file(&begun)?;
            fs::write(&done, line).with_context(|| format!("cannot write {}", done.display()))?;
            eprintln!("{name}: {:.0} s", step_start.elapsed().as_secs_f32());
        }
        eprintln!("\nthe whole road took {:.1} minutes", start.elapsed().as_secs_f32() / 60.0);
        eprintln!("so small a training shows that the road is whole, not how good a network can be; look at:");
        println!("{}", self.out.join("results.png").display());
        Ok(())
    }

    /// The command of one step, in the project's folder, so that its paths are short.
    fn command(&self, step: Step, workspace: &Workspace) -> Result<Command> {
        let [data, run, bundle, sheet] = ["data", "run", "bundle", "results.png"].map(|name| self.out.join(name));
        let program = if step == Step::Classify { "edge-app" } else { "host-trainer" };
        let mut command = Command::new(workspace.program(program));
        command.current_dir(workspace.root());
        match step {
            Step::Synth => command.args(["synth", "--out"]).arg(&data).args([
                "--subjects-per-class=24",
                "--photos-per-subject=2",
                "--negatives=96",
                "--seed=1",
            ]),
            Step::Weights => command.args(["weights", "fetch"]),
            Step::Train => {
                let arguments = ["--epochs=6", "--image-size=112", "--seed=1"];
                command.args(["train", "--data"]).arg(&data).arg("--run").arg(&run).args(arguments)
            }
            Step::Evaluate => {
                let best = run.join("best.safetensors");
                command.args(["evaluate", "--data"]).arg(&data).arg("--checkpoint").arg(best)
            }
            Step::Export => {
                let (best, onnx) = (run.join("best.safetensors"), run.join("model-f32.onnx"));
                command.args(["export", "--checkpoint"]).arg(best).arg("--out").arg(onnx)
            }
            Step::Quantize => {
                let (best, onnx) = (run.join("best.safetensors"), run.join("model.onnx"));
                command.args(["quantize", "--checkpoint"]).arg(best).arg("--data").arg(&data).arg("--out").arg(onnx);
                command.args([
                    "--calibration-photos=60",
                    "--compare-photos=40",
                    "--finetune-steps=20",
                    "--finetune-side=112",
                ])
            }
            Step::Calibrate => {
                let (onnx, numbers) = (run.join("model.onnx"), run.join("calibration.json"));
                command.args(["calibrate", "--onnx"]).arg(onnx).arg("--data").arg(&data).arg("--out").arg(numbers)
            }
            Step::Measure => {
                let (best, onnx) = (run.join("best.safetensors"), run.join("model.onnx"));
                command.args(["evaluate", "--data"]).arg(&data).arg("--checkpoint").arg(best);
                command.arg("--onnx").arg(onnx).arg("--out").arg(&run)
            }
            Step::Bundle => {
                command.args(["bundle", "--run"]).arg(&run).arg("--out").arg(&bundle);
                command.args(["--name=demo-run", "--version=1"])
            }
            Step::Classify => {
                command.args(["classify", "--bundle"]).arg(&bundle).arg("--contact-sheet").arg(&sheet);
                let photos = chosen_photos(&workspace.root().join(&data))?;
                command.args(photos.into_iter().map(|photo| data.join(photo)))
            }
        };
        Ok(command)
    }

    /// Goes on with a training that was cut off.
    fn resume(&self, workspace: &Workspace) -> Command {
        let mut command = Command::new(workspace.program("host-trainer"));
        command.current_dir(workspace.root());
        command.args(["train", "--resume", "--data"]).arg(self.out.join("data"));
        command.arg("--run").arg(self.out.join("run"));
        command
    }

    /// Removes what an earlier call with other arguments has made.
    fn clear(&self, step: Step, workspace: &Workspace) -> Result<()> {
        let stale = match step {
            Step::Synth => "data",
            Step::Train => "run",
            _ => return Ok(()),
        };
        let folder = workspace.root().join(&self.out).join(stale);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", folder.display()))
            }
            _ => Ok(()),
        }
    }
}

fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The first photograph of two subjects of every class, and of four of no class, from the test split. Before there is
/// a data set there is none.
fn chosen_photos(data: &Path) -> Result<Vec<PathBuf>> {
    let table = data.join("photos.jsonl");
    if !table.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&table).with_context(|| format!("cannot read {}", table.display()))?;
    choose(&text).with_context(|| format!("cannot choose photographs from {}", table.display()))
}

fn choose(table: &str) -> Result<Vec<PathBuf>> {
    let mut chosen: Vec<(String, String, PathBuf)> = Vec::new();
    for line in table.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| row[key].as_str().map(str::to_owned).with_context(|| format!("a line has no {key}"));
        let (label, subject) = (text("label")?, text("subject")?);
        let most = if label == "negative" { 4 } else { 2 };
        let of_label = chosen.iter().filter(|(other, _, _)| *other == label).count();
        let new = chosen.iter().all(|(_, other, _)| *other != subject);
        if text("split")? == "test" && new && of_label < most {
            chosen.push((label, subject, text("photo")?.into()));
        }
    }
    ensure!(!chosen.is_empty(), "the test split is empty");
    chosen.sort();
    Ok(chosen.into_iter().map(|(_, _, photo)| photo).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photographs_come_from_different_people_of_the_test_split() {
        let row = |subject: &str, k: u32, label: &str, split: &str| {
            format!(r#"{{"photo":"{subject}-{k}.jpg","subject":"{subject}","label":"{label}","split":"{split}"}}"#)
        };
        let table = [
            row("n-1", 0, "negative", "test"),
            row("d-1", 0, "down", "train"),
            row("d-2", 0, "down", "test"),
            row("d-2", 1, "down", "test"),
            row("d-3", 0, "down", "test"),
            row("d-4", 0, "down", "test"),
        ];
        let chosen = choose(&table.join("\n")).unwrap();
        assert_eq!(chosen, ["d-2-0.jpg", "d-3-0.jpg", "n-1-0.jpg"].map(PathBuf::from));
        assert!(choose(&row("d-1", 0, "down", "train")).unwrap_err().to_string().contains("test split"));
        assert!(choose(r#"{"split":"test"}"#).is_err());
    }
}
