"""`viewer measure`: one measurement as the tool would make it."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from viewer.annotations.kinds import KINDS, label
from viewer.annotations.measurement import Measurement
from viewer.annotations.shapes import Annotation, Kind, Point, exact
from viewer.annotations.statistics import Statistics
from viewer.commands.arguments import NEGATIVE, FrameSource
from viewer.dicom.image import ImageDescription
from viewer.errors import ViewerError
from viewer.viewing.region_values import values_of
from viewer.viewing.why import number

MEASURED = {kind.value.lower(): kind for kind, row in KINDS.items() if row.measured is not None}
POINTS = {
    Kind.LENGTH: "2",
    Kind.POLYLINE: "2 or more",
    Kind.ANGLE: "3 (arm, vertex, arm)",
    Kind.COBB: "2+2 (two lines)",
    Kind.BIDIRECTIONAL: "2+2 (long axis, short axis)",
    Kind.RECTANGLE: "2 (opposite corners)",
    Kind.ELLIPSE: "4 (ends of the major axis, ends of the minor axis)",
    Kind.CIRCLE: "2 (centre, edge)",
    Kind.POLYGON: "3 or more",
    Kind.POINT: "1",
}  # of each kind, in words
AREA_UNITS = {"mm²", "px²"}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("measure", help="one measurement, as the tool would make it")
    parser._negative_number_matcher = NEGATIVE  # noqa: SLF001  the only way to let "--points -3,5" be a point
    parser.add_argument("file", metavar="FILE", help="a DICOM image")
    parser.add_argument(
        "--kind", choices=sorted(MEASURED), required=True, help=f"points: {_points_in_words()}"
    )
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
    row, given = KINDS[kind], len(args.points)
    if given < row.least or given > (row.number_of_points or given):
        args.refuse(f"{args.kind} has {POINTS[kind]} points, not {given}")
    image, frame = pool.read_frame(args.file, args.frame)
    found = measure(kind, args.points, image, args.file)
    drawn = Annotation(kind, image.key, inside(args.points, image, args.file))
    values = values_of(drawn, image, frame)
    if kind is Kind.POINT and values is not None and not values.count and found.value is None:
        raise ViewerError(f"{args.file}: {values.of_point()}.")
    text = label(drawn, image, values)
    words = json.dumps(_document(kind, found, text, values)) if args.json else text
    encoding = sys.stdout.encoding or "utf-8"  # a terminal may not know the letters of a unit
    sys.stdout.write(words.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    return 0


def measure(kind: Kind, points: Sequence[Point], image: ImageDescription, path: str) -> Measurement:
    """Return a measurement. Raise ViewerError when a point is outside or no number would be right."""
    measured = KINDS[kind].measured
    if measured is None:
        raise ViewerError(f"{path}: there is nothing to measure in an {kind.value.lower()}.")
    found = measured(inside(points, image, path), image)
    if found.is_refused:
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


def _points_in_words() -> str:
    return "; ".join(f"{kind.value.lower()} {words}" for kind, words in POINTS.items())


def _document(kind: Kind, found: Measurement, text: str, values: Statistics | None) -> dict[str, Any]:
    """Return a measurement in the shape of the command line's contract: the keys that apply."""
    document: dict[str, Any] = {
        "kind": kind.value.lower(),
        "value": found.value,
        "unit": found.unit,
        "calibration": found.calibration.value,
        "calibration_source": found.source,
        "text": text,
    }
    if found.unit in AREA_UNITS:
        document |= {"area": found.value, "area_unit": found.unit}
    place = [quantity.value for quantity in found.more if quantity.name.startswith("patient ")]
    if place:
        document["patient_position"] = place  # mm
    for quantity in found.more[len(place) :]:
        name = quantity.name.replace(" ", "_")
        document |= {name: quantity.value, f"{name}_unit": quantity.unit}
    if values is not None and kind is not Kind.POINT:
        document |= _statistics(values)
    elif values is not None:
        document |= _pixel(values, found)
    return document


def _statistics(values: Statistics) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mean": number(values.mean),
        "sd": number(values.sd),
        "min": number(values.minimum),
        "max": number(values.maximum),
        "pixels": values.count,
        "modality_unit": values.unit,
    }
    if values.reason:
        found["reason"] = values.reason
    return found | _suv(values)


def _pixel(values: Statistics, found: Measurement) -> dict[str, Any]:
    """Return the value of one pixel, unless the region of an ultrasound image has one for its place."""
    if found.value is not None:
        return {}
    pixel = {"value": number(values.mean), "unit": values.unit, "modality_unit": values.unit}
    suv = _suv(values)
    return pixel | ({"suv": suv["suv"]["mean"]} if "suv" in suv else suv)


def _suv(values: Statistics) -> dict[str, Any]:
    if values.suv is None:
        return {}
    if values.suv.factor is None:
        return {"suv_reason": values.suv.reason}
    factor = values.suv.factor
    numbers = {"mean": values.mean, "sd": values.sd, "min": values.minimum, "max": values.maximum}
    return {"suv": {name: number(value * factor) for name, value in numbers.items()}}
