#!/usr/bin/env python3
"""The device program in emulated machines, with the kernel's real interfaces: its parts one by one, and whole sessions.

EDGE_APP is the program for aarch64 with feature `pi`; `cargo xtask vm` builds what is needed and starts this. Writes a log of
each machine and pictures of the virtual screen to --out, and one line for each thing that was checked. Ends with 1 when one
does not hold. See README.md.
"""

import argparse
import pathlib
import signal
import sys

import parts
import session
from machine import PROJECT

CHECKED = []


def check(what, holds, seen=""):
    CHECKED.append(holds)
    print(f"{'holds' if holds else 'FAILS'}  {what}{f'  ({seen})' if seen else ''}", flush=True)


RUNS = {
    "parts-virt": parts.virt, "parts-raspi3b": parts.raspi, "session-virt": session.virt, "session-raspi3b": session.raspi,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="+", choices=["all", *RUNS])
    parser.add_argument("--program", type=pathlib.Path, required=True, help="edge-app for aarch64, with feature pi")
    parser.add_argument("--panic", type=pathlib.Path, help="its example kms_panic [default: examples/kms_panic beside it]")
    parser.add_argument("--host-program", type=pathlib.Path, default=PROJECT / "target/release/edge-app", help="edge-app for this machine")
    parser.add_argument("--yuyv", type=pathlib.Path, help="its example yuyv [default: examples/yuyv beside it]")
    parser.add_argument("--bundle", type=pathlib.Path, default=PROJECT / "models/demo")
    parser.add_argument("--only", nargs="+", choices=list(parts.SECTIONS), default=list(parts.SECTIONS), help="sections of parts-virt")
    parser.add_argument("--session", nargs="+", choices=list(session.SESSIONS), default=list(session.SESSIONS), help="sessions of session-virt")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("vm-out"))
    options = parser.parse_args()
    # Ended this way too, it leaves no machine behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: asked to end"))
    options.panic = options.panic or options.program.parent / "examples/kms_panic"
    options.yuyv = options.yuyv or options.host_program.parent / "examples/yuyv"
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    for name, run in RUNS.items():
        if name in options.run or "all" in options.run:
            print(f"# {name}", flush=True)
            run(options, out, check)
    print(f"{CHECKED.count(True)} hold, {CHECKED.count(False)} fail")
    sys.exit(0 if all(CHECKED) else 1)


if __name__ == "__main__":
    main()
