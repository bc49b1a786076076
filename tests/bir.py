"""`python tests/bir.py` writes docs/bir.md: IHE's Basic Image Review profile, and the test behind each check.

A test that proves a check has its id in its name: `test_bir_b22_…`, `test_bir_b3_b4_…`.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "bir.md"
IDS = re.compile(r"^test_bir_((?:b\d+_)+)", re.IGNORECASE)

CHECKS = {
    "B1": "Images of 1 to 16 bits, one or three samples, any photometric interpretation, many frames",
    "B2": "Gray and colour images of every modality",
    "B3": "Series are never merged; a multi-frame image is a set of its own",
    "B4": "At first: thumbnails, one image a viewport, fitted, windowed, annotated, the scroll tool",
    "B5": "A tool bar with the profile's tools",
    "B6": "Two sets side by side that scroll, move and zoom together",
    "B7": "Tiles within a viewport, and several viewports",
    "B8": "The upper left viewport is selected at first; a click selects, and so does the select tool",
    "B9": "Turning and flipping for projection images only",
    "B10": "Thumbnails of all sets with date, modality, description and count",
    "B11": "Choosing a patient; next and previous study, set and frame",
    "B12": "Dragging right widens the window, dragging up lowers its centre",
    "B13": "What the window values of MR, PET and X-ray angiography refer to is decided once and shown",
    "B14": "Windows of the header by their explanation, and presets of the modality",
    "B15": "A window whose lower end stays at 0, at first for NM and PET",
    "B16": "Inverting",
    "B17": "VOI tables, all windows and sigmoids of an image, by choice",
    "B18": "The wheel scrolls; arrows go to the next frame, page keys to the next set",
    "B19": "Images in the order of space, always in the same direction",
    "B20": "Zoom by dragging, pan, and no distortion",
    "B21": "Letters of orientation and the side on every image where they are known",
    "B22": "Localizer lines, off at first",
    "B23": "A cross-hair that finds the point in every viewport",
    "B24": "Text on the image in full, minimal and off",
    "B25": "Patient at the upper left, study at the upper right, technique at the lower right",
    "B26": "Lossy compression with ratio and method",
    "B27": "Films play at once; pause, stop, first, last, step, rate and loop",
    "B28": "Distances between two clicks, finer than a pixel, in millimetres where they are known",
    "B29": "Angles of two lines that need not meet",
    "B30": "One tool at a time, pressed in, with its cursor and the profile's key",
    "B31": "Display reset restores zoom, pan and window, and keeps the image; measurements go by a key",
    "B32": "Printing, the report, help, linking, and the key for the advanced mode",
    "B33": "What cannot be used is visibly disabled",
}  # fmt: skip
NOTE = """# IHE Basic Image Review

The profile (IHE Radiology Technical Framework, supplement BIR, RAD TF-2 4.16.4.2.2.5) is the floor of what
this program does. {proven} of {all} checks have a test; the list is written by `python tests/bir.py`, and
`tests/test_bir.py` checks that it is current. Where we differ on purpose, `docs/decisions/0012` says why:
measurements survive a display reset.

| check | what | tests |
|---|---|---|
"""


def proofs() -> dict[str, list[str]]:
    """Return the tests that carry each check, as "folder/test_file.py::test_name"."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            ids = IDS.match(node.name) if isinstance(node, ast.FunctionDef) else None
            for identifier in ids[1].split("_")[:-1] if ids else ():
                check = f"B{int(identifier[1:])}"
                found[check].append(f"{path.relative_to(ROOT / 'tests').as_posix()}::{node.name}")
    return found


def document() -> str:
    """Return the text of docs/bir.md."""
    found = proofs()
    rows = [
        f"| {check} | {what} | {'<br>'.join(f'`{test}`' for test in found[check]) or 'not yet'} |"
        for check, what in CHECKS.items()
    ]
    proven = sum(bool(found[check]) for check in CHECKS)
    return NOTE.format(proven=proven, all=len(CHECKS)) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
