"""How much of an image cannot be seen: outside of the viewport or under a shutter (C.10.4, C.7.6.11)."""

import math
from functools import lru_cache

from viewer.dicom.image import ImageDescription
from viewer.rendering.shutter import shutter_mask
from viewer.viewing.viewport import ViewportState

WORTH_SAYING = 0.03  # of the image; a line of pixels lost at an edge is no news
SHARES_KEPT = 16  # images whose shutter was counted; viewports ask at every repaint


def outside_share(state: ViewportState) -> float:
    """Return the share 0..1 of the image's area that lies outside of its viewport."""
    image = state.image
    if image is None:
        return 0.0
    x0, y0 = state.to_screen(0, 0)
    x1, y1 = state.to_screen(image.columns, image.rows)  # turns are by right angles: the box is the image
    wide = max(0.0, min(max(x0, x1), state.width) - max(min(x0, x1), 0.0))
    high = max(0.0, min(max(y0, y1), state.height) - max(min(y0, y1), 0.0))
    area = abs(x1 - x0) * abs(y1 - y0)
    return 1.0 - min(wide * high / area, 1.0) if area > 0 and math.isfinite(area) else 0.0


def shutter_share(state: ViewportState) -> float:
    """Return the share 0..1 of the image that its shutter hides in this view."""
    return _shuttered(state.image) if state.image is not None and state.shutter else 0.0


def is_part(state: ViewportState) -> bool:
    """Tell whether so much of the image is hidden that the reader has to know."""
    return max(outside_share(state), shutter_share(state)) > WORTH_SAYING


@lru_cache(maxsize=SHARES_KEPT)
def _shuttered(image: ImageDescription) -> float:
    hidden = shutter_mask(image)
    return 0.0 if hidden is None else float(hidden.mean())
