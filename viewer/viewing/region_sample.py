"""The modality values in a rectangle of a picture, for tools that look at values."""

import math

import numpy as np
from numpy.typing import NDArray

from viewer.rendering.color import is_color
from viewer.rendering.layers import color_mask
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import padding_mask
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import Corner, Sample


def sample_of(picture: Picture) -> Sample | None:
    """Return what reads the values of a grey picture, None for colour."""
    if is_color(picture.frame):
        return None

    def sample(one: Corner, other: Corner) -> NDArray[np.floating]:
        """Return the modality values (n,) of the pixels whose centres lie in the rectangle of two corners.

        Without padding (PS3.3 C.7.5.1.1.2), supplemental colours and pixels that the file does not hold.
        """
        image, frame = picture.description, picture.frame
        high, wide = frame.stored.shape
        rows, columns = _between(one[1], other[1], high), _between(one[0], other[0], wide)
        stored = frame.stored[rows, columns]
        there = np.ones(stored.shape, np.bool_)
        for mask in (padding_mask(stored, image.padding), color_mask(stored, image)):
            if mask is not None:
                there &= ~mask
        if frame.missing is not None:
            there &= ~frame.missing[rows, columns]
        values = to_modality(stored[there], image.modality_lut)
        found: NDArray[np.floating] = values[np.isfinite(values)]
        return found

    return sample


def _between(one: float, other: float, size: int) -> slice:
    """Return the pixels whose centres (index + 0.5) lie from the smaller to the larger of two coordinates."""
    low, high = sorted((one, other))
    first = min(max(math.ceil(low - 0.5), 0), size)
    return slice(first, min(max(math.ceil(high - 0.5), first), size))
