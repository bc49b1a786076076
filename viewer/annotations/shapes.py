"""What a reader draws: geometry on a frame, nothing else. Numbers are computed when shown."""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from viewer.dicom.records import FrameKey

Point = tuple[float, float]


class Kind(StrEnum):
    """The kinds of annotation; `viewer.annotations.kinds` has one row for each."""

    LENGTH = "LENGTH"  # 2 points
    POLYLINE = "POLYLINE"  # 2 or more
    ANGLE = "ANGLE"  # 3: arm, vertex, arm
    COBB = "COBB"  # 2 + 2: two lines
    BIDIRECTIONAL = "BIDIRECTIONAL"  # 2 + 2: long axis, short axis
    RECTANGLE = "RECTANGLE"  # 2 opposite corners
    ELLIPSE = "ELLIPSE"  # 4: ends of the major axis, ends of the minor axis
    CIRCLE = "CIRCLE"  # 2: centre, a point of the edge
    POLYGON = "POLYGON"  # 3 or more; closed by itself
    POINT = "POINT"  # 1
    ARROW = "ARROW"  # 2: tip, tail
    TEXT = "TEXT"  # 1: what the words are about
    CALIBRATION = "CALIBRATION"  # 2: a line of known length; `text` says which, viewing.calibrating reads it
    OUTLINE = "OUTLINE"  # from a foreign presentation state: points are kept, nothing is measured


def new_uid() -> str:
    """Return a new UID under the root for UUIDs (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def exact(x: float, y: float) -> Point:
    """Return a point rounded to float32, as Graphic Data (VR FL) holds it: saving loses nothing."""
    return float(np.float32(x)), float(np.float32(y))


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation on one frame; `points` are image coordinates, float32-exact."""

    kind: Kind
    frame: FrameKey
    points: tuple[Point, ...]
    text: str = ""  # a reader's own words; the label with its number is computed
    uid: str = field(default_factory=new_uid)  # Tracking UID
    color: str = ""  # "#rrggbb", a reader's choice; "": the colour of all
    read_only: bool = False  # from another program: shown with its own words, never measured again
