//! The rules of DESIGN and ARCHITECTURE that a machine can check, over every source file.

mod source;

use source::Source;

/// Who may name a crate of the device or of machine learning, in paths such as `tch::Tensor`.
const NAMED_ONLY_IN: [(&str, &[&str]); 11] = [
    ("tch", &["host-trainer/src/torch/", "host-trainer/src/torch.rs"]),
    ("tract_onnx", &["shared/engine/"]),
    ("tract_core", &["shared/engine/"]),
    ("tract_hir", &["shared/engine/"]),
    ("rppal", &["edge-app/src/board/gpio.rs"]),
    ("v4l", &["edge-app/src/camera/v4l.rs", "edge-app/src/camera/v4l/"]),
    ("evdev", &["edge-app/src/input/evdev.rs"]),
    ("drm", &["edge-app/src/display/kms.rs"]),
    ("winit", &["edge-app/src/display/window.rs", "edge-app/src/display/window/"]),
    ("softbuffer", &["edge-app/src/display/window.rs", "edge-app/src/display/window/"]),
    ("lakshan_registry", &["host-trainer/", "xtask/", "registry/", "synth/"]),
];

#[test]
fn crates_are_named_only_where_their_seam_is() {
    let mut faults = Vec::new();
    for source in source::all() {
        for (name, allowed) in NAMED_ONLY_IN {
            let may = allowed.iter().any(|path| source.path.starts_with(path));
            if !may && let Some(line) = source.names_crate(name) {
                faults.push(format!("{}:{line} names {name}; only {} may", source.path, allowed.join(", ")));
            }
        }
    }
    none(faults);
}

#[test]
fn pure_parts_do_no_io_and_read_neither_clock_nor_environment() {
    const PURE: [&str; 11] = [
        "shared/core/src/",
        "shared/vision/src/quality.rs",
        "shared/vision/src/crop.rs",
        "shared/vision/src/resize.rs",
        "edge-app/src/screen.rs",
        "edge-app/src/screen/",
        "edge-app/src/session.rs",
        "edge-app/src/session/",
        "edge-app/src/band.rs",
        "edge-app/src/signs.rs",
        "edge-app/src/text.rs",
    ];
    const IMPURE: [&str; 9] = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::time::Instant",
        "Instant::now",
        "SystemTime",
        "println!",
        "eprintln!",
    ];
    let mut faults = Vec::new();
    let pure = |source: &&Source| PURE.iter().any(|path| source.path.starts_with(path));
    let sources = source::all();
    assert!(PURE.iter().all(|path| sources.iter().any(|source| source.path.starts_with(path))), "a path has moved");
    for source in sources.iter().filter(pure) {
        for word in IMPURE {
            faults.extend(source.code_lines_with(word).map(|line| format!("{}:{line}: {word}", source.path)));
        }
    }
    none(faults);
}

#[test]
fn unsafe_stands_only_where_it_may_and_says_why() {
    const ALLOWED: [&str; 2] = ["shared/kernels/src/", "edge-app/src/display/kms.rs"];
    let mut faults = Vec::new();
    for source in source::all() {
        for line in source.all_code_lines_with("unsafe") {
            // What a function asks for stands in its `# Safety`; a reason is due where something is claimed.
            let declares = source.raw_line(line).contains("unsafe fn");
            let reason =
                declares || (line.saturating_sub(6)..line).any(|above| source.raw_line(above).contains("SAFETY:"));
            if !ALLOWED.iter().any(|path| source.path.starts_with(path)) {
                faults.push(format!("{}:{line}: unsafe outside of {}", source.path, ALLOWED.join(", ")));
            } else if !reason {
                faults.push(format!("{}:{line}: no SAFETY: line above", source.path));
            }
        }
    }
    none(faults);
}

#[test]
fn only_main_reads_the_environment() {
    // cargo gives a build script its settings through the environment; there is no other way.
    let may = |path: &str| path.ends_with("/main.rs") || path.ends_with("/build.rs") || path.contains("/examples/");
    let mut faults = Vec::new();
    for source in source::all().iter().filter(|source| !may(&source.path)) {
        for word in ["env::var", "env::var_os", "env::vars", "env::vars_os", "env::set_var"] {
            // The one helper that asks for its variables through a closure, and documents them.
            let outside =
                source.code_lines_with(word).filter(|line| !source.raw_line(*line).contains("CacheDir::from_env("));
            faults.extend(outside.map(|line| format!("{}:{line}: {word}", source.path)));
        }
    }
    none(faults);
}

#[test]
fn the_device_side_opens_no_socket() {
    let mut faults = Vec::new();
    let device = |source: &&Source| source.path.starts_with("edge-app/") || source.path.starts_with("shared/");
    for source in source::all().iter().filter(device) {
        for word in ["std::net", "TcpStream", "TcpListener", "UdpSocket", "UnixStream", "UnixListener"] {
            faults.extend(source.all_code_lines_with(word).map(|line| format!("{}:{line}: {word}", source.path)));
        }
    }
    none(faults);
}

#[test]
fn the_size_of_the_input_stands_in_one_file() {
    let mut faults = Vec::new();
    // In synth it would be a colour.
    let may = |source: &&Source| {
        source.path == "shared/core/src/preprocess.rs"
            || source.path.starts_with("synth/")
            || source.path.contains("/examples/")
    };
    for source in source::all().iter().filter(|source| !may(source)) {
        faults
            .extend(source.code_lines_with("224").map(|line| format!("{}:{line}: use preprocess::SIZE", source.path)));
    }
    none(faults);
}

#[test]
fn files_are_short_and_open_with_their_job() {
    const MAX_LINES: usize = 500;
    let mut faults = Vec::new();
    for source in source::all() {
        if source.lines() >= MAX_LINES {
            faults.push(format!("{}: {} lines; split it below {MAX_LINES}", source.path, source.lines()));
        }
        // Of a test module, its program's main file says so.
        if !source.raw_line(1).starts_with("//! ") && !source.path.contains("/tests/") {
            faults.push(format!("{}: the first line does not say what the file does", source.path));
        }
        let name = source.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if ["mod", "util", "utils", "common", "helper", "helpers", "misc", "manager"].contains(&name) {
            faults.push(format!("{}: a name that says nothing", source.path));
        }
    }
    none(faults);
}

#[test]
fn nothing_names_a_registry_host_or_this_machine() {
    // Written in halves, so that this file does not hold what it looks for.
    let hosts =
        [("py", "pi.org"), ("python", "hosted.org"), ("npm", "js."), ("pytorch", ".org"), ("hugging", "face.co")];
    let places = [("/ro", "ot/"), ("/ho", "me/"), ("/var/", "tmp/"), ("/Us", "ers/"), ("arti", "factory")];
    let mut faults = Vec::new();
    for (path, text) in source::texts() {
        for (index, line) in text.lines().enumerate() {
            for (a, b) in hosts.iter().chain(&places) {
                if line.contains(&format!("{a}{b}")) {
                    faults.push(format!("{path}:{}: names {a}{b}", index + 1));
                }
            }
        }
    }
    none(faults);
}

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} fault(s):\n{}", faults.len(), faults.join("\n"));
}
