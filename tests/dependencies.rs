//! What cargo would compile into each program.

use std::collections::BTreeSet;
use std::process::Command;

use crate::harness::project;

/// Crates that speak to a network, or bring one that does.
const NETWORK: [&str; 12] = [
    "curl",
    "h2",
    "hyper",
    "isahc",
    "native-tls",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "socket2",
    "tokio",
    "ureq",
];

/// The names of all crates in the tree of `package`, build scripts included, tests not.
fn tree(package: &str, options: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(project())
        .args(["tree", "--locked", "--package", package, "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}"])
        .args(options)
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    let names: BTreeSet<String> =
        text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(names.contains(package), "{package} is not in its own tree");
    names
}

#[track_caller]
fn holds_none_of(package: &str, options: &[&str], unwanted: &[&str]) {
    let tree = tree(package, options);
    let found: Vec<&&str> = unwanted.iter().filter(|name| tree.contains(**name)).collect();
    assert!(found.is_empty(), "{package} {options:?} depends on {found:?}");
}

#[test]
fn the_device_program_has_no_network_crate() {
    holds_none_of("edge-app", &["--all-features"], &NETWORK);
    holds_none_of("edge-app", &["--all-features", "--target", "aarch64-unknown-linux-gnu"], &NETWORK);
}

#[test]
fn neither_program_depends_on_the_other() {
    holds_none_of("edge-app", &["--all-features"], &["host-trainer", "tch", "torch-sys", "lakshan-registry"]);
    holds_none_of("host-trainer", &[], &["edge-app", "rppal", "v4l", "drm", "winit", "softbuffer"]);
}

#[test]
fn a_plain_build_of_the_device_program_needs_no_system_library() {
    let tree = tree("edge-app", &[]);
    // linux-raw-sys holds numbers, no library; libsqlite3-sys compiles the SQLite that it carries. Others of that name would
    // be linked against.
    let may = ["linux-raw-sys", "libsqlite3-sys"];
    let linked: Vec<&String> =
        tree.iter().filter(|name| name.ends_with("-sys") && !may.contains(&name.as_str())).collect();
    assert!(linked.is_empty(), "{linked:?}");
    let manifest = std::fs::read_to_string(project().join("Cargo.toml")).unwrap();
    let rusqlite = manifest.lines().find(|line| line.starts_with("rusqlite = ")).unwrap();
    assert!(rusqlite.contains("\"bundled\""), "SQLite would be looked for on the system");
    // tract assembles its kernels and libsqlite3-sys compiles SQLite with cc, the program through which rustc links
    // everything. The latter names pkg-config too, and does not use it for the SQLite that it carries.
    for other in ["bindgen", "cmake"] {
        assert!(!tree.contains(other), "a build script uses {other}");
    }
}

#[test]
fn a_plain_cargo_run_builds_the_device_program_alone() {
    let manifest = std::fs::read_to_string(project().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("default-members = [\"edge-app\"]"), "a stranger's first command must not need libtorch");
}

#[test]
fn the_agreement_depends_on_no_runtime_and_no_device() {
    let allowed = ["serde", "serde_json", "sha2", "thiserror"];
    let output = Command::new(env!("CARGO"))
        .current_dir(project())
        .args(["tree", "--locked", "--package", "lakshan-core", "--edges", "normal", "--depth", "1"])
        .args(["--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo can be started");
    let text = String::from_utf8(output.stdout).expect("cargo speaks UTF-8");
    for name in text.lines().skip(1).filter_map(|line| line.split_whitespace().next()) {
        assert!(allowed.contains(&name), "lakshan-core depends on {name}");
    }
}
