"""A frame's own functional groups count before the shared ones, and those before the top level."""

from typing import Any

import make
import pytest
from pydicom import Dataset

from viewer.dicom.describe import describe
from viewer.dicom.luts import Rescale, Window


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def test_b11_each_frame_has_its_own_rescale_window_and_position() -> None:
    dataset = make.enhanced_ct(3, slopes=(1.0, 2.0, 4.0), RescaleSlope="9", RescaleIntercept="9")
    dataset.WindowCenter, dataset.WindowWidth = "1", "2"
    x, y, z = make.POSITION
    for frame in (1, 2, 3):
        described = describe(dataset, frame)
        modality = described.modality_lut
        assert isinstance(modality, Rescale)
        assert (modality.slope, modality.intercept, modality.unit) == (2.0 ** (frame - 1), -1024.0, "HU")
        assert modality.source == f"Pixel Value Transformation Sequence (0028,9145) of frame {frame}"
        assert [(voi.center, voi.width) for voi in described.vois if isinstance(voi, Window)] == [
            (39.0 + frame, 400.0)
        ]
        assert described.plane is not None
        assert described.plane.position == (x, y, z + 2.5 * (frame - 1))
        assert (described.plane.row_spacing, described.plane.column_spacing) == (0.5, 0.25)
        assert described.key.frame_number == frame


def test_B23_a_frames_own_spacing_and_directions_count_before_the_shared_ones() -> None:
    dataset = make.enhanced_ct(2)
    second = dataset.PerFrameFunctionalGroupsSequence[1]
    second.PixelMeasuresSequence = [item(PixelSpacing=[3.0, 1.5])]
    second.PlaneOrientationSequence = [item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])]
    first, other = describe(dataset, 1), describe(dataset, 2)
    assert (first.pixel_aspect, other.pixel_aspect) == (2.0, 2.0)
    assert (first.calibration.row_spacing, other.calibration.row_spacing) == (0.5, 3.0)
    assert (first.patient_orientation, other.patient_orientation) == (("L", "P"), ("P", "F"))


def test_shared_groups_serve_every_frame_and_the_top_level_serves_the_rest() -> None:
    dataset = make.enhanced_ct(2)
    for group in dataset.PerFrameFunctionalGroupsSequence:
        del group.FrameVOILUTSequence
        del group.PixelValueTransformationSequence
    dataset.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence = [
        item(WindowCenter="70", WindowWidth="90")
    ]
    dataset.RescaleSlope, dataset.RescaleIntercept = "2", "5"
    described = describe(dataset, 2)
    assert isinstance(described.vois[0], Window)
    assert described.vois[0].center == 70.0
    assert isinstance(described.modality_lut, Rescale)
    assert (described.modality_lut.slope, described.modality_lut.intercept) == (2.0, 5.0)


def test_a_frame_that_the_groups_leave_out_is_described_with_a_notice() -> None:
    dataset = make.enhanced_ct(3)
    del dataset.PerFrameFunctionalGroupsSequence[2]
    described = describe(dataset, 3)
    assert described.plane is None
    assert "The header describes no frame 3" in described.notices


@pytest.mark.parametrize("damaged", ["PlanePositionSequence", "PixelValueTransformationSequence"])
def test_an_empty_macro_is_as_good_as_none(damaged: str) -> None:
    dataset = make.enhanced_ct(2)
    setattr(dataset.PerFrameFunctionalGroupsSequence[0], damaged, [])
    assert describe(dataset, 1).rows == make.ROWS
    assert describe(dataset, 2).plane is not None


def test_technique_is_found_in_the_macros_of_the_frame() -> None:
    dataset = make.enhanced_ct(2)
    dataset.PerFrameFunctionalGroupsSequence[1].CTExposureSequence = [
        item(XRayTubeCurrentInmA=212.5, ExposureInmAs=99.0)
    ]
    assert "XRayTubeCurrent" not in describe(dataset, 1).text
    words = describe(dataset, 2).text
    assert (words["XRayTubeCurrent"], words["Exposure"], words["SliceThickness"]) == (
        "212.5 mA",
        "99 mAs",
        "2.5 mm",
    )
