"""Calibration by hand: a line of known length on the picture, and which images it counts for.

What the line says is its text, so that it is seen on the picture, saved with it, and taken back by undo.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from viewer.annotations.measure import calibrated_by
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError

SAID = re.compile(r"(?P<series>series )?calibrated: (?P<length>\d{1,6}(\.\d{1,6})?) mm")
OWN_MILLIMETRES = frozenset({CalibrationClass.PATIENT, CalibrationClass.REGION})  # are not replaced by hand


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the frames on which lines lie."""

    series: Callable[[FrameKey], str]  # which series a frame belongs to
    header: Callable[[FrameKey], ImageDescription | None]  # None: not read yet


def words(millimetres: float, *, whole_series: bool) -> str:
    """Return what a calibration line says; `stated` reads it again."""
    return f"{'series ' if whole_series else ''}calibrated: {millimetres:.6f}".rstrip("0").rstrip(".") + " mm"


def stated(text: str) -> tuple[float, bool] | None:
    """Return the length in mm that a calibration line stands for, and whether it counts for its series."""
    found = SAID.fullmatch(text)
    if found is None or float(found["length"]) <= 0:
        return None
    return float(found["length"]), bool(found["series"])


def calibrated(image: ImageDescription, lines: Iterable[Annotation], known: Known) -> ImageDescription:
    """Return the image with the calibration of the line that counts for it, else as it is.

    A line on the image itself goes before one for its series, a later one before an earlier one. Images with
    millimetres of their own keep them; a line counts for images of the same size only.
    """
    if image.calibration.kind in OWN_MILLIMETRES or not image.sop_class_uid:
        return image
    chosen: tuple[bool, Calibration] | None = None
    for line in lines:
        own = line.frame == image.key
        if chosen is None or own >= chosen[0]:
            found = _by(line, image, known)
            chosen = chosen if found is None else (own, found)
    return image if chosen is None else replace(image, calibration=chosen[1])


def _by(line: Annotation, image: ImageDescription, known: Known) -> Calibration | None:
    """Return the calibration that a line gives an image, None when it gives none."""
    said = stated(line.text) if line.kind is Kind.CALIBRATION else None
    if said is None:
        return None
    if line.frame != image.key:
        other = known.header(line.frame)
        if not said[1] or other is None or known.series(line.frame) != known.series(image.key):
            return None
        if (other.rows, other.columns, other.pixel_aspect) != (image.rows, image.columns, image.pixel_aspect):
            return None
    try:
        return calibrated_by(line.points, said[0], image)
    except ViewerError:  # a line without a length, from a file
        return None
