"""Scroll, window, pan and zoom: pointers in, values out."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.tools.dragging import Dragging
from viewer.tools.navigate import pan, scroll, window, window_in_force, zoom
from viewer.tools.tool import Pointer, Step
from viewer.viewing.viewport import ViewportState

HEADER = Window(40.0, 400.0, explanation="SOFT", source="header")
IMAGE = ImageDescription(
    FrameKey("1.2.3"),
    "1.2",
    200,
    300,
    modality_lut=Rescale(1.0, -1024.0),
    vois=(HEADER, Window(600.0, 1500.0)),
)
STATE = ViewportState(800, 600, IMAGE)


def drag(tool, state, *path):
    """Press at the first point, move along the others, release at the last; return all that came out."""
    dragging = Dragging()
    dragging.begin(tool, state, Pointer(*path[0]))
    seen = [dragging.preview]
    for point in path[1:]:
        dragging.move(Pointer(*point))
        seen.append(dragging.preview)
    assert dragging.active == (seen[0] is not None)
    dragging.release(Pointer(*path[-1]))
    return seen, dragging.outcome


def test_dragging_down_goes_further_in_the_stack():
    seen, outcome = drag(scroll, STATE, (100, 100), (100, 116), (100, 140))
    assert seen == [Step(0), Step(2), Step(5)]
    assert outcome == Step(5)
    assert drag(scroll, STATE, (100, 100), (300, 76))[1] == Step(-3)


def test_on_a_fine_screen_the_hand_moves_as_far_for_one_image():
    assert drag(scroll, replace(STATE, pixel_ratio=2.0), (100, 100), (100, 180))[1] == Step(5)


def test_panning_takes_the_image_along_with_the_hand():
    under = STATE.to_image(300, 200)
    seen, outcome = drag(pan, STATE, (300, 200), (310, 205), (350, 170))
    assert outcome.to_image(350, 170) == pytest.approx(under)
    assert outcome.zoom is None
    assert seen[-1] == outcome


def test_zooming_down_enlarges_about_the_pressed_point():
    under = STATE.to_image(300, 200)
    _, outcome = drag(zoom, STATE, (300, 200), (300, 230), (310, 260))
    assert outcome.shown_zoom > STATE.shown_zoom
    assert outcome.to_image(300, 200) == pytest.approx(under)


def test_zooming_up_reduces_and_coming_back_undoes_it():
    assert drag(zoom, STATE, (300, 200), (300, 100))[1].shown_zoom < STATE.shown_zoom
    back = drag(zoom, STATE, (300, 200), (300, 100), (300, 200))[1]
    assert back.shown_zoom == pytest.approx(STATE.shown_zoom)
    assert back.pan == pytest.approx(STATE.pan)


def test_dragging_right_widens_the_window_and_leaves_its_centre():
    _, outcome = drag(window, STATE, (100, 100), (200, 100))
    assert outcome.voi.width == round(400 * np.exp(0.4))
    assert outcome.voi.center == 40
    assert drag(window, STATE, (100, 100), (0, 100))[1].voi.width < 400


def test_dragging_up_lowers_the_centre_which_brightens():
    _, outcome = drag(window, STATE, (100, 100), (100, 50))
    assert (outcome.voi.center, outcome.voi.width) == (40 - 0.2 * 400, 400)
    assert drag(window, STATE, (100, 100), (100, 150))[1].voi.center == 120


def test_the_step_is_proportional_to_the_width_at_the_press():
    narrow = replace(STATE, voi=Window(1.0, 4.0, WindowFunction.SIGMOID))
    outcome = drag(window, narrow, (100, 100), (100, 150))[1]
    assert outcome.voi == Window(1.8, 4.0, WindowFunction.SIGMOID, source="mouse")


def test_a_mere_click_chooses_no_window():
    seen, outcome = drag(window, replace(STATE, voi_in_force=HEADER), (100, 100))
    assert seen == [STATE]
    assert outcome == STATE


def test_the_window_starts_from_the_readers_choice_then_from_what_is_in_force_then_from_the_header():
    own, forced = Window(1.0, 2.0), Window(3.0, 4.0)
    assert window_in_force(replace(STATE, voi=own, voi_in_force=forced)) == own
    assert window_in_force(replace(STATE, voi_in_force=forced)) == forced
    assert window_in_force(STATE) == HEADER
    assert window_in_force(replace(STATE, alternative=1)) == Window(600.0, 1500.0)


def test_from_a_table_the_drag_starts_with_the_linear_window_over_its_inputs():
    # LINEAR gives 0 at center - 0.5 - (width - 1) / 2 = 1000 and 1 at center - 0.5 + (width - 1) / 2 = 1255
    table = LookupTable(1000, np.arange(256, dtype=np.uint16), 8)
    assert window_in_force(replace(STATE, voi=table)) == Window(1128.0, 256.0)
    outcome = drag(window, replace(STATE, voi=table), (100, 100), (100, 150))[1]
    assert isinstance(outcome.voi, Window)


def test_without_any_window_the_drag_starts_from_all_that_the_header_allows():
    bare = replace(IMAGE, vois=(), bits_stored=12)
    assert window_in_force(ViewportState(image=bare)) == Window(1023.5, 4095.0)
    signed = replace(bare, modality_lut=Rescale(-2.0, 0.0), bits_stored=8, signed=True)
    assert window_in_force(ViewportState(image=signed)) == Window(1.0, 510.0)
    table = replace(bare, modality_lut=LookupTable(0, np.zeros(9, np.uint16), 10))
    assert window_in_force(ViewportState(image=table)) == Window(511.5, 1023.0)


def test_a_linear_window_never_becomes_narrower_than_one_and_others_never_vanish():
    assert drag(window, STATE, (5000, 100), (0, 100))[1].voi.width == 1.0
    exact = replace(STATE, voi=Window(0.5, 0.25, WindowFunction.LINEAR_EXACT))
    assert drag(window, exact, (500, 100), (0, 100))[1].voi.width == pytest.approx(
        0.25 * np.exp(-2), rel=0.01
    )
    assert drag(window, exact, (9000, 100), (0, 100))[1].voi.width > 0


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422", "PALETTE COLOR"])
def test_a_colour_image_has_no_window_to_drag(photometric):
    color = replace(STATE, image=replace(IMAGE, photometric=photometric))
    assert drag(window, color, (100, 100), (150, 150)) == ([None, None], None)
    assert drag(window, ViewportState(), (100, 100), (150, 150)) == ([None, None], None)
