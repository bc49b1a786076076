"""Millimetres only where a spacing is known, and always with what they mean."""

from typing import Any

import make
import pytest
from pydicom import Dataset
from pydicom.uid import (
    DigitalMammographyXRayImageStorageForPresentation,
    EnhancedXAImageStorage,
    RTImageStorage,
)

from viewer.dicom.calibration import UNITS
from viewer.dicom.describe import describe
from viewer.dicom.image import Calibration, CalibrationClass

IMAGER, PIXEL = "Imager Pixel Spacing (0018,1164)", "Pixel Spacing (0028,0030)"
CORRECTED, DETECTOR, NOMINAL = CalibrationClass.CORRECTED, CalibrationClass.DETECTOR, CalibrationClass.NOMINAL
FACTOR = "EstimatedRadiographicMagnificationFactor"


def calibration(dataset: Dataset) -> Calibration:
    return describe(dataset, 1).calibration


def test_tomographic_pixel_spacing_is_millimetres_in_the_patient() -> None:
    assert calibration(make.ct()) == Calibration(CalibrationClass.PATIENT, 0.5, 0.25, PIXEL)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"ImagerPixelSpacing": [0.2, 0.1]}, (DETECTOR, 0.2, 0.1, IMAGER)),
        ({"ImagerPixelSpacing": [0.2, 0.1], "PixelSpacing": [0.2, 0.1]}, (DETECTOR, 0.2, 0.1, IMAGER)),
        (
            {"ImagerPixelSpacing": [0.2, 0.1], "PixelSpacing": [0.16, 0.08]},
            (CORRECTED, 0.16, 0.08, f"{PIXEL}, differs from Imager Pixel Spacing"),
        ),
        (
            {"PixelSpacing": [0.16, 0.08], "PixelSpacingCalibrationType": "GEOMETRY"},
            (CORRECTED, 0.16, 0.08, f"{PIXEL}, geometry"),
        ),
        (
            {
                "ImagerPixelSpacing": [0.2, 0.1],
                "PixelSpacing": [0.16, 0.08],
                "PixelSpacingCalibrationType": "FIDUCIAL",
                "PixelSpacingCalibrationDescription": "25 mm ball",
            },
            (CORRECTED, 0.16, 0.08, f"{PIXEL}, fiducial: 25 mm ball"),
        ),
        ({"PixelSpacing": [0.16, 0.08]}, (DETECTOR, 0.16, 0.08, f"{PIXEL}, correction not stated")),
        (
            {"ImagerPixelSpacing": [0.2, 0.1], FACTOR: "1.25"},
            (CORRECTED, 0.16, 0.08, f"{IMAGER} ÷ estimated magnification 1.25 (0018,1114)"),
        ),
        ({"ImagerPixelSpacing": [0.2, 0.1], FACTOR: "1"}, (DETECTOR, 0.2, 0.1, IMAGER)),
        ({"ImagerPixelSpacing": [0.2, 0.1], FACTOR: "0.5"}, (DETECTOR, 0.2, 0.1, IMAGER)),
        (
            {"NominalScannedPixelSpacing": [0.3, 0.15]},
            (NOMINAL, 0.3, 0.15, "Nominal Scanned Pixel Spacing (0018,2010)"),
        ),
        ({}, (CalibrationClass.NONE, 1.0, 1.0, "no spacing in the header")),
        ({"PixelAspectRatio": [4, 3]}, (CalibrationClass.NONE, 1.0, 1.0, "no spacing in the header")),
        ({"ImagerPixelSpacing": [0, 0]}, (CalibrationClass.NONE, 1.0, 1.0, "no spacing in the header")),
    ],
)
def test_a_projection_says_what_its_millimetres_are(
    attributes: dict[str, Any], expected: tuple[CalibrationClass, float, float, str]
) -> None:
    found = calibration(make.cr_mono1(spacing=None, **attributes))
    assert (found.kind, found.source) == (expected[0], expected[3])
    assert (found.row_spacing, found.column_spacing) == pytest.approx(expected[1:3])


def test_the_spacing_of_a_portal_image_is_at_its_detector() -> None:
    dataset = make.sc(SOPClassUID=RTImageStorage, Modality="RTIMAGE", ImagePlanePixelSpacing=[0.4, 0.8])
    assert calibration(dataset) == Calibration(DETECTOR, 0.4, 0.8, "Image Plane Pixel Spacing (3002,0011)")


def test_a_secondary_capture_has_only_its_own_word_for_its_spacing() -> None:
    assert calibration(make.sc()).kind is CalibrationClass.NONE
    assert calibration(make.sc(PixelSpacing=[0.5, 0.25])) == Calibration(NOMINAL, 0.5, 0.25, PIXEL)
    measured = make.sc(PixelSpacing=[0.5, 0.25], PixelSpacingCalibrationType="FIDUCIAL")
    assert calibration(measured).kind is CORRECTED


def test_a_secondary_capture_of_a_slice_with_its_plane_is_in_the_patient() -> None:
    placed = make.sc(
        PixelSpacing=[0.5, 0.25],
        ImagePositionPatient=list(make.POSITION),
        ImageOrientationPatient=list(make.AXIAL),
    )
    assert calibration(placed).kind is CalibrationClass.PATIENT


def test_a_mammogram_with_magnification_is_divided_by_it() -> None:
    dataset = make.cr_mono1(
        spacing=0.1, **{FACTOR: "1.8"}, SOPClassUID=DigitalMammographyXRayImageStorageForPresentation
    )
    assert calibration(dataset).row_spacing == pytest.approx(0.1 / 1.8)


def test_an_ultrasound_region_has_units_bounds_and_signed_deltas() -> None:
    dataset = make.us_color(PixelSpacing=[9, 9])
    dataset.SequenceOfUltrasoundRegions[0].PhysicalDeltaY = -0.03
    found = calibration(dataset)
    region = found.regions[0]
    assert found.kind is CalibrationClass.REGION
    assert (found.row_spacing, found.column_spacing) == pytest.approx((0.3, 0.2))  # 0.03 cm is 0.3 mm
    assert (region.left, region.top, region.right, region.bottom) == (1, 1, make.COLUMNS - 2, make.ROWS - 2)
    assert (region.unit_x, region.unit_y, region.delta_x, region.delta_y) == ("cm", "cm", 0.02, -0.03)


@pytest.mark.parametrize(("code", "unit"), UNITS.items())
def test_a_region_in_other_units_gives_no_millimetres(code: int, unit: str) -> None:
    dataset = make.us_color()
    dataset.SequenceOfUltrasoundRegions[0].PhysicalUnitsXDirection = code
    found = calibration(dataset)
    assert found.regions[0].unit_x == unit
    assert (found.row_spacing > 0) == (unit == "cm")


@pytest.mark.parametrize("broken", [{"RegionLocationMinX0": 50}, {"RegionLocationMaxY1": None}])
def test_a_region_without_sensible_bounds_is_left_out(broken: dict[str, int | None]) -> None:
    dataset = make.us_color()
    for keyword, value in broken.items():
        setattr(dataset.SequenceOfUltrasoundRegions[0], keyword, value)
    described = describe(dataset, 1)
    assert described.calibration == Calibration()
    assert described.notices == ("An ultrasound region has no usable bounds: ignored",)


def test_a_region_without_a_delta_has_no_unit_in_that_direction() -> None:
    dataset = make.us_color()
    dataset.SequenceOfUltrasoundRegions[0].PhysicalDeltaX = 0.0
    assert calibration(dataset).regions[0].unit_x == ""


def test_an_enhanced_angiogram_is_calibrated_by_its_frame() -> None:
    beam, properties, shared, own = Dataset(), Dataset(), Dataset(), Dataset()
    beam.ObjectPixelSpacingInCenterOfBeam = [0.2, 0.1]
    properties.ImagerPixelSpacing = [0.3, 0.15]
    shared.FramePixelDataPropertiesSequence = [properties]
    dataset = make.cr_mono1(spacing=None, SOPClassUID=EnhancedXAImageStorage)
    dataset.SharedFunctionalGroupsSequence = [shared]
    assert calibration(dataset) == Calibration(DETECTOR, 0.3, 0.15, IMAGER)
    own.ProjectionPixelCalibrationSequence = [beam]
    dataset.PerFrameFunctionalGroupsSequence = [own]
    source = "Object Pixel Spacing in Center of Beam (0018,9404)"
    assert calibration(dataset) == Calibration(CORRECTED, 0.2, 0.1, source, method="centre of the beam")
