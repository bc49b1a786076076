"""Moving annotations keeps them inside the image and float32-exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.kinds import moved, with_handle, within
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey

KEY = FrameKey("1.2.3")
IMAGE = ImageDescription(KEY, "1.2", rows=200, columns=300)
LINE = Annotation(Kind.LENGTH, KEY, ((10.0, 20.0), (60.0, 90.0)))


def test_a_handle_goes_where_it_is_put_and_keeps_the_rest():
    changed = with_handle(LINE, 1, (70.5, 80.25), IMAGE)
    assert changed.points == ((10.0, 20.0), (70.5, 80.25))
    assert changed.uid == LINE.uid


def test_points_stay_within_the_image():
    assert within((-3.0, 900.0), IMAGE) == (0.0, 200.0)
    assert with_handle(LINE, 0, (400.0, -1.0), IMAGE).points[0] == (300.0, 0.0)


def test_a_whole_annotation_stops_at_the_edge_without_changing_its_form():
    assert moved(LINE, (-50.0, 5.0), IMAGE).points == ((0.0, 25.0), (50.0, 95.0))
    assert moved(LINE, (0.0, 500.0), IMAGE).points == ((10.0, 130.0), (60.0, 200.0))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_points_are_exact_in_float32(x, y):
    point = within((x, y), IMAGE)
    assert point == tuple(float(value) for value in np.asarray(point, "f4"))
    assert exact(*point) == point


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_a_move_keeps_the_size(x, y):
    (x0, y0), (x1, y1) = moved(LINE, (x, y), IMAGE).points
    assert (x1 - x0, y1 - y0) == pytest.approx((50.0, 70.0), abs=1e-4)
