//! The root file system: mmdebstrap makes a Debian system for ARM in a user namespace of its own, where QEMU runs its
//! programs, and `packaging/image/customize.sh` makes the device out of it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{self, hinted};

/// Debian's release: the one whose C library the program is linked with.
const SUITE: &str = "bookworm";
/// What the device's system is made of, beside what every Debian has. No package of a network, a login or a shell server.
const PACKAGES: &str =
    "systemd,systemd-sysv,udev,kmod,e2fsprogs,initramfs-tools,busybox,zstd,linux-image-arm64,libgcc-s1";
/// Left out of every package: what nobody reads on a device.
const LEFT_OUT: [&str; 5] = ["man", "locale", "info", "lintian", "doc"];
/// How the kernel knows a program for ARM: its first bytes, and which of them count. As in Debian's qemu-user-static.
const ARM: &str = r":qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F";

/// Runs in the namespace: has the kernel start programs for ARM by QEMU, unless it does already, and then the rest of the line.
const IN_NAMESPACE: &str = r#"
read -r _
if ! arch-test arm64 > /dev/null 2>&1; then
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && printf '%s' "$LAKSHAN_BINFMT" > /proc/sys/fs/binfmt_misc/register
    arch-test arm64 > /dev/null 2>&1 || exit 77
fi
unset LAKSHAN_BINFMT
# mmdebstrap hands a number of its own to a shell that knows only one digit of it: files that are open already would push it past 9.
for number in 3 4 5 6 7 8 9; do eval "exec $number>&-"; done
exec "$@" < /dev/null
"#;
/// What the script above ends with when programs for ARM cannot be run.
const NO_ARM: i32 = 77;

/// What the root is made of.
pub(crate) struct Ingredients<'a> {
    /// `packaging/image`.
    pub(crate) packaging: &'a Path,
    /// The folder for what is made.
    pub(crate) work: &'a Path,
    pub(crate) package: &'a Path,
    pub(crate) config: Option<&'a Path>,
    pub(crate) keys: &'a [PathBuf],
    pub(crate) mirror: Option<&'a str>,
    /// Seconds since 1970: the time of all that is made.
    pub(crate) epoch: &'a str,
}

/// What has been made.
pub(crate) struct Root {
    /// The root as squashfs.
    pub(crate) squashfs: PathBuf,
    /// Kernel, first disk, device trees, firmware, and lists of what was used.
    pub(crate) boot: PathBuf,
    /// User and group of the service, as UID:GID.
    pub(crate) owner: String,
}

/// Makes the root.
pub(crate) fn build(of: &Ingredients<'_>) -> Result<Root> {
    let boot = of.work.join("boot");
    let keys = of.work.join("keys");
    for folder in [&boot, &keys] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for key in of.keys {
        let to = keys.join(key.file_name().context("a key has a name")?);
        ensure!(!to.exists(), "two keys are named {}", to.file_name().unwrap_or_default().to_string_lossy());
        fs::copy(key, &to).with_context(|| format!("cannot copy {}", key.display()))?;
    }
    splash(&of.packaging.join("splash.ppm"), &boot.join("splash"))?;
    let tar = of.work.join("root.tar");
    run_in_namespace(&mut mmdebstrap(of, &boot, &keys, &tar)?)?;

    let squashfs = of.work.join("root.squashfs");
    // Debian's bookworm has no option for it in mksquashfs; sqfstar reads an archive, in its order.
    let mut pack = Command::new("sqfstar");
    pack.args([
        "-quiet",
        "-no-progress",
        "-exit-on-error",
        "-reproducible",
        "-root-mode",
        "0755",
        "-comp",
        "zstd",
        "-b",
        "256K",
    ]);
    pack.arg(&squashfs).env("SOURCE_DATE_EPOCH", of.epoch);
    eprintln!("$ {} < {}", shell::line(&pack), tar.display());
    let archive = fs::File::open(&tar).with_context(|| format!("cannot read {}", tar.display()))?;
    let status = pack.stdin(archive).status().context("cannot start sqfstar")?;
    ensure!(status.success(), "sqfstar failed ({status})");
    fs::remove_file(&tar)?;
    let owner = fs::read_to_string(boot.join("owner"))?.trim().to_owned();
    ensure!(owner.contains(':'), "the package has made no user lakshan");
    Ok(Root { squashfs, boot, owner })
}

/// The screens that get a splash: width and height in pixels.
const SCREENS: [(usize, usize); 16] = [
    (640, 480),
    (720, 480),
    (720, 576),
    (800, 480),
    (800, 600),
    (1024, 600),
    (1024, 768),
    (1280, 720),
    (1280, 768),
    (1280, 800),
    (1280, 1024),
    (1440, 900),
    (1600, 900),
    (1680, 1050),
    (1920, 1080),
    (1920, 1200),
];

/// Packs the splash as the memory of each screen holds it.
fn splash(picture: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(picture).with_context(|| format!("cannot read {}", picture.display()))?;
    let mark = screen_pixels(&bytes).with_context(|| format!("{}", picture.display()))?;
    fs::create_dir_all(to)?;
    for screen in SCREENS {
        let path = to.join(format!("{}x{}", screen.0, screen.1));
        fs::write(&path, in_the_middle(&mark, screen)?)?;
        shell::succeeds(Command::new("gzip").args(["-9", "-n"]).arg(&path))
            .then_some(())
            .with_context(|| format!("gzip cannot pack {}", path.display()))?;
    }
    Ok(())
}

/// A white screen with the mark in its middle.
fn in_the_middle(mark: &(usize, usize, Vec<u8>), (width, height): (usize, usize)) -> Result<Vec<u8>> {
    let (across, down, pixels) = mark;
    ensure!(*across <= width && *down <= height, "the splash is larger than a screen of {width}x{height}");
    let mut screen = vec![0xff; width * height * 4];
    let (left, top) = ((width - across) / 2, (height - down) / 2);
    for (row, line) in pixels.chunks_exact(across * 4).enumerate() {
        let at = ((top + row) * width + left) * 4;
        screen[at..at + line.len()].copy_from_slice(line);
    }
    Ok(screen)
}

/// Width, height and, as blue, green, red and nothing, the pixels of a picture in the format PPM (P6, 255).
fn screen_pixels(ppm: &[u8]) -> Result<(usize, usize, Vec<u8>)> {
    let mut lines = ppm.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().map(String::from_utf8_lossy).context("it is cut short");
    ensure!(line()? == "P6", "it is no PPM");
    let size = line()?.into_owned();
    let (width, height) = size.split_once(' ').context("it has no size")?;
    let (width, height): (usize, usize) = (width.parse()?, height.parse()?);
    ensure!(line()? == "255", "it has not 255 levels");
    let rgb = lines.next().unwrap_or_default();
    ensure!(width > 0 && rgb.len() == width * height * 3, "it is not {width}x{height}");
    Ok((width, height, rgb.chunks_exact(3).flat_map(|pixel| [pixel[2], pixel[1], pixel[0], 0]).collect()))
}

/// The command that makes the root's archive.
fn mmdebstrap(of: &Ingredients<'_>, boot: &Path, keys: &Path, tar: &Path) -> Result<Command> {
    let mut command = Command::new("mmdebstrap");
    command.env("SOURCE_DATE_EPOCH", of.epoch).env("TZ", "UTC").env("LC_ALL", "C.UTF-8").env("INITRD", "No");
    command.args([
        "--mode=root",
        "--variant=essential",
        "--architectures=arm64",
        "--components=main,non-free-firmware",
    ]);
    command.arg(format!("--include={PACKAGES}"));
    command.args(["--aptopt=Apt::Install-Recommends \"false\"", "--aptopt=Acquire::Retries \"3\""]);
    for folder in LEFT_OUT {
        command.arg(format!("--dpkgopt=path-exclude=/usr/share/{folder}/*"));
    }
    command.arg("--dpkgopt=path-include=/usr/share/doc/*/copyright");
    // Before the kernel's package comes, so that its first disk is made for the card. Rights and times
    // are the same whoever cloned it when.
    command.arg(format!(
        "--essential-hook=tar -C {} --mode=u=rwX,go=rX --owner=0 --group=0 --sort=name --mtime=@$SOURCE_DATE_EPOCH -c . | tar -C \"$1\" -x --no-overwrite-dir",
        quoted(&of.packaging.join("system"))?
    ));
    let words = [
        of.packaging.join("customize.sh"),
        boot.to_owned(),
        of.package.to_owned(),
        of.config.unwrap_or(Path::new("")).to_owned(),
        keys.to_owned(),
    ];
    let [script, boot, package, config, keys] = words.map(|path| quoted(&path));
    command.arg(format!("--customize-hook={} \"$1\" {} {} {} {}", script?, boot?, package?, config?, keys?));
    command.arg(SUITE).arg(tar);
    command.args(of.mirror);
    Ok(command)
}

/// A path as a shell's word.
fn quoted(path: &Path) -> Result<String> {
    let text = path.to_str().with_context(|| format!("{} is no text", path.display()))?;
    ensure!(!text.contains('\''), "{text} holds a quotation mark");
    Ok(format!("'{text}'"))
}

/// Runs `command` as root of a user namespace in which the kernel starts programs for ARM. Nothing of the machine is changed.
fn run_in_namespace(command: &mut Command) -> Result<()> {
    let line = shell::line(command);
    eprintln!("$ {line}");
    let we_are_root = fs::metadata("/proc/self").context("there is no /proc")?.uid() == 0;
    let mut outer = Command::new("unshare");
    outer.args(["--user", "--mount"]);
    if !we_are_root {
        outer.args(["--map-root-user", "--map-auto"]);
    }
    outer.args(["sh", "-c", IN_NAMESPACE, "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        outer.env(name, value.unwrap_or_default());
    }
    let mut child = outer
        .env("LAKSHAN_BINFMT", ARM)
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot start unshare (package util-linux)")?;
    if we_are_root {
        map_users(&mut child)?;
    }
    // It waits for this line; if it has ended, its status says why.
    let _ = child.stdin.take().context("we asked for a pipe")?.write_all(b"\n");
    let status = child.wait()?;
    if status.code() == Some(NO_ARM) {
        return Err(hinted(
            "this kernel cannot be told in a namespace how to run programs for ARM",
            "register qemu-aarch64 for the whole machine: systemctl restart systemd-binfmt, or on a kernel from 6.7 on nothing",
        )
        .into());
    }
    ensure!(status.success(), "failed ({status}): {line}");
    Ok(())
}

/// Lets every user of the machine be itself in the namespace of `child`, which only root may.
fn map_users(child: &mut Child) -> Result<()> {
    let own = |space: &str| fs::read_link(format!("/proc/self/ns/{space}"));
    let its = |space: &str| fs::read_link(format!("/proc/{}/ns/{space}", child.id()));
    let patience = Instant::now() + Duration::from_secs(10);
    while own("user")? == its("user")? || own("mnt")? == its("mnt")? {
        if Instant::now() > patience {
            bail!(hinted(
                "this machine gives no user namespace",
                "sysctl user.max_user_namespaces, or run it outside of a container"
            ));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    for map in ["uid_map", "gid_map"] {
        let path = format!("/proc/{}/{map}", child.id());
        fs::write(&path, "0 0 65536\n").with_context(|| format!("cannot write {path}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_splash_is_as_the_screen_holds_it() {
        assert_eq!(
            screen_pixels(b"P6\n2 1\n255\n\x01\x02\x03\n\n\n").unwrap(),
            (2, 1, vec![3, 2, 1, 0, 10, 10, 10, 0])
        );
        for broken in ["", "P5\n1 1\n255\nabc", "P6\n1 1\n255\nab", "P6\n1 1\n65535\nabc", "P6\nx 1\n255\nabc"] {
            assert!(screen_pixels(broken.as_bytes()).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn the_splash_is_in_the_middle_of_a_white_screen() {
        let mark = (1, 1, vec![1, 2, 3, 0]);
        let screen = in_the_middle(&mark, (3, 3)).unwrap();
        assert_eq!((screen.len(), &screen[16..20]), (36, &[1, 2, 3, 0][..]));
        assert!(screen[..16].iter().chain(&screen[20..]).all(|byte| *byte == 0xff));
        assert!(in_the_middle(&mark, (0, 3)).is_err());
    }

    #[test]
    fn a_path_is_one_word_of_the_hook() {
        assert_eq!(quoted(Path::new("/a b/$c")).unwrap(), "'/a b/$c'");
        assert!(quoted(Path::new("/it's")).is_err());
    }
}
