"""Display values to QImage."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def shared_image(pixels: NDArray[np.uint32], ratio: float) -> QImage:
    """Return an image over `pixels` (height, width) 0xffRRGGBB, which the caller keeps while it is painted.

    `ratio` is the number of device pixels per logical pixel.
    """
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    return image


def own_image(rgb: NDArray[np.uint8]) -> QImage:
    """Return an image that owns a copy of `rgb`, (height, width, 3) or (height, width) gray."""
    rgb = np.ascontiguousarray(rgb)
    height, width = rgb.shape[:2]
    form = QImage.Format.Format_Grayscale8 if rgb.ndim == 2 else QImage.Format.Format_RGB888  # noqa: PLR2004  gray or colour
    return QImage(rgb.data, width, height, rgb.strides[0], form).copy()


def rgb_of(image: QImage) -> NDArray[np.uint8]:
    """Return the pixels of an image, (height, width, 3) red, green, blue."""
    converted = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(converted.constBits(), np.uint8).reshape(converted.height(), -1)
    return rows[:, : converted.width() * 3].reshape(converted.height(), converted.width(), 3).copy()
