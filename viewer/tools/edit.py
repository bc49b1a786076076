"""Moving what is drawn: a handle, or the whole annotation."""

from viewer.annotations.edits import Edit
from viewer.annotations.hit import Hit
from viewer.annotations.kinds import moved, with_handle
from viewer.annotations.shapes import Annotation, Point
from viewer.dicom.image import ImageDescription
from viewer.tools.tool import Drag, Pointer, Tool
from viewer.viewing.viewport import ViewportState


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
        return Edit(hit.annotation, changed) if changed != hit.annotation else None

    return move


def _moved(hit: Hit, by: Point, image: ImageDescription) -> Annotation:
    if by == (0.0, 0.0):
        return hit.annotation
    if hit.handle is None:
        return moved(hit.annotation, by, image)
    x, y = hit.annotation.points[hit.handle]
    return with_handle(hit.annotation, hit.handle, (x + by[0], y + by[1]), image)
