"""The command line. Qt and the codecs are loaded only by the command that needs them."""

import argparse
import importlib
import logging
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from viewer import __version__
from viewer.errors import ViewerError
from viewer.paths import NAME, log_folder

COMMANDS = {
    "demo": "",
    "scan": "viewer.commands.scan",
    "render": "viewer.commands.render",
    "values": "viewer.commands.values",
    "document": "viewer.commands.document",
    "measure": "viewer.commands.measure",
    "presentation-state": "viewer.commands.presentation_state",
    "remote": "viewer.commands.remote",
    "import": "viewer.commands.import_studies",
    "studies": "viewer.commands.studies",
    "cache": "viewer.commands.cache",
    "echo": "viewer.commands.echo",
    "find": "viewer.commands.find",
    "retrieve": "viewer.commands.retrieve",
    "send": "viewer.commands.send",
    "listen": "viewer.commands.listen",
}
EPILOG = f"""\
commands (each has its own --help):
  {NAME.lower()} is started as `viewer`. Without a command it opens its window.
  demo                 open the demonstration studies
  scan PATH...         list what is on a medium, without importing
  render FILE -o PNG   one frame, as a viewport first shows it
  values FILE --at X,Y the pixel under a point, and what decided its grey
  document FILE        a report or another object that is no image, as text
  measure FILE         one measurement, as the tool would make it
  presentation-state   write or read a presentation state
  remote               add, list or remove the peers that are configured
  import PATH...       files, folders, media and zips into the study cache
  studies              what is in the study cache
  cache ACTION         verify, rebuild or trim the study cache, or say where it is
  echo PEER            ask a peer whether it is there
  find PEER            what a peer holds, and how much of it is here
  retrieve PEER        a study of a peer into the study cache, and whether all came
  send PEER PATH...    files, or studies of the cache, to a peer
  listen               let others send images into the study cache

for all: --cache DIR another study cache, --settings FILE another settings file
(or the environment variables VIEWER_CACHE and VIEWER_SETTINGS)

Not a medical device: not for primary diagnosis."""

PLACES = {"--cache": "VIEWER_CACHE", "--settings": "VIEWER_SETTINGS"}
WIDEST = 16384  # pixels of a window: more than any screen has

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return 0 when done, 1 when not (one sentence on standard error), 2 for usage."""
    multiprocessing.freeze_support()
    words = _without_places(list(sys.argv[1:] if argv is None else argv))
    sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a file name may be any bytes
    try:
        return _run(words)
    except ViewerError as error:
        print(f"viewer: {error}", file=sys.stderr)  # noqa: T201  the contract of the command line
    except KeyboardInterrupt:
        print("viewer: stopped", file=sys.stderr)  # noqa: T201
    except BrokenPipeError:  # the reader of our output went away: not an error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001  the last door: a person never sees a traceback
        print(f"viewer: {_fault(error)}", file=sys.stderr)  # noqa: T201
    return 1


def _without_places(words: list[str]) -> list[str]:
    """Return the words without `--cache DIR` and `--settings FILE`, which every command understands alike.

    They become environment variables, so that the worker processes know of them too.
    """
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":  # what follows are paths, whatever they look like
            return [*rest, word, *waiting]
        option, _, value = word.partition("=")
        if option not in PLACES:
            rest.append(word)
            continue
        place = value or next(waiting, "")
        if not place:
            print(f"viewer: {option} needs a path", file=sys.stderr)  # noqa: T201  the contract of the command line
            raise SystemExit(2)
        os.environ[PLACES[option]] = os.path.abspath(place)  # noqa: PTH100  not resolved: a link stays one
    return rest


def _run(words: list[str]) -> int:
    module = COMMANDS.get(words[0]) if words else None
    if module:
        return _subcommand(importlib.import_module(module), words)
    args = _window_arguments(words)
    from viewer.app import run

    return run(args.paths, demo=args.demo, screenshot=args.screenshot, size=args.size)


def _subcommand(module: ModuleType, words: list[str]) -> int:
    from viewer.jobs.decode import DecoderPool

    parser = argparse.ArgumentParser(prog="viewer")
    module.register(parser.add_subparsers(required=True))
    args = parser.parse_args(words)
    with DecoderPool() as pool:
        return int(module.run(args, pool))


def _window_arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="viewer",
        description="Open the window, with these files, folders, media (DICOMDIR) or zips loaded.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    demo = bool(words) and words[0] == "demo"
    if demo:
        words = words[1:]
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, media or zips")
    parser.add_argument(
        "--screenshot",
        metavar="OUT.png",
        type=Path,
        help="save the window as PNG when all is drawn, and exit",
    )
    parser.add_argument("--size", metavar="WxH", type=_size, help="of the window, in pixels")
    parser.add_argument("--version", action="version", version=f"{NAME} {__version__}")
    args = parser.parse_args(words)
    args.demo = demo
    return args


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    numbers = width.isdigit() and height.isdigit()
    if not (numbers and 320 <= int(width) <= WIDEST and 240 <= int(height) <= WIDEST):  # noqa: PLR2004  usable
        raise argparse.ArgumentTypeError(
            f"{text!r} is no size such as 1280x800 (320x240 to {WIDEST}x{WIDEST})"
        )
    return int(width), int(height)


def _fault(error: Exception) -> str:
    """Log where a fault of the program happened, without any value of a file, and say so."""
    where = "".join(
        f"\n  {step.filename}:{step.lineno} {step.name}" for step in traceback.extract_tb(error.__traceback__)
    )
    message = f"A fault of the program ({type(error).__name__})."
    try:
        log_folder().mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log_folder() / "negatoscope.log", encoding="utf-8")
    except OSError:
        return message
    record = logging.LogRecord("viewer", logging.ERROR, __file__, 0, f"{message}{where}", None, None)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.emit(record)
    handler.close()
    return f"{message} Where it happened is in {log_folder() / 'negatoscope.log'}."
