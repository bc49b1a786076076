"""Protocols as TOML text that `load` reads back equal, and as files of the user's."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

from viewer.dicom.text import printable, shown_path
from viewer.errors import ViewerError
from viewer.hanging.load import loaded
from viewer.hanging.protocol import OLDEST, Conditions, Protocol, Slot, Stage, Zoom

LONGEST_FILE_NAME = 60  # characters, of those that every file system takes
HEADER = """\
# A hanging protocol of Negatoscope. It may be edited here; what is not understood is said in the window.
#
# name   what the list of protocols calls it; the name of one that comes with the program takes its place
# when   what the study must have: a table, or a list of tables of which each needs a series
#        modality, body_part, description, study_description: lists of words, with * and ? as wildcards
#        view ("CC", "PA"), laterality ("R", "L", "B"), plane ("axial", "coronal", "sagittal"),
#        kind ("volume", "time", "localizer", "projection", "multiframe", "single"),
#        contrast, plain: true or false (plain: neither magnified nor partial)
# [[stage]] with name, layout, close_up, link, reference_lines; one alone may do without
# [[slot]] row by row: where (as `when`; the first that finds something), prior (1: the study before,
#        "oldest"), repeat, rest (only what no earlier stage shows), window (a name, or "center,width"),
#        zoom ("fit", "same-scale", "1:1"), justify ("left", "right"),
#        orientation (["P", "F"]: the patient's right and bottom on the screen), invert, palette,
#        index ("first", "middle", "last"), empty
"""


def text(protocol: Protocol) -> str:
    """Return a protocol as TOML, with a comment about what can be written."""
    lines = [HEADER, f"name = {_quoted(protocol.name)}"]
    if protocol.about:
        lines.append(f"about = {_quoted(protocol.about)}")
    if protocol.when:
        lines.append(f"when = {_conditions(protocol.when)}")
    if len(protocol.stages) == 1 and not protocol.stages[0].name:
        lines += _stage(protocol.stages[0], "slot")
    else:
        for stage in protocol.stages:
            lines += ["", "[[stage]]", *_stage(stage, "stage.slot")]
    return "\n".join(lines) + "\n"


def save(protocol: Protocol, folder: Path, instead: Path | None = None) -> Path:
    """Write a protocol into the user's folder, in the place of file `instead` where there is one.

    Returns the file. Raises ViewerError when it cannot be written; nothing is changed then.
    """
    content = text(protocol)
    loaded(content, "The protocol")  # what cannot be read again is not written
    target = instead if instead is not None else _free(folder, protocol.name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(target, content)
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise ViewerError(f"{shown_path(str(target))} cannot be written: {reason}.") from None
    return target


def delete(path: Path) -> str:
    """Remove the file of a protocol and return its text, for whoever wants it back. Raises ViewerError."""
    try:
        content = path.read_text("utf-8")
        path.unlink()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ViewerError(f"{printable(path.name)} cannot be deleted: {reason}.") from None
    return content


def restore(path: Path, content: str) -> None:
    """Write a text that `delete` returned where it was. Raises ViewerError."""
    try:
        _replace(path, content)
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise ViewerError(f"{printable(path.name)} cannot be written: {reason}.") from None


def _free(folder: Path, name: str) -> Path:
    """Return a file for a protocol that is not there yet."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:LONGEST_FILE_NAME] or "protocol"
    path, number = folder / f"{stem}.toml", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.toml", number + 1
    return path


def _replace(path: Path, content: str) -> None:
    """Write a file so that after a crash either the old or the new text is there."""
    descriptor, temporary = tempfile.mkstemp(prefix=".protocol-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


# ------------------------------------------------------------------------------------------------- TOML
def _quoted(words: str) -> str:
    """Return a basic string; JSON's escapes are among TOML's."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")


def _list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, words)) + "]"


def _flag(value: bool) -> str:  # noqa: FBT001  a value of the file
    return "true" if value else "false"


def _conditions(several: tuple[Conditions, ...]) -> str:
    tables = ["{ " + ", ".join(_asked(each)) + " }" if each.count else "{}" for each in several]
    return tables[0] if len(tables) == 1 else "[\n  " + ",\n  ".join(tables) + ",\n]"


def _asked(conditions: Conditions) -> Iterator[str]:
    for each in fields(conditions):
        value = getattr(conditions, each.name)
        if isinstance(value, bool):
            yield f"{each.name} = {_flag(value)}"
        elif value:
            yield f"{each.name} = {_list(value)}"


def _stage(stage: Stage, slot_name: str) -> list[str]:
    lines = [f"name = {_quoted(stage.name)}"] if stage.name else []
    lines.append(f"layout = {{ rows = {stage.rows}, columns = {stage.columns} }}")
    flags = {
        "close_up": stage.close_up or None,
        "link": stage.link,
        "reference_lines": stage.reference_lines,
    }
    lines += [f"{key} = {_flag(value)}" for key, value in flags.items() if value is not None]
    for slot in stage.slots:
        lines += ["", f"[[{slot_name}]]", *_slot(slot)]
    return lines


def _slot(slot: Slot) -> Iterator[str]:
    yield f"where = {_conditions(slot.where)}"
    if slot.prior:
        yield f"prior = {_quoted('oldest') if slot.prior == OLDEST else slot.prior}"
    if slot.window:
        yield f"window = {_quoted(slot.window)}"
    if slot.zoom is not Zoom.FIT:
        yield f"zoom = {_quoted(slot.zoom)}"
    if slot.justify:
        yield f"justify = {_quoted(slot.justify)}"
    if slot.orientation is not None:
        yield f"orientation = {_list(slot.orientation)}"
    if slot.palette:
        yield f"palette = {_quoted(slot.palette)}"
    if slot.index is not None:
        yield f"index = {_quoted(slot.index)}"
    yield from (f"{key} = true" for key in ("empty", "repeat", "rest", "invert") if getattr(slot, key))
