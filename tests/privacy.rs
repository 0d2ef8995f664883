//! What the device program asks of the system during a whole session: no file to write, no socket.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{Dir, built_path, project};

/// Everything that could bring pixels onto a disk or out of the device.
const CALLS: &str = "open,openat,openat2,creat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
                     memfd_create,socket,socketpair,connect,sendto,sendmsg,write,writev,pwrite64,pwritev,sendfile,splice";

/// The calls of a program, its threads and its children, one a line, and what it printed.
fn traced(name: &str, program: &[&dyn AsRef<std::ffi::OsStr>]) -> (Vec<String>, String) {
    let folder = Dir::new(name);
    let log = folder.join("calls");
    let mut command = Command::new("strace");
    // -y names the file behind each descriptor, -s 0 leaves out what is written.
    command.args(["-f", "-y", "-qq", "-s", "0", "-e", &format!("trace={CALLS}"), "-o"]).arg(&log);
    command.args(program.iter().map(|argument| argument.as_ref()));
    command.current_dir(project()).env_remove("LAKSHAN_BUNDLE").env_remove("LAKSHAN_CONFIG").stdin(Stdio::null());
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
        // The second half of a call that another thread has interrupted; the first half said what it was.
        if call.starts_with("<...") {
            return false;
        }
        let Some((name, arguments)) = call.split_once('(') else { return false };
        let below = allowed.is_some_and(|folder| arguments.contains(&*folder.to_string_lossy()));
        match name {
            "open" | "openat" | "openat2" => !below && WRITING.iter().any(|flag| arguments.contains(flag)),
            "write" | "writev" => !below && !arguments.starts_with("1<") && !arguments.starts_with("2<"),
            _ => !below,
        }
    };
    calls.iter().filter(is_leak).collect()
}

#[test]
fn a_whole_session_writes_no_file_and_opens_no_socket() {
    let script = "edge-app/tests/sessions/happy-path.script";
    let (calls, transcript) = traced("privacy-simulate", &[&built_path("edge-app"), &"simulate", &"--script", &script]);
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
fn the_device_writes_nothing_but_the_screens_that_it_was_told_to_write() {
    let folder = Dir::new("privacy-run");
    let screens = folder.join("screens");
    // Until it has drawn the start screen with the self-test's outcome; then it is asked to end.
    let script = "\"$0\" run --camera folder:models/samples/down-2.jpg --display png:\"$1\" --buttons none --lang en & \
                  until [ -e \"$1/0002.png\" ]; do sleep 0.2; done; kill -TERM $!; wait $!";
    let (calls, _) = traced("privacy-run-trace", &[&"sh", &"-c", &script, &built_path("edge-app"), &screens]);
    assert!(calls.iter().any(|call| call.contains("0002.png")), "strace saw nothing");
    let leaks = leaks(&calls, Some(&screens));
    assert!(leaks.is_empty(), "{leaks:#?}");
    let names = std::fs::read_dir(&screens).expect("it was made").map(|entry| entry.expect("it can be listed").path());
    let others: Vec<_> = names.filter(|path| path.extension().is_none_or(|extension| extension != "png")).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn what_would_leak_is_seen() {
    let calls = [
        "12 openat(AT_FDCWD</work>, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>",
        "12 write(1<pipe:[7]>, \"\"..., 63) = 63",
        "12 openat(AT_FDCWD</work>, \"/tmp/face.png\", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4</tmp/face.png>",
        "13 write(4</tmp/face.png>, \"\"..., 100) = 100",
        "13 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5<TCP:[9]>",
        "12 openat(AT_FDCWD</work>, \"/out/001-start.png\", O_RDWR|O_CREAT, 0666) = 4</out/001-start.png>",
        "12 write(4</out/001-start.png>, \"\"..., 100) = 100",
        "13 <... openat resumed>) = -1 ENOENT (No such file or directory)",
        "12 +++ exited with 0 +++",
    ]
    .map(str::to_owned);
    assert_eq!(leaks(&calls, Some(Path::new("/out"))), [&calls[2], &calls[3], &calls[4]]);
}
