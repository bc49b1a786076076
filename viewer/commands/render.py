"""`viewer render`: frames as PNG files, as a viewport first shows them."""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.commands.arguments import NEGATIVE, FrameSource, function, window
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Voi, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.color import is_color, to_rgb
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.icc import to_srgb
from viewer.rendering.layers import Layers
from viewer.rendering.pipeline import GrayscalePipeline, pipeline_of, resolve_voi
from viewer.rendering.png import write_png
from viewer.rendering.subtraction import read_difference
from viewer.rendering.viewport_renderer import sample
from viewer.viewing.viewport import ViewportState

Picture = NDArray[Any]  # (rows, columns) u1 or u2, or (rows, columns, 3) u1
COLOR_WINDOW = "a colour image has no window; the one asked for was not applied"
LARGEST_SIDE = 32_768  # pixels of a picture that was asked for by size: beyond is a slip of the finger


@dataclass(frozen=True, slots=True)
class Options:
    """How to render; `None` and False leave it to the image."""

    window: Window | None = None
    function: WindowFunction | None = None
    alternative: int | None = None  # from 0
    inverted: bool = False
    rotation: int = 0
    flipped: bool = False
    size: tuple[int, int] | None = None  # width, height of a viewport to fit into
    floor: bool = False
    bits: int = 8
    pixels_only: bool = False
    subtract: bool = False


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("render", help="write frames as PNG files, as a viewport first shows them")
    parser._negative_number_matcher = NEGATIVE  # noqa: SLF001  the only way to let "--window -600,1500" be
    parser.add_argument("file", nargs="?", metavar="FILE", help="a DICOM image")
    parser.add_argument("-o", "--output", metavar="OUT.png", help="the picture to write")
    parser.add_argument("--batch", metavar="LIST.tsv", help="many: input<TAB>output[<TAB>frame] a line")
    parser.add_argument("--frame", type=_positive, default=1, metavar="N", help="counted from 1")
    parser.add_argument("--window", type=window, metavar="CENTER,WIDTH", help="in modality values")
    parser.add_argument("--function", type=function, metavar="linear|linear_exact|sigmoid")
    parser.add_argument(
        "--voi", type=_positive, metavar="N", help="the header's Nth window, then its VOI tables"
    )
    parser.add_argument("--invert", action="store_true", help="on top of the image's own polarity")
    parser.add_argument("--rotate", type=int, choices=(0, 90, 180, 270), default=0, help="clockwise, then")
    parser.add_argument("--flip", action="store_true", help="horizontally")
    parser.add_argument("--size", type=_size, metavar="WxH", help="fit into a viewport of this size")
    parser.add_argument("--subtract", action="store_true", help="the header's mask frames from the frame")
    parser.add_argument(
        "--pixels-only", action="store_true", help="no overlays, shutters, graphics; padding as values"
    )
    parser.add_argument("--floor", action="store_true", help="truncate to whole greys instead of rounding")
    parser.add_argument("--bits", type=int, choices=(8, 16), default=8, help="of a grey in the PNG")
    parser.set_defaults(refuse=parser.error)


def run(args: argparse.Namespace, pool: FrameSource) -> int:
    """Render one file or a list of them; return the exit status."""
    if (args.batch is None) == (args.file is None) or (args.file is None) != (args.output is None):
        args.refuse("either FILE -o OUT.png or --batch LIST.tsv")
    options = Options(
        pixels_only=args.pixels_only,
        subtract=args.subtract,
        window=args.window,
        function=args.function,
        alternative=None if args.voi is None else args.voi - 1,
        inverted=args.invert,
        rotation=args.rotate,
        flipped=args.flip,
        size=args.size,
        floor=args.floor,
        bits=args.bits,
    )
    if args.batch is not None:
        return _run_batch(Path(args.batch), args.frame, options, pool)
    for words in render_file(pool, args.file, args.frame, Path(args.output), options):
        _say(sys.stderr, f"viewer: {args.file}: {' '.join(words.split())}")
    return 0


def render_file(
    pool: FrameSource, path: str, frame_number: int, output: Path, options: Options
) -> tuple[str, ...]:
    """Write the picture of a frame (from 1) to `output`; return what is to be said of it.

    That is the damage of the frame, what of the header was ignored or assumed, and which options were not
    applied. Raises ViewerError with the reason when there is no picture.
    """
    if output.exists() and Path(path).exists() and output.samefile(path):
        raise ViewerError(f"{path} would be overwritten by its own picture: choose another output.")
    description, frame = pool.read_frame(path, frame_number)
    try:
        if options.subtract:
            _, description, frame = read_difference(
                FrameKey(description.key.sop_instance_uid, frame_number),
                lambda key: pool.read_frame(path, key.frame_number),
            )
        pixels = picture(description, frame, options)
    except ViewerError as error:
        raise ViewerError(f"{path} was not rendered: {error}") from error
    write_png(output, pixels)
    windowed = options.window or options.function or options.alternative is not None
    unused = COLOR_WINDOW if is_color(frame) and windowed else ""
    return tuple(words for words in (frame.damage, *description.notices, unused) if words)


def picture(description: ImageDescription, frame: Frame, options: Options) -> Picture:
    """Return the pixels of a frame, one per image pixel or fitted into `options.size`."""
    pipeline = None
    if not is_color(frame):
        voi = _voi(description, frame, options)
        pipeline = pipeline_of(description, voi, inverted=options.inverted)
        if options.pixels_only:  # every stored value through the LUTs, padding too, as DCMTK does
            pipeline = replace(pipeline, padding=None)
    if options.pixels_only:
        description = _bare(description)
    if options.size is not None:
        return _fitted(DisplayPlane.of(description, frame), description, pipeline, options)
    pixels: Picture = (
        to_srgb(to_rgb(frame, description), description.icc_profile)
        if pipeline is None
        else pipeline.render(frame.stored, floor=options.floor, bits=options.bits)
    )
    pixels = Layers.of(description, frame).lie_on(pixels)
    turned = np.rot90(pixels, -(options.rotation // 90))
    return turned[:, ::-1] if options.flipped else turned


def _bare(description: ImageDescription) -> ImageDescription:
    """Return an image with nothing on its pixels, whose colours are taken as they are."""
    return replace(description, padding=None, supplemental=None, icc_profile=None, overlays=(), shutter=None)


def _voi(description: ImageDescription, frame: Frame, options: Options) -> Voi:
    """Return the VOI LUT that the options ask for. Raises ViewerError when the header has no such one."""
    count = len(description.vois)
    if options.alternative is not None and 0 < count <= options.alternative:
        raise ViewerError(f"its header has no VOI {options.alternative + 1}, only 1 to {count}.")
    voi = resolve_voi(description, frame, options.window, options.alternative)
    if options.function is not None and isinstance(voi, Window):
        return replace(voi, function=options.function)
    return voi


def _fitted(
    plane: DisplayPlane, description: ImageDescription, pipeline: GrayscalePipeline | None, options: Options
) -> Picture:
    """Return what a viewport of `options.size` shows, true to the shape of the image's pixels."""
    width, height = options.size or (1, 1)
    state = ViewportState(
        width=width,
        height=height,
        image=description,
        rotation=options.rotation,
        flipped=options.flipped,
    )
    level = plane.levels[0].pixels
    room = np.empty((height, width, *level.shape[2:]), dtype=level.dtype)
    view = sample(plane, state.affine, (width, height), state.smooth, room)
    kind = np.uint16 if options.bits == 16 and pipeline is not None else np.uint8  # noqa: PLR2004
    screen = np.zeros((height, width) if pipeline is not None else (height, width, 3), dtype=kind)
    if view is not None:
        shown: Picture = (
            view.numbers[..., 2::-1]
            if pipeline is None
            else view.shown(pipeline, floor=options.floor, bits=options.bits)
        )
        shown = view.layers.lie_on(shown)
        if shown.ndim > screen.ndim:  # a layer has colours
            screen = np.zeros((height, width, 3), dtype=kind)
        screen[view.top : view.top + shown.shape[0], view.left : view.left + shown.shape[1]] = shown
    return screen


def _run_batch(batch: Path, frame_number: int, options: Options, pool: FrameSource) -> int:
    status = 0
    for line in _lines(batch):
        path = line.split("\t")[0]
        done, words = _attempt(line, frame_number, options, pool)
        status |= not done
        _say(sys.stdout, "\t".join(("ok" if done else "failed", path, " ".join(words.split()))))
    return int(status)


def _lines(batch: Path) -> Iterator[str]:
    try:
        text = batch.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise ViewerError(f"The list {batch} cannot be read: {error.strerror or error}.") from error
    return (line for line in text.splitlines() if line.strip())


def _attempt(line: str, frame_number: int, options: Options, pool: FrameSource) -> tuple[bool, str]:
    """Render one line of a batch; return whether it was done, and why not or what is to be said of it."""
    fields = line.split("\t")
    if len(fields) < 2 or not fields[1]:  # noqa: PLR2004  input and output
        return False, "the line names no output: input<TAB>output[<TAB>frame]"
    try:
        number = _positive(fields[2]) if len(fields) > 2 and fields[2] else frame_number  # noqa: PLR2004
        said = render_file(pool, fields[0], number, Path(fields[1]), options)
    except (ViewerError, argparse.ArgumentTypeError) as error:
        return False, str(error)
    except Exception as error:  # noqa: BLE001  the rest of the list is rendered whatever one file did
        return False, f"a fault of the program ({type(error).__name__})"
    return True, "; ".join(said)


def _say(stream: Any, text: str) -> None:  # noqa: ANN401  sys.stdout is what a test or a shell made it
    """Write a line whose file names may be any bytes."""
    stream.flush()
    stream.buffer.write(os.fsencode(text) + b"\n")
    stream.buffer.flush()


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    sides = [int(side) if side.isascii() and side.isdigit() else 0 for side in (width, height)]
    if not all(1 <= side <= LARGEST_SIDE for side in sides):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 800x600")
    return sides[0], sides[1]
