//! Training that is killed, interrupted, or runs out of disk: nothing half-written, and it goes on.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Dir, Program, built_path};
use crate::road::{TINY_RECIPE, road};

/// The epochs that a run has recorded.
fn epochs(run: &Path) -> Vec<u64> {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["epoch"].as_u64().unwrap()).collect()
}

/// Begins a training of three epochs in `dir/run`, waits until the first is saved, sends `signal`, waits for the end.
fn interrupt(dir: &Dir, signal: &str) {
    let mut command = Command::new(built_path("host-trainer"));
    command.current_dir(dir.path()).args(["train", "--run", "run", "--epochs", "3", "--data"]).arg(road().data());
    command.args(TINY_RECIPE.split(' ')).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while !dir.join("run/last.safetensors").exists() {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "training ended by itself: {ended:?}");
        assert!(start.elapsed() < Duration::from_secs(600), "no epoch in ten minutes");
        std::thread::sleep(Duration::from_millis(20));
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap();
}

/// Goes on, and wants each epoch recorded once.
fn resume(dir: &Dir) {
    let program = Program::host_trainer().in_folder(dir.path()).words("train --resume --run run --data");
    program.arg(road().data()).succeeds();
    assert_eq!(epochs(&dir.join("run")), [1, 2, 3]);
    let best = dir.join("run/best.safetensors");
    Program::host_trainer().words("weights info").arg(best).succeeds();
    let temporary: Vec<_> = fs::read_dir(dir.join("run"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| {
            let whole =
                ["config.json", "metrics.jsonl", "summary.json", "curve.svg", "best.safetensors", "last.safetensors"];
            !whole.contains(&name.as_str()) && name.as_str() != ".lock" && !name.starts_with("events.out.tfevents")
        })
        .collect();
    assert!(temporary.len() <= 1, "left over: {temporary:?}");
}

#[test]
fn a_killed_training_goes_on() {
    let dir = Dir::new("a_killed_training");
    interrupt(&dir, "-KILL");
    resume(&dir);
}

/// How far the checkpoint in `run` has come: epochs done, batches done after them.
fn position(run: &Path) -> Option<(u64, u64)> {
    // Only the header: reading all of it would take as long as a batch.
    let mut file = fs::File::open(run.join("last.safetensors")).ok()?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let mut header = vec![0; u64::from_le_bytes(length) as usize];
    file.read_exact(&mut header).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    let position: Value = serde_json::from_str(header["__metadata__"]["position"].as_str()?).ok()?;
    Some((position["epoch"].as_u64()?, position["batch"].as_u64()?))
}

/// The arrays of a safetensors file, which stand in an order that depends on their names and types alone. The header
/// before them tells the time that was spent.
fn arrays(bytes: &[u8]) -> &[u8] {
    let (length, rest) = bytes.split_first_chunk::<8>().expect("a length");
    &rest[u64::from_le_bytes(*length) as usize..]
}

#[test]
fn killed_in_the_middle_of_an_epoch_it_ends_in_the_very_same_weights() {
    let dir = Dir::new("killed_in_the_middle");
    let words = format!(
        "train --epochs 2 {TINY_RECIPE} --set keep.ema=0.9 --set deterministic=true --threads 2 --save-every 0 --data"
    );
    let train = |run: &str| {
        let mut command = Command::new(built_path("host-trainer"));
        command.current_dir(dir.path()).args(words.split(' ')).arg(road().data()).args(["--run", run]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    assert!(train("whole").wait().unwrap().success());
    let mut child = train("killed");
    let start = Instant::now();
    while position(&dir.join("killed")).is_none_or(|position| position.1 == 0) {
        assert!(child.try_wait().unwrap().is_none(), "training ended before it could be killed");
        assert!(start.elapsed() < Duration::from_secs(600), "no batch in ten minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, batch) = position(&dir.join("killed")).expect("a whole checkpoint");
    assert!(batch > 0, "it was killed between two epochs");
    let program = Program::host_trainer().in_folder(dir.path()).words("train --resume --run killed --data");
    program.arg(road().data()).succeeds();
    for name in ["best.safetensors", "last.safetensors"] {
        let [whole, killed] = ["whole", "killed"].map(|run| fs::read(dir.join(run).join(name)).unwrap());
        assert!(arrays(&whole) == arrays(&killed), "{name} differs");
    }
}

#[test]
fn an_interrupted_training_saves_and_goes_on() {
    let dir = Dir::new("an_interrupted_training");
    interrupt(&dir, "-INT");
    assert!(dir.join("run/last.safetensors").exists());
    resume(&dir);
}

#[test]
fn a_full_disk_is_an_error_and_training_goes_on_when_there_is_room() {
    let dir = Dir::new("a_full_disk");
    interrupt(&dir, "-INT");
    let saved = fs::metadata(dir.join("run/last.safetensors")).unwrap().modified().unwrap();
    // No file may grow beyond 40 MB, which every checkpoint does: to the program the disk is full.
    let script = "trap '' XFSZ; ulimit -f 40000; exec \"$@\"";
    let mut command = Command::new("bash");
    command.current_dir(dir.path()).args(["-c", script, "bash"]).arg(built_path("host-trainer"));
    command.args(["train", "--resume", "--run", "run", "--data"]).arg(road().data());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.lines().any(|line| line.starts_with("error: ")), "{stderr}");
    assert!(stderr.contains("safetensors") && !stderr.contains("panicked at"), "{stderr}");
    let untouched = fs::metadata(dir.join("run/last.safetensors")).unwrap().modified().unwrap();
    assert_eq!(untouched, saved, "the last whole checkpoint was replaced");
    resume(&dir);
}
