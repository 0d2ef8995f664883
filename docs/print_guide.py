#!/usr/bin/env python3
"""Prints the health worker's guide: draws its pictures with the device's own screens, and makes two A4 pages of it.

usage: docs/print_guide.py [--lang CODE] [--program EDGE_APP] OUT.pdf

Needs Debian's python3-markdown and chromium. The words of the guide are English; --lang chooses those of the screens.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import markdown

HERE = pathlib.Path(__file__).resolve().parent
STYLE = """
@page { size: A4; margin: 11mm 12mm }
body { font: 9.6pt/1.28 "Noto Sans", "DejaVu Sans", sans-serif; margin: 0 }
h1 { font-size: 15pt; margin: 0 0 3pt }
h2 { font-size: 11.5pt; margin: 6pt 0 2pt; break-after: avoid }
p, ul { margin: 2pt 0 }
table { border-collapse: collapse }
td, th { padding: 1.5pt 5pt; vertical-align: top; text-align: left }
tr { break-inside: avoid }
img { width: 118px }
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lang", default="en", help="the language of the screens")
    parser.add_argument("--program", default=HERE.parent / "target/release/edge-app", help="edge-app for this machine")
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if not browser:
        sys.exit("error: no browser that prints\nhint: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        script = HERE / "health-worker.script"
        simulate = [options.program, "simulate", "--script", script, "--frames", folder / "health-worker", "--lang", options.lang]
        subprocess.run(simulate, check=True, stdout=subprocess.DEVNULL, cwd=HERE.parent)
        words = (HERE / "HEALTH_WORKER.md").read_text()
        page = folder / "guide.html"
        page.write_text(f"<meta charset='utf-8'><style>{STYLE}</style>" + markdown.markdown(words, extensions=["tables"]))
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={options.out.resolve()}", page]
        subprocess.run(command, check=True, capture_output=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", options.out.read_bytes()))
    print(f"{options.out}: {pages} pages")
    sys.exit(0 if pages == 2 else 1)


if __name__ == "__main__":
    main()
