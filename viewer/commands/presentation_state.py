"""`viewer presentation-state`: writes one from the command line, and shows what one says."""

import argparse
import json
import math
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from viewer.annotations.kinds import KINDS, label
from viewer.annotations.shapes import Annotation, Kind, Point
from viewer.commands.arguments import NEGATIVE, FrameSource, function, window
from viewer.commands.measure import frame_number, inside, measure, point
from viewer.commands.state_document import document, in_words
from viewer.dicom.describe import describe
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Voi, Window
from viewer.dicom.read import read_header
from viewer.errors import ViewerError
from viewer.presentation.gsps_reader import read, written_texts
from viewer.presentation.gsps_writer import InstanceSource, save, write
from viewer.presentation.state import Content, DisplayedArea, Shown, states_of
from viewer.rendering.pipeline import resolve_voi
from viewer.tools.edit import ordered
from viewer.viewing.calibrating import Known, calibrated, stated, words
from viewer.viewing.region_values import values_of

AREA = 4  # numbers: two corners
POINT = re.compile(r"[-+.\deE]+,[-+.\deE]+")
DRAWN = {kind.value.lower(): kind for kind in Kind if kind is not Kind.OUTLINE}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("presentation-state", help="write or show a presentation state")
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="write a presentation state of grey images")
    create._negative_number_matcher = NEGATIVE  # noqa: SLF001  the only way to let "--window -600,1500" be
    create.add_argument("images", nargs="+", metavar="IMAGE", help="DICOM images of one study")
    create.add_argument("-o", "--output", type=_file, required=True, metavar="PS.dcm")
    create.add_argument("--frame", type=frame_number, metavar="N", help="only this frame; default all")
    create.add_argument("--window", type=window, metavar="CENTER,WIDTH", help="in modality values")
    create.add_argument("--function", type=function, metavar="linear|linear_exact|sigmoid")
    create.add_argument("--invert", action="store_true", help="on top of the image's own polarity")
    create.add_argument("--rotate", type=int, choices=(0, 90, 180, 270), default=0, help="clockwise, then")
    create.add_argument("--flip", action="store_true", help="horizontally")
    create.add_argument("--area", type=_area, metavar="X,Y,X,Y", help="two corners of what is displayed")
    create.add_argument("--label", default="READING", help="a short name")
    create.add_argument("--description", default="", help="up to 64 letters")
    create.add_argument("--creator", default="", help="who made it, as Family^Given")
    create.add_argument(
        "--annotation",
        type=_annotation,
        action="append",
        default=[],
        metavar="KIND:X,Y:X,Y[:TEXT]",
        help=f"{', '.join(DRAWN)}; on every image, in a multi-frame image on --frame or the first frame; "
        "of a calibration, TEXT is its length in mm",
    )
    show = actions.add_parser("show", help="all that is understood of a presentation state, and what is not")
    show.add_argument("file", metavar="PS.dcm")
    show.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace, pool: FrameSource) -> int:
    """Write or show a state; return the exit status."""
    if args.action == "show":
        _show(args.file, as_json=args.json)
    else:
        _create(args, pool)
    return 0


def _show(path: str, *, as_json: bool) -> None:
    header = read_header(path)
    try:
        found = document(read(header), written_texts(header))
    except ViewerError as error:
        raise ViewerError(f"{path}: {error}") from error
    sys.stdout.write(f"{json.dumps(found) if as_json else in_words(found)}\n")


def _create(args: argparse.Namespace, pool: FrameSource) -> None:
    for path in args.images:
        if args.output.exists() and Path(path).exists() and args.output.samefile(path):
            raise ViewerError(
                f"{path} would be overwritten by its presentation state: choose another output."
            )
    shown: list[Shown] = []
    drawn: list[Annotation] = []
    labels: dict[str, str] = {}
    sources: dict[str, InstanceSource] = {}
    for path in args.images:
        source = _source(path, args.frame)
        uid = source.images[0].key.sop_instance_uid
        if uid in sources:
            continue
        voi = _voi(args, source.images, path, pool)
        own = [_drawn(each, source.images[0], path) for each in args.annotation]
        images = [_calibrated(image, own) for image in source.images]
        sources[uid] = replace(source, images=tuple(images))
        area = _displayed(args.area, images[0], path)
        shown += [
            Shown(image, voi or _own(image), args.invert, args.rotate, args.flip, area) for image in images
        ]
        labels |= _labels(own, images[0], path, pool)
        drawn += own
    states = states_of(shown, drawn, Content(args.label, args.description, args.creator))
    if len(states) > 1:
        raise ViewerError(
            "These images cannot share one presentation state: their size, polarity or rescale differs."
        )
    used = [sources[reference.sop_instance_uid] for reference in states[0].references]
    if not args.output.parent.is_dir():
        raise ViewerError(f"{args.output} was not written: there is no folder {args.output.parent}.")
    save(write(states[0], used, labels=labels), args.output)


def _source(path: str, number: int | None) -> InstanceSource:
    """Return an image and what is understood of one frame, or of all."""
    header = read_header(path)
    try:
        first = describe(header, number or 1)
        numbers = [number] if number else range(1, first.number_of_frames + 1)
        images = tuple(describe(header, each) for each in numbers)
    except ViewerError as error:
        raise ViewerError(f"{path}: {error}") from error
    return InstanceSource(header, images)


def _voi(
    args: argparse.Namespace, images: Sequence[ImageDescription], path: str, pool: FrameSource
) -> Voi | None:
    """Return the VOI for all frames of an image, None where its header has one for each."""
    voi: Voi | None = args.window
    if voi is None and images[0].photometric.startswith("MONOCHROME"):
        if _own(images[0]) is not None and args.function is None:
            return None
        voi = resolve_voi(*pool.read_frame(path, images[0].key.frame_number))
    if args.function is not None and isinstance(voi, Window):
        voi = replace(voi, function=args.function)
    return voi


def _own(image: ImageDescription) -> Voi | None:
    return image.vois[image.default_voi] if image.vois else None


def _drawn(given: tuple[Kind, list[Point], str], image: ImageDescription, path: str) -> Annotation:
    """Return an annotation. Raise ViewerError when a point is outside or it cannot be measured."""
    kind, points, text = given
    placed = inside(points, image, path)
    if KINDS[kind].measured is not None:
        measure(kind, points, image, path)
    return ordered(Annotation(kind, image.key, placed, text))


def _calibrated(image: ImageDescription, drawn: Sequence[Annotation]) -> ImageDescription:
    """Return an image as the calibration lines on it have it."""
    known = Known(lambda frame: frame.sop_instance_uid, lambda _: image)
    return calibrated(image, drawn, known)


def _labels(
    drawn: Sequence[Annotation], image: ImageDescription, path: str, pool: FrameSource
) -> dict[str, str]:
    """Return what stands beside each annotation, with the values of its pixels, by UID."""
    if not any(KINDS[shape.kind].region is not None for shape in drawn):
        return {}
    _, frame = pool.read_frame(path, image.key.frame_number)
    return {shape.uid: label(shape, image, values_of(shape, image, frame)) for shape in drawn}


def _displayed(corners: tuple[float, ...] | None, image: ImageDescription, path: str) -> DisplayedArea | None:
    """Return the pixels of which something lies between two corners."""
    if corners is None:
        return None
    (left, right), (top, bottom) = sorted(corners[::2]), sorted(corners[1::2])
    first, last = (math.floor(left) + 1, math.floor(top) + 1), (math.ceil(right), math.ceil(bottom))
    if last[0] < first[0] or last[1] < first[1]:
        raise ViewerError(f"{path}: the area to display is empty.")
    return replace(DisplayedArea.whole(image), left=first[0], top=first[1], right=last[0], bottom=last[1])


def _annotation(text: str) -> tuple[Kind, list[Point], str]:
    """Return kind, points and words of KIND:X,Y:X,Y[:TEXT]."""
    name, _, rest = text.partition(":")
    if name not in DRAWN:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(sorted(DRAWN))}")
    kind, parts = DRAWN[name], rest.split(":")
    row = KINDS[kind]
    most = len(parts) if row.number_of_points is None else row.number_of_points
    count = next(
        (n for n, part in enumerate(parts[:most]) if not POINT.fullmatch(part)), min(most, len(parts))
    )
    if count < row.least:
        wanted = row.number_of_points or f"{row.least} or more"
        raise argparse.ArgumentTypeError(f"a {name} has {wanted} points: {name}:X,Y:X,Y[:TEXT]")
    return kind, [point(part) for part in parts[:count]], _words(kind, ":".join(parts[count:]))


def _words(kind: Kind, text: str) -> str:
    """Return a reader's words; those of a calibration are its length."""
    if kind is Kind.TEXT and not text:
        raise argparse.ArgumentTypeError("a text has words: text:X,Y:TEXT")
    if kind is not Kind.CALIBRATION:
        return text
    try:
        said = words(float(text), whole_series=False)
    except ValueError:
        said = ""
    if stated(said) is None:
        raise argparse.ArgumentTypeError("a calibration has a length in mm: calibration:X,Y:X,Y:50")
    return said


def _area(text: str) -> tuple[float, ...]:
    words = text.split(",")
    if len(words) != AREA:
        raise argparse.ArgumentTypeError(f"{text!r} is no X,Y,X,Y")
    return *point(",".join(words[:2])), *point(",".join(words[2:]))


def _file(text: str) -> Path:
    """Return the path of a file; a name that ends like a folder's is none."""
    if text.endswith(("/", os.sep)) or Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; name a file")
    return Path(text)
