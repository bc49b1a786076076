"""Changing what is drawn: a handle or the whole moved by hand or by keys, and copies on other images."""

import math
from dataclasses import replace

from viewer.annotations.edits import Edit
from viewer.annotations.hit import Hit
from viewer.annotations.kinds import moved, with_handle
from viewer.annotations.shapes import Annotation, Kind, Point, new_uid
from viewer.dicom.image import ImageDescription
from viewer.tools.tool import Drag, Pointer, Tool
from viewer.viewing.viewport import ViewportState

ASIDE = 10.0  # pixels by which a copy on the same image lies to the right and below


def moving(hit: Hit) -> Tool:
    """Return the tool that moves what was hit. It previews and returns an Edit of the same annotation."""

    def move(state: ViewportState, press: Pointer) -> Drag:
        """Move with the hand; what stays where it was is no edit, what another program drew stays."""
        image = state.image
        if image is None or hit.annotation.read_only:
            return None
        start = state.to_image(press.x, press.y)
        pointer, changed = press, hit.annotation
        while pointer.down:
            pointer = yield Edit(hit.annotation, changed)
            now = state.to_image(pointer.x, pointer.y)
            changed = _moved(hit, (now[0] - start[0], now[1] - start[1]), image)
        changed = ordered(changed)
        return Edit(hit.annotation, changed) if changed != hit.annotation else None

    return move


def ordered(annotation: Annotation) -> Annotation:
    """Return an ellipse with its longer axis first, as Graphic Type ELLIPSE has it (PS3.3 C.10.5.1.2)."""
    points = annotation.points
    if annotation.kind is not Kind.ELLIPSE or math.dist(*points[:2]) >= math.dist(*points[2:]):
        return annotation
    return replace(annotation, points=(*points[2:], *points[:2]))


def nudged(annotation: Annotation, by: Point, state: ViewportState) -> Annotation:
    """Return the annotation moved by (right, down) logical pixels of the screen, inside the image."""
    image = state.image
    if image is None:
        return annotation
    x, y = state.to_image(by[0] * state.pixel_ratio, by[1] * state.pixel_ratio)
    from_x, from_y = state.to_image(0.0, 0.0)
    return moved(annotation, (x - from_x, y - from_y), image)


def why_not_pasted(size: tuple[int, int], image: ImageDescription | None) -> str:
    """Return why a copy from an image of `size` (rows, columns) cannot lie on another; "" when it can."""
    if image is None:
        return "There is no image here."
    if size != (image.rows, image.columns):
        return "A copy keeps its place in the image: this image has another size."
    return ""


def pasted(annotation: Annotation, image: ImageDescription) -> Annotation:
    """Return a copy on an image of the same size, at the same place and with a UID of its own.

    On the very same image it lies a little aside, where it can be seen. What came from another program is
    copied as it is: it stays what that program said.
    """
    copy = replace(annotation, frame=image.key, uid=new_uid())
    if annotation.frame != image.key:
        return copy
    aside = moved(copy, (ASIDE, ASIDE), image)
    return moved(copy, (-ASIDE, -ASIDE), image) if aside.points == copy.points else aside


def _moved(hit: Hit, by: Point, image: ImageDescription) -> Annotation:
    if by == (0.0, 0.0):
        return hit.annotation
    if hit.handle is None:
        return moved(hit.annotation, by, image)
    x, y = hit.annotation.points[hit.handle]
    return with_handle(hit.annotation, hit.handle, (x + by[0], y + by[1]), image)
