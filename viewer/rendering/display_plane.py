"""A frame in the form from which every view of it is made quickly (see viewport_renderer)."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable
from viewer.rendering.color import is_color, to_rgb
from viewer.rendering.icc import to_srgb
from viewer.rendering.layers import Layers, color_mask
from viewer.rendering.modality_lut import look_up, to_modality
from viewer.rendering.padding import Mask, Numbers, as_kind, no_tissue, padding_mask, spread
from viewer.rendering.pipeline import has_table

SMALLEST_LEVEL = 64  # pixels of the shorter side at which the pyramid ends: a thumbnail
QUARTERS = ((0, 0), (0, 1), (1, 0), (1, 1))  # rows and columns of a 2 x 2 block
SIGN = np.uint16(0x8000)  # turns two's complement into an order without a sign


class Content(Enum):
    """What the numbers of a plane are."""

    UNSIGNED = "u2"  # stored values
    SIGNED = "i2"  # stored values, plus 32768
    MODALITY = "modality"  # modality values: float32, or u2 where a table made them
    COLOR = "color"  # bytes blue, green, red, 255


@dataclass(frozen=True, slots=True)
class Level:
    """The image at one scale. Padding is replaced, so that no view mixes it into tissue."""

    pixels: Numbers  # (rows, columns) u2 or f4, or (rows, columns, 4) u1; C-contiguous
    padding: NDArray[np.uint8] | None  # (rows, columns), 1 where there is no tissue; None: nowhere


@dataclass(frozen=True, slots=True, eq=False)
class DisplayPlane:
    """A frame as contiguous 16-bit values, float32 modality values or colours, with its halved copies.

    Interpolation happens on these numbers, before any window (PS3.4 N.2.1). It mixes stored values
    where modality values are a straight line of them; where a Modality LUT table bends that line the
    plane holds the table's output, for a value between two indices of a table means nothing. For the
    same reason palettes are expanded to colours.
    """

    content: Content
    levels: tuple[Level, ...]  # each half the size of the one before, rounded up
    layers: Layers = field(default_factory=Layers)  # in the pixels of the image

    @property
    def rows(self) -> int:
        """Return the number of rows of the image."""
        return int(self.levels[0].pixels.shape[0])

    @property
    def columns(self) -> int:
        """Return the number of columns of the image."""
        return int(self.levels[0].pixels.shape[1])

    @classmethod
    def of(cls, description: ImageDescription, frame: Frame) -> Self:
        """Return the plane of a frame. Raises ViewerError when its values cannot be displayed."""
        layers = Layers.of(description, frame)
        if is_color(frame):
            rgb = np.ascontiguousarray(to_srgb(to_rgb(frame, description), description.icc_profile))
            return cls(Content.COLOR, _pyramid(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA), None), layers)
        content, pixels = _grayscale(description, frame.stored)
        mask = no_tissue(frame, description.padding)
        colors = color_mask(frame.stored, description)
        if colors is not None:  # a gray is never mixed with an index of a colour
            mask = colors if mask is None else mask | colors
        return cls(content, _pyramid(pixels, mask), layers)

    @classmethod
    def of_values(cls, values: NDArray[np.floating], mask: Mask | None = None) -> Self:
        """Return the plane of modality values (rows, columns), such as a reformatted slice.

        `mask` tells where there is none (outside the volume); what is not finite is masked too.
        """
        missing = padding_mask(values, None)
        if mask is not None and mask.any():
            missing = mask if missing is None else missing | mask
        return cls(Content.MODALITY, _pyramid(np.ascontiguousarray(values, dtype=np.float32), missing))


def _grayscale(description: ImageDescription, stored: Stored) -> tuple[Content, Numbers]:
    if not has_table(stored.dtype):
        return Content.MODALITY, to_modality(stored, description.modality_lut).astype(np.float32)
    if isinstance(description.modality_lut, LookupTable):
        return Content.MODALITY, look_up(stored, description.modality_lut)
    if stored.dtype.kind == "i":
        wide = np.ascontiguousarray(stored, dtype=np.int16)
        return Content.SIGNED, wide.view(np.uint16) ^ SIGN
    return Content.UNSIGNED, np.ascontiguousarray(stored, dtype=np.uint16)


def _pyramid(pixels: Numbers, mask: Mask | None) -> tuple[Level, ...]:
    """Return the image and its halved copies, so that shrinking drops no pixel (a calcification) at all."""
    level = Level(pixels, None)
    if mask is not None:
        level = Level(spread(pixels, mask), mask.view(np.uint8))
    levels = [level]
    while min(levels[-1].pixels.shape[:2]) > SMALLEST_LEVEL:
        levels.append(_halved(levels[-1]))
    return tuple(levels)


def _halved(level: Level) -> Level:
    """Return the means of 2 x 2 pixels; of tissue only, where there is padding."""
    pixels = _even(level.pixels)
    size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    means: Numbers = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if level.padding is None:
        return Level(means, None)
    padding = _even(level.padding)
    count = cv2.resize(
        padding * np.uint8(4), size, interpolation=cv2.INTER_AREA
    )  # 0..4: the mean of four fours
    mask = count == len(QUARTERS)
    rows, columns = np.nonzero((count > 0) & ~mask)
    weighted, weights = np.zeros(len(rows)), np.zeros(len(rows))
    for down, right in QUARTERS:
        tissue = 1.0 - padding[2 * rows + down, 2 * columns + right]
        weighted += tissue * pixels[2 * rows + down, 2 * columns + right]
        weights += tissue
    means[rows, columns] = as_kind(weighted / weights, means)
    return Level(spread(means, mask), mask.view(np.uint8))


def _even(pixels: Numbers) -> Numbers:
    """Return an even number of rows and columns, the last ones repeated where need be."""
    down, right = pixels.shape[0] % 2, pixels.shape[1] % 2
    if not down and not right:
        return pixels
    return cv2.copyMakeBorder(pixels, 0, down, 0, right, cv2.BORDER_REPLICATE)
