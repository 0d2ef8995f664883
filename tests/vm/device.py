"""What `edge-app run` is told in every emulated machine, and what its transcript says."""

import json
import re

from machine import PROJECT, run

# The test camera, which shows what is written to its output.
LOOP = "n_devs=1 node_types=0x101 num_inputs=1 input_types=3 num_outputs=1 output_types=1"
WIDTH, HEIGHT = 1280, 720
# The start screen, once the self-test has ended.
TESTED = "start +(?! |testing)"

CONFIG = f"""[camera]
source = "v4l:/dev/video0"
width = {WIDTH}
height = {HEIGHT}
[display]
kind = "kms"
[buttons]
kind = "evdev"
[session]
idle_seconds = 3600
can_power_off = true
"""


def finding_of(line):
    """The kind and the classes of a result's line, as `classify` names them."""
    found = re.search(r"result +(\w+)(.*)", line)
    return found[1], re.findall(r"([a-z]\w*|22q11ds) \d+ %", found[2])


def finding_of_file(program, name, bundle=PROJECT / "models/demo"):
    """The same of a sample photograph, from `program`, the edge-app for this machine."""
    command = [program, "classify", "--bundle", bundle, "--json", PROJECT / f"models/samples/{name}.jpg"]
    finding = json.loads(run(*command))["finding"]
    return finding["kind"], [entry["id"] for entry in finding["classes"]]


def choose(item, press, shows, picture=None):
    """From the start screen through the menu to one of its items, which is chosen; the last line of the menu."""
    press("m")
    line = shows("menu", *[picture] if picture else [])
    for _ in range(8):
        if item in line:
            break
        press("m")
        line = shows("menu")
    press("ret")
    return line
