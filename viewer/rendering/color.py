"""Colour images to RGB (PS3.3 C.7.6.3.1.2). Windows have no meaning for them and are never applied."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Palette
from viewer.errors import ViewerError

Rgb = NDArray[np.uint8]

RED_OF_CR, GREEN_OF_CB, GREEN_OF_CR, BLUE_OF_CB = 1.402, -0.344136, -0.714136, 1.772  # CCIR 601-2
LUMA_STEPS, CHROMA_STEPS = 219, 224  # of YBR_PARTIAL in 8 bits: Y 16..235, Cb and Cr 16..240
AS_RGB = {"RGB", "YBR_ICT", "YBR_RCT"}  # the transforms of JPEG 2000 belong to its decoder
FULL = {"YBR_FULL", "YBR_FULL_422"}
PARTIAL = {"YBR_PARTIAL_422", "YBR_PARTIAL_420"}
GRAY = {"MONOCHROME1", "MONOCHROME2"}
TABLED_BYTES = 2  # of a palette index: a wider one would need a table of 4 G entries
SMALL = 65_536  # pixels, below which a table would cost more than it spares


def is_color(frame: Frame) -> bool:
    """Tell whether a frame is shown in colour rather than through the grayscale pipeline."""
    return frame.photometric not in GRAY and (frame.stored.ndim > 2 or frame.photometric == "PALETTE COLOR")  # noqa: PLR2004


def to_rgb(frame: Frame, description: ImageDescription) -> Rgb:
    """Return red, green and blue (rows, columns, 3), 0..255.

    Subsampled chroma has been spread to every pixel by the decoder. Raises ViewerError for a
    photometric interpretation that has no agreed meaning.
    """
    kind = frame.photometric
    if kind == "PALETTE COLOR" and frame.stored.ndim == 2 and description.palette is not None:  # noqa: PLR2004
        return _palette(frame.stored, description.palette)
    if frame.stored.ndim == 3:  # noqa: PLR2004
        if kind in AS_RGB:
            return _to_bytes(frame.stored, description.bits_stored)
        if kind in FULL | PARTIAL:
            return _ybr(frame.stored, description.bits_stored, partial=kind in PARTIAL)
    raise ViewerError(_refusal(kind))


def _refusal(kind: str) -> str:
    if kind == "PALETTE COLOR":
        return "The image is indexed into a colour palette, and the palette is missing."
    return f"Images with the photometric interpretation {kind or 'missing'} cannot be displayed."


def _palette(stored: Stored, palette: Palette) -> Rgb:
    """Return the colours of palette indices; those beyond it take its ends (C.7.6.3.1.5)."""
    if stored.dtype.kind not in "iu" or stored.dtype.itemsize > TABLED_BYTES or stored.size < SMALL:
        few: Rgb = palette.colors.take(stored.astype(np.int64) - palette.first, axis=0, mode="clip")
        return few
    unsigned = f"u{stored.dtype.itemsize}"  # a table by bit pattern: no wide copy of a large image
    every = np.arange(256**stored.dtype.itemsize, dtype=unsigned).view(stored.dtype).astype(np.int64)
    table = palette.colors.take(every - palette.first, axis=0, mode="clip")
    patterns = stored.view(unsigned)
    colors: Rgb = cv2.merge([cv2.LUT(patterns, np.ascontiguousarray(one)) for one in table.T])  # type: ignore[assignment]  # of the table's type
    return colors


def _to_bytes(stored: Stored, bits: int) -> Rgb:
    """Return samples of `bits` bits stretched over 0..255."""
    if bits == 8 and stored.dtype == np.uint8:  # noqa: PLR2004
        return stored.astype(np.uint8, copy=False)
    return _whole(stored.astype(np.float64) * (255 / (2**bits - 1)))


def _ybr(stored: Stored, bits: int, *, partial: bool) -> Rgb:
    """Return RGB of luminance and colour differences, computed once for all bits (C.7.6.3.1.2)."""
    unit = 2.0 ** (bits - 8)  # of one step of an 8-bit sample
    luma = 255 / LUMA_STEPS if partial else 1.0
    chroma = 255 / CHROMA_STEPS if partial else 1.0
    black, zero = (16 if partial else 0) * unit, 128 * unit
    weights = np.array(
        [
            [luma, 0, chroma * RED_OF_CR],
            [luma, chroma * GREEN_OF_CB, chroma * GREEN_OF_CR],
            [luma, chroma * BLUE_OF_CB, 0],
        ]
    )
    offsets = -weights @ np.array([black, zero, zero])
    scale = 255 / (2**bits - 1)
    matrix = np.column_stack([weights * scale, offsets * scale]).astype(np.float32)
    shown = cv2.transform(stored.astype(np.float32), matrix)
    return _whole(shown)


def _whole(shown: NDArray[Any]) -> Rgb:
    """Return 0..255 rounded and bounded, as bytes."""
    whole: Rgb = np.clip(np.floor(shown + 0.5), 0, 255).astype(np.uint8)
    return whole
