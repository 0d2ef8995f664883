//! What the device program asks of the system during a whole session: no file to write, no socket.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Dir, built_path, project};

/// Everything that could bring pixels onto a disk or out of the device.
const CALLS: &str = "open,openat,openat2,creat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
                     memfd_create,socket,socketpair,connect,sendto,sendmsg,write,writev,pwrite64,pwritev,sendfile,splice";

/// The calls of a program and its threads, one a line, and what it printed.
fn traced(name: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> (Vec<String>, String) {
    let folder = Dir::new(name);
    let log = folder.join("calls");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-s", "0", "-e", &format!("trace={CALLS}"), "-o"]).arg(&log);
    command.arg(built_path("edge-app")).args(arguments.iter().map(|argument| argument.as_ref()));
    command.current_dir(project()).env_remove("LAKSHAN_BUNDLE").stdin(Stdio::null());
    let output =
        command.output().expect("strace can be started: it is a Debian package, `cargo xtask setup` installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let calls = std::fs::read_to_string(&log).expect("strace has written its log");
    (calls.lines().map(str::to_owned).collect(), String::from_utf8(output.stdout).expect("a transcript is text"))
}

/// The calls that write somewhere else than to stdout and stderr, make a file, or reach out of the process; files below
/// `allowed` may be made.
fn leaks<'a>(calls: &'a [String], allowed: Option<&Path>) -> Vec<&'a String> {
    const WRITING: [&str; 5] = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];
    let is_leak = |call: &&String| {
        // "PID name(arguments) = result"
        let call = call.split_once(' ').map_or(call.as_str(), |(_, call)| call.trim_start());
        let Some((name, arguments)) = call.split_once('(') else { return false };
        let below = allowed.is_some_and(|folder| arguments.contains(&*folder.to_string_lossy()));
        match name {
            "open" | "openat" | "openat2" => !below && WRITING.iter().any(|flag| arguments.contains(flag)),
            "write" | "writev" => !below && !arguments.starts_with("1,") && !arguments.starts_with("2,"),
            _ => !below,
        }
    };
    calls.iter().filter(is_leak).collect()
}

#[test]
fn a_whole_session_writes_no_file_and_opens_no_socket() {
    let script = "edge-app/tests/sessions/happy-path.script";
    let (calls, transcript) = traced("privacy-simulate", &[&"simulate", &"--script", &script]);
    // It really was a whole session: photographs were read, faces kept, judged and shown.
    for words in ["aim", "keep a face", "judge the best 5", "result", "wipe"] {
        assert!(transcript.contains(words), "no '{words}' in\n{transcript}");
    }
    assert!(calls.iter().any(|call| call.contains("openat(") && call.contains("O_RDONLY")), "strace saw nothing");
    let leaks = leaks(&calls, None);
    assert!(leaks.is_empty(), "{leaks:#?}");
    // And what it printed holds no pixels: short lines of plain words.
    let is_plain = |line: &str| line.len() < 120 && line.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    assert!(transcript.lines().all(is_plain), "{transcript}");
}

#[test]
fn what_would_leak_is_seen() {
    let calls = [
        "12 openat(AT_FDCWD, \"/etc/ld.so.cache\"..., O_RDONLY|O_CLOEXEC) = 3",
        "12 write(1, \"\"..., 63) = 63",
        "12 openat(AT_FDCWD, \"/tmp/face.png\", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4",
        "13 write(4, \"\"..., 100) = 100",
        "13 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5",
        "12 openat(AT_FDCWD, \"/out/001-start.png\", O_RDWR|O_CREAT, 0666) = 4",
        "12 +++ exited with 0 +++",
    ]
    .map(str::to_owned);
    assert_eq!(leaks(&calls, Some(Path::new("/out"))), [&calls[2], &calls[3], &calls[4]]);
}
