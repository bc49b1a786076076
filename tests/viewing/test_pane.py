"""A pane as a value."""

from dataclasses import replace

import pytest
from made import hung, key, picture

from viewer.rendering.reslice import Orientation
from viewer.viewing.pane import Pane


def test_an_empty_pane_has_no_image_and_waits_for_none():
    assert (Pane().count, Pane().key, Pane().loading) == (0, None, False)


def test_it_waits_until_the_picture_is_that_of_its_key():
    pane = Pane(hung(3), 1)
    assert (pane.count, pane.key, pane.loading) == (3, key(2), True)
    assert pane.with_picture(picture(key(1))).loading
    assert not pane.with_picture(picture(key(2))).loading
    assert not pane.with_trouble("broken").loading


def test_a_picture_brings_its_header_and_ends_a_trouble():
    seen = Pane(hung(3)).with_trouble("broken").with_picture(picture(key(1)))
    assert seen.state.image.key == key(1)
    assert seen.trouble == ""


def test_a_reformatted_plane_has_no_key_and_waits_only_for_its_first_picture():
    plane = Pane(replace(hung(3), reformat=Orientation.CORONAL))
    assert plane.key is None
    assert plane.loading
    assert not plane.with_picture(picture(key(99))).loading


@pytest.mark.parametrize(("size", "kept"), [((640, 480), (640, 480)), ((0, -3), (1, 1))])
def test_a_size_is_at_least_one_pixel(size, kept):
    state = Pane().resized(*size).state
    assert (state.width, state.height) == kept
