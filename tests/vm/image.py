#!/usr/bin/env python3
"""The image of a card in an emulated machine: its own kernel, first disk and root boot from its own partitions, on an SD card.

A board's chip cannot be emulated whole, so QEMU is handed kernel, first disk and kernel line that the image has for the chip's
firmware, and has other parts where the board has its own: a screen, a keyboard, an SD slot, a watchdog on PCI. Their drivers are
not on the image. They come in a second first disk beside the image's own, with the kernel's test camera, a photograph to hold
before it, and in /run: a shell on the serial line, a configuration with the register switched on, and an order to the service
to write its transcript there. The root is mounted from the image as it is. `cargo xtask vm image` builds what is needed and
starts this. See README.md.
"""

import argparse
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

from card import BOARDS, Booted, Image
from device import TESTED, choose, finding_of, finding_of_file
from machine import read_ppm, run
from sticks import Sticks, Updates


class Test:
    def __init__(self, image, updates, options, check, out):
        self.image, self.updates, self.options, self.check, self.out = image, updates, options, check, out
        self.acknowledged, self.random, self.boots = {}, random.Random(options.seed), 0
        self.figures = {}

    def boot(self):
        self.boots += 1
        return Booted(self.image, self.options.board, self.out / f"image-boot-{self.boots}.log")

    def rows(self, machine):
        """The register as the device gives it out: what it gives out is on the card."""
        lines = machine.sh("edge-app records export")
        # Lines of the transcript may come in between.
        table = [line.split(",") for line in lines if re.fullmatch(r"\d+(,[^,]*){6}", line)]
        return {int(row[0]): row for row in table}

    def session(self, machine, pictures=False):
        """From the start screen to a result."""
        def shown(what, name):
            line = machine.shows(what)
            if pictures:
                machine.picture_of(self.out / f"image-{name}.png")
            return line
        machine.press("ret")
        shown("consent", "consent")
        machine.press("m")
        machine.shows("consent +yes")
        machine.press("ret")
        aim = shown("aim +good", "aim")
        shown("capture", "capture")
        line = shown("result", "result")
        return aim, line

    def first_boot(self):
        with self.boot() as machine:
            self.splash(machine)
            machine.wait("@@ listening")
            machine.shows("language")
            machine.picture_of(self.out / "image-language.png")
            machine.press("ret")
            machine.shows("consent")
            machine.press("esc")
            line = machine.shows(TESTED)
            machine.picture_of(self.out / "image-start.png")
            self.check("the image boots to the start screen; the self-test passes, the known photograph bit for bit", "failed" not in line, line)
            self.closed(machine)
            _, line = self.session(machine, True)
            wanted = finding_of_file(self.options.host_program, "williams-1")
            self.check("keys lead to the result, and it is that of `classify`", finding_of(line) == wanted, line)
            self.acknowledge(machine)
            self.memory(machine)
            self.cut_within_sessions(machine)

    def splash(self, machine):
        """The first picture that is white, and that it is there before the program is."""
        for _ in range(600):
            time.sleep(0.5)
            if machine.process.poll() is not None:
                return
            try:
                machine.picture(self.out / "image-splash.png")
            except subprocess.CalledProcessError:
                continue
            if is_white(machine.folder / "screen.ppm"):
                break
        early = not any("screen" in line for line in machine.lines)
        self.check("the splash is on the screen before the program shows anything", early)

    def closed(self, machine):
        """No way in: no listener, no network, no login."""
        check, sh = self.check, machine.said
        found = sockets(machine)
        check("no socket of a network listens, nor is any open", not found, "; ".join(found))
        sh("busybox nc -l -p 4444 & listener=$!; sleep 1")
        found = sockets(machine)
        check("one that was opened to try this is seen", any(":115C" in line for line in found), "; ".join(found))
        sh("kill $listener; wait $listener 2> /dev/null")
        links = sh("ls /sys/class/net")
        check("the only network is the machine's own loop", links == ["lo"], " ".join(links))
        drivers = sh("find /lib/modules -path '*drivers/net/*' -o -path '*bluetooth*' -name '*.ko*' -o -path '*net/wireless*'")
        check("no driver of a network is on the root", not drivers, " ".join(drivers))
        names = set(sh("for p in /proc/[0-9]*; do [ -z \"$(tr -d '\\0' < $p/cmdline)\" ] || cat $p/comm; done"))
        wanted = {"systemd", "systemd-journal", "systemd-udevd", "edge-app", "busybox", "vivid", "sh"}
        check("no process runs but systemd, its log, udev and the device", names <= wanted | {"cat", "tr", "systemd-fsckd"}, " ".join(sorted(names)))
        mounts = {line.split()[1]: line.split() for line in sh("cat /proc/mounts") if len(line.split()) > 3}
        root, data = mounts["/"], mounts.get("/var/lib/lakshan", ["", "", "", ""])
        check("the root is a read-only squashfs", root[2] == "squashfs" and "ro" in root[3].split(","), " ".join(root[:4]))
        set_ = set(data[3].split(","))
        check("the data partition is ext4 that runs no program", data[2] == "ext4" and {"rw", "nosuid", "nodev", "noexec"} <= set_, " ".join(data[:4]))
        failed = [line for line in sh("systemctl list-units --failed --no-legend --plain") if line.strip()]
        check("no unit has failed", not failed, "; ".join(failed))
        watchdog = sh("systemctl show -p RuntimeWatchdogUSec; cat /sys/class/watchdog/watchdog0/state")
        check("systemd feeds the watchdog", "active" in watchdog and "RuntimeWatchdogUSec=14s" in watchdog, " ".join(watchdog))
        machine.picture(self.out / "image-before-switch.png")
        for console in ["f2", "f3", "f7"]:
            machine.key(f"ctrl-alt-{console}")
            machine.sh("sleep 1")
        logins = sh("for p in /proc/[0-9]*; do cat $p/comm; done | grep -E 'getty|login|bash|sulogin'")
        check("no other console has a login", not logins, " ".join(logins))

    def acknowledge(self, machine):
        """What the register gives out now must be there after every power cut."""
        self.acknowledged |= self.rows(machine)

    def again(self, machine):
        """Another picture of the same person."""
        machine.press("esc")
        machine.shows("aim")
        machine.shows("result")

    def memory(self, machine):
        total = dict(re.findall(r"^(\w+): +(\d+) kB", "\n".join(machine.said("cat /proc/meminfo")), re.M))
        used = (int(total["MemTotal"]) - int(total["MemAvailable"])) // 1024
        service = machine.said("cat /sys/fs/cgroup/system.slice/lakshan.service/memory.peak 2> /dev/null || cat /sys/fs/cgroup/system.slice/lakshan.service/memory.current")
        test = sum(int(word) for word in machine.said("cat /sys/fs/cgroup/system.slice/test-*.service/memory.current; du -sk /run/test | { read a b; echo $((a * 1024)); }") if word.isdigit()) // (1 << 20)
        self.figures["memory of the machine, MB"] = int(total["MemTotal"]) // 1024
        self.figures["memory in use after a session, MB (of it the test's own parts, MB)"] = f"{used} ({test})"
        self.figures["of it the service, at most, MB"] = int(service[-1]) // (1 << 20)

    def cut_within_sessions(self, machine):
        """Takes one picture after the other and cuts the power at a random moment of it."""
        delay = self.random.uniform(0, self.options.cut_within)
        print(f"# the power will go {delay:.1f} s (of this machine) into a row of results", flush=True)
        cut = threading.Timer(delay, machine.process.kill)
        cut.start()
        try:
            while True:
                self.again(machine)
                self.acknowledge(machine)
        except (SystemExit, OSError, subprocess.CalledProcessError):
            # The machine is gone in the middle of something, unless it was not the cut that ended it.
            cut.join(2)
            if not cut.finished.is_set():
                cut.cancel()
                raise
        machine.cut()

    def cut_within_boot(self):
        with self.boot() as machine:
            delay = self.random.uniform(0, self.options.boot_seconds)
            print(f"# the power will go {delay:.1f} s (of this machine) into a boot", flush=True)
            time.sleep(delay)
            machine.cut()

    def after_cut(self, number, then):
        """What is on the card, and the next start; `then` the power goes again, or the menu switches off, or sticks come first."""
        data = self.image.data()
        found = subprocess.run(["e2fsck", "-f", "-y", data], capture_output=True, text=True)
        # 1 means that something was put right: at most what the journal holds.
        self.check(f"cut {number}: the data partition is sound once its journal has been played back", found.returncode in (0, 1) and "UNEXPECTED" not in found.stdout,
                   found.stdout.strip().splitlines()[-1] if found.stdout else found.stderr.strip())
        kept = self.on_card(data)
        lost = [number for number in self.acknowledged if number not in kept]
        self.check(f"cut {number}: the register on the card is sound and has every row that was given out", not lost and kept is not None,
                   f"{len(kept)} rows, {len(self.acknowledged)} were given out")
        with self.boot() as machine:
            machine.wait("@@ listening")
            line = machine.shows(TESTED)
            machine.picture_of(self.out / f"image-after-cut-{number}.png")
            self.check(f"cut {number}: it comes back by itself, with the language that was chosen", "failed" not in line, line)
            rows = self.rows(machine)
            same = all(rows.get(key) == row for key, row in self.acknowledged.items())
            self.check(f"cut {number}: the device gives out the same rows", same, f"{len(rows)} rows")
            if then != "idle":
                _, line = self.session(machine)
                self.check(f"cut {number}: a session ends on a result", "result" in line, line)
                self.acknowledge(machine)
            if number == 1:
                self.times(machine)
            if then == "off":
                Sticks(self, machine).after_the_cut()
                self.off(machine)
            elif then == "sticks":
                self.home(machine)
                Sticks(self, machine).all()
                wanted = finding_of_file(self.options.host_program, "williams-1")
                _, line = self.session(machine)
                self.check("a session with what came from the sticks ends as `classify` does", finding_of(line) == wanted, line)
                self.acknowledge(machine)
                machine.cut()
            elif then == "sessions":
                self.cut_within_sessions(machine)
            else:
                machine.cut()

    def on_card(self, data):
        """The rows of the register in the data partition, by SQLite itself; its write-ahead log beside it."""
        folder = self.image.work / "register"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ["register.sqlite", "register.sqlite-wal"]:
            run("debugfs", "-R", f"dump /{name} {folder / name}", data)
        database = sqlite3.connect(folder / "register.sqlite")
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        self.check("SQLite finds no fault in the register", verdict == "ok", verdict)
        return {row[0] for row in database.execute("SELECT sequence FROM encounters")}

    def times(self, machine):
        """When things were shown, in seconds of the machine since the kernel began."""
        shown = dict(line.split("=", 1) for line in machine.said("systemctl show lakshan -p ExecMainStartTimestampMonotonic") if "=" in line)
        began = int(shown["ExecMainStartTimestampMonotonic"]) / 1e6
        def first(pattern):
            line = next(line for line in machine.lines if re.search(rf"^ *\d+\.\d+  screen {pattern}", line))
            return began + float(line.split()[0])
        self.figures["seconds from the kernel's start to the service's"] = round(began, 1)
        self.figures["seconds to the start screen"] = round(first("start"), 1)
        self.figures["seconds to the end of the self-test"] = round(first(TESTED), 1)
        aim, consent = first("aim"), first("consent +yes")
        self.figures["seconds to the aim screen, keys pressed at once"] = round(first(TESTED) + aim - consent, 1)

    def home(self, machine):
        """From a result to the start screen."""
        machine.press("esc")
        machine.shows("aim")
        machine.sh("sleep 0.6")
        machine.key("esc", 1600)
        machine.shows(TESTED)

    def off(self, machine):
        """The menu switches the device off."""
        self.home(machine)
        line = choose("power_off", machine.press, machine.shows)
        try:
            ended = machine.process.wait(600) == 0
        except subprocess.TimeoutExpired:
            ended = False
        self.check("the menu switches the device off", ended, line)


def sockets(machine):
    """Every open socket of a network in the machine, by the kernel's own tables."""
    found = []
    for name in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "udplite", "udplite6", "packet"]:
        lines = machine.said(f"cat /proc/net/{name} 2> /dev/null")
        found += [f"{name}: {line.strip()}" for line in lines if re.search(r"\d", line) and not re.match(r" *s[lk] ", line)]
    return found


def is_white(path):
    """Whether most of a picture of the screen is white, as the splash is; a screen that nobody has painted is black."""
    _, _, rgb = read_ppm(path)
    return rgb.count(255) > len(rgb) * 0.8


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", type=pathlib.Path, required=True, help="as `cargo xtask image` makes it")
    parser.add_argument("--board", choices=list(BOARDS), required=True)
    parser.add_argument("--host-program", type=pathlib.Path, required=True, help="edge-app for this machine")
    parser.add_argument("--yuyv", type=pathlib.Path, help="its example yuyv [default: examples/yuyv beside it]")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("vm-out"))
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the moments of the power cuts")
    parser.add_argument("--cut-within", type=float, default=120, help="seconds of this machine for a cut during sessions")
    parser.add_argument("--boot-seconds", type=float, default=40, help="seconds of this machine for a cut during a boot")
    options = parser.parse_args()
    options.yuyv = options.yuyv or options.host_program.parent / "examples/yuyv"
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    checked = []

    def check(what, holds, seen=""):
        checked.append(holds)
        print(f"{'holds' if holds else 'FAILS'}  {what}{f'  ({seen})' if seen else ''}", flush=True)

    print(f"# image, board {options.board}, seed {options.seed}", flush=True)
    work = out / "image.work"
    image = Image(options.image.resolve(), work, options)
    updates = Updates(work / "updates")
    image.firsts(options, updates.public)
    test = Test(image, updates, options, check, out)
    test.figures["image, MB"] = options.image.stat().st_size // (1 << 20)
    test.first_boot()
    test.after_cut(1, "sessions")
    test.after_cut(2, "idle")
    test.cut_within_boot()
    test.after_cut(3, "sticks")
    test.after_cut(4, "off")
    for name, figure in test.figures.items():
        print(f"# {name}: {figure}")
    print(f"{checked.count(True)} hold, {checked.count(False)} fail")
    shutil.rmtree(work)
    sys.exit(0 if all(checked) else 1)


if __name__ == "__main__":
    main()
