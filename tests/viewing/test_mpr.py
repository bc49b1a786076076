"""Three linked planes through a stack: right values, right way up, right millimetres, moved by a click."""

import math

import numpy as np
import pytest

from viewer.dicom.frame import Frame
from viewer.dicom.header_text import location
from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.dicom.luts import Rescale, Window
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.reslice import Orientation
from viewer.viewing.mpr import MprState, is_reformatted, load

BRAIN = Window(40, 80, explanation="Brain")
ROWS, COLUMNS, COUNT = 20, 24, 12


def values_at(x, y, z):
    """Return the value of this phantom at a place in mm: linear, so that interpolation is exact."""
    return 10 * x + 3 * y - 7 * z


def stack(step=(0.0, 0.0, 2.5), count=COUNT, **attributes):
    """Return descriptions and frames of an axial stack whose values are `values_at`."""
    images, frames = [], {}
    for number in range(count):
        position = (-6.0, 4.0 + number * step[1], -20.0 + number * step[2])
        plane = ImagePlane(position, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.75, 0.5, "1.2.3")
        x = position[0] + 0.5 * np.arange(COLUMNS)[None, :]
        y = position[1] + 0.75 * np.arange(ROWS)[:, None]
        stored = (values_at(x, y, position[2]) * 100 + 20_000).astype("u2")
        key = FrameKey(f"1.2.840.{number}")
        given = {"vois": (BRAIN,), "text": {"PatientID": "7", "InstanceNumber": "1"}, **attributes}
        images.append(
            ImageDescription(
                key, "1.2.840.10008.5.1.4.1.1.2", ROWS, COLUMNS, modality_lut=Rescale(0.01, -200.0, "HU"),
                plane=plane, **given,
            )
        )  # fmt: skip
        frames[key] = Frame(key, stored, "MONOCHROME2")
    return images, frames


def state(**attributes):
    images, frames = stack(**attributes)
    return MprState.of(load(images, frames.__getitem__), images[0])


@pytest.mark.parametrize("orientation", list(Orientation))
@pytest.mark.parametrize("lean", [0.0, 0.6])
def test_a_plane_shows_the_values_of_its_place_in_the_patient(orientation, lean):
    planes = state(step=(0.0, lean, 2.5))
    description, frame = planes.picture(orientation)
    for row, column in np.argwhere(~np.isnan(frame.stored))[::7]:
        place = description.plane.to_patient(column + 0.5, row + 0.5)
        voxel = planes.volume.to_voxel(place)
        if (voxel >= 0).all() and (voxel <= (COUNT - 1, ROWS - 1, COLUMNS - 1)).all():
            assert frame.stored[row, column] == pytest.approx(values_at(*place), abs=0.02)


def test_a24_a_reformatted_plane_is_an_image_like_any_other():
    description, frame = state().picture(Orientation.CORONAL)
    assert frame.stored.dtype == np.float32
    assert frame.stored.shape == (description.rows, description.columns) == (56, 24)
    assert (frame.key, frame.photometric) == (description.key, "MONOCHROME2")
    assert not frame.stored.flags.writeable
    assert description.vois == (BRAIN,)
    assert (description.modality_lut.slope, description.modality_lut.unit) == (1.0, "HU")
    assert description.calibration.kind is CalibrationClass.PATIENT
    assert description.calibration.row_spacing == description.calibration.column_spacing == 0.5
    assert description.notices == ("MPR: interpolated",)
    assert description.text == {"PatientID": "7", "SliceLocation": location(description.plane)}
    assert is_reformatted(description)
    assert not is_reformatted(stack()[0][0])
    assert description.key.sop_instance_uid.startswith("2.25.")
    assert len(description.key.sop_instance_uid) <= 64


def test_a_tilted_gantry_is_announced():
    description, _ = state(step=(0.0, 2.5 * math.tan(math.radians(15)), 2.5)).picture(Orientation.SAGITTAL)
    assert description.notices == ("MPR: interpolated", "TILT 15.0°")


def test_the_same_plane_has_the_same_name_and_another_plane_another():
    planes = state()
    names = {planes.picture(orientation)[0].key for orientation in Orientation}
    moved = planes.scrolled(Orientation.AXIAL, 1)
    assert len(names) == 3
    assert moved.picture(Orientation.AXIAL)[0].key not in names
    assert moved.picture(Orientation.CORONAL)[0].key in names


def test_a_click_moves_the_other_two_planes_there_and_leaves_this_one():
    planes = state()
    before = planes.extent(Orientation.AXIAL)
    clicked = planes.clicked(Orientation.AXIAL, 4.5, 6.5)
    assert clicked.extent(Orientation.AXIAL) == before
    x, y, _ = before.plane.to_patient(4.5, 6.5)
    assert clicked.extent(Orientation.SAGITTAL).plane.position[0] == pytest.approx(x, abs=0.25)
    assert clicked.extent(Orientation.CORONAL).plane.position[1] == pytest.approx(y, abs=0.375)
    assert clicked.place(Orientation.AXIAL) == pytest.approx((4.5, 6.5))


def test_scrolling_shows_every_slice_once_and_stops_at_the_ends():
    planes = state().at_index(Orientation.AXIAL, 0)
    assert planes.count(Orientation.AXIAL) == COUNT
    seen = []
    for _ in range(COUNT + 3):
        seen.append(planes.extent(Orientation.AXIAL).plane.position[2])
        planes = planes.scrolled(Orientation.AXIAL, 1)
    assert seen[:COUNT] == pytest.approx([-20 + 2.5 * number for number in range(COUNT)])
    assert seen[COUNT:] == [seen[COUNT - 1]] * 3
    assert planes.index(Orientation.AXIAL) == COUNT - 1


@pytest.mark.parametrize("orientation", list(Orientation))
def test_every_index_can_be_gone_to(orientation):
    planes = state()
    for index in range(planes.count(orientation)):
        assert planes.at_index(orientation, index).index(orientation) == index


def test_the_other_planes_are_lines_that_cross_at_the_crosshair():
    planes = state().clicked(Orientation.AXIAL, 4.5, 6.5)
    lines = planes.lines(Orientation.AXIAL)
    assert set(lines) == {Orientation.CORONAL, Orientation.SAGITTAL}
    sagittal = lines[Orientation.SAGITTAL]
    assert sagittal.start[0] == sagittal.end[0] == pytest.approx(4.5)
    height = 0.75 / 2 / 0.5  # coronal planes of this volume are rows, 0.75 mm apart; image pixels are 0.5 mm
    assert lines[Orientation.CORONAL].start[1] == pytest.approx(6.5, abs=height)


def test_a_point_outside_becomes_the_nearest_inside():
    assert state().moved_to((1e3, 1e3, -1e3)).crosshair.point == pytest.approx((5.5, 18.25, -20))


def test_without_a_window_all_planes_share_one():
    planes = state(vois=())
    windows = {planes.picture(orientation)[0].vois for orientation in Orientation}
    assert len(windows) == 1
    (voi,) = windows.pop()
    assert voi.source == "auto"


def test_loading_reports_and_can_be_cancelled():
    images, frames = stack()
    heard = []
    assert load(images, frames.__getitem__, lambda done, total: heard.append((done, total))) is not None
    assert heard == [(number, COUNT) for number in range(1, COUNT + 1)]
    assert load(images, frames.__getitem__, cancelled=lambda: len(heard) == COUNT) is None


def test_a_stack_with_a_gap_is_refused_before_anything_is_read():
    images, _ = stack()

    def read(_):
        pytest.fail("a frame was read")

    with pytest.raises(ViewerError, match=r"a gap of 5\.00 mm"):
        load(images[:4] + images[5:], read)
