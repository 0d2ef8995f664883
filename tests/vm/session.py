"""A whole session of `edge-app run` in an emulated machine: what is done to it, and what must hold."""

import contextlib
import re
import subprocess

from device import CONFIG, HEIGHT, LOOP, TESTED, WIDTH, choose, finding_of, finding_of_file
from machine import PROJECT, Machine, strace

# Wide enough to be found, too narrow to be judged: the picture never takes itself.
FAR = 190

# What vivid can do to a camera while it streams, and what it can do to the next start, which the last one brings about.
WHILE_STREAMING = ["Inject V4L2_BUF_FLAG_ERROR", "Inject VIDIOC_QBUF Error", "Wrap Sequence Number", "Wrap Timestamp", "Inject req_validate() Error"]
AT_THE_START = ["Inject VIDIOC_REQBUFS Error", "Inject VIDIOC_STREAMON Error"]

# What could bring pixels onto a disk or out of the device; -y names the file behind each descriptor.
TRACED = ("strace -f -y -qq -s 0 --seccomp-bpf -o /run/calls -e trace=openat,openat2,mknodat,renameat,renameat2,linkat,symlinkat,"
          "memfd_create,socket,socketpair,connect,sendto,sendmsg,write,writev,pwrite64,pwritev,sendfile,splice")
SCREEN = r"^ *\d+\.\d+  screen "


class Session:
    """`edge-app run` in a machine, and the photographs that are held before its camera."""

    def __init__(self, machine, check, out):
        self.machine, self.check, self.out = machine, check, out

    def start(self, options, under=""):
        """Its transcript comes over the serial line; what it said is in /run/said too."""
        self.machine.sh(f"({under} edge-app run --bundle /data/bundle --config /run/run.toml --transcript {options}; echo \"@@ ended $?\") 2>&1 | tee /run/said &")

    def feed(self, name):
        """Holds another photograph before the camera."""
        self.machine.sh('test -z "$feeder" || { kill $feeder; wait $feeder; }', 600)
        self.machine.sh(f"vivid feed /dev/video1 /data/{name}.yuyv {WIDTH} {HEIGHT} 100000 > /run/feed 2>&1 & feeder=$!")

    def key(self, key):
        """Presses a key when the screen has settled."""
        self.machine.sh("sleep 0.6")
        self.machine.key(key)

    def shows(self, what, picture=None):
        """Waits for a screen that has not been waited for yet."""
        line = self.machine.wait(f"{SCREEN}{what}")
        if picture:
            # The line comes when the flip has been asked for, and the first live picture after its screen.
            self.machine.sh("sleep 0.5")
            self.machine.picture(self.out / f"{picture}.png")
        return line.strip()

    def comes_to(self, what):
        """Waits until a screen is shown, or is already."""
        self.machine.until(lambda lines: re.search(SCREEN + what, next(filter(re.compile(SCREEN).search, reversed(lines)), "")), what)

    def from_now(self):
        self.machine.at = len(self.machine.lines)

    def to_the_live_picture(self, photo):
        """From the program's start to the live picture, past the self-test and consent."""
        self.feed(photo)
        self.start("--lang en")
        self.shows(TESTED)
        self.key("ret")
        self.shows("consent")
        self.key("m")
        self.shows("consent +yes")
        self.key("ret")
        self.shows("aim")


def virt(options, out, check):
    """Camera, screen and keys: each session in a machine of its own."""
    for name in options.session:
        print(f"# session-virt, {name}", flush=True)
        with booted(options, out, name) as machine:
            SESSIONS[name](Session(machine, check, out), options)


@contextlib.contextmanager
def booted(options, out, name):
    """A machine with the camera, photographs to hold before it, and the configuration."""
    files = [(options.bundle, "data/bundle"), (options.panic, "bin/kms_panic")]
    for photo, sample, side in [("person", "williams-1", 512), ("other", "negative-5", 512), ("far", "williams-1", FAR)]:
        packed = out / f"{photo}.yuyv"
        source = PROJECT / f"models/samples/{sample}.jpg"
        subprocess.run([options.yuyv, source, str(WIDTH), str(HEIGHT), packed, str(side)], check=True)
        files.append((packed, f"data/{photo}.yuyv"))
    photographs = files[2:]
    files += strace()
    modules = ["vivid", "virtio-gpu", "virtio_input", "evdev", "virtio_pci"]
    with Machine("virt", options.program, None, modules, files, out / f"session-virt-{name}.log") as machine:
        for source, _ in photographs:
            source.unlink()
        machine.wait("@@ listening")
        machine.sh("echo 'words on the console' > /dev/tty0; sleep 1")
        machine.picture(out / "console-before.png")
        machine.sh(f"insmod /lib/modules/vivid.ko {LOOP}; sleep 1")
        machine.sh("vivid set /dev/video0 'Loop Video' 1; vivid set /dev/video0 'OSD Text Mode' 2; vivid slow /dev/video0; vivid slow /dev/video1")
        machine.sh(f"head -c {WIDTH * HEIGHT * 2} /dev/zero | tr '\\0' '\\200' > /data/nobody.yuyv")
        for line in CONFIG.splitlines():
            machine.sh(f"echo '{line}' >> /run/run.toml")
        yield machine


def visit(session, options):
    """From the first start to two findings."""
    check, machine = session.check, session.machine
    session.feed("nobody")
    session.start("", TRACED)
    session.shows("language", "language")
    session.key("esc")
    line = session.shows(TESTED, "start")
    check("the self-test passes, the known photograph bit for bit", "failed" not in line, line)
    session.key("ret")
    session.shows("language")
    session.key("ret")
    session.shows("consent", "consent")
    session.key("m")
    session.shows("consent +yes")
    session.key("ret")
    session.shows("aim +no_face", "aim-nobody")
    session.feed("far")
    session.shows("aim +come_closer", "aim-far")
    check("keys lead from the start to the live picture; a person further away is seen, live", True)
    session.key("ret")
    line = session.shows("result", "result-far")
    check("a press takes the picture; one that is too small must be taken again", "retake" in line, line)
    session.feed("person")
    session.key("ret")
    session.shows("aim +good", "aim-good")
    session.shows("capture", "capture")
    session.shows("working", "working")
    line = session.shows("result", "result-person")
    wanted = finding_of_file(options.host_program, "williams-1", options.bundle)
    check("held still, the picture takes itself, and the finding is that of `classify`", finding_of(line) == wanted, line)
    session.key("ret")
    session.shows("all-classes", "all-classes")
    session.key("ret")
    session.shows("doctors-look-for", "doctors-look-for")
    session.key("esc")
    session.shows("all-classes")
    session.key("esc")
    session.shows("result")
    session.feed("other")
    session.key("esc")
    session.shows("aim +good")
    line = session.shows("result", "result-other")
    wanted = finding_of_file(options.host_program, "negative-5", options.bundle)
    check("so is that of another photograph", finding_of(line) == wanted, line)
    check("it ends in order", ended(session) == "@@ ended 0")
    written = {line for line in machine.sh("find / -xdev -newer /run/run.toml -type f") if line.startswith("/")}
    written -= {"/run/run.toml", "/run/said", "/run/feed", "/run/calls"}
    check("nothing was written but the language", written == {"/var/lib/lakshan/language"}, " ".join(sorted(written)))
    calls = machine.sh("grep -c . /run/calls; grep -Ev 'O_RDONLY|(write|writev)\\([12]<|resumed>|\\+\\+\\+|---' /run/calls")
    count, calls = int(calls[0]), [line for line in calls[1:] if not re.search(f"{SCREEN}|  live |  light |  does |^@@", line)]
    check("nothing else was opened for writing meanwhile, and no socket", count > 50 and not any(map(leaks, calls)),
          "; ".join(filter(leaks, calls)) or f"{count} calls, of them {len(calls)} to devices and for the language")


def leaks(call):
    """Whether a traced call could carry pixels somewhere: devices and the language's own folder are no such place."""
    return not re.search(r"\bopenat\(.*\"(/dev/(video|dri/card|input/event|tty|null)|/var/lib/lakshan)|\b(write|renameat2?|rename)\(.*/var/lib/lakshan/", call)


def ended(session):
    """Has it end in order; the line with its exit code."""
    session.from_now()
    session.machine.sh("kill -TERM $(pidof edge-app)")
    return session.machine.wait("^@@ ended")


def faults(session, options):
    """What vivid can do to a camera, done to the live picture."""
    check, machine = session.check, session.machine
    session.to_the_live_picture("far")
    session.comes_to("aim +come_closer")

    def still_live():
        """Whether the live picture follows what is before the camera, to and fro."""
        for name, seen in [("nobody", "no_face"), ("far", "come_closer")]:
            session.feed(name)
            session.comes_to(f"aim +{seen}")
        return bool(machine.sh("pidof edge-app"))

    for fault in WHILE_STREAMING:
        machine.sh(f"vivid set /dev/video0 '{fault}'; sleep 2")
        check(f"the session survives: {fault}", still_live())
    machine.sh("vivid set /dev/video0 'Percentage of Dropped Buffers' 80; sleep 2")
    check("the session survives: Percentage of Dropped Buffers, 80", still_live())
    machine.sh("vivid set /dev/video0 'Percentage of Dropped Buffers' 0")
    machine.sh("vivid set /dev/video0 'DV Timings Signal Mode' 1; sleep 1")
    session.comes_to("aim +no_face")
    machine.picture(session.out / "aim-noise.png")
    machine.sh("vivid set /dev/video0 'DV Timings Signal Mode' 0; sleep 1")
    check("the session survives: no signal, which this camera shows as noise", still_live())
    machine.sh("vivid set /dev/video0 'Inject Fatal Streaming Error'; sleep 3")
    check("the session survives: Inject Fatal Streaming Error", still_live())
    for fault in AT_THE_START:
        machine.sh(f"vivid set /dev/video0 '{fault}'; vivid set /dev/video0 'Inject Fatal Streaming Error'; sleep 3")
        check(f"the session survives: {fault}, at the next start", still_live())

    # As long as somebody holds the other node open, vivid stays unplugged.
    session.from_now()
    machine.sh("exec 9< /dev/video1; grep -c camera_lost /run/said > /run/before")
    lines = machine.sh("cut -d' ' -f1 /proc/uptime; vivid set /dev/video0 'Disconnect'; "
                       "until [ $(grep -c camera_lost /run/said) -gt $(cat /run/before) ]; do sleep 0.02; done; cut -d' ' -f1 /proc/uptime")
    from_, to = [float(line) for line in lines if re.fullmatch(r"\d+\.\d+", line)]
    session.shows("fault +camera_lost", "camera-lost")
    check("unplugged: the screen says so within a second", to - from_ < 1, f"{to - from_:.2f} s of the machine")
    machine.sh("sleep 3")
    machine.sh("kill $feeder; wait $feeder; exec 9<&-; feeder=")
    session.feed("far")
    session.comes_to("aim +come_closer")
    machine.picture(session.out / "aim-again.png")
    check("plugged in: the live picture comes back by itself", True)


def console_is_back(session, name):
    session.machine.sh("sleep 1")
    session.machine.picture(session.out / f"console-after-{name}.png")
    before = session.out / "console-before.png"
    return before.read_bytes() == (session.out / f"console-after-{name}.png").read_bytes()


def ends(session, options):
    """Every way in which the program can end while it shows something."""
    check, machine = session.check, session.machine
    session.to_the_live_picture("far")
    session.comes_to("aim +come_closer")
    check("SIGTERM ends it in order", ended(session) == "@@ ended 0")
    check("SIGTERM: the console is back", console_is_back(session, "term"))
    said = machine.sh("kms_panic; echo code $?")
    check("a panic while it shows: the console is back", "code 101" in said and console_is_back(session, "panic"), said[-1])
    session.from_now()
    session.start("--lang hi")
    session.shows(TESTED, "start-hi")
    machine.sh("kill -KILL $(pidof edge-app); sleep 1")
    check("SIGKILL: the console is back", console_is_back(session, "kill"))


def power_off(session, options):
    """`poweroff` must be a program; here it is busybox's, told not to ask init."""
    check, machine = session.check, session.machine
    machine.sh("rm /bin/poweroff; echo '#!/bin/sh' > /bin/poweroff; echo 'echo @@ power off; exec busybox poweroff -f' >> /bin/poweroff; chmod +x /bin/poweroff")
    session.feed("nobody")
    session.start("--lang hi")
    session.shows(TESTED)
    choose("power_off", session.key, session.shows, "menu-hi")
    machine.wait("@@ power off")
    line = machine.wait("Power down|@@ closed")
    check("the menu switches the device off", machine.process.wait(60) == 0, line)


SESSIONS = {"visit": visit, "faults": faults, "ends": ends, "power-off": power_off}


PINS = """[camera]
source = "folder:/data/person.jpg"
[display]
kind = "png:/run/shown"
size = "480x320"
[buttons]
kind = "gpio"
active_low = false
[light]
kind = "rgb"
[session]
idle_seconds = 3600
"""
# The defaults of the configuration, as the chip counts.
CAPTURE, BACK, MENU, RED, GREEN, BLUE = 17, 27, 22, 5, 6, 13
SET, CLEAR, LEVEL = 0x3F20001C, 0x3F200028, 0x3F200034


def raspi(options, out, check):
    """Buttons and light are the registers of the emulated chip; the camera is a file and the screen a folder."""
    files = [(options.bundle, "data/bundle"), (PROJECT / "models/samples/williams-1.jpg", "data/person.jpg")]
    with Machine("raspi3b", options.program, None, ["bcm2835_wdt"], files, out / "session-raspi3b.log") as machine:
        machine.wait("@@ listening")
        for line in PINS.splitlines():
            machine.sh(f"echo '{line}' >> /run/run.toml")
        session = Session(machine, check, out)

        def press(pin, held=0.2):
            machine.sh(f"sleep 0.6; devmem {SET:#x} 32 {1 << pin:#x}; sleep {held}; devmem {CLEAR:#x} 32 {1 << pin:#x}")

        def light():
            # The transcript may say something meanwhile.
            said = machine.sh(f"sleep 0.1; devmem {LEVEL:#x} 32")
            level = next(int(line, 16) for line in said if re.fullmatch("0x[0-9A-Fa-f]{8}", line))
            return {(0, 0, 0): "off", (0, 1, 0): "ready", (0, 0, 1): "working", (1, 1, 0): "attention",
                    (1, 0, 0): "fault"}.get(tuple(level >> pin & 1 for pin in (RED, GREEN, BLUE)))

        seen = []
        session.start("")
        session.shows("start +testing")
        seen.append(("self-test", light(), "working"))
        session.shows("language")
        seen.append(("language", light(), "ready"))
        press(CAPTURE)
        session.shows("consent")
        press(MENU)
        session.shows("consent +yes")
        press(CAPTURE)
        session.shows("aim")
        session.shows("capture")
        seen.append(("capture", light(), "working"))
        line = session.shows("result")
        seen.append(("result", light(), "ready"))
        wanted = finding_of_file(options.host_program, "williams-1", options.bundle)
        check("presses in the registers lead to the finding of `classify`", finding_of(line) == wanted, line)
        press(BACK)
        session.shows("aim")
        session.from_now()
        press(BACK, 1.5)
        session.shows("start")
        check("back, held, leads to the start", True)
        machine.sh("kill -TERM $(pidof edge-app)")
        line = machine.wait("^@@ ended")
        seen.append(("the end", light(), "off"))
        check("it ends in order", line == "@@ ended 0", line)
        check("the light follows", all(is_ == wanted for _, is_, wanted in seen), ", ".join(f"{what}: {is_}" for what, is_, _ in seen))
        machine.process.stdin.write("break\n")
        machine.process.stdin.flush()
        machine.wait("@@ end", 60)
