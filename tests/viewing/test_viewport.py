"""Where an image lies on the screen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.rendering.spatial import Affine
from viewer.viewing.viewport import ViewportState

IMAGE = ImageDescription(FrameKey("1.2.3"), "1.2", rows=200, columns=300, pixel_aspect=1.5)
STATES = st.builds(
    ViewportState,
    width=st.integers(64, 4000),
    height=st.integers(64, 4000),
    image=st.just(IMAGE),
    zoom=st.none() | st.floats(0.05, 40),
    pan=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    rotation=st.sampled_from([0, 90, 180, 270]),
    flipped=st.booleans(),
)


def test_a_fitted_image_fills_the_narrower_side():
    # 300 columns, 200 rows 1.5 times as high: square; in 800 x 600 it is 600 wide
    state = ViewportState(800, 600, IMAGE)
    assert state.shown_zoom == 2.0
    assert state.to_screen(0, 0) == (100.0, 0.0)
    assert state.to_screen(300, 200) == (700.0, 600.0)


def test_turned_sideways_it_fits_with_its_sides_exchanged():
    wide = replace(IMAGE, pixel_aspect=1.0)
    assert ViewportState(600, 300, wide).shown_zoom == 1.5
    assert ViewportState(600, 300, wide, rotation=90).shown_zoom == 1.0


def test_a15_a_turn_is_clockwise_and_comes_before_the_flip():
    state = ViewportState(400, 400, IMAGE, zoom=1.0, rotation=90)
    assert state.to_screen(0, 0) == (350.0, 50.0)  # the first pixel is at the upper right
    assert replace(state, flipped=True).to_screen(0, 0) == (50.0, 50.0)


@given(STATES, st.floats(0, 300), st.floats(0, 200))
def test_from_the_image_to_the_screen_and_back_is_the_same_point(state, x, y):
    assert state.to_image(*state.to_screen(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(STATES, st.floats(0.2, 5), st.floats(0, 800), st.floats(0, 600))
def test_zooming_keeps_the_point_under_the_mouse(state, factor, x, y):
    assert state.zoomed(factor, x, y).to_image(x, y) == pytest.approx(state.to_image(x, y), abs=1e-5)


def test_zooming_has_an_end():
    state = ViewportState(800, 600, IMAGE)
    assert state.zoomed(1e9, 0, 0).zoom == 64.0
    assert state.zoomed(1e-9, 0, 0).zoom == 0.02


def test_without_an_image_the_screen_is_its_own_measure():
    assert ViewportState().affine == Affine()
    assert ViewportState().fit_zoom == 1.0
