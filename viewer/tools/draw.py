"""Drawing new annotations: by press, drag and release, or by click, move and click."""

import math

from viewer.annotations.edits import Edit
from viewer.annotations.kinds import within
from viewer.annotations.shapes import Annotation, Kind
from viewer.tools.tool import Drag, Pointer
from viewer.viewing.viewport import ViewportState

CLICK = 4.0  # logical pixels: a release nearer to its press than this is a click, not a drag


def draw_length(state: ViewportState, press: Pointer) -> Drag:
    """Draw a line from the press to the release, or from one click to the next.

    Points are image coordinates inside the image. A line without length is not kept.
    """
    image = state.image
    if image is None:
        return None
    start = within(state.to_image(press.x, press.y), image)
    line = Annotation(Kind.LENGTH, image.key, (start, start))
    pointer, clicked = press, False
    while True:
        was_down, pointer = pointer.down, (yield line)
        end = within(state.to_image(pointer.x, pointer.y), image)
        line = Annotation(Kind.LENGTH, image.key, (start, end), uid=line.uid)
        if was_down and not pointer.down:
            far = math.hypot(pointer.x - press.x, pointer.y - press.y) > CLICK * state.pixel_ratio
            if far or clicked:
                return Edit(None, line) if end != start else None
            clicked = True
