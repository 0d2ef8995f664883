"""Makes the font files beside this script: Noto fonts cut down to the scripts of the program's languages.

    apt-get download fonts-noto-core=20201225-1    # Debian's package; any mirror, the hash below decides
    pip install fonttools==4.60.1
    python3 make.py fonts-noto-core_20201225-1_all.deb

Each file keeps all letters of its script and the tables that shape it (GSUB, GPOS, GDEF): conjuncts and vowel signs of the
Indic scripts, the joining forms of Arabic. Hinting goes: the renderer does not use it. Translations may change without
making the fonts anew. Noto is under the SIL Open Font License 1.1 (OFL.txt), without a reserved font name.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile

from fontTools import subset, ttLib

PACKAGE_SHA256 = "58f4f0bb6720f919f92096b3508e1412a0f1544424ade6c5b5bf1eb694dd64ba"
FOLDER = "usr/share/fonts/truetype/noto"

# What every file has: the space and the punctuation that is shared by scripts, and the joiners.
COMMON = [0x20, 0xA0, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x25CC]
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2010, 0x2011, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2212]
# The danda and double danda belong to all Indic scripts.
DANDA = [0x964, 0x965]
NASKH = [*range(0x600, 0x700), *range(0x750, 0x780), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)]
FONTS = {
    "NotoSans": LATIN,
    "NotoSansDevanagari": [*range(0x900, 0x980), *range(0xA8E0, 0xA900)],
    "NotoSansBengali": [*range(0x980, 0xA00), *DANDA],
    "NotoSansGujarati": [*range(0xA80, 0xB00), *DANDA],
    "NotoSansTamil": [*range(0xB80, 0xC00), *DANDA],
    "NotoSansTelugu": [*range(0xC00, 0xC80), *DANDA],
    "NotoSansKannada": [*range(0xC80, 0xD00), *DANDA],
    "NotoNaskhArabic": NASKH,
}


def main(package: str) -> None:
    here = pathlib.Path(__file__).parent
    found = hashlib.sha256(pathlib.Path(package).read_bytes()).hexdigest()
    if found != PACKAGE_SHA256:
        sys.exit(f"error: {package} has SHA-256 {found}\nhint: wanted is {PACKAGE_SHA256}")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        for name, letters in FONTS.items():
            for weight in ["Regular", "Bold"]:
                font = ttLib.TTFont(pathlib.Path(folder) / FOLDER / f"{name}-{weight}.ttf", recalcTimestamp=False)
                options = subset.Options()
                options.layout_features = ["*"] if name != "NotoSans" else ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "tnum"]
                options.hinting = False
                options.name_IDs = [1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
                cutter = subset.Subsetter(options)
                cutter.populate(unicodes=[*COMMON, *letters])
                cutter.subset(font)
                font.save(here / f"{name}-{weight}.ttf")


if __name__ == "__main__":
    main(*sys.argv[1:])
