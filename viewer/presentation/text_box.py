"""Where the text of an annotation stands in a presentation state (PS3.3 C.10.5.1.1, Bounding Box)."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.annotations.shapes import Point, exact
from viewer.dicom.image import ImageDescription
from viewer.rendering.spatial import Affine

# The box is in image pixels, the letters of a receiver are not: it is made for an image that fills a
# screen of this many pixels, with letters of this size.
SCREEN = 1024.0
LINE_HEIGHT = 18.0
LETTER_WIDTH = 9.0
GAP = 12.0


@dataclass(frozen=True, slots=True)
class TextBox:
    """The corners of a text as it is read on the turned image, and the point that it belongs to."""

    top_left: Point  # image coordinates
    bottom_right: Point
    anchor: Point


def place(
    points: Sequence[Point], text: str, image: ImageDescription, rotation: int, *, flipped: bool
) -> TextBox:
    """Return a box beside the rightmost point as the image is displayed, inside the image."""
    shown = Affine.turned(rotation, flipped=flipped) @ Affine.scaling(1.0, image.pixel_aspect)
    corners = [shown(x, y) for x in (0.0, image.columns) for y in (0.0, image.rows)]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    unit = max(right - left, bottom - top) / SCREEN
    lines = text.split("\n")
    width = min(LETTER_WIDTH * unit * max(len(line) for line in lines), right - left)
    height = min(LINE_HEIGHT * unit * len(lines), bottom - top)
    anchor = max(points, key=lambda point: shown(*point)[0])
    x, y = shown(*anchor)
    start = x + GAP * unit
    if start + width > right:  # no room to the right
        start = x - GAP * unit - width
    start = min(max(start, left), right - width)
    above = min(max(y - height / 2, top), bottom - height)
    back = shown.inverse
    return TextBox(
        _inside(back(start, above), image), _inside(back(start + width, above + height), image), anchor
    )


def _inside(point: Point, image: ImageDescription) -> Point:
    """Undo what rounding moved over the edge."""
    return exact(min(max(point[0], 0.0), image.columns), min(max(point[1], 0.0), image.rows))
