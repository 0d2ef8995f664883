"""An emulated arm64 machine with the device program in it: builds its first disk, starts QEMU, talks over its serial line.

The machine's time is counted in instructions, a nanosecond each (`-icount`), however slow the emulation is: time limits in the
program are those of a device with one core of a thousand million instructions a second.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
LIBRARIES = ["ld-linux-aarch64.so.1", "libc.so.6", "libm.so.6", "libgcc_s.so.1"]


def cache():
    """Where downloads lie, as everywhere in the project."""
    for name, below in [("LAKSHAN_CACHE", ""), ("XDG_CACHE_HOME", "lakshan"), ("HOME", ".cache/lakshan")]:
        if os.environ.get(name):
            return pathlib.Path(os.environ[name], below, "vm")
    sys.exit("error: neither LAKSHAN_CACHE nor HOME is set")


def packages():
    """The folder with Debian's packages for the machine, fetched once."""
    folder = cache()
    if not all((folder / part).exists() for part in ["version", "root/usr/bin/strace"]):
        print("fetching Debian's arm64 kernel, busybox and strace ...", file=sys.stderr)
        run("sh", HERE / "fetch.sh", folder)
    return folder


def strace():
    """The files of strace, and where they go in a machine."""
    patterns = ["bin/strace", "libunwind*.so.8", "liblzma.so.5"]
    found = [path for pattern in patterns for path in (packages() / "root").glob(f"**/{pattern}")]
    return [(path, "bin/strace" if path.name == "strace" else f"lib/{path.name}") for path in found]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, capture_output=True, **options).stdout


def partition(disk, start, size, to):
    """Copies a partition of a disk's image, given in bytes, into a file of its own; gives that."""
    run("dd", f"if={disk}", f"of={to}", "bs=1M", f"skip={start >> 20}", f"count={size >> 20}", "conv=sparse", "status=none")
    return to


class Machine:
    """One start of one board. `with` ends it."""

    def __init__(self, board, program, script, modules, files, log):
        self.board, self.log_path, self.lines = board, pathlib.Path(log), []
        self.folder = self.log_path.parent / f"{self.log_path.stem}.work"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.kernel = packages()
        self.version = (self.kernel / "version").read_text().strip()
        self.disk(program, script, modules, files)

    def disk(self, program, script, modules, files):
        """The initramfs: busybox, the modules in the order of loading, the program with its libraries, the script."""
        root = self.folder / "root"
        for name in ["bin", "lib", "lib/modules", "proc", "sys", "dev", "tmp", "run", "data"]:
            (root / name).mkdir(parents=True, exist_ok=True)
        busybox = next((self.kernel / "root").glob("**/bin/busybox"))
        shutil.copy(busybox, root / "bin/busybox")
        strip = shutil.which("aarch64-linux-gnu-strip") or sys.exit("error: no aarch64-linux-gnu-strip\nhint: install gcc-aarch64-linux-gnu")
        run(strip, "-o", root / "bin/edge-app", program)
        for library in LIBRARIES:
            shutil.copy(pathlib.Path("/usr/aarch64-linux-gnu/lib", library), root / "lib" / library)
        run("aarch64-linux-gnu-gcc", "-O2", "-static", "-o", root / "bin/vivid", HERE / "vivid.c")
        for source, target in files:
            target = root / target
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.parent.name == "bin":
                run(strip, "-o", target, source)
            else:
                (shutil.copytree if pathlib.Path(source).is_dir() else shutil.copy)(source, target)
        paths = []
        for module in modules:
            shown = run("modprobe", "-d", self.kernel / "root", "-S", self.version, "--show-depends", module)
            for path in re.findall(r"^insmod (\S+)", shown, re.M):
                if path not in paths:
                    paths.append(path)
                    shutil.copy(path, root / "lib/modules")
        order = " ".join(pathlib.Path(path).name for path in paths)
        (root / "modules").write_text(order)
        # Without a script the machine does what `sh` tells it.
        (root / "script").write_text(script or "stty -echo; echo '@@ listening'; while read -r line; do eval \"$line\"; done\n")
        (root / "init").write_text(
            "#!/bin/busybox sh\n"
            "/bin/busybox --install -s /bin\n"
            "export PATH=/bin LD_LIBRARY_PATH=/lib\n"
            "mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev\n"
            "mkdir -p /dev/pts; mount -t devpts none /dev/pts\n"
            "for module in $(cat /modules); do case $module in vivid.ko) ;; *) insmod /lib/modules/$module;; esac; done\n"
            "echo '@@ start'; sh /script; echo '@@ end'\n"
            "reboot -f\n"
        )
        (root / "init").chmod(0o755)
        names = run("find", ".", cwd=root)
        with open(self.folder / "disk", "wb") as out:
            subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), stdout=out, cwd=root, check=True)

    def command(self):
        kernel = self.kernel / "root/boot" / f"vmlinuz-{self.version}"
        common = ["qemu-system-aarch64", "-m", "1024", "-display", "none", "-no-reboot", "-icount", "shift=0", "-initrd", self.folder / "disk", "-kernel", kernel]
        monitor = ["-monitor", f"unix:{self.folder}/monitor,server=on,wait=off"]
        if self.board == "virt":
            return common + monitor + [
                "-M", "virt", "-cpu", "cortex-a72", "-nic", "none", "-serial", "stdio",
                "-device", "virtio-gpu-pci", "-device", "virtio-keyboard-pci",
                "-append", "console=ttyAMA0 quiet panic=-1 vt.global_cursor_default=0",
            ]
        tree = next((self.kernel / "root").glob("**/bcm2837-rpi-3-b.dtb"))
        return common + monitor + [
            "-M", "raspi3b", "-dtb", tree, "-serial", "null", "-serial", "stdio",
            "-append", "console=ttyS1,115200 quiet iomem=relaxed panic=-1",
        ]

    def __enter__(self):
        self.start = time.monotonic()
        self.process = subprocess.Popen(
            [str(word) for word in self.command()], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        return self

    def read(self):
        with open(self.log_path, "w") as log:
            for line in self.process.stdout:
                line = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[\r\x00]", "", line).rstrip("\n")
                log.write(f"{line}\n")
                log.flush()
                with self.changed:
                    self.lines.append(line)
                    self.changed.notify_all()
        with self.changed:
            self.lines.append("@@ closed")
            self.changed.notify_all()

    def wait(self, pattern, seconds=3600):
        """The first line, from where was read last, that matches; an error when it does not come."""
        end = time.monotonic() + seconds
        self.at = getattr(self, "at", 0)
        with self.changed:
            while True:
                while self.at < len(self.lines):
                    line = self.lines[self.at]
                    self.at += 1
                    if re.search(pattern, line):
                        return line
                    if line == "@@ closed":
                        sys.exit(f"error: the machine ended before '{pattern}'\nhint: read {self.log_path}")
                left = end - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    sys.exit(f"error: no '{pattern}' within {seconds} s\nhint: read {self.log_path}")

    def until(self, holds, what, seconds=3600):
        """Waits until something holds of the lines so far."""
        end = time.monotonic() + seconds
        with self.changed:
            while not holds(self.lines):
                left = end - time.monotonic()
                if self.lines[-1:] == ["@@ closed"] or left <= 0 or not self.changed.wait(left):
                    sys.exit(f"error: no '{what}' within {seconds} s\nhint: read {self.log_path}")

    def sh(self, command, seconds=1800):
        """Has a shell in the machine run a command, which must be a line; gives what was printed until it ended."""
        self.commands = getattr(self, "commands", 0) + 1
        mark, first = f"@@ {self.commands} done", len(self.lines)
        end = "" if command.endswith("&") else ";"
        self.process.stdin.write(f"{command}{end} echo '{mark}'\n")
        self.process.stdin.flush()
        end = time.monotonic() + seconds
        with self.changed:
            while mark not in self.lines[first:]:
                left = end - time.monotonic()
                if "@@ closed" in self.lines or left <= 0 or not self.changed.wait(left):
                    sys.exit(f"error: '{command}' did not end within {seconds} s\nhint: read {self.log_path}")
            return self.lines[first:self.lines.index(mark, first)]

    def monitor(self, command):
        subprocess.run(["socat", "-t1", "-", f"unix-connect:{self.folder}/monitor"], input=command + "\n", text=True,
                       stdout=subprocess.DEVNULL, check=True)

    def key(self, key, milliseconds=100):
        self.monitor(f"sendkey {key} {milliseconds}")

    def picture(self, path):
        """A picture of the virtual screen, as PNG."""
        raw = self.folder / "screen.ppm"
        self.monitor(f"screendump {raw}")
        write_png(raw, path)

    def text(self):
        return "\n".join(self.lines)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def read_ppm(path):
    data = pathlib.Path(path).read_bytes()
    magic, width, height, most = re.match(rb"(P6)\s(\d+)\s(\d+)\s(\d+)\s", data).groups()
    header = re.match(rb"P6\s\d+\s\d+\s\d+\s", data).end()
    return int(width), int(height), data[header:]


def write_png(ppm, path):
    import struct
    import zlib
    width, height, rgb = read_ppm(ppm)
    rows = b"".join(b"\0" + rgb[y * width * 3:(y + 1) * width * 3] for y in range(height))
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pathlib.Path(path).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
