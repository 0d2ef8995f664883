//! `cargo xtask faults`: damages bundles, kills installations, pulls sticks, fills the disk, stops the clock; the device must
//! stay whole.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use crate::files;
use crate::shell::{self, hinted};
use crate::update;
use crate::workspace::Workspace;

/// Damages bundles, kills installations and programs, fills the disk, stops the clock: the device must stay whole.
///
/// Needs Linux and the Debian packages minisign and faketime. Prints one line with counts for each fault.
#[derive(Args)]
pub(crate) struct Cmd {
    /// Bundles with one flipped bit.
    #[arg(long, default_value_t = 200)]
    flips: u32,
    /// Bundles with one file cut short.
    #[arg(long, default_value_t = 50)]
    cuts: u32,
    /// Installations that are killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Sticks that are pulled in the middle of an installation.
    #[arg(long, default_value_t = 50)]
    pulls: u32,
    /// Kills of a process that writes the register.
    #[arg(long, default_value_t = 1000)]
    register_kills: u32,
    /// Where the random numbers begin.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Files of the demo bundle that an installation reads.
const FILES: [&str; 4] = ["manifest.json", "manifest.json.minisig", "model.onnx", "MODEL_CARD.md"];

impl Cmd {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        for program in ["minisign", "faketime", "unshare"] {
            if !shell::succeeds(Command::new("sh").args(["-c", &format!("command -v {program}")])) {
                return Err(hinted(format!("{program} is missing"), "apt install minisign faketime util-linux").into());
            }
        }
        let mut build = Command::new("cargo");
        build.current_dir(workspace.root()).args(["build", "--release", "-p", "edge-app", "--bins", "--examples"]);
        shell::run(&mut build)?;
        let folder = workspace.target.join("faults");
        files::clear(&folder)?;
        fs::create_dir_all(folder.join("keys/program"))?;
        let mut bench = Bench {
            program: workspace.program("edge-app"),
            folder,
            root: workspace.root().to_owned(),
            random: self.seed,
        };
        bench.make_bundles()?;
        bench.flip(self.flips)?;
        bench.cut(self.cuts)?;
        bench.kill(self.kills)?;
        bench.pull(self.pulls, &workspace.target.join("release/examples/stick_pulls"))?;
        bench.crash_at_start()?;
        bench.crashing_program(&workspace.target.join("release/examples/crashing_program"))?;
        bench.full_and_read_only()?;
        bench.at_the_epoch()?;
        let example = workspace.target.join("release/examples/register_kills");
        shell::run(Command::new(example).args([self.register_kills.to_string(), self.seed.to_string()]))?;
        fs::remove_dir_all(&bench.folder)?;
        Ok(())
    }
}

/// A device in a folder: its configuration, keys and state, and two signed bundles.
struct Bench {
    program: PathBuf,
    folder: PathBuf,
    root: PathBuf,
    random: u64,
}

impl Bench {
    /// A number below `limit`, which is not zero.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 20) % limit
    }

    /// The demo bundle twice, as versions 1 and 2, signed by the minisign program.
    fn make_bundles(&self) -> Result<()> {
        let (public, secret) = (self.folder.join("keys/clinic.pub"), self.folder.join("clinic.key"));
        quiet(Command::new("minisign").args(["-G", "-W", "-p"]).arg(&public).arg("-s").arg(&secret))?;
        fs::copy(&public, self.folder.join("keys/program/maker.pub"))?;
        for version in ["1", "2"] {
            let bundle = self.folder.join(version);
            fs::create_dir(&bundle)?;
            for name in ["model.onnx", "MODEL_CARD.md"] {
                fs::copy(self.root.join("models/demo").join(name), bundle.join(name))?;
            }
            let mut manifest: Value = serde_json::from_slice(&fs::read(self.root.join("models/demo/manifest.json"))?)?;
            manifest["version"] = version.into();
            fs::write(bundle.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
            quiet(
                Command::new("minisign").args(["-S", "-s"]).arg(&secret).arg("-m").arg(bundle.join("manifest.json")),
            )?;
        }
        self.configure(&self.folder.join("state"))
    }

    fn configure(&self, state: &Path) -> Result<()> {
        let keys = self.folder.join("keys");
        let text = format!("state = \"{}\"\nkeys = \"{}\"\nregister = true\n", state.display(), keys.display());
        fs::write(self.folder.join("device.toml"), text)?;
        Ok(())
    }

    /// `edge-app` with these words and the device's configuration.
    fn edge_app(&self, words: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.root).args(words.split(' ')).arg("--config").arg(self.folder.join("device.toml"));
        command.env_remove("LAKSHAN_BUNDLE").stdin(Stdio::null());
        command
    }

    fn install(&self, version: &str) -> Command {
        let mut command = self.edge_app("bundle install --force");
        command.arg(self.folder.join(version));
        command
    }

    /// Version of the installed bundle in use; it must still hold its signature, hashes and self-test.
    fn in_use(&self) -> Result<String> {
        let list: Value = serde_json::from_slice(&quiet(&mut self.edge_app("bundle list --json"))?.stdout)?;
        let bundles = list["bundles"].as_array().context("no list of bundles")?;
        let used = bundles.iter().find(|bundle| bundle["role"] == "in use").context("no bundle is in use")?;
        let place = used["place"].as_str().context("it has no place")?;
        quiet(self.edge_app("bundle verify").arg(self.folder.join("state/bundles").join(place)))?;
        Ok(used["version"].as_str().context("it has no version")?.to_owned())
    }

    /// Runs an installation that must be refused in the agreed form.
    fn refused(&self, what: &str) -> Result<()> {
        let output = self.install("2").output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(1) && stderr.contains("error: "), "{what}: {} {stderr}", output.status);
        ensure!(!stderr.contains("panicked"), "{what}: {stderr}");
        Ok(())
    }

    fn damage(&mut self, count: u32, what: &str, change: impl Fn(&mut Self, &str, &mut Vec<u8>)) -> Result<()> {
        quiet(&mut self.install("1"))?;
        for round in 0..count {
            let name = FILES[round as usize % FILES.len()];
            let path = self.folder.join("2").join(name);
            let whole = fs::read(&path)?;
            let mut bytes = whole.clone();
            change(self, name, &mut bytes);
            fs::write(&path, &bytes)?;
            let refused = self.refused(&format!("{what} {round} of {name}"));
            fs::write(&path, &whole)?;
            refused?;
        }
        ensure!(self.in_use()? == "1", "another bundle is in use");
        println!("{what}: {count} of {count} refused, none crashed, the old bundle is in use");
        Ok(())
    }

    fn flip(&mut self, count: u32) -> Result<()> {
        self.damage(count, "bundles with a flipped bit", |bench, name, bytes| {
            // The first line of a signature is a comment that minisign does not sign; the last byte ends a line.
            let signature = name.ends_with(".minisig");
            let begin =
                if signature { bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1) } else { 0 };
            let place = begin as u64 + bench.below((bytes.len() - begin - 1) as u64);
            bytes[place as usize] ^= 1 << bench.below(8);
        })
    }

    fn cut(&mut self, count: u32) -> Result<()> {
        self.damage(count, "bundles cut short", |bench, _, bytes| {
            // One byte less may be the end of the last line only, which means nothing.
            let length = bench.below(bytes.len() as u64 - 1);
            bytes.truncate(length as usize);
        })
    }

    fn kill(&mut self, count: u32) -> Result<()> {
        let start = Instant::now();
        quiet(&mut self.install("1"))?;
        let whole = start.elapsed().as_micros() as u64;
        let (mut old, mut new) = (0, 0);
        let mut used = "1";
        for _ in 0..count {
            let other = if used == "1" { "2" } else { "1" };
            let mut child = self.install(other).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
            std::thread::sleep(Duration::from_micros(self.below(whole + whole / 10)));
            // It may have ended already.
            let _ = child.kill();
            child.wait()?;
            let found = self.in_use().context("after a kill")?;
            if found == used {
                old += 1
            } else {
                new += 1
            }
            used = if found == "1" { "1" } else { "2" };
        }
        println!(
            "installations killed: {count}; {old} times the old bundle is in use, {new} times the new one, each whole"
        );
        Ok(())
    }

    /// A stick is gone while it is read: the bundle in use still is.
    fn pull(&mut self, count: u32, example: &Path) -> Result<()> {
        // Version 2 must be a newer one than the device has ever had.
        fs::remove_dir_all(self.folder.join("state/bundles"))?;
        quiet(&mut self.install("1"))?;
        let mut pulls = Command::new(example);
        pulls.arg(self.folder.join("device.toml")).arg(self.folder.join("sticks")).arg(self.folder.join("2"));
        quiet(pulls.args([count.to_string(), self.below(1 << 30).to_string()]))?;
        ensure!(self.in_use()? == "1", "another bundle is in use");
        ensure!(!self.folder.join("state/bundles/incoming").exists(), "half a bundle is left");
        println!(
            "sticks pulled in the middle of an installation: {count} of {count} refused, the old bundle is in use"
        );
        Ok(())
    }

    /// A signed program that passes its test and dies at every start.
    fn crashing_program(&self, example: &Path) -> Result<()> {
        let update = self.folder.join("lakshan-app");
        update::make(example, "9.0", &self.folder.join("clinic.key"), &update)?;
        let mut install = self.edge_app("app install");
        install.arg(&update);
        // The clock stands at 1970: nothing here depends on it.
        let mut command = Command::new("faketime");
        command.arg("1970-01-01 00:00:10").arg(install.get_program()).args(install.get_args()).current_dir(&self.root);
        quiet(&mut command).context("a program, with the clock at 1970")?;
        let mut crashes = 0;
        loop {
            ensure!(crashes < 4, "after {crashes} crashes the new program is still started");
            let mut child = self.edge_app("app start").args(["--", "--help"]).stdout(Stdio::piped()).spawn()?;
            let mut said = String::new();
            child.stdout.take().context("it is piped")?.read_to_string(&mut said)?;
            let status = child.wait()?;
            if status.success() {
                ensure!(said.contains("edge-app run"), "it is not the package's program: {said}");
                break;
            }
            ensure!(status.signal().is_some(), "the new program was not started: {status}");
            crashes += 1;
        }
        let list: Value = serde_json::from_slice(&quiet(&mut self.edge_app("app list --json"))?.stdout)?;
        let programs = list["programs"].as_array().context("no list of programs")?;
        let used = programs.iter().find(|program| program["role"] == "in use").context("no program is in use")?;
        ensure!(used["place"] == "program", "{used} is in use");
        println!("a new program that dies at its start: the old one runs after {crashes} crashes");
        Ok(())
    }

    /// `edge-app run` on pictures from a folder and with screens into files.
    fn device(&self) -> Command {
        let screens = self.folder.join("screens");
        let _ = fs::create_dir_all(&screens);
        let mut command = self.edge_app("run --camera folder:models/samples/negative-1.jpg --buttons none --lang en");
        command.arg("--display").arg(format!("png:{}", screens.display()));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    fn trial_starts(&self) -> Result<Option<u64>> {
        let list: Value = serde_json::from_slice(&quiet(&mut self.edge_app("bundle list --json"))?.stdout)?;
        Ok(list["trial_starts"].as_u64())
    }

    fn crash_at_start(&self) -> Result<()> {
        quiet(&mut self.install("1"))?;
        quiet(&mut self.install("2"))?;
        let mut crashes = 0;
        while self.trial_starts()?.is_some() {
            ensure!(crashes < 4, "after {crashes} crashes the new bundle is still in use");
            let before = self.trial_starts()?;
            let mut child = self.device().spawn()?;
            let end = Instant::now() + Duration::from_secs(60);
            while self.trial_starts()? == before {
                ensure!(Instant::now() < end, "a start was not counted within a minute");
                std::thread::sleep(Duration::from_millis(20));
            }
            child.kill()?;
            child.wait()?;
            crashes += 1;
        }
        ensure!(self.in_use()? == "1", "the old bundle is not in use");
        // The last start is the one that goes back.
        println!("a program that dies at its start: the old bundle is in use after {} crashes", crashes - 1);
        Ok(())
    }

    /// In a mount namespace of its own, with a small disk.
    fn full_and_read_only(&self) -> Result<()> {
        let state = self.folder.join("small");
        fs::create_dir_all(&state)?;
        self.configure(&state)?;
        let script = r#"
            set -e
            state=$1 app=$2 config=$3 one=$4 two=$5
            mount -t tmpfs -o size=64m tmpfs "$state"
            "$app" bundle install --config "$config" "$one" >/dev/null 2>&1
            in_use() { "$app" bundle list --config "$config" | grep -q 'a  *in use.* 1$'; "$app" bundle verify --config "$config" "$state/bundles/a" >/dev/null; }
            refused() { if "$app" bundle install --config "$config" "$two" >"$state.log" 2>&1; then echo "not refused"; exit 1; fi
                        grep -q "$1" "$state.log" || { cat "$state.log"; exit 1; }; in_use; }
            head -c 25000000 /dev/zero >"$state/fill"; refused 'are free'
            cat /dev/zero >"$state/fill" 2>/dev/null || true; refused 'error: '
            rm "$state/fill"
            # To the program the disk is full in the middle of a file.
            (trap '' XFSZ; ulimit -f 8000; refused 'cannot write')
            mount -o remount,ro "$state"; refused 'cannot write'
            mount -o remount,rw "$state"
            "$app" bundle install --config "$config" "$two" >/dev/null 2>&1
        "#;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "--user", "bash", "-c", script, "bash"]);
        command.arg(&state).arg(&self.program).arg(self.folder.join("device.toml"));
        command.arg(self.folder.join("1")).arg(self.folder.join("2")).current_dir(&self.root);
        quiet(&mut command).context("on a small disk")?;
        self.configure(&self.folder.join("state"))?;
        println!(
            "a full disk, three ways, and a read-only one: refused 4 of 4 times, the old bundle is in use, and when there is room the new one is taken"
        );
        Ok(())
    }

    fn at_the_epoch(&self) -> Result<()> {
        let mut command = Command::new("faketime");
        let install = self.install("1");
        command.arg("1970-01-01 00:00:10").arg(install.get_program()).args(install.get_args()).current_dir(&self.root);
        quiet(&mut command).context("with the clock at 1970")?;
        ensure!(self.in_use()? == "1", "another bundle is in use");
        println!("the clock at 1970: installed, in use");
        Ok(())
    }
}

/// Runs to its end and wants success; shows what it said otherwise.
fn quiet(command: &mut Command) -> Result<Output> {
    let line = shell::line(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start: {line}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        bail!("failed ({}): {line}\n{said}", output.status);
    }
    Ok(output)
}
