"""USB sticks in the booted image: made here, plugged into the machine while it runs, pulled again.

What is real in the machine: the kernel's USB, partition and FAT drivers, the udev rule, the unit that mounts, the helper that writes
the register, and the service in its sandbox.
"""

import csv
import json
import re
import shutil
import subprocess

from device import TESTED, choose
from machine import PROJECT, partition, run

# Where the one partition of a stick begins, in bytes.
START = 1 << 20
STICK_MB = 96
# Newer than anything that an image is made with.
BUNDLE, PROGRAM = "9999.1", "99.0.0"
MOUNTS = "grep lakshan-sticks /proc/mounts"


class Updates:
    """Keys, of which the device knows two; bundles and a program that were signed with them, and worse ones."""

    def __init__(self, folder):
        self.folder, self.public, self.sticks = folder, folder / "public", 0
        shutil.rmtree(folder, ignore_errors=True)
        (self.public / "program").mkdir(parents=True)
        for name, public in [("clinic", self.public / "clinic.pub"), ("maker", self.public / "program/maker.pub"), ("stranger", folder / "stranger.pub")]:
            run("minisign", "-G", "-W", "-p", public, "-s", folder / f"{name}.key")

    def sign(self, key, manifest):
        run("minisign", "-S", "-s", self.folder / f"{key}.key", "-m", manifest)

    def bundle(self, name, key):
        """The demo bundle as a newer one, signed unless `key` is empty."""
        folder = self.folder / name / "lakshan-bundle"
        folder.mkdir(parents=True)
        for file in ["model.onnx", "MODEL_CARD.md"]:
            shutil.copy(PROJECT / "models/demo" / file, folder)
        manifest = json.loads((PROJECT / "models/demo/manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {"version": BUNDLE}))
        if key:
            self.sign(key, folder / "manifest.json")
        return folder

    def changed(self):
        """Signed, and then made even newer."""
        folder = self.bundle("changed", "clinic")
        manifest = folder / "manifest.json"
        manifest.write_text(manifest.read_text().replace(BUNDLE, BUNDLE + ".1"))
        return folder

    def damaged(self):
        """Signed, and then a bit of the network changed."""
        folder = self.bundle("damaged", "clinic")
        model = folder / "model.onnx"
        data = bytearray(model.read_bytes())
        data[len(data) // 2] ^= 1
        model.write_bytes(data)
        return folder

    def program(self, image):
        """The image's own program as a newer one."""
        folder = self.folder / "program/lakshan-app"
        path, (start, _) = self.folder / "root", image.parts[1]
        run("unsquashfs", "-q", "-n", "-o", start, "-d", path, image.path, "usr/bin/edge-app")
        run("cargo", "xtask", "update", "--sign", self.folder / "maker.key", "--program", path / "usr/bin/edge-app",
            "--program-version", PROGRAM, "--out", folder, cwd=PROJECT)
        return folder

    def stick(self, folders, kind):
        self.sticks += 1
        return Stick(self.folder / f"stick{self.sticks}.img", folders, kind)


class Stick:
    """A stick as it is sold, one partition with FAT; with folders at its top."""

    def __init__(self, path, folders=(), kind="vfat"):
        self.path, self.name = path, path.stem
        with open(path, "wb") as file:
            file.truncate(STICK_MB << 20)
        run("sfdisk", "--quiet", path, input=f"start={START // 512}, type={'c' if kind == 'vfat' else '83'}\n")
        if kind == "vfat":
            run("mkfs.fat", "-F", "32", "-n", "STICK", "--offset", START // 512, path)
        else:
            run("mke2fs", "-q", "-F", "-t", kind, "-E", f"offset={START}", path, f"{(STICK_MB << 10) - START // 1024}k")
        for folder in folders:
            run("mcopy", "-s", "-i", f"{path}@@{START}", folder, "::/")

    def files(self):
        return [name.removeprefix("::/") for name in run("mdir", "-b", "-i", f"{self.path}@@{START}", "::/").split()]

    def text(self, name):
        return run("mtype", "-i", f"{self.path}@@{START}", f"::/{name}")


class Sticks:
    """What is done with sticks in one start of the image, from the start screen to the start screen."""

    def __init__(self, test, machine):
        self.test, self.machine, self.check, self.updates = test, machine, test.check, test.updates

    def plug(self, folders=(), kind="vfat"):
        self.stick = self.updates.stick(folders, kind)
        self.machine.monitor(f"drive_add 0 if=none,id={self.stick.name},format=raw,file={self.stick.path}")
        self.machine.monitor(f"device_add usb-storage,id={self.stick.name}-usb,drive={self.stick.name},removable=on,bus=usb.0")

    def pull(self):
        self.machine.monitor(f"device_del {self.stick.name}-usb")

    def until(self, command):
        """Waits, 10 seconds of the machine at most, until a command succeeds there."""
        self.machine.sh(f"n=0; until {command} || [ $n -gt 50 ]; do sleep 0.2; n=$((n + 1)); done > /dev/null 2>&1")

    def gone(self):
        """Waits until the machine has noticed that the stick was pulled; what is left of it there."""
        self.until("! ls -d /sys/block/sd*")
        self.machine.sh("sleep 2")
        return self.machine.said(f"{MOUNTS}; ls /run/lakshan-sticks")

    def picture(self, name):
        self.machine.picture_of(self.test.out / f"image-stick-{name}.png")

    def home(self):
        """Leaves what is told of a stick."""
        self.machine.press("ret")
        return self.machine.shows(TESTED)

    def bundle_in_use(self):
        listed = json.loads("\n".join(self.machine.said("edge-app bundle list --json")))
        return next(bundle["version"] for bundle in listed["bundles"] if bundle["role"] == "in use")

    def say_yes(self, wanted):
        """Waits for the question, which has "no" marked, and says yes."""
        line = self.machine.shows("update-found")
        self.check(f"a stick with a signed {wanted} is asked about, and \"no\" is marked", f"  {wanted} " in f" {line}" and line.endswith(": no"), line)
        self.picture(f"found-{wanted}")
        mounted = self.machine.said(MOUNTS)
        options = set(mounted[0].split()[3].split(",")) if mounted else set()
        self.check("it is mounted read-only, and no program runs from it", {"ro", "nosuid", "nodev", "noexec"} <= options, "; ".join(mounted))
        self.machine.press("m")
        self.machine.shows("update-found.*: yes")
        self.machine.press("ret")

    def all(self):
        self.other_file_system()
        self.refused()
        self.pulled()
        self.new_bundle()
        self.new_program()
        self.register()

    def other_file_system(self):
        self.plug(kind="ext4")
        self.until("[ -e /sys/block/sda/sda1 ]")
        self.machine.sh("udevadm settle; sleep 3")
        seen = self.machine.said("cat /proc/partitions | grep sda1; " + MOUNTS)
        self.check("a stick with ext4 is seen by the kernel and not mounted", len(seen) == 1 and seen[0].endswith("sda1"), "; ".join(seen))
        self.pull()
        self.gone()

    def refused(self):
        """What must not be taken, the reason on the screen."""
        before = self.bundle_in_use()
        bad = [("unsigned", self.updates.bundle("unsigned", "")), ("untrusted", self.updates.bundle("untrusted", "stranger")), ("changed", self.updates.changed())]
        for reason, folder in bad:
            self.plug([folder])
            line = self.machine.shows("refused")
            self.check(f"a bundle that is {reason} is refused, the reason on the screen", f"refused          {reason}:" in line, line)
            self.picture(reason)
            self.home()
            self.pull()
            self.gone()
        self.plug([self.updates.damaged()])
        self.say_yes("bundle")
        line = self.machine.shows("refused")
        self.check("a signed bundle with one changed bit is refused when it is copied", "damaged:" in line, line)
        self.home()
        self.pull()
        left = self.gone()
        self.check("nothing is left of a stick that was pulled", not left, "; ".join(left))
        now = self.bundle_in_use()
        self.check("the old bundle is in use after all of them", now == before, now)

    def pulled(self):
        before = self.bundle_in_use()
        self.plug([self.updates.bundle("pulled", "clinic")])
        self.say_yes("bundle")
        line = self.machine.shows("installing +[1-9]")
        self.pull()
        told = self.machine.shows("(refused|installed)")
        self.check("a stick that is pulled while it is copied: said on the screen", "refused          pulled:" in told, f"{line}; {told}")
        self.picture("pulled")
        self.home()
        self.gone()
        now = self.bundle_in_use()
        self.check("and the old bundle is in use", now == before, now)

    def new_bundle(self):
        self.plug([self.updates.bundle("bundle", "clinic")])
        self.say_yes("bundle")
        self.machine.shows("installing +[1-9]")
        self.machine.picture(self.test.out / "image-stick-copying.png")
        self.machine.shows("installing +testing")
        self.pull()
        line = self.machine.shows("(installed|refused)")
        self.picture("installed")
        self.check("a signed bundle is installed; the stick may be pulled while it is tried", "installed" in line, line)
        line = self.home()
        now = self.bundle_in_use()
        self.check("the device starts again with the new bundle", now == BUNDLE and "failed" not in line, f"{now}; {line}")
        self.gone()

    def new_program(self):
        self.plug([self.updates.program(self.test.image)])
        self.say_yes("program")
        line = self.machine.shows("(installed|refused)")
        self.check("a signed program is installed", "installed" in line, line)
        self.pull()
        self.home()
        self.runs_new_program()
        self.gone()

    def runs_new_program(self):
        exe = self.machine.said("readlink /proc/$(systemctl show -P MainPID lakshan)/exe")
        mounts = " ".join(self.machine.said("grep /var/lib/lakshan /proc/mounts"))
        self.check("the new program runs, from sealed memory: the data partition runs none", any("memfd" in line for line in exe) and "noexec" in mounts, " ".join(exe))

    def register(self):
        """The register onto an empty stick."""
        rows = self.test.rows(self.machine)
        self.plug()
        self.until(MOUNTS)
        self.machine.sh("sleep 3")
        choose("save_register", self.machine.press, self.machine.shows)
        line = self.machine.shows("(saved|not-saved)")
        self.picture("saved")
        mounted = " ".join(self.machine.said(MOUNTS))
        self.check("the register is saved to a stick, which is read-only again", re.search(rf"saved +{len(rows)} rows", line) is not None and " ro," in mounted, f"{line}; {mounted}")
        self.home()
        self.pull()
        self.gone()
        files = self.stick.files()
        table = list(csv.reader(self.stick.text(files[0]).splitlines())) if len(files) == 1 else []
        same = {int(row[0]): row for row in table if row and row[0].isdigit()} == rows
        self.check("the stick holds that file alone, with the rows that the device gives out", same and bool(rows), f"{' '.join(files)}, {len(rows)} rows")
        part = partition(self.stick.path, START, (STICK_MB << 20) - START, self.stick.path.with_suffix(".part"))
        found = subprocess.run(["fsck.fat", "-n", part], capture_output=True, text=True)
        self.check("its file system is sound", found.returncode == 0, found.stdout.strip().splitlines()[-1].split("/")[-1])

    def after_the_cut(self):
        """What was installed is still in use after the power went."""
        now = self.bundle_in_use()
        self.check("what came from the sticks is in use after a power cut", now == BUNDLE, now)
        self.runs_new_program()
