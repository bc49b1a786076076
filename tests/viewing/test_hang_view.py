"""Views set against an edge, and several to one scale."""

from dataclasses import replace

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.describe import describe
from viewer.tools.commands import fit, flip_horizontal, flip_vertical, invert, reset, rotate_right, zoom_in
from viewer.viewing.hang_view import AsHung
from viewer.viewing.spacing import mm_per_column
from viewer.viewing.viewport import ViewportState


def state(spacing: float | None = 0.2, rows: int = 40, columns: int = 20, **changes: object) -> ViewportState:
    image = describe(make.cr_mono1(np.zeros((rows, columns), "<u2"), spacing=spacing), 1)
    return replace(ViewportState(width=100, height=80, image=image), **changes)


@pytest.mark.parametrize(("justify", "left", "right"), [(-1, 0, 40), (0, 30, 70), (1, 60, 100)])
def test_an_image_that_leaves_room_is_set_against_its_edge(justify: int, left: float, right: float) -> None:
    view = state(justify=justify)
    assert view.to_screen(0, 0) == (left, 0)
    assert view.to_screen(20, 40) == (right, 80)


def test_an_image_wider_than_its_viewport_is_not_pushed_out_of_it() -> None:
    assert state(justify=1, zoom=10.0).to_screen(10, 20) == (50, 40)


@pytest.mark.parametrize(("rotation", "left"), [(90, 20), (270, 20), (180, 60)])
def test_a_turned_image_is_set_against_the_edge_of_the_screen(rotation: int, left: float) -> None:
    view = state(justify=1, rotation=rotation, zoom=2.0)
    corners = [view.to_screen(x, y)[0] for x, y in ((0, 0), (20, 0), (20, 40), (0, 40))]
    assert (min(corners), max(corners)) == (left, 100)


def test_a_flip_sets_the_image_against_the_other_edge_as_a_mirror_would() -> None:
    view = state(justify=1)
    flipped = flip_horizontal(view)
    for x, y in ((0, 0), (3, 7), (20, 40)):
        across, down = view.to_screen(x, y)
        assert flipped.to_screen(x, y) == pytest.approx((100 - across, down))
    assert flip_vertical(view).justify == 1


@given(
    justify=st.sampled_from((-1, 0, 1)),
    rotation=st.sampled_from((0, 90, 180, 270)),
    flipped=st.booleans(),
    factor=st.floats(0.3, 6),
    x=st.floats(0, 100),
    y=st.floats(0, 80),
)
def test_a_zoom_keeps_the_point_under_the_hand_also_where_the_image_is_set_aside(
    *,
    justify: int,
    rotation: int,
    flipped: bool,
    factor: float,
    x: float,
    y: float,
) -> None:
    view = state(justify=justify, rotation=rotation, flipped=flipped)
    assert view.zoomed(factor, x, y).to_image(x, y) == pytest.approx(view.to_image(x, y), abs=1e-6)


def test_images_of_any_spacing_are_as_large_in_mm_at_one_scale() -> None:
    for spacing in (0.05, 0.2, 0.7):
        view = state(spacing, scale=1.5)
        left, right = view.to_screen(0, 0)[0], view.to_screen(20, 0)[0]
        assert (right - left) / (20 * spacing) == pytest.approx(1.5)


def test_without_a_spacing_or_a_scale_that_is_known_the_image_just_fits() -> None:
    assert state(None, scale=1.5).shown_zoom == state(None).fit_zoom
    assert state(scale=0.0).shown_zoom == state().fit_zoom
    assert mm_per_column(state(None).image) is None
    assert mm_per_column(None) is None
    assert mm_per_column(describe(make.us_color(), 1)) == pytest.approx(0.2)  # of its one region


def test_a_zoom_of_the_readers_own_goes_before_the_scale_and_fit_leaves_it() -> None:
    assert state(scale=1.5, zoom=3.0).shown_zoom == 3.0
    assert fit(state(scale=1.5)).shown_zoom == state().fit_zoom


def test_reset_returns_to_the_view_as_it_was_hung() -> None:
    hung = AsHung(rotation=180, flipped=True, justify=1, scale=1.25, inverted=True)
    first = state(rotation=180, flipped=True, justify=1, scale=1.25, inverted=True, as_hung=hung)
    changed = first
    for command in (zoom_in, rotate_right, flip_horizontal, invert, fit):
        changed = command(changed)
    assert changed != first
    assert reset(changed) == first
