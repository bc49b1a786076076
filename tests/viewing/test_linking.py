"""What goes together, and what never does."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import picture, record, series

from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.dicom.luts import Rescale, Window
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.dicom.stacks import Stack, StackKind
from viewer.rendering.reslice import Orientation
from viewer.viewing.linking import (
    Links,
    Scrolling,
    followed,
    link_by_offset,
    placed_as,
    same_view,
    words,
)
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.track import Track, Tracks
from viewer.viewing.viewport import ViewportState

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
FROM_BELOW = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)  # its normal points the other way
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def stack(heights, of=None, frame="1.9", cosines=AXIAL, times=1):
    """Return a stack of images at heights in mm."""
    of = of or series()
    records = tuple(
        record(
            f"{of.series_instance_uid}.{number}",
            of,
            image_position_patient=(0.0, 0.0, float(height)),
            image_orientation_patient=cosines,
            frame_of_reference_uid=frame,
        )
        for number, height in enumerate(heights, start=1)
    )
    return Hung.of(of, Stack(records, StackKind.VOLUME, 48, 64, times=times))


def pane(heights, index=0, **rest):
    return Pane(stack(heights, **rest), index)


def index_of(links, leader, other):
    found = followed(links, leader, other, Tracks())
    return found and found.index


# ----------------------------------------------------------------------------------------- by position
def test_another_spacing_shows_the_nearest_image():
    leader = pane(range(0, 100, 5), 7)  # 35 mm
    assert index_of(Links(), leader, pane(range(0, 100, 3), of=series(2))) == 12  # 36 mm
    assert index_of(Links(), leader, pane(range(100, 200, 3), of=series(2))) == 0  # the end that is nearest


@given(
    st.lists(st.integers(-300, 300), min_size=1, max_size=40, unique=True),
    st.lists(st.integers(-300, 300), min_size=1, max_size=40, unique=True),
    st.data(),
)
def test_the_image_is_the_nearest_of_all(one, other, data):
    one, other = sorted(one), sorted(other)
    index = data.draw(st.integers(0, len(one) - 1))
    found = followed(Links(), pane(one, index), pane(other, of=series(2)), Tracks())
    off = [abs(height - one[index]) for height in other]
    assert off[found.index] == min(off)
    assert found.off == pytest.approx(min(off))


def test_a_stack_that_runs_the_other_way_is_followed_too():
    leader = pane([0, 10, 20, 30], 1)
    reverse = pane([30, 20, 10, 0], of=series(2), cosines=FROM_BELOW)
    assert index_of(Links(), leader, reverse) == 2
    assert index_of(Links(), reverse, replace(leader, index=0)) == 3


def test_A19_positions_are_compared_only_within_one_frame_of_reference():
    leader = pane(range(9), 3)
    assert index_of(Links(), leader, pane(range(9), of=series(2))) == 3
    assert index_of(Links(), leader, pane(range(9), of=series(2), frame="1.10")) is None
    unknown = pane(range(9), of=series(2), frame="")
    assert index_of(Links(), unknown, replace(unknown, index=4)) is None


def test_planes_that_cross_and_planes_of_a_volume_go_by_themselves():
    leader = pane(range(9), 3)
    assert index_of(Links(), leader, pane(range(9), of=series(2), cosines=SAGITTAL)) is None
    plane = replace(pane(range(9)).hung, reformat=Orientation.CORONAL)
    assert index_of(Links(), leader, Pane(plane)) is None
    assert index_of(Links(Scrolling.OFF), leader, pane(range(9), of=series(2))) is None


def test_each_stack_of_several_times_stays_at_its_own_time():
    other = pane([0, 10, 20, 0, 10, 20], 4, of=series(2), times=2)
    assert index_of(Links(), pane([0, 10, 20], 2), other) == 5
    assert index_of(Links(), pane([0, 10, 20], 2), replace(other, index=0)) == 2


def test_bir_B3_frames_of_one_instance_are_linked_once_their_planes_are_known():
    of = series(3)
    instance = record("1.7.1", of, number_of_frames=4, image_position_patient=None)
    hung = Hung.of(of, Stack((instance,), StackKind.MULTIFRAME, 48, 64))
    tracks, leader = Tracks(), pane([0, 10, 20, 30], 3)
    assert not tracks.knows(hung)
    assert followed(Links(), leader, Pane(hung), tracks) is None
    planes = [
        (FrameKey("1.7.1", frame), ImagePlane((0, 0, 10.0 * height), AXIAL[:3], AXIAL[3:], 1, 1, "1.9"))
        for frame, height in ((1, 3), (2, 0), (3, 1), (4, 2))  # not in the order of their numbers
    ]
    tracks.learn(planes)
    assert tracks.knows(hung)
    assert followed(Links(), leader, Pane(hung), tracks).index == 0
    assert followed(Links(), replace(leader, index=1), Pane(hung), tracks).index == 2


# ------------------------------------------------------------------------------------------ by an offset
def test_an_offset_set_by_the_reader_links_other_frames_of_reference_and_is_shown():
    now = pane(range(0, 100, 5), 4)  # 20 mm
    prior = pane(np.arange(0, 100, 2.5) + 7.5, 10, of=series(2, study="1.5"), frame="1.10")  # 32.5 mm
    tracks = Tracks()
    links = link_by_offset(Links(), [now, prior], tracks)
    assert followed(links, replace(now, index=6), prior, tracks).index == 14  # both 10 mm on
    assert followed(links, replace(prior, index=14), now, tracks).index == 6
    assert words(links, now, prior, tracks) == "linked by offset, 12.5 mm"
    assert words(links, prior, now, tracks) == "linked by offset, -12.5 mm"


def test_without_positions_the_offset_counts_images():
    now = pane(range(9), 2, cosines=None)
    prior = pane(range(9), 5, of=series(2), cosines=None)
    tracks = Tracks()
    links = link_by_offset(Links(), [now, prior], tracks)
    assert followed(links, replace(now, index=4), prior, tracks).index == 7
    assert followed(links, replace(now, index=8), prior, tracks).index == 8  # the last one
    assert words(links, now, prior, tracks) == "linked by offset, 3 images"


def test_what_was_not_there_when_the_offset_was_set_goes_by_position():
    now, prior = pane(range(9), 2), pane(range(9), 5, of=series(2))
    links = link_by_offset(Links(), [now, prior], Tracks())
    assert index_of(links, now, pane(range(9), of=series(3))) == 2
    assert index_of(links, now, pane(range(9), of=series(3), frame="1.10")) is None


def test_a_place_far_beyond_the_stack_is_said_on_the_picture():
    leader, other = pane(range(0, 100, 5), 19), pane(range(0, 50, 5), 9, of=series(2))
    assert words(Links(), leader, other, Tracks()) == "linked, nearest image 50 mm away"
    assert words(Links(), replace(leader, index=9), other, Tracks()) == ""


# ---------------------------------------------------------------------------------------- two patients
def test_A25_no_link_crosses_two_patients_without_being_told_to():
    one, other = pane(range(9), 2), pane(range(9), 5, of=series(2, patient="Other", study="1.5"))
    tracks = Tracks()
    links = replace(link_by_offset(Links(), [one, other], tracks), window=True, zoom_pan=True)
    moved = replace(one, state=replace(one.state, inverted=True, zoom=2.0))
    assert followed(links, one, other, tracks) is None
    assert same_view(links, moved, other, one.state) is None
    allowed = replace(links, patients=True)
    assert followed(allowed, one, other, tracks).index == 5
    assert same_view(allowed, moved, other, one.state) is not None
    assert "ACROSS PATIENTS" in words(allowed, one, other, tracks)


# ------------------------------------------------------------------------------------------ window, zoom
def described(unit="HU", spacing=None, plane=None, **rest):
    calibration = Calibration()
    if spacing is not None:
        calibration = Calibration(CalibrationClass.PATIENT, spacing, spacing, "Pixel Spacing")
    given = {"modality_lut": Rescale(unit=unit), "calibration": calibration, "plane": plane} | rest
    return ImageDescription(FrameKey("1.7.1"), "1.2", 100, 200, **given)


def looking(image, number=1, modality="CT", **state):
    of = replace(series(number), modality=modality)
    return Pane(stack(range(3), of), state=ViewportState(400, 300, image, **state))


def test_the_window_goes_with_it_only_within_one_modality_and_unit():
    links, before = Links(window=True), looking(described())
    leader = replace(before, state=replace(before.state, voi=Window(60, 400), inverted=True))
    change = same_view(links, leader, looking(described(), 2), before.state)
    assert change(ViewportState()).voi == Window(60, 400)
    assert change(ViewportState()).inverted
    assert same_view(links, leader, looking(described(unit="BQML"), 2), before.state) is None
    assert same_view(links, leader, looking(described(), 2, modality="MR"), before.state) is None
    assert same_view(Links(), leader, looking(described(), 2), before.state) is None


def test_a_window_of_the_header_is_taken_over_as_it_is_not_as_its_number():
    lung = Window(-600, 1500)
    before = looking(described(vois=(Window(40, 400), lung)))
    leader = replace(before, state=replace(before.state, alternative=1))
    other = looking(described(vois=(Window(40, 400), Window(1, 2))), 2)
    assert same_view(Links(window=True), leader, other, before.state)(other.state).voi == lung


def test_bir_B6_zoom_goes_by_millimetres_where_both_have_some():
    leader = ViewportState(400, 300, described(spacing=0.5), zoom=3.0)
    coarse = placed_as(leader, ViewportState(400, 300, described(spacing=1.0)))
    assert coarse.zoom == pytest.approx(6.0)  # 6 device pixels per mm
    unknown = placed_as(leader, ViewportState(800, 600, described()))
    assert unknown.shown_zoom / unknown.fit_zoom == pytest.approx(leader.shown_zoom / leader.fit_zoom)
    fitted = placed_as(replace(leader, zoom=None), coarse)
    assert (fitted.zoom, fitted.pan) == (None, (0.0, 0.0))


def test_bir_B6_the_middle_shows_the_same_point_of_the_patient():
    here = ImagePlane((10.0, 20.0, 5.0), AXIAL[:3], AXIAL[3:], 0.5, 0.5, "1.9")
    there = ImagePlane((-30.0, -40.0, 5.0), AXIAL[:3], AXIAL[3:], 1.0, 1.0, "1.9")
    leader = ViewportState(400, 300, described(spacing=0.5, plane=here), zoom=3.0, pan=(37.0, -12.0))
    other = placed_as(leader, ViewportState(600, 500, described(spacing=1.0, plane=there)))
    shown = here.to_patient(*leader.to_image(200, 150))
    assert np.allclose(there.to_patient(*other.to_image(300, 250)), shown)


# ------------------------------------------------------------------------------------------------ tracks
def test_a_track_knows_how_far_apart_its_images_are():
    tracks = Tracks()
    assert tracks.of(stack(range(0, 50, 5))).reach == 2.5
    assert tracks.of(stack([3])).reach == 5.0
    assert tracks.of(Hung(series(), Stack((), StackKind.SINGLE, 1, 1))) is None
    assert Track.of([None, None]) is None


def test_the_plane_of_an_image_is_that_of_its_header():
    plane = Tracks().plane(stack([0, 5, 10]), 1)
    assert plane == ImagePlane((0.0, 0.0, 5.0), AXIAL[:3], AXIAL[3:], 0.5, 0.25, "1.9")
    assert picture(FrameKey("1.7.1")).description.plane is None
