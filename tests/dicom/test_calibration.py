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

from viewer.annotations.measure import length
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
def test_B03_a_projection_says_what_its_millimetres_are(
    attributes: dict[str, Any], expected: tuple[CalibrationClass, float, float, str]
) -> None:
    found = calibration(make.cr_mono1(spacing=None, **attributes))
    assert (found.kind, found.source) == (expected[0], expected[3])
    assert (found.row_spacing, found.column_spacing) == pytest.approx(expected[1:3])


def test_the_spacing_of_a_portal_image_is_at_its_detector() -> None:
    dataset = make.sc(SOPClassUID=RTImageStorage, Modality="RTIMAGE", ImagePlanePixelSpacing=[0.4, 0.8])
    assert calibration(dataset) == Calibration(DETECTOR, 0.4, 0.8, "Image Plane Pixel Spacing (3002,0011)")


def test_B04_a_secondary_capture_has_only_its_own_word_for_its_spacing() -> None:
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


def test_B06_an_ultrasound_region_has_units_bounds_and_signed_deltas() -> None:
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


IMAGER_ONLY = {"ImagerPixelSpacing": [0.2, 0.1]}
DISTANCES = {"DistanceSourceToDetector": "1200", "DistanceSourceToPatient": "800"}
TEN_COMBINATIONS = [
    (make.ct, {}, "10.0 mm"),  # 40 columns of 0.25 mm
    (make.cr_mono1, {"spacing": None, **IMAGER_ONLY}, "4.0 mm (at detector)"),
    (make.cr_mono1, {"spacing": None, **IMAGER_ONLY, "PixelSpacing": [0.2, 0.1]}, "4.0 mm (at detector)"),
    (make.cr_mono1, {"spacing": None, **IMAGER_ONLY, "PixelSpacing": [0.16, 0.08]}, "3.2 mm (corrected)"),
    (
        make.cr_mono1,
        {"spacing": None, "PixelSpacing": [0.16, 0.08], "PixelSpacingCalibrationType": "GEOMETRY"},
        "3.2 mm (corrected: geometry)",
    ),
    (
        make.cr_mono1,
        {"spacing": None, "PixelSpacing": [0.16, 0.08], "PixelSpacingCalibrationType": "FIDUCIAL"},
        "3.2 mm (corrected: fiducial)",
    ),
    (make.cr_mono1, {"spacing": None, **IMAGER_ONLY, FACTOR: "1.25"}, "3.2 mm (corrected: magnification)"),
    (
        make.cr_mono1,
        {"spacing": None, **IMAGER_ONLY, **DISTANCES, "Modality": "XA"},
        "2.7 mm (corrected: isocentre)",  # 4 mm / 1.5
    ),
    (make.sc, {"NominalScannedPixelSpacing": [0.3, 0.15]}, "6.0 mm (nominal)"),
    (make.sc, {"PixelAspectRatio": [4, 3]}, "40.0 px"),
]


@pytest.mark.parametrize(("maker", "attributes", "text"), TEN_COMBINATIONS)
def test_B02_B03_B04_ten_combinations_of_spacings_and_what_a_length_says_of_each(
    maker: Any, attributes: dict[str, Any], text: str
) -> None:
    image = describe(maker(make.ramp(60, 80, "<u2"), **attributes), 1)
    assert length(((10.0, 20.0), (50.0, 20.0)), image).text == text


def test_B05_an_aspect_ratio_stretches_rows_and_gives_no_millimetres() -> None:
    image = describe(make.sc(make.ramp(60, 80, "<u2"), PixelAspectRatio=[4, 3]), 1)
    assert length(((10.0, 10.0), (10.0, 40.0)), image).text == "40.0 px"  # 30 rows, each 4/3 of a column


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"Modality": "XA"}, CORRECTED),
        ({"Modality": "RF"}, CORRECTED),
        ({"Modality": "DX"}, DETECTOR),  # nobody knows how far from the detector the patient stood
        ({"Modality": "XA", "DistanceSourceToPatient": None}, DETECTOR),
        ({"Modality": "XA", "DistanceSourceToPatient": "0"}, DETECTOR),
        ({"Modality": "XA", "DistanceSourceToPatient": "1300"}, DETECTOR),  # behind the detector
        ({"Modality": "XA", "DistanceSourceToPatient": "10"}, DETECTOR),  # 120 times as large
        ({"Modality": "XA", FACTOR: "1"}, DETECTOR),  # stated: not magnified
    ],
)
def test_B03_a_C_arm_is_corrected_to_its_isocentre_where_the_distances_make_sense(
    changes: dict[str, Any], kind: CalibrationClass
) -> None:
    found = calibration(make.cr_mono1(spacing=None, **{**IMAGER_ONLY, **DISTANCES, **changes}))
    assert found.kind is kind
    assert (found.method == "isocentre") == (kind is CORRECTED)
    if kind is CORRECTED:
        assert (found.row_spacing, found.column_spacing) == pytest.approx((0.2 / 1.5, 0.1 / 1.5))
        assert found.source.endswith("distance to detector / to patient 1.5 (0018,1110), (0018,1111)")


def test_B03_the_stated_magnification_goes_before_the_distances() -> None:
    found = calibration(
        make.cr_mono1(spacing=None, **IMAGER_ONLY, **DISTANCES, Modality="XA", **{FACTOR: "1.25"})
    )
    assert (found.method, found.column_spacing) == ("magnification", pytest.approx(0.08))


def test_B07_the_reference_pixel_counts_from_the_first_pixel_of_its_region() -> None:
    dataset = make.us_color()
    item = dataset.SequenceOfUltrasoundRegions[0]
    item.ReferencePixelX0, item.ReferencePixelY0 = 2, -3
    item.ReferencePixelPhysicalValueY = 0.3
    region = calibration(dataset).regions[0]
    # from (1, 1): pixel 3 has its centre at 3.5; pixel -2, at -1.5, is 0.3 cm: 10 rows of 0.03 cm below 0
    assert (region.zero_x, region.zero_y) == pytest.approx((3.5, -11.5))
    assert (region.number, region.low_priority) == (1, False)


def test_B06_a_region_without_sense_does_not_change_the_number_of_the_next() -> None:
    dataset = make.us_color()
    broken = Dataset()
    broken.RegionLocationMinX0 = 5
    dataset.SequenceOfUltrasoundRegions = [broken, dataset.SequenceOfUltrasoundRegions[0]]
    dataset.SequenceOfUltrasoundRegions[1].RegionFlags = 3
    (region,) = calibration(dataset).regions
    assert (region.number, region.low_priority, region.zero_x) == (2, True, None)
