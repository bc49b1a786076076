"""The words in the four corners of a picture, from the template `resources/corner_text.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from viewer.dicom.header_text import KEYWORDS, number_text
from viewer.dicom.image import ImageDescription, Lossy
from viewer.dicom.luts import LookupTable, Voi, Window, WindowFunction
from viewer.dicom.orientation import edge_letters
from viewer.dicom.uids import Kind, sop_class
from viewer.errors import ViewerError

COMPUTED = frozenset({"Image", "Frame", "Window", "Zoom", "Lossy", "Orientation"})
NO_ORIENTATION = "orientation unknown"  # in place of letters at the edges, which are never guessed
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PART = " | "
LINES_KEPT = 256  # of templates, taken apart: each repaint of a viewport fills some ten of them
GAP = "   "  # between the parts of a line, as they are shown


class Detail(StrEnum):
    """How much is written on the picture."""

    FULL = "full"
    MINIMAL = "minimal"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Corners:
    """The lines of each corner, top to bottom; in a template with placeholders, else as shown."""

    upper_left: tuple[str, ...] = ()
    upper_right: tuple[str, ...] = ()
    lower_left: tuple[str, ...] = ()
    lower_right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """The lines of the corners with placeholders, by detail, and those of single modalities."""

    usual: Mapping[Detail, Corners]
    special: Mapping[tuple[str, Detail], Corners] = field(default_factory=dict)  # by modality

    def lines(self, modality: str, detail: Detail) -> Corners:
        """Return the lines for the images of a modality."""
        usual = self.usual.get(detail, Corners())
        return self.special.get((modality, detail), usual)


@dataclass(frozen=True, slots=True)
class Position:
    """Which image of a stack is shown."""

    index: int  # from 1
    count: int


@dataclass(frozen=True, slots=True)
class Subject:
    """All that the corners speak of."""

    image: ImageDescription
    position: Position | None = None
    voi: Voi | None = None  # the one in force
    zoom: float | None = None  # device pixels per image pixel; 1.0 is 100 %
    part: bool = False  # some of the image is hidden


def load(path: Path) -> Template:
    """Return the template of a file. Raise ViewerError naming the file and the entry that is wrong."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ViewerError(f"{path.name} cannot be read: {error}.") from None
    details = (Detail.FULL, Detail.MINIMAL)
    for key in tables.keys() - {*details, "modality"}:
        raise ViewerError(f"{path.name} has an unknown key {key}; it knows full, minimal and modality.")
    usual = {detail: _corners(path.name, detail, tables.get(detail, {}), Corners()) for detail in details}
    special: dict[tuple[str, Detail], Corners] = {}
    groups = tables.get("modality", [])
    if not isinstance(groups, list):
        raise ViewerError(f"{path.name}: modality must be a list of tables, [[modality]].")
    for number, group in enumerate(groups, start=1):
        special |= _group(f"{path.name}, modality {number}", group, usual)
    return Template(usual, special)


def corner_text(template: Template, subject: Subject, detail: Detail) -> Corners:
    """Return the words in the corners; all empty when `detail` is OFF."""
    if detail is Detail.OFF:
        return Corners()
    words = {**subject.image.text, **_computed(subject)}
    lines = template.lines(words.get("Modality", ""), detail)
    filled = {corner.name: _filled(getattr(lines, corner.name), words) for corner in fields(Corners)}
    return Corners(**filled)


def voi_text(voi: Voi) -> str:
    """Return a VOI for a person: "W 400  C 40", and what is unusual about it."""
    if isinstance(voi, LookupTable):
        return f"VOI table {voi.explanation}".strip()
    numbers = f"W {_short(voi.width)}  C {_short(voi.center)}"
    marks = [_name(voi)] if _name(voi) else []
    if voi.function is not WindowFunction.LINEAR and not _made_here(voi):
        marks.append(voi.function.lower().replace("_", " "))
    return f"{numbers} ({', '.join(marks)})" if marks else numbers


def lossy_text(lossy: Lossy) -> str:
    """Return that an image was compressed with loss, how, and how much: "Lossy JPEG 12:1"."""
    ratio = f"{lossy.ratio:.3g}:1" if lossy.ratio else ""
    return " ".join(part for part in ("Lossy", lossy.method, ratio) if part)


def _made_here(window: Window) -> bool:
    """Tell whether a window is the program's own: its function is then nobody's choice."""
    return window.source.startswith(("auto", "no VOI"))


def _name(window: Window) -> str:
    return "auto" if window.source.startswith("auto") else window.explanation


def _short(number: float) -> str:
    """Return a number with what a reader needs of it: whole when large, four digits when small."""
    return number_text(round(number)) if abs(number) >= 100 else f"{number:.4g}"  # noqa: PLR2004


def _computed(subject: Subject) -> dict[str, str]:
    image, position = subject.image, subject.position
    part = " (part)" if subject.part else ""
    frame = f"Fr {image.key.frame_number}/{image.number_of_frames}" if image.number_of_frames > 1 else ""
    return {
        "Image": f"Im {position.index}/{position.count}" if position is not None else "",
        "Frame": frame,
        "Window": voi_text(subject.voi) if subject.voi is not None else "",
        "Zoom": f"Zoom {subject.zoom * 100:.0f} %{part}" if subject.zoom is not None else "",
        "Lossy": lossy_text(image.lossy) if image.lossy is not None else "",
        "Orientation": "" if _is_oriented(image) else NO_ORIENTATION,
    }


def _is_oriented(image: ImageDescription) -> bool:
    """Tell whether the edges of an image have letters; the pages of a document need none."""
    if sop_class(image.sop_class_uid).kind is Kind.DOCUMENT:
        return True
    return edge_letters(image, 0, flipped=False) is not None


def _filled(lines: tuple[str, ...], words: Mapping[str, str]) -> tuple[str, ...]:
    shown = (GAP.join(_parts(line, words)) for line in lines)
    return tuple(line for line in shown if line)


def _parts(line: str, words: Mapping[str, str]) -> list[str]:
    """Return the parts of a line whose placeholders all have words."""
    return [
        PLACEHOLDER.sub(lambda match: words[match[1]], part)
        for part, names in _placeholders(line)
        if all(words.get(name) for name in names)
    ]


@lru_cache(maxsize=LINES_KEPT)
def _placeholders(line: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the parts of a line of a template, each with the names of its placeholders."""
    return tuple((part, tuple(PLACEHOLDER.findall(part))) for part in line.split(PART))


def _group(where: str, group: Any, usual: Mapping[Detail, Corners]) -> dict[tuple[str, Detail], Corners]:  # noqa: ANN401  TOML gives anything
    if not isinstance(group, dict):
        raise ViewerError(f"{where}: it must be a table.")
    for key in group.keys() - {"names", *usual}:
        raise ViewerError(f"{where}: unknown key {key}; known are names, full and minimal.")
    names = group.get("names")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ViewerError(f"{where}: names must be a list of modalities.")
    found = {
        detail: _corners(where, detail, group[detail], usual[detail]) for detail in usual if detail in group
    }
    return {(name, detail): corners for name in names for detail, corners in found.items()}


def _corners(where: str, key: str, table: Any, usual: Corners) -> Corners:  # noqa: ANN401  TOML gives anything
    if not isinstance(table, dict):
        raise ViewerError(f"{where}: {key} must be a table.")
    known = {corner.name for corner in fields(Corners)}
    for name in table.keys() - known:
        raise ViewerError(f"{where}: unknown key {key}.{name}; known are {', '.join(sorted(known))}.")
    changes = {name: _lines(f"{where}: {key}.{name}", lines) for name, lines in table.items()}
    return replace(usual, **changes)


def _lines(where: str, lines: Any) -> tuple[str, ...]:  # noqa: ANN401  TOML gives anything
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ViewerError(f"{where} must be a list of lines.")
    for line in lines:
        for name in PLACEHOLDER.findall(line):
            if name not in KEYWORDS | COMPUTED:
                raise ViewerError(f"{where} names an unknown attribute {{{name}}}.")
    return tuple(lines)
