"""Calibration by hand: a line of known length on the picture, and which images it counts for.

What the line says is its text, so that it is seen on the picture, saved with it, and taken back by undo.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from viewer.annotations.measure import calibrated_by
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.dicom.records import FrameKey

SAID = re.compile(r"(?P<series>series )?calibrated: (?P<length>\d{1,6}(\.\d{1,6})?) mm")
OWN_MILLIMETRES = frozenset({CalibrationClass.PATIENT, CalibrationClass.REGION})  # are not replaced by hand

SeriesOf = Callable[[FrameKey], str]


def words(millimetres: float, *, whole_series: bool) -> str:
    """Return what a calibration line says; `stated` reads it again."""
    return f"{'series ' if whole_series else ''}calibrated: {millimetres:.6f}".rstrip("0").rstrip(".") + " mm"


def stated(text: str) -> tuple[float, bool] | None:
    """Return the length in mm that a calibration line stands for, and whether it counts for its series."""
    found = SAID.fullmatch(text)
    if found is None or float(found["length"]) <= 0:
        return None
    return float(found["length"]), bool(found["series"])


def calibrated(image: ImageDescription, lines: Iterable[Annotation], series_of: SeriesOf) -> ImageDescription:
    """Return the image with the calibration of the line that counts for it, else as it is.

    A line on the image itself goes before one for its series, a later one before an earlier one. Images with
    millimetres of their own keep them; a line counts for images of the same size only.
    """
    if image.calibration.kind in OWN_MILLIMETRES or not image.sop_class_uid:
        return image
    chosen: tuple[bool, Annotation, float] | None = None
    for line in lines:
        said = stated(line.text) if line.kind is Kind.CALIBRATION else None
        own = line.frame == image.key
        if said is None or not (own or (said[1] and series_of(line.frame) == series_of(image.key))):
            continue
        if chosen is None or own >= chosen[0]:
            chosen = own, line, said[0]
    if chosen is None or not _fits(chosen[1], image):
        return image
    return replace(image, calibration=calibrated_by(chosen[1].points, chosen[2], image))


def _fits(line: Annotation, image: ImageDescription) -> bool:
    inside = all(x <= image.columns and y <= image.rows for x, y in line.points)
    return inside and line.points[0] != line.points[-1]
