"""Pixels seen through an affine map, corner-based as everywhere here."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.rendering.spatial import Affine

Numbers = NDArray[Any]


def warp(pixels: Numbers, back: Affine, out: Numbers, *, smooth: bool) -> None:
    """Sample `pixels` into `out`, taking corner-based coordinates to OpenCV's (pixel centres).

    `back` maps coordinates of `out` to those of `pixels`; beyond their edges the nearest pixel is taken.
    """
    centred = Affine.translation(-0.5, -0.5) @ back @ Affine.translation(0.5, 0.5)
    flags = (cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST) | cv2.WARP_INVERSE_MAP
    size = (out.shape[1], out.shape[0])
    cv2.warpAffine(pixels, centred.matrix, size, dst=out, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def nearest(pixels: Numbers, back: Affine, size: tuple[int, int]) -> Numbers:
    """Return (height, width) of `size` (width, height), each the nearest of `pixels`."""
    width, height = size
    out = np.empty((height, width, *pixels.shape[2:]), pixels.dtype)
    warp(pixels, back, out, smooth=False)
    return out
