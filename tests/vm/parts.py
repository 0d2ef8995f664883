"""The device's parts, each by its own subcommand: camera, screen and keys on one board, pins on the other."""

import json
import re
import subprocess
import time

from device import LOOP
from machine import PROJECT, Machine

CAMERA = "vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0"


def insmod(parameters):
    return f"insmod /lib/modules/vivid.ko {parameters.removeprefix('vivid ')}; sleep 1"


# Each fault is set while pictures are counted; the counter says what it saw.
FAULTS = [
    ("error flag", "Inject V4L2_BUF_FLAG_ERROR"),
    ("fatal streaming error", "Inject Fatal Streaming Error"),
    ("refused buffers, at the next start", "Inject VIDIOC_REQBUFS Error"),
    ("refused start, at the next start", "Inject VIDIOC_STREAMON Error"),
]


def camera_script():
    lines = [insmod(CAMERA), "edge-app camera list", "edge-app camera probe --seconds 5"]
    lines += ["cat > /run/vga.toml <<END", "[camera]", "width = 640", "height = 480", "END"]
    probe = "edge-app camera probe --config /run/vga.toml"
    for name, control in FAULTS:
        lines += [f"echo '@@ fault {name}'", f"{probe} --seconds 8 > /run/probe & job=$!", "sleep 3"]
        lines += [f"vivid set /dev/video0 '{control}'"]
        if "start" in name:
            lines += ["vivid set /dev/video0 'Inject Fatal Streaming Error'"]
        lines += ["wait $job; echo code $?; cat /run/probe; echo '@@ done'"]
    return lines + [
        "echo '@@ fault unplugged'", f"{probe} --seconds 10 > /run/probe & job=$!", "sleep 3",
        # vivid is plugged in again when the last program has let it go, so the way back is part of this.
        "from=$(cut -d' ' -f1 /proc/uptime)", "vivid set /dev/video0 'Disconnect'",
        "until grep -q 'is lost' /run/probe; do sleep 0.02; done", "echo \"@@ lost $from $(cut -d' ' -f1 /proc/uptime)\"",
        "wait $job; echo code $?; cat /run/probe; echo '@@ done'", "rmmod vivid",
    ]


def camera(machine, options, out, check):
    line = machine.wait(r"^\d+ pictures")
    pictures, _, _ = words(line)
    check("the camera streams at its configured size", pictures > 20, line)
    for name, _ in FAULTS:
        machine.wait(f"@@ fault {name}")
        code = machine.wait("^code ")
        line = machine.wait(r"^\d+ pictures|@@ done")
        pictures, _, damaged = words(line) if "pictures" in line else (0, 0.0, 0)
        check(f"survives: {name}", code == "code 0" and pictures > 80 and damaged >= 1, line)
    machine.wait("@@ fault unplugged")
    unplugged, said = map(float, machine.wait("@@ lost").split()[2:])
    check("unplugged: lost is said within a second", said - unplugged < 1, f"after {said - unplugged:.2f} s of the machine")
    machine.wait("s: the camera is lost")
    back = machine.wait("s: pictures|@@ done")
    check("plugged in: it comes back by itself", "pictures" in back, back.strip())


def screen_script():
    return [
        "echo 'console words' > /dev/tty0", "edge-app display list", "echo '@@ console'", "sleep 3",
        "edge-app display test --seconds 12 & job=$!", "sleep 4; echo '@@ showing'", "wait $job; echo code $?",
        "sleep 1; echo '@@ console back'", "sleep 3",
        "edge-app display test --seconds 60 & job=$!", "sleep 3; echo '@@ ask to end'", "kill -TERM $job; wait $job; echo code $?",
        "echo '@@ ended'", "sleep 3",
    ]


def screen(machine, options, out, check):
    machine.wait("@@ console$")
    time.sleep(1)
    machine.picture(out / "console-before.png")
    machine.wait("@@ showing")
    machine.picture(out / "display-test.png")
    line = machine.wait("pictures, .* a second")
    check("the screen flips pictures", "card" in line, line)
    before = (out / "console-before.png").read_bytes()
    for mark, name, what in [
        ("@@ console back", "console-after.png", "the console's picture comes back"),
        ("@@ ended", "console-after-term.png", "it comes back after SIGTERM too"),
    ]:
        machine.wait(mark)
        time.sleep(1)
        machine.picture(out / name)
        check(what, before == (out / name).read_bytes())


def keys_script():
    return ["edge-app gpio test --buttons evdev --seconds 14", "echo '@@ keys over'"]


def keys(machine, options, out, check):
    machine.wait("press the buttons")
    for key, held in [("ret", 100), ("esc", 100), ("m", 100), ("spc", 1600), ("backspace", 100)]:
        machine.key(key, held)
        time.sleep(held / 1000 + 0.4)
    machine.wait("@@ keys over")
    pressed = presses(machine)
    wanted = ["capture short", "back short", "menu short", "capture long", "back short"]
    check("keys are presses", pressed == wanted, ", ".join(pressed))


def finding_script():
    lines = [
        insmod(LOOP), "edge-app camera list", "vivid set /dev/video0 'Loop Video' 1",
        "cat > /run/hd.toml <<END", "[camera]", "source = 'v4l:/dev/video0'", "width = 1280", "height = 720", "END",
    ]
    for name in SAMPLES:
        lines += [
            f"vivid feed /dev/video1 /data/{name}.yuyv 1280 720 60 & job=$!", "sleep 3",
            f"edge-app camera snapshot --config /run/hd.toml --skip 5 --to /run/{name}.png", "kill $job; wait $job",
            f"echo '@@ finding {name}'", f"edge-app classify --bundle /data/bundle --json /run/{name}.png",
        ]
    return lines + [
        "echo '@@ self-test'", "edge-app self-test --bundle /data/bundle --config /run/hd.toml --json; echo code $?",
    ]


def finding(machine, options, out, check):
    brief = lambda found: (found["kind"], [entry["id"] for entry in found["classes"]])
    for name in SAMPLES:
        machine.wait(f"@@ finding {name}")
        there = json.loads(machine.wait(r'^\{"photo"', 400))
        photo = PROJECT / f"models/samples/{name}.jpg"
        command = [options.host_program, "classify", "--bundle", options.bundle, "--json", photo]
        here = json.loads(subprocess.run(command, check=True, text=True, capture_output=True).stdout)
        same = brief(there["finding"]) == brief(here["finding"])
        check(f"{name} through the camera gives the finding of its file", same, str(brief(there["finding"])))
    machine.wait("@@ self-test")
    report = json.loads(machine.wait(r'^\{"checks"', 400))
    outcomes = {entry["part"]: entry["outcome"] for entry in report["checks"]}
    check("the self-test's known photograph has its logits, bit for bit", outcomes["known_photograph"] == "passed", str(outcomes))


SAMPLES = ["williams-1", "down-1", "negative-5"]
SECTIONS = {
    "camera": (camera_script, camera), "screen": (screen_script, screen), "keys": (keys_script, keys),
    "finding": (finding_script, finding),
}


def presses(machine):
    """What `gpio test` has printed of each press, without its time."""
    found = (re.match(r"\d+\.\d+ s: ((capture|back|menu) .*)", line) for line in machine.lines)
    return [match[1] for match in found if match]


def words(line):
    found = re.search(r"(\d+) pictures, ([\d.]+) a second.*?(\d+) damaged", line)
    return int(found[1]), float(found[2]), int(found[3])


def virt(options, out, check):
    files, packed = [(options.bundle, "data/bundle")], []
    for name in SAMPLES if "finding" in options.only else []:
        packed.append(out / f"{name}.yuyv")
        subprocess.run([options.yuyv, PROJECT / f"models/samples/{name}.jpg", "1280", "720", packed[-1]], check=True)
        files.append((packed[-1], f"data/{name}.yuyv"))
    modules = ["vivid", "virtio-gpu", "virtio_input", "evdev", "virtio_pci"]
    script = "\n".join(line for name in options.only for line in SECTIONS[name][0]()) + "\n"
    with Machine("virt", options.program, script, modules, files, out / "virt.log") as machine:
        for path in packed:
            path.unlink()
        machine.wait("@@ start")
        for name in options.only:
            SECTIONS[name][1](machine, options, out, check)
        machine.wait("@@ end", 60)


RASPI = """
cat > /run/pins.toml <<END
[buttons]
kind = "gpio"
active_low = false
[light]
kind = "rgb"
END
edge-app gpio info
edge-app gpio test --config /run/pins.toml --seconds 30 > /run/out & job=$!
level() { echo "@@ level $1 $(devmem 0x3f200034 32)"; }
for step in 1 2 3 4; do sleep 0.6; level "light $step"; done
until grep -q 'press the buttons' /run/out; do sleep 0.2; done
sleep 1
press() { devmem 0x3f20001c 32 $1; sleep $2; devmem 0x3f200028 32 $1; sleep 1; level "after $3"; }
press 0x00020000 0.4 capture
press 0x08000000 0.4 back
press 0x00400000 0.4 menu
press 0x00020000 2 capture-long
wait $job; echo code $?
cat /run/out
level end
"""


def raspi(options, out, check):
    modules = ["bcm2835_wdt"]
    with Machine("raspi3b", options.program, RASPI, modules, [], out / "raspi3b.log") as machine:
        machine.wait("@@ start", 180)
        line = machine.wait("^model ")
        check("the board is recognised", "Raspberry Pi 3" in line, line)
        machine.wait("@@ level end", 240)
        seen = presses(machine)
        wanted = ["capture short", "back short", "menu short", "capture long"]
        check("presses written into the registers are presses", seen == wanted, ", ".join(seen))
        # Pins 5, 6 and 13 are red, green and blue: blue for a short press, red for a long one.
        levels = dict(re.search(r"@@ level (.*) (0x[0-9A-Fa-f]+)", line).groups() for line in machine.lines if "@@ level" in line)
        rgb = {name: tuple(int(value, 16) >> pin & 1 for pin in (5, 6, 13)) for name, value in levels.items()}
        check("the light follows: blue after a short press", all(rgb[f"after {name}"] == (0, 0, 1) for name in ["capture", "back", "menu"]), str(rgb))
        check("red after a long one, dark at the end", rgb["after capture-long"] == (1, 0, 0) and rgb["end"] == (0, 0, 0))
        machine.wait("@@ end", 60)
