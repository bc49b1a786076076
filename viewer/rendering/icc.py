"""Colours of an image to those of the screen by ICC profiles, with littlecms (PS3.3 C.11.15).

Gray images never come here. The screen is taken to be sRGB, as is an image without a profile.
"""

import io
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from viewer.dicom.image import ImageDescription

TRANSFORMS_KEPT = 8  # the profiles of a few scanners


def to_srgb(rgb: NDArray[np.uint8], profile: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Return `rgb` (rows, columns, 3) 0..255 as sRGB, perceptual intent.

    Unchanged without a profile, and with one that littlecms refuses (see `tried`).
    """
    transform = _transform(profile.tobytes()) if profile is not None else None
    if transform is None:
        return rgb
    shown = ImageCms.applyTransform(Image.fromarray(np.ascontiguousarray(rgb)), transform)
    converted: NDArray[np.uint8] = np.asarray(shown)
    return converted


def tried(description: ImageDescription) -> ImageDescription:
    """Return `description`, without a profile that littlecms refuses, and with a notice of it.

    A worker process asks this first: should a profile break littlecms, it does so there.
    """
    profile = description.icc_profile
    if profile is None or _transform(profile.tobytes()) is not None:
        return description
    return replace(
        description,
        icc_profile=None,
        color_source="no usable ICC profile: sRGB is assumed",
        notices=(*description.notices, "The ICC profile is damaged: sRGB is assumed"),
    )


@lru_cache(maxsize=TRANSFORMS_KEPT)
def _transform(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    try:
        return ImageCms.buildTransform(
            io.BytesIO(profile),
            ImageCms.createProfile("sRGB"),
            "RGB",
            "RGB",
            renderingIntent=ImageCms.Intent.PERCEPTUAL,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
