"""Which spacing measurements are made with, and what it means (PS3.3 10.7.1, C.8.5.5)."""

import math

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, label
from viewer.dicom.image import Calibration, CalibrationClass, Region
from viewer.dicom.plane_reader import positive_pair, read_spacing

# Physical Units X and Y Direction (PS3.3 C.8.5.5.1.15)
UNITS = {
    1: "%",
    2: "dB",
    3: "cm",
    4: "s",
    5: "Hz",
    6: "dB/s",
    7: "cm/s",
    8: "cm²",
    9: "cm²/s",
    10: "cm³",
    11: "cm³/s",
    12: "°",
}
MOST_REGIONS = 64
SAME_SPACING = 1e-3  # relative; the two attributes are often rounded differently
MOST_MAGNIFICATION = 10.0  # of a projection; 1.8 is a mammographic spot view
C_ARMS = {"XA", "RF"}  # modalities whose patient lies at the isocentre of the beam
LOW_PRIORITY = 1  # Region Flags, bit 0
# Photographs and screen shots: the spacing is the writer's word, no geometry stands behind it.
NOMINAL_CLASSES = (
    "1.2.840.10008.5.1.4.1.1.7",  # Secondary Capture, single and multi-frame
    "1.2.840.10008.5.1.4.1.1.77.1.1",  # visible light: endoscopy
    "1.2.840.10008.5.1.4.1.1.77.1.2",  # microscopy
    "1.2.840.10008.5.1.4.1.1.77.1.4",  # photography
    "1.2.840.10008.5.1.4.1.1.77.1.5",  # ophthalmic
)

Spacing = tuple[float, float]


def read_calibration(frame: FrameHeader, *, projection: bool, has_plane: bool) -> Calibration:
    """Return what a length means on this frame; kind NONE, never millimetres, without a spacing."""
    regions = read_regions(frame.top)
    if regions:
        return _ultrasound(regions)
    pixel = read_spacing(frame)
    if projection:
        return _projection(frame, pixel)
    if pixel is None:
        return _nominal(frame)
    nominal = not has_plane and _is_nominal(frame.top.text("SOPClassUID"))
    if nominal and frame.top.code("PixelSpacingCalibrationType") in {"GEOMETRY", "FIDUCIAL"}:
        return _projection(frame, pixel)
    kind = CalibrationClass.NOMINAL if nominal else CalibrationClass.PATIENT
    return Calibration(kind, *pixel, label("PixelSpacing"))


def read_regions(header: Header) -> tuple[Region, ...]:
    """Return the calibrated regions of an ultrasound image; those without sense are left out."""
    items = header.items("SequenceOfUltrasoundRegions")[:MOST_REGIONS]
    found = (_region(item, number) for number, item in enumerate(items, start=1))
    return tuple(region for region in found if region is not None)


def _region(item: Header, number: int) -> Region | None:
    corners = [item.integer(f"RegionLocation{corner}") for corner in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
    deltas = item.number("PhysicalDeltaX"), item.number("PhysicalDeltaY")
    whole = [corner for corner in corners if corner is not None]
    if len(whole) < len(corners) or whole[0] > whole[2] or whole[1] > whole[3]:
        item.notices.add("An ultrasound region has no usable bounds: ignored")
        return None
    units = [UNITS.get(item.integer(f"PhysicalUnits{axis}Direction") or 0, "") for axis in "XY"]
    # A delta of 0 or none makes that direction one without a unit.
    unit_x, unit_y = (unit if delta else "" for unit, delta in zip(units, deltas, strict=True))
    left, top, right, bottom = whole
    return Region(
        left, top, right, bottom, unit_x, unit_y, deltas[0] or 1.0, deltas[1] or 1.0, number,
        _zero(item, "X", left, deltas[0]), _zero(item, "Y", top, deltas[1]),
        bool((item.integer("RegionFlags") or 0) & LOW_PRIORITY),
    )  # fmt: skip


def _zero(item: Header, axis: str, edge: int, delta: float | None) -> float | None:
    """Return the image coordinate of the physical value 0, None without a reference pixel.

    The reference pixel counts from the first pixel of its region, and may lie outside it (C.8.5.5.1.6);
    the centre of pixel n is n + 0.5. A value that is left out there is 0.
    """
    reference = item.number(f"ReferencePixel{axis}0")
    if reference is None or not delta:
        return None
    return edge + reference + 0.5 - (item.number(f"ReferencePixelPhysicalValue{axis}") or 0.0) / delta


def _ultrasound(regions: tuple[Region, ...]) -> Calibration:
    """Return the regions; the spacing beside them is that of the largest one in centimetres, else 0."""
    plain = [region for region in regions if region.unit_x == region.unit_y == "cm"]
    source = label("SequenceOfUltrasoundRegions")
    if not plain:
        return Calibration(CalibrationClass.REGION, 0.0, 0.0, source, regions)
    main = max(plain, key=lambda region: (region.right - region.left) * (region.bottom - region.top))
    row, column = abs(main.delta_y) * 10, abs(main.delta_x) * 10  # cm to mm
    return Calibration(CalibrationClass.REGION, row, column, source, regions)


def _projection(frame: FrameHeader, pixel: Spacing | None) -> Calibration:
    """Return the calibration of a projection, in which lengths are magnified by geometry."""
    beam = frame.macro("ProjectionPixelCalibrationSequence")
    centre = positive_pair(beam, "ObjectPixelSpacingInCenterOfBeam") if beam is not None else None
    if centre is not None:
        source = label("ObjectPixelSpacingInCenterOfBeam")
        return Calibration(CalibrationClass.CORRECTED, *centre, source, method="centre of the beam")
    properties = frame.macro("FramePixelDataPropertiesSequence")
    imager = positive_pair(properties, "ImagerPixelSpacing") if properties is not None else None
    imager = imager or positive_pair(frame.top, "ImagerPixelSpacing")
    if pixel is not None and (corrected := _corrected(frame.top, pixel, imager)) is not None:
        return corrected
    return _at_detector(frame, imager) if imager is not None else _uncorrected(frame, pixel)


def _uncorrected(frame: FrameHeader, pixel: Spacing | None) -> Calibration:
    """Return the calibration of a projection without Imager Pixel Spacing."""
    receptor = positive_pair(frame.top, "ImagePlanePixelSpacing")
    if receptor is not None:
        return Calibration(CalibrationClass.DETECTOR, *receptor, label("ImagePlanePixelSpacing"))
    if pixel is None:
        return _nominal(frame)
    return Calibration(CalibrationClass.DETECTOR, *pixel, f"{label('PixelSpacing')}, correction not stated")


def _corrected(header: Header, pixel: Spacing, imager: Spacing | None) -> Calibration | None:
    """Return the corrected calibration, None when nothing says that Pixel Spacing is corrected."""
    how = header.code("PixelSpacingCalibrationType")
    words = header.text("PixelSpacingCalibrationDescription")
    source = label("PixelSpacing")
    if how in {"GEOMETRY", "FIDUCIAL"}:
        source += f", {how.lower()}{': ' + words if words else ''}"
        return Calibration(CalibrationClass.CORRECTED, *pixel, source, method=how.lower())
    if imager is None or _same(pixel, imager):
        return None
    return Calibration(CalibrationClass.CORRECTED, *pixel, f"{source}, differs from Imager Pixel Spacing")


def _at_detector(frame: FrameHeader, imager: Spacing) -> Calibration:
    """Return Imager Pixel Spacing, divided by the magnification where it is stated or follows.

    Estimated Radiographic Magnification Factor comes first. On a C-arm without one it is the distance of
    the detector over that of the patient from the source: right at the isocentre alone (C.8.7.5.1.1).
    """
    at_detector = Calibration(CalibrationClass.DETECTOR, *imager, label("ImagerPixelSpacing"))
    factor = frame.top.number("EstimatedRadiographicMagnificationFactor")
    if factor is not None:
        words = "estimated magnification {:g} (0018,1114)"
        return _divided(at_detector, factor, words, "magnification", frame.top)
    ratio = _isocentre(frame)
    if ratio is None:
        return at_detector
    words = "distance to detector / to patient {:.4g} (0018,1110), (0018,1111)"
    return _divided(at_detector, ratio, words, "isocentre", frame.top)


def _isocentre(frame: FrameHeader) -> float | None:
    """Return the magnification at the isocentre of a C-arm, None where the distances are not stated."""
    if frame.top.code("Modality") not in C_ARMS:
        return None
    geometry = frame.macro("XRayGeometrySequence") or frame.top
    detector = geometry.number("DistanceSourceToDetector")
    patient = geometry.number("DistanceSourceToIsocenter") or geometry.number("DistanceSourceToPatient")
    return detector / patient if detector and patient else None


def _divided(whole: Calibration, factor: float, words: str, method: str, header: Header) -> Calibration:
    if factor == 1.0:
        return whole
    if not 1.0 < factor <= MOST_MAGNIFICATION:
        header.notices.add(f"The {words.format(factor)} makes no sense: ignored")
        return whole
    row, column = whole.row_spacing / factor, whole.column_spacing / factor
    source = f"{whole.source} ÷ {words.format(factor)}"
    return Calibration(CalibrationClass.CORRECTED, row, column, source, method=method)


def _nominal(frame: FrameHeader) -> Calibration:
    pair = positive_pair(frame.top, "NominalScannedPixelSpacing")
    if pair is None:
        return Calibration()
    return Calibration(CalibrationClass.NOMINAL, *pair, label("NominalScannedPixelSpacing"))


def _is_nominal(sop_class_uid: str) -> bool:
    return any(sop_class_uid == stem or sop_class_uid.startswith(f"{stem}.") for stem in NOMINAL_CLASSES)


def _same(pixel: Spacing, imager: Spacing) -> bool:
    return all(
        math.isclose(one, other, rel_tol=SAME_SPACING) for one, other in zip(pixel, imager, strict=True)
    )
