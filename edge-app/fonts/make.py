"""Cuts the Latin part of Noto Sans out of the PyPI package `fontpkg-noto-sans` into the two files beside this script.

    pip download --no-deps fontpkg-noto-sans==2.15 && pip install fonttools
    python3 make.py fontpkg_noto_sans-2.15-py3-none-any.whl

Noto Sans is under the SIL Open Font License 1.1 (OFL.txt), without a reserved font name.
"""

import io
import pathlib
import sys
import zipfile

from fontTools import subset, ttLib
from fontTools.varLib import instancer

# Basic Latin, Latin-1, Latin Extended-A, and the punctuation that English text uses.
KEPT = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2212]


def main(wheel: str) -> None:
    here = pathlib.Path(__file__).parent
    with zipfile.ZipFile(wheel) as package:
        source = package.read("fontpkg_noto_sans/files/NotoSans[wdth,wght].ttf")
        (here / "OFL.txt").write_bytes(package.read("fontpkg_noto_sans/LICENSE"))
    for name, weight in [("Regular", 400), ("Bold", 700)]:
        font = ttLib.TTFont(io.BytesIO(source), recalcTimestamp=False)
        font = instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, updateFontNames=True)
        options = subset.Options()
        options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum"]
        options.hinting = False
        options.name_IDs = ["*"]
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=KEPT)
        cutter.subset(font)
        font["OS/2"].usWeightClass = weight
        font.save(here / f"NotoSans-{name}-Latin.ttf")


if __name__ == "__main__":
    main(*sys.argv[1:])
