"""Pictures as PNG files, whole or not at all."""

import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.errors import ViewerError

COMPRESSION = 3  # of 0..9: pictures are written in batches; higher takes long and gains little


def write_png(path: Path, pixels: NDArray[np.generic]) -> None:
    """Write gray (rows, columns) or RGB (rows, columns, 3) pixels, u1 or u2, in place of any file at `path`.

    The file appears complete or not at all. Raises ViewerError with the reason.
    """
    ordered = pixels if pixels.ndim == 2 else pixels[..., ::-1]  # noqa: PLR2004  OpenCV writes blue first
    done, data = cv2.imencode(
        ".png", np.ascontiguousarray(ordered), [cv2.IMWRITE_PNG_COMPRESSION, COMPRESSION]
    )
    if not done:
        raise ViewerError(f"{path} was not written: a picture of {pixels.shape} pixels cannot be a PNG file.")
    try:
        _replace(path, data.tobytes())
    except OSError as error:
        raise ViewerError(f"{path} was not written: {error.strerror or error}.") from error


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".negatoscope-", suffix=".png", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)  # as any new file; mkstemp makes private ones
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
