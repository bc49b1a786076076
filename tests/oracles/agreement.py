"""The corpus as this program draws it, held against DCMTK: what is equal, what is not, and why.

The corpus has a list of how DCMTK drew each image, with its options and the hash of the picture. Where the
hash is another one, DCMTK draws the image once more without overlays (they are compared elsewhere), and the
greatest difference counts. Both truncate to whole greys, and both show padding as values here.
"""

import csv
import hashlib
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Voi, Window
from viewer.dicom.pixels import FrameReader
from viewer.errors import ViewerError
from viewer.rendering.color import is_color, to_rgb
from viewer.rendering.modality_lut import modality_range, to_modality
from viewer.rendering.pipeline import pipeline_of
from viewer.rendering.voi_lut import full_range

Picture = NDArray[Any]
TABLES, LOSSY_COLOR = 1, 2  # of a grey or of a colour: how far apart two right programs may be
FULL_YBR = "YBR_FULL"
TRUNCATED = "DCMTK cuts modality values to whole numbers where slope or intercept is a fraction."
SHIFTED = "Without a VOI LUT DCMTK spreads 2**n values over 2**16 greys, so that the highest is not white."
REASONS = (TRUNCATED, SHIFTED)


class Verdict(StrEnum):
    """How two pictures of one image agree."""

    EQUAL = "equal"
    TOLERATED = "within tolerance"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    ALONE = "no witness"  # DCMTK cannot draw it


@dataclass(frozen=True, slots=True)
class Finding:
    """One image: what it is, how the pictures agree, and why they differ."""

    path: str
    photometric: str
    transfer_syntax: str
    verdict: Verdict
    reason: str = ""
    difference: int = 0  # the greatest, in steps of the pictures that were compared


def findings(corpus: Path, dcmtk: Path) -> Iterator[Finding]:
    """Yield one finding for every image that DCMTK was asked to draw; `dcmtk` is the path of dcmj2pnm."""
    manifest = {row["path"]: row for row in _rows(corpus / "MANIFEST.tsv")}
    reader = FrameReader()
    for row in _rows(corpus / "dcmtk.tsv"):
        if row["status"] == "NOT_IMAGE":
            continue
        known = manifest[row["path"]]
        found = Finding(row["path"], known["photometric"], known["transfer_syntax"], Verdict.UNEXPLAINED)
        verdict, reason, difference = _judge(row, corpus, dcmtk, reader)
        yield replace(found, verdict=verdict, reason=reason, difference=difference)


def table(found: list[Finding]) -> str:
    """Return the agreement by photometric interpretation and transfer syntax, as text."""
    kinds = sorted({(one.photometric, one.transfer_syntax) for one in found})
    count = Counter((one.photometric, one.transfer_syntax, one.verdict) for one in found)
    head = ("photometric", "transfer syntax", *Verdict, "images")
    rows = [(*kind, *(str(count[*kind, verdict]) for verdict in Verdict)) for kind in kinds]
    total = ("all", "", *(str(sum(one.verdict is verdict for one in found)) for verdict in Verdict))
    lines = [head, *((*row, str(sum(map(int, row[2:])))) for row in (*rows, total))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            word.ljust(width) if column < 2 else word.rjust(width)
            for column, (word, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def drawn_by_dcmtk(program: Path, path: Path, *options: str) -> Picture:
    """Return what DCMTK draws, overlays left out: (rows, columns[, 3])."""
    command = [str(program), "-O", *options, str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    lines = [line for line in done.stdout.decode().splitlines() if not line.startswith("#")]
    words = " ".join(lines).split()
    columns, rows = int(words[1]), int(words[2])
    return np.array(words[4:], int).reshape((rows, columns, 3) if words[0] == "P3" else (rows, columns))


def picture_hash(pixels: Picture) -> str:
    """Return the hash of `pixels` as the file in PNM that DCMTK writes."""
    kind, top = ("P6" if pixels.ndim == 3 else "P5"), np.iinfo(pixels.dtype).max
    header = f"{kind}\n{pixels.shape[1]} {pixels.shape[0]}\n{top}\n".encode()
    body = np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder(">")).tobytes()
    return hashlib.sha256(header + body).hexdigest()


def drawn(description: ImageDescription, frame: Frame, options: list[str]) -> Picture:
    """Return what this program draws when it is asked for what DCMTK was asked for by `options`."""
    if is_color(frame):
        return to_rgb(frame, description)
    bare = replace(description, padding=None)
    return pipeline_of(bare, voi_of(bare, frame, options)).render(frame.stored, floor=True, bits=16)


def voi_of(description: ImageDescription, frame: Frame, options: list[str]) -> Voi:
    """Return the VOI LUT that `options` of DCMTK ask for."""
    kind = Window if "+Wi" in options else LookupTable if "+Wl" in options else None
    if kind is not None:
        return next(voi for voi in description.vois if isinstance(voi, kind))
    if "+Wm" in options:
        return _whole_range(to_modality(frame.stored, description.modality_lut))
    return full_range(*modality_range(description), "no VOI LUT")


def explanation(description: ImageDescription, frame: Frame, options: list[str], theirs: Picture) -> str:
    """Return why DCMTK draws an image otherwise; "" unless that reason foretells its picture exactly."""
    for reason, foretold in ((TRUNCATED, _of_truncated_values), (SHIFTED, _of_shifted_values)):
        picture = None if is_color(frame) else foretold(replace(description, padding=None), frame, options)
        if picture is not None and np.array_equal(picture, theirs):
            return reason
    return ""


def _of_truncated_values(description: ImageDescription, frame: Frame, options: list[str]) -> Picture | None:
    modality = description.modality_lut
    if isinstance(modality, LookupTable) or (
        float(modality.slope).is_integer() and float(modality.intercept).is_integer()
    ):
        return None
    values = np.trunc(to_modality(frame.stored, modality))
    voi = _whole_range(values) if "+Wm" in options else voi_of(description, frame, options)
    return pipeline_of(description, voi).render_values(values, floor=True, bits=16)


def _of_shifted_values(description: ImageDescription, frame: Frame, options: list[str]) -> Picture | None:
    if "-W" not in options or description.inverted or description.signed:
        return None
    return frame.stored.astype(np.int64) << (16 - description.bits_stored)


def _whole_range(values: NDArray[np.float64]) -> Window:
    """Return the LINEAR window from the lowest to the highest of whole `values`."""
    lowest, highest = float(values.min()), float(values.max())
    return Window((lowest + highest + 1) / 2, highest - lowest + 1)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _judge(row: dict[str, str], corpus: Path, dcmtk: Path, reader: FrameReader) -> tuple[Verdict, str, int]:
    options = row["options"].split()
    try:
        description, frame = reader.read(str(corpus / row["path"]), int(row["frame"]))
        ours = drawn(description, frame, options)
    except ViewerError as error:
        if row["status"] != "OK":
            return Verdict.ALONE, f"refused by both: {error}", 0
        return Verdict.UNEXPLAINED, str(error), 0
    if row["status"] != "OK":
        return Verdict.ALONE, row["error"], 0
    if picture_hash(ours) == row["image_sha256"]:
        return Verdict.EQUAL, "", 0
    theirs = drawn_by_dcmtk(
        dcmtk.with_name(row["tool"]), corpus / row["path"], *_bare(options), "+F", row["frame"]
    )
    return _difference(description, frame, (ours, theirs), options)


def _bare(options: list[str]) -> list[str]:
    """Return the options for a picture in text, of 16 bits or in colour."""
    return [{"+op": "+opb"}.get(option, option) for option in options]


def _difference(
    description: ImageDescription, frame: Frame, pictures: tuple[Picture, Picture], options: list[str]
) -> tuple[Verdict, str, int]:
    ours, theirs = pictures
    if ours.shape != theirs.shape:
        return Verdict.UNEXPLAINED, f"{ours.shape} against {theirs.shape}", 0
    difference = int(np.abs(ours.astype(int) - theirs).max())
    if difference == 0:
        return Verdict.EQUAL, "", 0
    if difference <= _tolerance(description, frame, options):
        return Verdict.TOLERATED, "", difference
    reason = explanation(description, frame, options, theirs)
    return (Verdict.EXPLAINED if reason else Verdict.UNEXPLAINED), reason, difference


def _tolerance(description: ImageDescription, frame: Frame, options: list[str]) -> int:
    """Return the greatest difference between two right pictures of an image."""
    if is_color(frame):
        lossy = description.lossy is not None
        return LOSSY_COLOR if lossy or frame.photometric.startswith(FULL_YBR) else 0
    tables = isinstance(description.modality_lut, LookupTable) or "+Wl" in options
    return TABLES if tables else 0
