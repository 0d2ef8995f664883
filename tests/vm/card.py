"""The image of a card, what is laid beside it to boot it in an emulated machine, and one start of it. See image.py."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

import device
from device import HEIGHT, LOOP, WIDTH
from machine import HERE, PROJECT, Machine, cache, partition, run

# The processor and the memory of each board, in MB.
BOARDS = {"zero2w": ("cortex-a53", 512), "pi3": ("cortex-a53", 1024), "pi4": ("cortex-a72", 1024)}
# Parts of the machine that the image has no driver for, in the order of loading.
MODULES = ["virtio_pci", "virtio-gpu", "virtio_input", "evdev", "sdhci-pci", "i6300esb"]
# In the place of the image's own, for this test alone.
CONFIG = f"register = true\n{device.CONFIG}"

UNITS = {
    "test-shell.service": """[Unit]
DefaultDependencies=no
[Service]
ExecStart=/run/test/busybox sh /run/test/shell
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyAMA0
Environment=PATH=/run/test:/usr/bin:/usr/sbin:/bin:/sbin
IgnoreSIGPIPE=no
""",
    "test-person.service": """[Unit]
DefaultDependencies=no
[Service]
ExecStart=/run/test/busybox sh /run/test/person
""",
    "lakshan.service.d/test.conf": """[Unit]
Wants=test-shell.service test-person.service
[Service]
ExecStart=
ExecStart=/usr/bin/edge-app app start -- --transcript
StandardOutput=file:/dev/ttyAMA0
DeviceAllow=/dev/ttyAMA0 rw
""",
}
SHELL = "stty -echo -F /dev/ttyAMA0; echo '@@ listening'; while read -r line; do eval \"$line\"; done\n"
PERSON = f"""cd /run/test
./vivid set /dev/video0 'Loop Video' 1
./vivid set /dev/video0 'OSD Text Mode' 2
./vivid slow /dev/video0
./vivid slow /dev/video1
exec ./vivid feed /dev/video1 person.yuyv {WIDTH} {HEIGHT} 100000
"""
TOP = "for module in $(cat /test/modules); do\n    /test/busybox insmod /test/$module $(cat /test/$module.options 2> /dev/null)\ndone\n"
BOTTOM = """mkdir -p /run/test /run/systemd/system
mount -t tmpfs -o mode=755 tmpfs /run/test
cp -a /test/guest/. /run/test/
cp -a /test/units/. /run/systemd/system/
mount -o bind /run/test/etc ${rootmnt}/etc/lakshan
"""


class Image:
    """The image and what is taken out of it."""

    def __init__(self, path, work, options):
        self.path, self.work = path, work
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        table = json.loads(run("sfdisk", "--json", path))["partitiontable"]["partitions"]
        self.parts = [(part["start"] * 512, part["size"] * 512) for part in table]
        for name in ["vmlinuz", "initrd.img", "cmdline.txt"]:
            run("mcopy", "-n", "-i", f"{path}@@{self.parts[0][0]}", f"::{name}", work / name)
        self.line = (work / "cmdline.txt").read_text().strip()
        packages = path.with_suffix(".packages").read_text()
        self.version = re.search(r"^linux-image-(\d\S*)", packages, re.M)[1]
        # What the machine writes goes into a copy; a card is a power of two large.
        self.card = work / "card"
        run("cp", "--sparse=always", path, self.card)
        with open(self.card, "r+b") as card:
            card.truncate(1 << (path.stat().st_size - 1).bit_length())

    def firsts(self, options, keys):
        """The second first disk, laid behind the image's own; `keys` is a folder of keys that the device is to trust."""
        kernel = cache()
        fetched = kernel / "root/boot" / f"vmlinuz-{self.version}"
        if not fetched.exists():
            shutil.rmtree(kernel, ignore_errors=True)
            print("fetching Debian's arm64 kernel ...", file=sys.stderr)
            run("sh", HERE / "fetch.sh", kernel)
        if not fetched.exists() or fetched.read_bytes() != (self.work / "vmlinuz").read_bytes():
            sys.exit("error: Debian has another kernel by now than the image\nhint: build the image again: cargo xtask image")
        root = self.work / "second"
        guest, units = root / "test/guest", root / "test/units"
        shutil.copytree(keys, guest / "etc/keys")
        for folder in [units, root / "scripts/init-top", root / "scripts/init-bottom"]:
            folder.mkdir(parents=True)
        paths = []
        for module in MODULES + ["vivid"]:
            shown = run("modprobe", "-d", kernel / "root", "-S", self.version, "--show-depends", module)
            for path in re.findall(r"^insmod (\S+)", shown, re.M):
                if path not in paths:
                    paths.append(path)
                    shutil.copy(path, root / "test")
        (root / "test/modules").write_text("".join(f"{pathlib.Path(path).name}\n" for path in paths))
        (root / "test/vivid.ko.options").write_text(LOOP)
        busybox = next((kernel / "root").glob("**/bin/busybox"))
        shutil.copy(busybox, root / "test/busybox")
        shutil.copy(busybox, guest / "busybox")
        run("aarch64-linux-gnu-gcc", "-O2", "-static", "-o", guest / "vivid", HERE / "vivid.c")
        photo = PROJECT / "models/samples/williams-1.jpg"
        run(options.yuyv, photo, WIDTH, HEIGHT, guest / "person.yuyv", 512)
        (guest / "shell").write_text(SHELL)
        (guest / "person").write_text(PERSON)
        (guest / "etc/edge-app.toml").write_text(CONFIG)
        for name, text in UNITS.items():
            (units / name).parent.mkdir(exist_ok=True)
            (units / name).write_text(text)
        # The order in which the image's own first disk runs its scripts, with ours first and last.
        unpacked = self.work / "first"
        unpacked.mkdir()
        cpio = subprocess.run(["zstd", "-dc", self.work / "initrd.img"], check=True, capture_output=True).stdout
        subprocess.run(["cpio", "-i", "-d", "--quiet", "--no-absolute-filenames", "scripts/*"], input=cpio, cwd=unpacked, check=True)
        for folder, text, first in [("init-top", TOP, True), ("init-bottom", BOTTOM, False)]:
            script = root / f"scripts/{folder}/lakshan-test"
            script.write_text("#!/bin/sh\n" + text)
            script.chmod(0o755)
            order = (unpacked / f"scripts/{folder}/ORDER").read_text()
            ours = f"/scripts/{folder}/lakshan-test\n"
            (root / f"scripts/{folder}/ORDER").write_text(ours + order if first else order + ours)
        names = run("find", ".", cwd=root)
        second = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), cwd=root, check=True, capture_output=True)
        first = (self.work / "initrd.img").read_bytes()
        # The kernel looks for the next archive at a multiple of four.
        (self.work / "initrd").write_bytes(first + bytes(-len(first) % 512) + second.stdout)

    def data(self):
        """The data partition as it is now, in a file; the card is not touched."""
        return partition(self.card, *self.parts[2], self.work / "data.ext4")


class Booted(Machine):
    """One start of the image."""

    def __init__(self, image, board, log):
        self.image, self.board, self.log_path, self.lines = image, board, pathlib.Path(log), []
        self.folder = image.work / "run"
        self.folder.mkdir(exist_ok=True)

    def command(self):
        processor, memory = BOARDS[self.board]
        image = self.image
        return [
            "qemu-system-aarch64", "-M", "virt", "-cpu", processor, "-m", str(memory), "-icount", "shift=0", "-no-reboot",
            "-display", "none", "-nic", "none", "-serial", "stdio", "-monitor", f"unix:{self.folder}/monitor,server=on,wait=off",
            "-device", "virtio-gpu-pci", "-device", "virtio-keyboard-pci", "-device", "sdhci-pci",
            "-drive", f"if=none,id=card,format=raw,file={image.card}", "-device", "sd-card,drive=card", "-device", "i6300esb", "-device", "qemu-xhci,id=usb",
            "-kernel", image.work / "vmlinuz", "-initrd", image.work / "initrd", "-append", image.line,
        ]

    def shows(self, what, seconds=900):
        """Waits for a line of the transcript that says what is on the screen."""
        return self.wait(rf"^ *\d+\.\d+  screen {what}", seconds).strip()

    def picture_of(self, path):
        # The line comes when the flip has been asked for.
        time.sleep(2)
        self.picture(path)

    def press(self, key):
        self.sh("sleep 0.6")
        self.key(key)

    def said(self, command):
        """What a command prints, without lines of the transcript that come in between."""
        return [line for line in self.sh(command) if line.strip() and not re.match(r" *\d+\.\d+  \w", line)]

    def cut(self):
        """The power goes: nothing is told, nothing is written any more."""
        self.process.kill()
        self.process.wait()
