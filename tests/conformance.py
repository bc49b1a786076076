"""`python tests/conformance.py` writes docs/conformance.md from the tests' names and the program's tables.

A test that proves a statement has its id in its name: `test_a02_…`, `test_c01_c02_…`.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from oracles.agreement import REASONS

from viewer.dicom.codecs import SYNTAXES
from viewer.dicom.uids import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    SOP_CLASSES,
    TRANSFER_SYNTAXES,
    Kind,
)
from viewer.dicom.video import VIDEO_SYNTAXES

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "conformance.md"
IDS = re.compile(r"^test_((?:[a-e]\d\d_)+)", re.IGNORECASE)
NATIVE = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED)

# A: the wrong patient, side or finding; B: a wrong number; C: a wrong look; E: damaged and extreme files.
STATEMENTS = {
    "A01": "What is written on a viewport belongs to the image that is painted there, also while scrolling",
    "A02": "The letters at the edges follow from the orientation of the image and from all 8 turns and flips",
    "A03": "Without an orientation in the header there are no letters",
    "A04": "Projections take their letters from Patient Orientation; opposites are inverted letter by letter",
    "A05": "The letters of quadrupeds and of bipeds are never mixed",
    "A06": "A stack is sorted by its positions along the normal and always scrolls the same way",
    "A07": "A missing slice is said and never made up",
    "A08": "What has several times, or comes twice, is split or named; every image is counted",
    "A09": "Every frame of a multi-frame image can be reached, and frames count from 1",
    "A10": "An image that cannot be decoded says so; it is never black, stale or silently incomplete",
    "A11": "A shutter hides what lies outside its shapes; it is announced and can be switched off",
    "A12": "A presentation state is applied only to the images and frames that it names",
    "A13": "That a presentation state is applied is seen, and the image without it is one key away",
    "A14": "MONOCHROME1 and Presentation LUT Shape invert the picture exactly once",
    "A15": "An image is turned first and flipped then",
    "A16": "Lossy compression is shown, with its ratio",
    "A17": "The side is shown; a frame that contradicts it is a warning",
    "A18": "Mammograms hang with the chest walls in the middle, each on its side, never flipped twice",
    "A19": "Reference lines and links by position exist only within one frame of reference",
    "A20": "What is drawn stays on the anatomy whatever zoom, pan, turn or flip",
    "A21": "What is drawn is seen only on its own frame",
    "A22": "That a part of the image is hidden is said",
    "A23": "Pixel padding is never shown as tissue nor counted as such",
    "A24": "Derived, unprocessed and reformatted images are marked as such",
    "A25": "Two patients on the screen are a warning that cannot be missed, and nothing links them unasked",
    "A26": "That text, overlays or measurements are hidden is said",
    "B01": "A length is made of columns times column spacing and rows times row spacing",
    "B02": "Every number has its unit and says what a millimetre means there",
    "B03": "Pixel Spacing, Imager Pixel Spacing and magnification are told apart",
    "B04": "The spacing of a film digitiser or of secondary capture is called nominal",
    "B05": "With an aspect ratio alone, lengths are pixels, corrected for it",
    "B06": "In ultrasound a measurement belongs to one region, with its scale; across regions there is none",
    "B07": "M-mode and Doppler are measured in seconds, centimetres and centimetres a second",
    "B08": "Angles are those in millimetres, not in pixels",
    "B09": "Areas are those in millimetres; a pixel belongs to a region when its centre does",
    "B10": "Statistics of a region are made of modality values without padding",
    "B11": "Each frame and each slice has its own rescale",
    "B12": "With a modality table the pixel has the output and the unit of the table",
    "B13": "Real world values are shown beside the modality value with their own unit and range",
    "B14": "SUV by body weight, or the reason why there is none",
    "B15": "Every slice has its own slope in SUV, too",
    "B21": "A calibration by the reader is named so, saved, and can be taken back",
    "B22": "The time of a frame and the rate are those of the header",
    "B23": "Each frame of an enhanced image has its own place, orientation and spacing",
    "B24": "Frames of an NM volume are stacked by the sign of Spacing Between Slices",
    "B25": "The text that is saved is the number that was shown, whatever the country",
    "B26": "Points come back from a file as they were saved",
    "B27": "The first pixel's centre is at 0.5, 0.5 in what is drawn and saved",
    "C01": "LINEAR windows follow the formula of the standard, widths of 1 and 2 and fractions too",
    "C02": "LINEAR_EXACT windows follow theirs",
    "C03": "SIGMOID windows follow theirs",
    "C04": "VOI tables are read in every encoding: 8 to 16 bits, packed, 65,536 entries, signed",
    "C05": "Beyond a table its first and its last entry count",
    "C06": "Modality tables are read with the sign of the pixels",
    "C07": "All windows and tables of a header are offered with their explanations",
    "C08": "Without a VOI, values made for a screen are shown as they are, others by a labelled window",
    "C09": "A window is never applied to colours",
    "C10": "Bits outside Bits Stored are dropped, and the sign is extended",
    "C11": "Colour by plane, shared chroma and uncompressed YBR come out as RGB",
    "C12": "Whether a JPEG is RGB or YCbCr is decided by its stream and its header together",
    "C13": "Palettes of 8 and 16 bits, from any first value",
    "C14": "Segmented palettes: discrete, linear and indirect",
    "C15": "A supplemental palette begins at its first value; gray values below it are windowed",
    "C16": "An ICC profile is applied to colours only",
    "C18": "A presentation LUT table is applied between the VOI and the display",
    "C21": "Pixels that are not square are shown in their form",
    "C22": "Overlays lie at their origin, in both forms, frame by frame",
    "C23": "An overlay that is the shutter is not drawn as one",
    "C24": "The value of a shutter is scaled from 16 bits, and is a colour on colour images",
    "C25": "Frames are subtracted from their mask",
    "C26": "Every type of graphic is shown",
    "C27": "Text stands upright beside what it names",
    "C30": "The display function is monotone and keeps its ends",
    "C31": "All lossless transfer syntaxes and byte orders give the same values",
    "C32": "A film runs at the rate of its header, loops or sweeps, and keeps to its trims",
    "E01": "Values of a header that make no sense have a fallback and a notice",
    "E02": "Images of one pixel, one line, 1 bit, 32 bits, of floats and of the largest size are shown",
    "E03": "Absurd counts and lengths take no memory and no time",
    "E04": "What is written on a picture and the picture are painted in one go",
}  # fmt: skip
LATER = {"C30"}  # there is no such function yet


def proofs_by_id(files: Iterable[Path]) -> dict[str, list[str]]:
    """Return the tests that carry each id, as "folder/test_file.py::test_name"."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(files):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            ids = IDS.match(node.name) if isinstance(node, ast.FunctionDef) else None
            for identifier in ids[1].split("_")[:-1] if ids else ():
                name = path.relative_to(ROOT / "tests").as_posix()
                found[identifier.upper()].append(f"{name}::{node.name}")
    return found


def document() -> str:
    """Return the text of docs/conformance.md."""
    found = proofs_by_id((ROOT / "tests").rglob("test_*.py"))
    lines = [
        "# What is proven, and by which test",
        "",
        "Written by `python tests/conformance.py`; `tests/test_conformance.py` checks that it is current.",
        "",
        "| id | statement | tests |",
        "|---|---|---|",
    ]
    for identifier, statement in STATEMENTS.items():
        tests = "<br>".join(f"`{test}`" for test in found[identifier]) or "not yet"
        lines.append(f"| {identifier} | {statement} | {tests} |")
    lines += ["", *_differences(), "", *_damage(), "", *_syntaxes(), "", *_classes()]
    return "\n".join(lines) + "\n"


def _differences() -> list[str]:
    return [
        "## Where DCMTK draws otherwise",
        "",
        "`python -m tests.oracles` draws a corpus of real files and compares every image with DCMTK's",
        "picture: equal for lossless gray images under truncation, within 1 for tables, within 2 for",
        "uncompressed YBR and lossy colour. A difference counts as explained only where the reason foretells",
        "DCMTK's picture exactly:",
        "",
        *(f"- {reason}" for reason in REASONS),
    ]


def _damage() -> list[str]:
    return [
        "## Damage inside a codestream that may stay silent",
        "",
        "A codestream that ends early is refused or marked, and so is one that lost or got some hundred",
        "bytes in its middle, but for what follows. The shares: `tests/dicom/test_damaged_codestreams.py`.",
        "",
        "- JPEG: changed bits that leave the number of values and the length of the data as they were; in",
        "  lossless JPEG also a rest of up to 7 bytes, unless a value exceeds the precision.",
        "- JPEG 2000: changed bits in code blocks that still use up nearly their bytes, mostly of few bytes;",
        "  code block styles other than the plain one.",
        "- HTJ2K: more than half of what happens within its code blocks.",
        "- RLE: a changed byte that stands for a value. JPEG-LS: rarely, a single bit.",
        "- Native pixels have no redundancy: a changed value is a value.",
    ]


def _syntaxes() -> list[str]:
    read = [*NATIVE, *SYNTAXES, *sorted(VIDEO_SYNTAXES)]
    return [
        "## Transfer syntaxes that are decoded",
        "",
        "| UID | name |",
        "|---|---|",
        *(f"| {uid} | {TRANSFER_SYNTAXES[uid]} |" for uid in read),
        "",
        "Video needs the optional package PyAV.",
    ]


def _classes() -> list[str]:
    lines = ["## SOP classes that are known", "", "| kind | SOP classes |", "|---|---|"]
    for kind in Kind:
        names = sorted(row.name for row in SOP_CLASSES.values() if row.kind is kind)
        if names:
            lines.append(f"| {kind} | {', '.join(names)} |")
    return lines


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
