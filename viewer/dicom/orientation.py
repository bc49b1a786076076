"""The letters at the edges of a picture: which side of the patient each one is (PS3.3 C.7.6.1.1.1)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from viewer.dicom.image import ImageDescription
from viewer.dicom.plane import Vector

# A second letter for what lies more than about 12 degrees off the first axis; less says nothing to a reader.
OBLIQUE = 0.2
DIRECTIONS_KEPT = 64  # two of each stack on the screens
AXES = (("L", "R"), ("P", "A"), ("H", "F"))  # where the patient's x, y and z grow, and where they fall
BIPED = {"A": "P", "P": "A", "L": "R", "R": "L", "H": "F", "F": "H"}
# "R" is rostral here. The opposite of dorsal is ventral on the trunk, palmar or plantar on a limb.
QUADRUPED = {
    "LE": "RT",
    "RT": "LE",
    "D": "V",
    "V": "D",
    "CR": "CD",
    "CD": "CR",
    "R": "CD",
    "M": "L",
    "L": "M",
    "PR": "DI",
    "DI": "PR",
    "PA": "D",
    "PL": "D",
}
LIMB = {"PR", "DI", "PA", "PL"}


@dataclass(frozen=True, slots=True)
class Edges:
    """The letters of the four edges; "" where that one is not known."""

    left: str
    right: str
    top: str
    bottom: str


def edge_letters(description: ImageDescription, rotation: int, *, flipped: bool) -> Edges | None:
    """Return the letters of a picture turned clockwise by `rotation` degrees, then flipped horizontally.

    None when neither a plane nor Patient Orientation is known: letters are never guessed. The axes
    of a quadruped's plane have no agreed letters, so there only Patient Orientation counts.
    """
    if description.plane is not None and not description.quadruped:
        plane = description.plane
        right, left = _ends(tuple(plane.row_direction))
        bottom, top = _ends(tuple(plane.column_direction))
    elif description.patient_orientation is not None:
        right, bottom = description.patient_orientation
        pair = right, bottom
        left = opposite(right, pair, quadruped=description.quadruped)
        top = opposite(bottom, pair, quadruped=description.quadruped)
    else:
        return None
    edges = (left, top, right, bottom)  # clockwise
    turns = rotation // 90
    left, top, right, bottom = (edges[(index - turns) % 4] for index in range(4))
    return Edges(right, left, top, bottom) if flipped else Edges(left, right, top, bottom)


@lru_cache(maxsize=DIRECTIONS_KEPT)
def _ends(direction: tuple[float, ...]) -> tuple[str, str]:
    """Return the letters of a direction and of the opposite one: every repaint asks for them."""
    along = np.asarray(direction)
    return direction_letters(along), direction_letters(-along)


def direction_letters(direction: Vector) -> str:
    """Return the letters of a patient direction (3,), the strongest first."""
    order = np.argsort(-np.abs(direction), kind="stable")
    first, *others = (int(axis) for axis in order)
    shown = [first, *(axis for axis in others if abs(direction[axis]) > OBLIQUE)]
    return "".join(AXES[axis][0 if direction[axis] > 0 else 1] for axis in shown)


def is_orientation(letters: str, *, quadruped: bool) -> bool:
    """Tell whether `letters` name one direction, none twice and no pair of opposites."""
    tokens = _tokens(letters, quadruped=quadruped)
    opposites = QUADRUPED if quadruped else BIPED
    if not tokens or len(set(tokens)) < len(tokens):
        return False
    return not any(opposites[token] in tokens for token in tokens)


def opposite(letters: str, pair: tuple[str, str], *, quadruped: bool) -> str:
    """Return the letters of the opposite direction, "" when they cannot be known.

    `pair` is the whole Patient Orientation, which tells a limb from the trunk of an animal.
    """
    tokens = _tokens(letters, quadruped=quadruped)
    if not quadruped:
        return "".join(BIPED[token] for token in tokens)
    context = {token for part in pair for token in _tokens(part, quadruped=True)}
    limb = context & LIMB
    if limb and "D" in tokens:
        palm = sorted(limb & {"PA", "PL"})
        return "".join(palm[0] if part == "D" else QUADRUPED[part] for part in tokens) if palm else ""
    return "".join(QUADRUPED[token] for token in tokens)


def _tokens(letters: str, *, quadruped: bool) -> list[str]:
    """Return the directions that `letters` are made of, two-letter ones first; none if one is unknown."""
    known = QUADRUPED if quadruped else BIPED
    found, rest = [], letters
    while rest:
        size = 2 if rest[:2] in known else 1
        if rest[:size] not in known:
            return []
        found.append(rest[:size])
        rest = rest[size:]
    return found
