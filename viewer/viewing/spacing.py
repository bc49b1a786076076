"""How many millimetres a pixel of an image is wide, in whatever sense its header has it."""

from viewer.dicom.image import CalibrationClass, ImageDescription

CM = 10.0  # mm


def mm_per_column(image: ImageDescription | None) -> float | None:
    """Return the mm from column to column, None where no length is known for all of the image.

    Of an ultrasound image the spacing that all of its regions in cm share (PS3.3 C.8.5.5).
    """
    if image is None or image.calibration.kind is CalibrationClass.NONE:
        return None
    spacing = image.calibration.column_spacing
    if image.calibration.kind is CalibrationClass.REGION:
        regions = image.calibration.regions
        deltas = {abs(each.delta_x) for each in regions if (each.unit_x, each.unit_y) == ("cm", "cm")}
        spacing = deltas.pop() * CM if len(deltas) == 1 else 0.0
    return spacing if spacing > 0 else None
