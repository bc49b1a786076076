"""`viewer values`: the pixel under a point, and what decided how it is shown."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from viewer.commands.arguments import NEGATIVE, FrameSource
from viewer.dicom.image import ImageDescription
from viewer.errors import ViewerError
from viewer.viewing.why import ABSENT, DAMAGE, NOTICE_STAGE, REAL_WORLD, Step, covers, explain

WORDS_ONLY = (DAMAGE, NOTICE_STAGE)  # about the frame, without a value


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
        steps = explain(description, frame, *args.at)
    except ViewerError as error:
        raise ViewerError(f"{args.file} cannot be shown: {error}") from error
    found = pixel_values(description, steps, (column, row))
    text = json.dumps(found) if args.json else in_words(steps)
    encoding = sys.stdout.encoding or "utf-8"  # a terminal may not know all letters of a header
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    if frame.damage:
        sys.stderr.write(f"viewer: {args.file}: {frame.damage}\n")
    return 0


def pixel_values(
    description: ImageDescription, steps: Sequence[Step], place: tuple[int, int]
) -> dict[str, Any]:
    """Return the stages of the pixel at `place` (column, row) in the shape of the command line's contract.

    What is not a number (in float pixel data), or missing from a truncated file, is None; a colour image
    has lists of three, and no modality value; a real world value outside the range that is mapped is None.
    """
    named = {step.stage: step for step in steps}
    return {
        "stored": _plain(named["stored"]),
        "missing": named["stored"].decided_by == ABSENT,
        "modality": _plain(named["modality"]),
        "modality_unit": named["modality"].unit,
        "displayed": _plain(named["displayed"]),
        "padding": named["padding"].value,
        "decided_by": {stage: named[stage].decided_by for stage in ("modality", "voi", "presentation")},
        "real_world": [
            {"value": step.value, "unit": step.unit, "label": each.label}
            for step, each in zip(_of(steps, REAL_WORLD), description.real_world, strict=False)
        ],
        "covered_by": list(covers(description, place)),
        "damage": "; ".join(step.decided_by for step in _of(steps, DAMAGE)),
        "notices": [step.decided_by for step in _of(steps, NOTICE_STAGE)],
        "steps": [
            {
                "stage": step.stage,
                "value": _plain(step),
                "unit": step.unit,
                "decided_by": step.decided_by,
                "note": step.note,
            }
            for step in steps
            if step.stage not in WORDS_ONLY
        ],
    }


def _of(steps: Sequence[Step], stage: str) -> list[Step]:
    return [step for step in steps if step.stage == stage]


def _plain(step: Step) -> object:
    return list(step.value) if isinstance(step.value, tuple) else step.value


def in_words(steps: Sequence[Step]) -> str:
    """Return the stages as lines: each value, and below it what decided."""
    return "\n".join(f"{name:<16} {text}" for step in steps for name, text in _lines(step))


def _lines(step: Step) -> list[tuple[str, str]]:
    if step.stage in WORDS_ONLY:
        return [(step.stage, step.decided_by)]
    name = step.stage if step.stage in {"padding", "presentation"} else f"{step.stage} value"
    nothing = "missing" if step.decided_by == ABSENT else "not a number"
    value = {"stored": nothing, REAL_WORLD: "not mapped"}.get(step.stage, "")
    value = value if step.value is None else step.words
    reason = ": ".join(part for part in (step.decided_by, step.note) if part)
    return [*([(name, value)] if value else []), (f"{step.stage} by", reason)]


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y such as 12.5,40.5") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y such as 12.5,40.5")
    return x, y
