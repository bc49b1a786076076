"""Drawing what has a fixed number of points: by press, drag and release, or by clicks, or by both mixed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from viewer.annotations.edits import Edit
from viewer.annotations.kinds import within
from viewer.annotations.shapes import Annotation, Kind, Point, new_uid
from viewer.dicom.image import ImageDescription
from viewer.tools import draw_shapes
from viewer.tools.draw_shapes import Form, Points
from viewer.tools.tool import BACK, Drag, Pointer, Tool
from viewer.viewing.viewport import ViewportState

CLICK = 4.0  # logical pixels: a release nearer to its press than this is a click, not a drag


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is drawn: how many points are given by hand, and what becomes of them."""

    kind: Kind
    clicks: int
    form: Form = draw_shapes.as_clicked
    is_kept: Callable[[Points], bool] = draw_shapes.has_length


def drawing(sketch: Sketch) -> Tool:
    """Return the tool that draws a sketch.

    A drag gives two points, or the last one; a click gives one. Backspace takes the last one back. Points are
    image coordinates inside the image; what has no extent is not kept.
    """

    def draw(state: ViewportState, press: Pointer) -> Drag:
        """Collect points from clicks and drags until there are enough."""
        image = state.image
        if image is None:
            return None
        placed: Points = ()
        pressed, pointer, uid = press, press, new_uid()
        while len(placed) < sketch.clicks:
            begun = (*placed, point_at(pressed, state, image)) if pointer.down else placed
            here = point_at(pointer, state, image)
            points = (*begun[: sketch.clicks - 1], here)
            was_down = pointer.down
            shape = sketch.form(points, image) if len(points) == sketch.clicks else points
            pointer = yield Annotation(sketch.kind, image.key, shape, uid=uid)
            if pointer.key == BACK and len(placed) > 1:
                placed = placed[:-1]
            elif pointer.down and not was_down:
                pressed = pointer
            elif was_down and not pointer.down:
                placed = _released(placed, sketch.clicks, state, (pressed, pointer))
        points = sketch.form(placed, image)
        if not sketch.is_kept(points):
            return None
        return Edit(None, Annotation(sketch.kind, image.key, points, uid=uid))

    return draw


def _released(placed: Points, clicks: int, state: ViewportState, hand: tuple[Pointer, Pointer]) -> Points:
    """Return the points after a release: a drag gives both of its ends, where two are wanted still."""
    assert state.image is not None  # noqa: S101  the only caller looked
    start, end = (point_at(pointer, state, state.image) for pointer in hand)
    if len(placed) == clicks - 1:
        return (*placed, end)
    return (*placed, start, end) if is_far(*hand, state) else (*placed, start)


def point_at(pointer: Pointer, state: ViewportState, image: ImageDescription) -> Point:
    """Return the image point under a pointer, or the nearest one of the image."""
    return within(state.to_image(pointer.x, pointer.y), image)


def is_far(one: Pointer, other: Pointer, state: ViewportState, reach: float = CLICK) -> bool:
    """Tell whether two pointers are more than `reach` logical pixels apart on the screen."""
    return math.hypot(one.x - other.x, one.y - other.y) > reach * state.pixel_ratio


draw_length = drawing(Sketch(Kind.LENGTH, 2))
draw_angle = drawing(Sketch(Kind.ANGLE, 3, is_kept=draw_shapes.has_arms))
draw_cobb = drawing(Sketch(Kind.COBB, 4))
draw_bidirectional = drawing(Sketch(Kind.BIDIRECTIONAL, 4, draw_shapes.crossing))
draw_rectangle = drawing(Sketch(Kind.RECTANGLE, 2, is_kept=draw_shapes.has_width_and_height))
draw_ellipse = drawing(Sketch(Kind.ELLIPSE, 2, draw_shapes.ellipse, draw_shapes.has_axes))
draw_circle = drawing(Sketch(Kind.CIRCLE, 2, draw_shapes.circle))
draw_arrow = drawing(Sketch(Kind.ARROW, 2))
draw_point = drawing(Sketch(Kind.POINT, 1, is_kept=bool))
draw_text = drawing(Sketch(Kind.TEXT, 1, is_kept=bool))  # its words are asked for afterwards
draw_calibration = drawing(Sketch(Kind.CALIBRATION, 2))  # its millimetres are asked for afterwards
