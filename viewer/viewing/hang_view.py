"""How a hanging protocol shows an image at first, as a value: what `reset` returns to."""

from dataclasses import dataclass

from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.dicom.luts import Voi


@dataclass(frozen=True, slots=True)
class AsHung:
    """The view of an image as it was hung; without a protocol, as the header wants it."""

    voi: Voi | None = None
    inverted: bool = False
    zoom: float | None = None
    scale: float | None = None  # 0.0: to the scale of the others, which is not known yet
    rotation: int = 0
    flipped: bool = False
    justify: int = 0
    palette: str = ""
    notice: str = ""  # what could not be done as the protocol says, in words on the picture


def mm_per_column(image: ImageDescription | None) -> float | None:
    """Return the distance of pixels along a row in mm, of any kind of calibration; None where none is known.

    Ultrasound has one for each region, so none for the picture.
    """
    if image is None or image.calibration.kind in {CalibrationClass.NONE, CalibrationClass.REGION}:
        return None
    spacing = image.calibration.column_spacing
    return spacing if spacing > 0 else None
