"""`viewer values`: the pixel under a point, and what decided how it is shown."""

import argparse
import json
import math
import re
import sys
from typing import Any, Protocol

import numpy as np

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.errors import ViewerError
from viewer.rendering.color import is_color, to_rgb
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import padding_mask
from viewer.rendering.pipeline import pipeline_of, resolve_voi

NEGATIVE = re.compile(r"^-\.?\d")  # "-3,5" is a point, not an option


class FrameSource(Protocol):
    """Where frames come from: `viewer.jobs.decode.DecoderPool`."""

    def read_frame(self, path: str, frame_number: int) -> tuple[ImageDescription, Frame]:
        """Return a frame, counted from 1, and what its header says. Raises ViewerError."""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("values", help="the pixel under a point, and what decided its grey")
    parser._negative_number_matcher = NEGATIVE  # noqa: SLF001  the only way to let "--at -3,5" be a point
    parser.add_argument("file", metavar="FILE", help="a DICOM image")
    parser.add_argument(
        "--at", type=_point, metavar="X,Y", required=True, help="column, row; 0,0 is the top left corner"
    )
    parser.add_argument("--frame", type=int, default=1, metavar="N", help="counted from 1")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, pool: FrameSource) -> int:
    """Print the values; return the exit status."""
    description, frame = pool.read_frame(args.file, args.frame)
    column, row = (math.floor(value) for value in args.at)
    if not (0 <= column < description.columns and 0 <= row < description.rows):
        raise ViewerError(
            f"{args.file} has no pixel at {args.at[0]:g},{args.at[1]:g}: "
            f"it is {description.columns} columns wide and {description.rows} rows high."
        )
    try:
        found = pixel_values(description, frame, column, row)
    except ViewerError as error:
        raise ViewerError(f"{args.file} cannot be shown: {error}") from error
    sys.stdout.write(f"{json.dumps(found) if args.json else _in_words(found)}\n")
    return 0


def pixel_values(description: ImageDescription, frame: Frame, column: int, row: int) -> dict[str, Any]:
    """Return the values of one pixel in the shape of the command line's contract.

    What is not a number (in float pixel data) is None; a colour image has lists of three, and no
    modality value.
    """
    if is_color(frame):
        part = Frame(frame.key, frame.stored[row : row + 1, column : column + 1], frame.photometric)
        return _document(
            stored=frame.stored[row, column].tolist(),
            displayed=to_rgb(part, description)[0, 0].tolist(),
            decided_by={
                "modality": "none: a colour image",
                "voi": "none: a colour image",
                "presentation": f"Photometric Interpretation {frame.photometric}",
            },
        )
    voi = resolve_voi(description, frame)
    pipeline = pipeline_of(description, voi)
    stored = np.ascontiguousarray(frame.stored[row : row + 1, column : column + 1])
    modality = description.modality_lut
    document = _document(
        stored=_number(stored.item()),
        displayed=int(pipeline.render(stored).item()),
        decided_by={
            "modality": modality.source or "none: stored values",
            "voi": voi.source,
            "presentation": description.presentation_source,
        },
    )
    document["modality"] = _number(to_modality(stored, modality).item())
    document["modality_unit"] = modality.unit
    document["padding"] = padding_mask(stored, description.padding) is not None
    return document


def _document(stored: object, displayed: object, decided_by: dict[str, str]) -> dict[str, Any]:
    return {
        "stored": stored,
        "modality": None,
        "modality_unit": "",
        "displayed": displayed,
        "padding": False,
        "decided_by": decided_by,
    }


def _number(value: float) -> float | None:
    """Return a whole number as one, and None for what JSON cannot say."""
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value


def _in_words(found: dict[str, Any]) -> str:
    lines = [f"stored value     {found['stored']}"]
    if found["modality"] is not None:
        lines.append(f"modality value   {found['modality']} {found['modality_unit']}".rstrip())
    lines.append(f"displayed value  {found['displayed']} of 255")
    if found["padding"]:
        lines.append("padding          yes: no tissue")
    lines += [f"{stage + ' by':<17}{source}" for stage, source in found["decided_by"].items()]
    return "\n".join(lines)


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y such as 12.5,40.5") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y such as 12.5,40.5")
    return x, y
