//! Runs the built programs as a user would, each test in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The clone's top folder.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the project")
}

/// A folder for one test: empty at the start, gone after the test unless it failed.
pub(crate) struct Dir(PathBuf);

impl Dir {
    /// The folder named `test`, which no other test may use.
    pub(crate) fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's folder can be removed");
        }
        fs::create_dir_all(&folder).expect("a folder can be made");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        fs::write(&path, contents).expect("a file can be written");
        path
    }

    /// Copies a folder with everything in it under `name`.
    pub(crate) fn copy(&self, from: &Path, name: &str) -> PathBuf {
        let to = self.join(name);
        copy_all(from, &to);
        to
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            fs::remove_dir_all(&self.0).ok();
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("the folder can be listed");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("an entry has a type").is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}

/// One call of a built program.
pub(crate) struct Program(Command);

impl Program {
    /// The device program.
    pub(crate) fn edge_app() -> Self {
        Self::built("edge-app")
    }

    /// The workstation program.
    pub(crate) fn host_trainer() -> Self {
        Self::built("host-trainer")
    }

    fn built(name: &str) -> Self {
        let path = built_path(name);
        let mut command = Command::new(path);
        // What the caller has set up must not decide how a test ends.
        command.current_dir(project()).stdin(Stdio::null()).env_remove("LAKSHAN_BUNDLE");
        Self(command)
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.0.args(args);
        self
    }

    /// The words of a command line without spaces in its arguments.
    pub(crate) fn words(self, words: &str) -> Self {
        self.args(words.split_whitespace())
    }

    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it to its end, however that is.
    pub(crate) fn run(mut self) -> Run {
        let output = self.0.output().unwrap_or_else(|error| panic!("cannot start {:?}: {error}", self.0));
        Run {
            line: format!("{:?}", self.0),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs it and wants exit code 0.
    #[track_caller]
    pub(crate) fn succeeds(self) -> Run {
        self.ends_with(0)
    }

    /// Runs it and wants exit code 1 and an error in the agreed form.
    #[track_caller]
    pub(crate) fn fails(self) -> Run {
        let run = self.ends_with(1);
        assert!(run.stderr.lines().any(|line| line.starts_with("error: ")), "no line begins with 'error: '\n{run}");
        assert!(!run.stderr.contains("panicked at"), "{run}");
        run
    }

    #[track_caller]
    fn ends_with(self, code: i32) -> Run {
        let run = self.run();
        assert_eq!(run.code, Some(code), "expected exit code {code}\n{run}");
        run
    }
}

/// The file of a built program. Tests lie in `target/<profile>/deps`, programs beside that folder.
pub(crate) fn built_path(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("a program knows where it lies");
    let folder = own.parent().and_then(Path::parent).expect("tests are built into target/<profile>/deps");
    let path = folder.join(name);
    assert!(path.exists(), "{} is not built: cargo build --release --workspace", path.display());
    path
}

/// How a program ended.
pub(crate) struct Run {
    line: String,
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// What it printed as JSON, one object a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{self}"));
        self.stdout.lines().map(parse).collect()
    }

    /// Wants `text` somewhere on stderr.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "stderr does not say '{text}'\n{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, stdout, stderr } = self;
        write!(f, "command: {line}\nexit code: {code:?}\nstdout:\n{stdout}\nstderr:\n{stderr}")
    }
}
