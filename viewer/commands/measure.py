"""`viewer measure`: one measurement as the tool would make it."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from viewer.annotations.kinds import KINDS
from viewer.annotations.measurement import Measurement
from viewer.annotations.shapes import Kind, Point, exact
from viewer.commands.arguments import NEGATIVE, FrameSource
from viewer.dicom.image import ImageDescription
from viewer.errors import ViewerError

MEASURED = {kind.value.lower(): kind for kind, row in KINDS.items() if row.measured is not None}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("measure", help="one measurement, as the tool would make it")
    parser._negative_number_matcher = NEGATIVE  # noqa: SLF001  the only way to let "--points -3,5" be a point
    parser.add_argument("file", metavar="FILE", help="a DICOM image")
    parser.add_argument("--kind", choices=sorted(MEASURED), required=True, help="length: 2 points")
    parser.add_argument(
        "--points",
        type=point,
        nargs="+",
        metavar="X,Y",
        required=True,
        help="column, row; 0,0 is the top left corner of the first pixel",
    )
    parser.add_argument("--frame", type=frame_number, default=1, metavar="N", help="counted from 1")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(refuse=parser.error)


def run(args: argparse.Namespace, pool: FrameSource) -> int:
    """Print the measurement; return the exit status."""
    kind = MEASURED[args.kind]
    wanted = KINDS[kind].number_of_points
    if wanted is not None and len(args.points) != wanted:
        args.refuse(f"a {args.kind} has {wanted} points, not {len(args.points)}")
    image, _ = pool.read_frame(args.file, args.frame)
    found = measure(kind, args.points, image, args.file)
    sys.stdout.write(f"{json.dumps(_document(args.kind, found)) if args.json else found.text}\n")
    return 0


def measure(kind: Kind, points: Sequence[Point], image: ImageDescription, path: str) -> Measurement:
    """Return a measurement. Raise ViewerError when a point is outside or no number would be right."""
    measured = KINDS[kind].measured
    if measured is None:
        raise ViewerError(f"{path}: there is nothing to measure in an {kind.value.lower()}.")
    found = measured(inside(points, image, path), image)
    if found.value is None:
        raise ViewerError(f"{path}: {found.text}.")
    return found


def inside(points: Sequence[Point], image: ImageDescription, path: str) -> tuple[Point, ...]:
    """Return points as an annotation holds them. Raise ViewerError when one lies outside the image."""
    for x, y in points:
        if not (0 <= x <= image.columns and 0 <= y <= image.rows):
            raise ViewerError(
                f"{path} has no point {x:g},{y:g}: "
                f"it is {image.columns} columns wide and {image.rows} rows high."
            )
    return tuple(exact(x, y) for x, y in points)


def point(text: str) -> Point:
    """Return a point from the command line."""
    try:
        x, y = (float(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y such as 12.5,40.5") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y such as 12.5,40.5")
    return x, y


def frame_number(text: str) -> int:
    """Return the number of a frame from the command line."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _document(kind: str, found: Measurement) -> dict[str, Any]:
    return {
        "kind": kind,
        "value": found.value,
        "unit": found.unit,
        "calibration": found.calibration.value,
        "calibration_source": found.source,
        "text": found.text,
    }
