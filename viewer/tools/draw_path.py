"""Drawing what has any number of points: an open line of clicks, and an outline by clicks or by hand."""

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind, Point, new_uid
from viewer.dicom.image import ImageDescription
from viewer.tools.draw import is_far, point_at
from viewer.tools.draw_shapes import CORNERS, Points, has_area, has_course, thinned
from viewer.tools.tool import BACK, ENTER, Drag, Pointer
from viewer.viewing.viewport import ViewportState

CLOSE = 8.0  # logical pixels: a click nearer to the first point closes an outline
STRIDE = 2.0  # logical pixels between the points of an outline that is drawn by hand
MOST_POINTS = 2_000  # of one annotation: more say nothing more, and other programs refuse them


def draw_polyline(state: ViewportState, press: Pointer) -> Drag:
    """Draw an open line, a point for each click; Enter or a second click on the spot ends it.

    Backspace takes the last point back.
    """
    return (yield from _clicked(Kind.POLYLINE, state, press))


def draw_polygon(state: ViewportState, press: Pointer) -> Drag:
    """Draw an outline: by hand while the button is held, or a corner for each click.

    Clicks end with Enter, a second click on the spot or one on the first point; the outline closes by itself.
    """
    return (yield from _clicked(Kind.POLYGON, state, press))


def _clicked(kind: Kind, state: ViewportState, press: Pointer) -> Drag:
    if state.image is None:
        return None
    uid, placed, pointer = new_uid(), [press], press
    while True:
        was_down = pointer.down
        pointer = yield _made(kind, [*placed, pointer], state, uid)
        dragged = was_down and pointer.down and is_far(press, pointer, state)
        if kind is Kind.POLYGON and len(placed) == 1 and dragged:
            return (yield from _by_hand(state, press, pointer, uid))
        pressed = pointer.down and not was_down and not pointer.key
        if pointer.key == ENTER or (pressed and _ends(kind, placed, pointer, state)):
            return _edit(_made(kind, placed, state, uid))
        placed = _with(placed, pointer, state, was_down=was_down)


def _with(placed: list[Pointer], pointer: Pointer, state: ViewportState, *, was_down: bool) -> list[Pointer]:
    """Return what is placed after a pointer: a press places a point, and so does the end of a drag."""
    if pointer.key:
        return placed[:-1] or placed if pointer.key == BACK else placed
    if pointer.down and not was_down:
        return [*placed, pointer]
    if was_down and not pointer.down and is_far(placed[-1], pointer, state):
        return [*placed, pointer]
    return placed


def _by_hand(state: ViewportState, press: Pointer, pointer: Pointer, uid: str) -> Drag:
    """Follow the hand until the button is let go."""
    image = state.image
    assert image is not None  # noqa: S101  the only caller looked
    last, found = pointer, [point_at(each, state, image) for each in (press, pointer)]
    while pointer.down:
        pointer = yield Annotation(Kind.POLYGON, image.key, tuple(found), uid=uid)
        if is_far(last, pointer, state, STRIDE):
            last = pointer
            point = point_at(pointer, state, image)
            found += [point] if point != found[-1] else []
    return _edit(Annotation(Kind.POLYGON, image.key, thinned(found, MOST_POINTS), uid=uid))


def _ends(kind: Kind, placed: list[Pointer], pointer: Pointer, state: ViewportState) -> bool:
    """Tell whether a press says that all points are there: it is on the last one, or closes the outline."""
    if len(placed) > 1 and not is_far(placed[-1], pointer, state):
        return True
    return kind is Kind.POLYGON and len(placed) >= CORNERS and not is_far(placed[0], pointer, state, CLOSE)


def _made(kind: Kind, placed: list[Pointer], state: ViewportState, uid: str) -> Annotation:
    image = state.image
    assert image is not None  # noqa: S101  the only caller looked
    return Annotation(kind, image.key, _points(placed, state, image), uid=uid)


def _points(placed: list[Pointer], state: ViewportState, image: ImageDescription) -> Points:
    """Return where the hand was, in image coordinates; the same point is not there twice in a row."""
    found: list[Point] = []
    for pointer in placed:
        point = point_at(pointer, state, image)
        if not found or found[-1] != point:
            found.append(point)
    return thinned(found, MOST_POINTS)


def _edit(annotation: Annotation) -> Edit | None:
    """Return the addition of a line that goes somewhere, None for a slip of the hand."""
    is_kept = has_area if annotation.kind is Kind.POLYGON else has_course
    return Edit(None, annotation) if is_kept(annotation.points) else None
