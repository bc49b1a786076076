"""Move the mask of a subtraction over the frames (PS3.3 C.7.6.10, Mask Sub-pixel Shift)."""

from dataclasses import replace

from viewer.dicom.image import ImageDescription
from viewer.rendering.subtraction import is_subtracted
from viewer.tools.tool import Drag, Pointer
from viewer.viewing.viewport import ViewportState

NOT_SUBTRACTED = "No mask is subtracted here (Shift+M)."


def shift_mask(state: ViewportState, press: Pointer) -> Drag:
    """Move the mask with the hand, in quarters of a pixel of the image."""
    pointer, moved = press, state
    start = state.to_image(press.x, press.y)
    header = state.image.mask if state.image is not None else None
    while pointer.down:
        pointer = yield moved
        right, down = (
            now - before for now, before in zip(state.to_image(pointer.x, pointer.y), start, strict=True)
        )
        moved = replace(state, masking=state.masking.shifted(down, right, header))
    return moved


def subtracted_image(image: ImageDescription | None) -> str:
    """Return why there is no mask to be moved."""
    if image is None:
        return "There is no image here."
    return "" if is_subtracted(image) else NOT_SUBTRACTED
