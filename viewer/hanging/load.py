"""Protocols from TOML files: those that come with the program, and the user's own, which take their place."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from viewer.dicom.orientation import is_orientation
from viewer.dicom.stacks import StackKind
from viewer.dicom.text import printable, shown_path
from viewer.errors import ViewerError
from viewer.hanging.protocol import (
    MOST_SIDE,
    OLDEST,
    PLANES,
    Conditions,
    Protocol,
    Slot,
    Stage,
    Start,
    Zoom,
)

MOST_BYTES = 256 << 10  # of a file; an honest one has a few thousand
MOST_FILES = 500  # of one's own that are read
LONGEST_NAME = 80  # characters; it stands in a menu
SIDES = ("R", "L", "B")

Read = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Protocols in the order in which they are tried, and a sentence for each file that cannot be used."""

    protocols: tuple[Protocol, ...] = ()
    notices: tuple[str, ...] = ()


def load_all(resources: Path, own: Path) -> Loaded:
    """Return the user's protocols and then the program's, by file name; one's own replaces a name.

    `own` need not exist. A file of the user's that cannot be used is said; the others still count. Raises
    ViewerError for a fault in the program's own files.
    """
    found: list[Protocol] = []
    notices: list[str] = []
    for path in _files(own)[:MOST_FILES]:
        try:
            protocol = replace(load(path), own=True)
            _check_new(protocol, found)
        except ViewerError as error:
            notices.append(str(error))
        else:
            found.append(protocol)
    taken = {protocol.name.casefold() for protocol in found}
    given = (load(path) for path in _files(resources))
    return Loaded((*found, *(each for each in given if each.name.casefold() not in taken)), tuple(notices))


def load(path: Path) -> Protocol:
    """Return the protocol of a file. Raises ViewerError naming the file and the key that is wrong."""
    name = printable(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise ViewerError(f"{shown_path(str(path))} cannot be read: {reason}.") from None
    if len(data) > MOST_BYTES:
        raise ViewerError(f"{name} is no hanging protocol: it has more than {MOST_BYTES >> 10} KiB.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ViewerError(f"{name} is no hanging protocol: it is not UTF-8 text.") from None
    return replace(loaded(text, name), path=path)


def loaded(text: str, file: str) -> Protocol:
    """Return the protocol of a TOML text; `file` is what sentences call it. Raises ViewerError."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ViewerError(f"{file} cannot be understood: {error}.") from None
    found = _fields(file, table, {**PROTOCOL, **STAGE})
    if "name" not in found:
        raise ViewerError(f"{file}: name is missing.")
    if "stage" in table:
        for key in STAGE.keys() - {"name"}:
            if key in table:
                raise ViewerError(f"{file}: {key} stands beside [[stage]]; it belongs into one.")
    whole = {key: found.pop(key) for key in PROTOCOL if key in found}
    if "stage" not in whole:
        whole["stage"] = (_stage(file, found),)
    return Protocol(whole["name"], whole.get("when", ()), whole["stage"], whole.get("about", ""))


def _files(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix == ".toml" and path.is_file()]
    except OSError:  # there is none
        return []
    return sorted(found, key=lambda path: path.name)


def _check_new(protocol: Protocol, found: list[Protocol]) -> None:
    if any(each.name.casefold() == protocol.name.casefold() for each in found):
        file = printable(protocol.path.name) if protocol.path else "A file"
        raise ViewerError(f"{file} has the name of another protocol, {printable(protocol.name)}: not used.")


# ----------------------------------------------------------------------------------------------- tables
def _fields(where: str, table: Any, known: Mapping[str, Read]) -> dict[str, Any]:  # noqa: ANN401  TOML gives anything
    if not isinstance(table, dict):
        raise ViewerError(f"{where} must be a table.")
    for key in table.keys() - known.keys():
        raise ViewerError(f"{where}: unknown key {printable(key)}; known are {', '.join(known)}.")
    joint = ": " if where.endswith(".toml") else ", "
    return {key: known[key](f"{where}{joint}{key}", value) for key, value in table.items()}


def _conditions(where: str, value: Any) -> tuple[Conditions, ...]:  # noqa: ANN401  the same
    """Return one table, or a list of them."""
    if isinstance(value, dict):
        return (Conditions(**_fields(where, value, CONDITIONS)),)
    tables = _tables(where, value)
    return tuple(
        Conditions(**_fields(f"{where} {number}", each, CONDITIONS)) for number, each in enumerate(tables, 1)
    )


def _tables(where: str, value: Any) -> list[Any]:  # noqa: ANN401  the same
    if not isinstance(value, list) or not value:
        raise ViewerError(f"{where} must be a table or a list of tables.")
    return value


def _slots(where: str, value: Any) -> tuple[Slot, ...]:  # noqa: ANN401  the same
    tables = enumerate(_tables(where, value), 1)
    return tuple(Slot(**_fields(f"{where} {number}", table, SLOT)) for number, table in tables)


def _stages(where: str, value: Any) -> tuple[Stage, ...]:  # noqa: ANN401  the same
    return tuple(
        _stage(f"{where} {number}", _fields(f"{where} {number}", table, STAGE))
        for number, table in enumerate(_tables(where, value), 1)
    )


def _stage(where: str, found: dict[str, Any]) -> Stage:
    joint = ": " if where.endswith(".toml") else ", "
    if "layout" not in found:
        raise ViewerError(f"{where}{joint}layout is missing.")
    rows, columns = found.pop("layout")
    slots = found.pop("slot", (Slot(),))
    if len(slots) > rows * columns:
        raise ViewerError(f"{where}: {len(slots)} slots do not fit into {rows} x {columns} viewports.")
    return Stage(rows, columns, slots, **found)


# ----------------------------------------------------------------------------------------------- values
def _text(where: str, value: Any) -> str:  # noqa: ANN401  the same
    if not isinstance(value, str):
        raise ViewerError(f"{where} must be a text in quotes.")
    return value


def _name(where: str, value: Any) -> str:  # noqa: ANN401  the same
    text = _text(where, value)
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise ViewerError(f"{where} must be a text of 1 to {LONGEST_NAME} characters.")
    return text


def _flag(where: str, value: Any) -> bool:  # noqa: ANN401  the same
    if not isinstance(value, bool):
        raise ViewerError(f"{where} must be true or false.")
    return value


def _words(where: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401  the same
    if not (isinstance(value, list) and value and all(isinstance(each, str) for each in value)):
        raise ViewerError(f'{where} must be a list of texts such as ["A", "B"].')
    return tuple(value)


def _among(*known: str) -> Read:
    """Return a reader of lists of known words."""

    def read(where: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401  the same
        for word in _words(where, value):
            if word not in known:
                raise ViewerError(f"{where} has an unknown word {printable(word)}; {_known(known)}.")
        return tuple(value)

    return read


def _one_of(kind: type[StrEnum]) -> Read:
    """Return a reader of one word of an enumeration."""

    def read(where: str, value: Any) -> StrEnum:  # noqa: ANN401  the same
        words = tuple(str(each.value) for each in kind)
        if value not in words:
            raise ViewerError(f"{where} must be one of {_known(words)[10:]}.")
        return kind(value)

    return read


def _known(words: tuple[str, ...]) -> str:
    return "known are " + ", ".join(f'"{word}"' for word in words)


def _layout(where: str, value: Any) -> tuple[int, int]:  # noqa: ANN401  the same
    found = _fields(where, value, {"rows": _side, "columns": _side})
    return found.get("rows", 1), found.get("columns", 1)


def _side(where: str, value: Any) -> int:  # noqa: ANN401  the same
    if type(value) is not int or not 1 <= value <= MOST_SIDE:
        raise ViewerError(f"{where} must be a whole number from 1 to {MOST_SIDE}.")
    return value


def _prior(where: str, value: Any) -> int:  # noqa: ANN401  the same
    if value == "oldest":
        return OLDEST
    if type(value) is not int or value < 0:
        raise ViewerError(f'{where} must be a whole number (1: the study before this one) or "oldest".')
    return value


def _justify(where: str, value: Any) -> str:  # noqa: ANN401  the same
    if value not in {"left", "right"}:
        raise ViewerError(f'{where} must be "left" or "right".')
    return str(value)


def _orientation(where: str, value: Any) -> tuple[str, str]:  # noqa: ANN401  the same
    words = value if isinstance(value, list) and all(isinstance(each, str) for each in value) else []
    if len(words) != 2 or not all(is_orientation(word, quadruped=False) for word in words):  # noqa: PLR2004  right, bottom
        raise ViewerError(
            f'{where} must name the directions to the right and to the bottom, such as ["P", "F"].'
        )
    return words[0], words[1]


def _window(where: str, value: Any) -> str:  # noqa: ANN401  the same
    text = _text(where, value)
    if not text or (center_width(text) is None and text[0] in "+-.0123456789"):
        raise ViewerError(
            f'{where} must be the name of a window, or "center,width" with a width of at least 1.'
        )
    return text


def center_width(text: str) -> tuple[float, float] | None:
    """Return the two numbers of "center,width", None when it is no window."""
    try:
        center, width = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (center, width) if abs(center) < 1e9 and 1 <= width < 1e9 else None  # noqa: PLR2004  of any values; no NaN


CONDITIONS: Mapping[str, Read] = {
    "modality": _words,
    "body_part": _words,
    "description": _words,
    "study_description": _words,
    "view": _words,
    "laterality": _among(*SIDES),
    "plane": _among(*PLANES),
    "kind": _among(*(str(kind) for kind in StackKind)),
    "contrast": _flag,
    "plain": _flag,
}
SLOT: Mapping[str, Read] = {
    "where": _conditions,
    "empty": _flag,
    "prior": _prior,
    "repeat": _flag,
    "rest": _flag,
    "window": _window,
    "zoom": _one_of(Zoom),
    "justify": _justify,
    "orientation": _orientation,
    "invert": _flag,
    "palette": _text,
    "index": _one_of(Start),
}
STAGE: Mapping[str, Read] = {
    "name": _name,
    "layout": _layout,
    "slot": _slots,
    "close_up": _flag,
    "link": _flag,
    "reference_lines": _flag,
}
PROTOCOL: Mapping[str, Read] = {
    "name": _name,
    "about": _text,
    "when": _conditions,
    "stage": _stages,
}
