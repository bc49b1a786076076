"""Edits of annotations as text for the journal, and what all edits of a study come to. Pure.

Coordinates are float32-exact and written in full, so that what is read equals what was drawn.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from viewer.annotations.edits import Edit
from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Kind, Point, exact
from viewer.dicom.records import FrameKey

_GEOMETRY = frozenset({"kind", "frame", "points", "uid"})
_OTHERS = tuple(
    each for each in fields(Annotation) if each.name not in _GEOMETRY
)  # texts, numbers, yes or no
MOST_POINTS = 100_000  # a freehand line has thousands
MOST = 1e9  # a coordinate beyond is damage


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the journal of a study comes to."""

    annotations: tuple[Annotation, ...] = ()  # in the order in which they were added
    saved: tuple[Annotation, ...] = ()  # that a presentation state has
    known: frozenset[str] = frozenset()  # UIDs of all that was ever written
    unread: int = 0  # rows that could not be understood; they stay in the file


def row_text(change: Edit | Sequence[Annotation]) -> str:
    """Return the row of an edit, or of what a presentation state has from then on."""
    return edit_text(change) if isinstance(change, Edit) else saved_text(change)


def edit_text(edit: Edit) -> str:
    """Return the row of an edit."""
    return _text({"before": _written(edit.before), "after": _written(edit.after)})


def saved_text(annotations: Iterable[Annotation]) -> str:
    """Return the row that says that a presentation state has annotations as they are."""
    return _text({"saved": [_written(shape) for shape in annotations]})


def replayed(rows: Sequence[str]) -> Replayed:
    """Return what edits, oldest first, come to; a row that is damaged or of a newer program is left out."""
    shapes: dict[str, Annotation] = {}
    saved: dict[str, Annotation] = {}
    known: set[str] = set()
    unread = 0
    for row in rows:
        try:
            found = _parsed(row)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
            unread += 1
            continue
        if isinstance(found, Edit):
            _apply(found, shapes, known)
        else:
            saved |= {shape.uid: shape for shape in found}
    return Replayed(tuple(shapes.values()), tuple(saved.values()), frozenset(known), unread)


def _apply(edit: Edit, shapes: dict[str, Annotation], known: set[str]) -> None:
    if edit.after is not None:
        shapes[edit.after.uid] = edit.after
        known.add(edit.after.uid)
    elif edit.before is not None:
        shapes.pop(edit.before.uid, None)
        known.add(edit.before.uid)


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _written(shape: Annotation | None) -> dict[str, Any] | None:
    if shape is None:
        return None
    others = {each.name: getattr(shape, each.name) for each in _OTHERS}
    return {
        "kind": shape.kind.value,
        "frame": [shape.frame.sop_instance_uid, shape.frame.frame_number],
        "points": shape.points,
        "uid": shape.uid,
        **others,
    }


def _parsed(row: str) -> Edit | tuple[Annotation, ...]:
    """Return the edit of a row, or what was saved. Raises ValueError, TypeError or KeyError."""
    found = json.loads(row)
    if "saved" in found:
        return tuple(_read(each) for each in found["saved"])
    before, after = (None if found[name] is None else _read(found[name]) for name in ("before", "after"))
    return Edit(before, after)


def _read(found: dict[str, Any]) -> Annotation:
    kind = Kind(found["kind"])
    points = tuple(_point(each) for each in found["points"])
    wanted = KINDS[kind].number_of_points
    if not 0 < len(points) <= MOST_POINTS or (wanted is not None and len(points) != wanted):
        raise ValueError("the points are not those of the kind")
    uid, number = found["frame"]
    if not (isinstance(uid, str) and type(number) is int and isinstance(found["uid"], str)):
        raise TypeError("no frame, or no UID")
    others = {each.name: _other(each.default, found[each.name]) for each in _OTHERS if each.name in found}
    return Annotation(kind, FrameKey(uid, number), points, uid=found["uid"], **others)


def _point(found: Sequence[float]) -> Point:
    x, y = found
    if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) < MOST):
        raise ValueError("no place on an image")
    return exact(x, y)


def _other(default: object, value: Any) -> Any:  # noqa: ANN401  a field's value
    if default is not MISSING and type(value) is not type(default):
        raise TypeError("another type than the field's")
    return value
