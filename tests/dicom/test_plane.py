"""Planes put pixels where highdicom puts them, and nonsense gives no plane."""

from typing import Any

import highdicom
import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.uid import NuclearMedicineImageStorage, RTDoseStorage

from viewer.dicom.describe import describe
from viewer.dicom.plane import ImagePlane

OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


@given(
    st.tuples(*[st.floats(-500, 500)] * 3),
    st.tuples(st.floats(0.05, 5), st.floats(0.05, 5)),
    st.tuples(st.floats(0, 4000), st.floats(0, 4000)),
    st.tuples(*[st.floats(-3, 3)] * 3),
)
def test_image_coordinates_lie_where_highdicom_puts_them(
    position: tuple[float, float, float],
    spacing: tuple[float, float],
    point: tuple[float, float],
    angles: tuple[float, float, float],
) -> None:
    row, down = (_turned(axis, angles) for axis in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    plane = ImagePlane(position, tuple(row), tuple(down), *spacing)
    reference = highdicom.spatial.ImageToReferenceTransformer(position, np.concatenate([row, down]), spacing)
    patient = plane.to_patient(*point)
    # highdicom's image coordinates have the same origin: the corner of the first pixel.
    np.testing.assert_allclose(patient, reference(np.array([point]))[0], atol=1e-6)
    np.testing.assert_allclose(plane.to_image(patient), point, atol=1e-6)
    assert plane.distance(patient + 3.5 * plane.normal) == pytest.approx(3.5, abs=1e-6)


def _turned(axis: tuple[float, float, float], angles: tuple[float, float, float]) -> np.ndarray:
    vector = np.array(axis)
    for index, angle in enumerate(angles):
        first, second = (index + 1) % 3, (index + 2) % 3
        cosine, sine = np.cos(angle), np.sin(angle)
        turned = vector.copy()
        turned[first] = cosine * vector[first] - sine * vector[second]
        turned[second] = sine * vector[first] + cosine * vector[second]
        vector = turned
    return vector


def test_the_plane_of_a_header_is_read_as_written() -> None:
    plane = describe(make.ct(orientation=OBLIQUE), 1).plane
    assert plane == ImagePlane(
        make.POSITION, (0.8, 0.6, 0.0), (0.0, 0.0, -1.0), 0.5, 0.25, make.FRAME_OF_REFERENCE
    )


def test_rounded_cosines_are_made_unit_and_perpendicular() -> None:
    plane = describe(make.ct(orientation=(0.99, 0.14, 0.0, -0.141, 0.99, 0.0)), 1).plane
    assert plane is not None
    row, down = np.array(plane.row_direction), np.array(plane.column_direction)
    assert [row @ row, down @ down, row @ down] == pytest.approx([1, 1, 0], abs=1e-12)


@pytest.mark.parametrize(
    "attributes",
    [
        {"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"ImageOrientationPatient": [1, 0, 0, 0, 2, 0]},
        {"ImageOrientationPatient": [1, 0, 0, 0.7071068, 0.7071068, 0]},
        {"ImageOrientationPatient": [1, 0, 0, 0, 1]},
        {"ImagePositionPatient": [1, 2]},
        {"ImagePositionPatient": [1, 2, 1e12]},
        {"PixelSpacing": [0, 0.5]},
        {"PixelSpacing": [-0.5, 0.5]},
        {"PixelSpacing": [0.5]},
    ],
)
def test_numbers_that_no_plane_has_give_none_and_a_notice(attributes: dict[str, Any]) -> None:
    described = describe(make.ct(**attributes), 1)
    assert described.plane is None
    assert described.notices


@pytest.mark.parametrize("absent", ["ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"])
def test_an_absent_attribute_gives_no_plane_and_no_notice(absent: str) -> None:
    described = describe(make.ct(**{absent: None}), 1)
    assert (described.plane, described.notices) == (None, ())


def multi_frame(**attributes: Any) -> Dataset:
    stored = np.zeros((4, make.ROWS, make.COLUMNS), "<u2")
    usual = {"ImagePositionPatient": [1, 2, 3], "ImageOrientationPatient": list(make.AXIAL)}
    return make.mr(stored, **{**usual, "NumberOfFrames": 4, **attributes})


@pytest.mark.parametrize(("spacing", "last"), [(2.5, 8.0), (-2.5, -2.0)])
def test_B24_the_sign_of_the_spacing_of_an_nm_volume_stacks_it(spacing: float, last: float) -> None:
    detector = Dataset()
    detector.ImagePositionPatient, detector.ImageOrientationPatient = [1, 2, 3], list(make.AXIAL)
    dataset = multi_frame(
        SOPClassUID=NuclearMedicineImageStorage,
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
        DetectorInformationSequence=[detector],
        SpacingBetweenSlices=str(spacing),
        SliceVector=[1, 2, 3, 3],
    )
    positions = [describe(dataset, frame).plane.position for frame in (1, 2, 3, 4)]
    assert positions == [(1, 2, 3), (1, 2, 3 + spacing), (1, 2, last), (1, 2, last)]


@pytest.mark.parametrize("offsets", [[0, 2, 4, 7], [3, 5, 7, 10]])
def test_the_planes_of_a_dose_grid_follow_its_offsets(offsets: list[float]) -> None:
    dataset = multi_frame(SOPClassUID=RTDoseStorage, Modality="RTDOSE", GridFrameOffsetVector=offsets)
    assert [describe(dataset, frame).plane.position[2] for frame in (1, 2, 3, 4)] == [3, 5, 7, 10]


def test_frames_whose_place_is_not_said_have_no_plane_and_frames_in_time_share_one() -> None:
    assert describe(multi_frame(), 1).plane is not None
    assert describe(multi_frame(), 2).plane is None
    in_time = multi_frame(FrameTime="40")
    assert describe(in_time, 3).plane == describe(in_time, 1).plane


def test_numbers_missing_from_a_vector_of_frames_leave_them_without_a_plane() -> None:
    short = multi_frame(GridFrameOffsetVector=[0, 2])
    assert describe(short, 2).plane is not None
    assert describe(short, 3).plane is None
