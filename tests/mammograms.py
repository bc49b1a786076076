"""Mammograms of known geometry: a half disc of tissue at the chest wall, with marks that tell up from down.

Each breast is 100 mm high at the chest wall, on whatever detector. A bright bar lies in the lateral half of
a CC view and in the upper half of an MLO view, 20 mm from the middle.
"""

from typing import Any

import make
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, uid

HEIGHT = 100.0  # mm of tissue along the chest wall
TISSUE, MARK, AIR = 1500, 3500, 10
WINDOW = {"WindowCenter": "2048", "WindowWidth": "4096"}
ORIENTATION = {
    ("R", "CC"): ("P", "L"),
    ("L", "CC"): ("A", "R"),
    ("R", "MLO"): ("P", "FL"),
    ("L", "MLO"): ("A", "FR"),
}
CODES = {"CC": "399162004", "MLO": "399368009", "ML": "399260004"}
OPPOSITE = str.maketrans("APLRHF", "PARLFH")


def breast(spacing: float, size: tuple[int, int]) -> NDArray[np.uint16]:
    """Return a right breast as it is to be seen: chest wall at the right, the mark above the middle."""
    rows, columns = size
    down, left = np.mgrid[0:rows, 0:columns]
    y, x = (down - rows / 2 + 0.5) * spacing, (columns - 0.5 - left) * spacing  # mm from the chest wall
    stored = np.full(size, AIR, "<u2")
    stored[(y / (HEIGHT / 2)) ** 2 + (x / 60.0) ** 2 < 1] = TISSUE
    stored[(np.abs(y + 20) < 3) & (x > 15) & (x < 35)] = MARK
    return stored


def mammogram(
    side: str,
    view: str,
    *,
    spacing: float = 0.5,
    size: tuple[int, int] = (300, 240),
    mirrored: bool = False,
    overturned: bool = False,
    **attributes: Any,
) -> Dataset:
    """Return a view of one breast, stored as it is to be seen, or mirrored or upside down, and saying so."""
    stored = breast(spacing, size)
    row, column = ORIENTATION[side, view]
    if side == "L":
        stored = stored[:, ::-1]
    if mirrored:
        stored, row = stored[:, ::-1], row.translate(OPPOSITE)
    if overturned:
        stored, column = stored[::-1], column.translate(OPPOSITE)
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = CODES[view], "SCT", view
    plain = {
        "SOPClassUID": uid.DigitalMammographyXRayImageStorageForPresentation,
        "Modality": "MG",
        "PhotometricInterpretation": "MONOCHROME2",
        "PresentationIntentType": "FOR PRESENTATION",
        "BodyPartExamined": "BREAST",
        "ImageLaterality": side,
        "ViewPosition": view,
        "ViewCodeSequence": [item],
        "PatientOrientation": [row, column],
        "SeriesInstanceUID": uid.generate_uid(),
        "SeriesDescription": f"{side} {view}",
        "ImagerPixelSpacing": [spacing, spacing],
        **WINDOW,
    }
    dataset = make.cr_mono1(np.ascontiguousarray(stored), spacing=None, **(plain | attributes))
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    return dataset


def four_views(**attributes: Any) -> list[Dataset]:
    """Return a screening: images in no order, from two detectors, two of them stored mirrored."""
    small = {"spacing": 0.5, "size": (300, 240)}
    large = {"spacing": 0.4, "size": (450, 360)}
    return [
        mammogram("L", "MLO", **small, SeriesNumber="1", **attributes),
        mammogram("R", "CC", **large, mirrored=True, SeriesNumber="2", **attributes),
        mammogram("R", "MLO", **small, mirrored=True, overturned=True, SeriesNumber="3", **attributes),
        mammogram("L", "CC", **large, SeriesNumber="4", **attributes),
    ]
