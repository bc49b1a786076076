"""`viewer values`: the pixel under a point, and what decided how it is shown."""

import argparse
import json
import math
import sys
from typing import Any

from viewer.commands.arguments import NEGATIVE, FrameSource
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.errors import ViewerError
from viewer.rendering.color import is_color
from viewer.viewing.why import Step, explain, number


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
    if frame.damage:
        sys.stderr.write(f"viewer: {args.file}: {frame.damage}\n")
    return 0


def pixel_values(description: ImageDescription, frame: Frame, column: int, row: int) -> dict[str, Any]:
    """Return the values of one pixel in the shape of the command line's contract.

    What is not a number (in float pixel data) is None; a colour image has lists of three, and no
    modality value.
    """
    document = _document({step.stage: step for step in explain(description, frame, column, row)})
    document["real_world"] = _real_world(description, frame, column, row)
    return document


def _real_world(description: ImageDescription, frame: Frame, column: int, row: int) -> list[dict[str, Any]]:
    """Return what each Real World Value Mapping makes of the pixel; None outside the range it maps."""
    if is_color(frame):
        return []
    stored = frame.stored[row, column].item()
    found = [(each, each.value(stored)) for each in description.real_world]
    return [
        {"value": None if value is None else number(value), "unit": each.unit, "label": each.label}
        for each, value in found
    ]


def _document(steps: dict[str, Step]) -> dict[str, Any]:
    return {
        "stored": _plain(steps["stored"]),
        "modality": _plain(steps["modality"]),
        "modality_unit": steps["modality"].unit,
        "displayed": _plain(steps["displayed"]),
        "padding": steps["padding"].value,
        "decided_by": {stage: steps[stage].decided_by for stage in ("modality", "voi", "presentation")},
    }


def _plain(step: Step) -> object:
    return list(step.value) if isinstance(step.value, tuple) else step.value


def _in_words(found: dict[str, Any]) -> str:
    lines = [f"stored value     {found['stored']}"]
    if found["modality"] is not None:
        lines.append(f"modality value   {found['modality']} {found['modality_unit']}".rstrip())
    for each in found["real_world"]:
        value = "not mapped" if each["value"] is None else f"{each['value']} {each['unit']}".rstrip()
        lines.append(f"real world value {value}{each['label'] and ' (' + each['label'] + ')'}")
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
