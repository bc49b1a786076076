"""The window of a region, the zoom to a rectangle, the clamped window, and the same by keys."""

import math
from dataclasses import replace

import numpy as np
import pytest

from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.rendering.pipeline import GrayscalePipeline, pipeline_of, resolve_voi
from viewer.tools import steps
from viewer.tools.commands import command_row, reset
from viewer.tools.dragging import Dragging
from viewer.tools.navigate import magnify, pan, window, zoom
from viewer.tools.rectangles import region_window, window_of, zoom_rectangle
from viewer.tools.tool import Pointer
from viewer.viewing.clamp import clamped, is_clamped, worded
from viewer.viewing.picture import Picture
from viewer.viewing.region_sample import sample_of
from viewer.viewing.viewport import ViewportState

KEY = FrameKey("1.2.3")
HU = Rescale(1.0, -1024.0)
STORED = np.random.default_rng(7).integers(900, 1400, (60, 80)).astype("<u2")
IMAGE = ImageDescription(KEY, "1.2", 60, 80, modality_lut=HU, vois=(Window(40.0, 400.0),), pixel_aspect=2.0)
PICTURE = Picture.of(IMAGE, Frame(KEY, STORED, "MONOCHROME2"))
STATE = ViewportState(800, 1200, IMAGE, sample=sample_of(PICTURE))  # zoom 10: fits in both directions
PET = replace(IMAGE, text={"Modality": "PT"}, modality_lut=Rescale(2.0, 0.0), vois=(Window(5000.0, 10000.0),))


def dragged(tool, state, *path):
    dragging = Dragging()
    dragging.begin(tool, state, Pointer(*path[0]))
    for point in path[1:]:
        dragging.move(Pointer(*point))
    dragging.release(Pointer(*path[-1]))
    return dragging


def ends(chosen):
    """Return the values that are just black and just white, by the formulas of PS3.3 C.11.2.1.2."""
    if chosen.function is WindowFunction.LINEAR:
        low = chosen.center - 0.5 - (chosen.width - 1) / 2
        return low, low + chosen.width - 1
    return chosen.center - chosen.width / 2, chosen.center + chosen.width / 2


# ------------------------------------------------------------------------------------ window of a region
def test_a_region_gives_the_window_from_its_first_to_its_99th_percentile():
    outcome = dragged(region_window, STATE, (100, 100), (500, 700)).outcome
    # columns 10..49 by zoom 10; rows of 20 device pixels: 5..34
    values = np.sort(STORED[5:35, 10:50].ravel().astype(float) - 1024)
    first, last = (values[round(share * (values.size - 1))] for share in (0.01, 0.99))
    assert ends(outcome.voi) == (first, last)
    shown = GrayscalePipeline(HU, outcome.voi).render(np.array([[first, last]]).astype("i4") + 1024)
    assert shown.tolist() == [[0, 255]]
    assert outcome.sample is None
    assert outcome.voi.explanation == "region"


def test_a_region_counts_pixels_by_their_centres():
    seen = []
    state = replace(STATE, sample=lambda one, other: seen.append((one, other)) or np.array([]))
    dragged(region_window, state, (104, 100), (500, 700))
    assert seen == [((10.4, 5.0), (50.0, 35.0))]
    sample = sample_of(PICTURE)
    assert sample((10.4, 5.0), (50.0, 35.0)).size == 40 * 30
    assert sample((10.6, 5.0), (50.0, 35.0)).size == 39 * 30
    assert sample((50.0, 35.0), (10.6, 5.0)).size == 39 * 30
    assert sample((-9.0, -9.0), (500.0, 500.0)).size == STORED.size
    assert sample((-9.0, -9.0), (-1.0, 500.0)).size == 0


def test_padding_and_missing_pixels_do_not_count():
    stored = STORED.copy()
    stored[:, :20] = 63
    image = replace(IMAGE, padding=Padding(60, 63))
    picture = Picture.of(image, Frame(KEY, stored, "MONOCHROME2", first_missing=50 * 80))
    values = sample_of(picture)((0.0, 0.0), (80.0, 60.0))
    assert np.sort(values).tolist() == np.sort(stored[:50, 20:].ravel().astype(float) - 1024).tolist()


def test_a_region_that_is_all_of_one_value_changes_nothing():
    state = replace(STATE, sample=lambda _one, _other: np.full(9, 7.0))
    assert dragged(region_window, state, (100, 100), (500, 700)).outcome.voi is None
    assert window_of(np.array([])) is None


def test_one_dead_pixel_does_not_decide_the_window_of_its_region():
    assert ends(window_of(np.array([*range(100), 60000.0]))) == (1.0, 99.0)


def test_where_the_percentiles_are_one_value_the_extremes_count():
    assert ends(window_of(np.array([*[5.0] * 500, 9.0]))) == (5.0, 9.0)


def test_values_that_are_no_whole_numbers_get_an_exact_window():
    found = window_of(np.linspace(0.0005, 0.0025, 101))
    assert found.function is WindowFunction.LINEAR_EXACT
    assert ends(found) == pytest.approx((0.00052, 0.00248))


def test_a_region_can_be_clicked_at_two_corners_and_is_shown_until_then():
    dragging = Dragging()
    dragging.begin(region_window, STATE, Pointer(100, 100))
    dragging.release(Pointer(101, 100))
    assert dragging.active
    dragging.move(Pointer(500, 700, down=False))
    shown = dragging.preview
    assert isinstance(shown, Annotation)
    assert shown.kind is Kind.OUTLINE
    assert shown.points == ((10, 5), (50, 5), (50, 35), (10, 35), (10, 5))
    dragging.move(Pointer(500, 700))
    dragging.release(Pointer(500, 700))
    assert dragging.outcome == dragged(region_window, STATE, (100, 100), (500, 700)).outcome


def test_without_values_there_is_no_region():
    for state in (replace(STATE, sample=None), ViewportState()):
        assert dragged(region_window, state, (0, 0), (50, 50)).outcome is None


# ------------------------------------------------------------------------------------------ rectangle, lens
def test_a_rectangle_fills_the_viewport_around_its_middle():
    outcome = dragged(zoom_rectangle, STATE, (100, 100), (300, 200)).outcome
    assert outcome.to_screen(*STATE.to_image(200, 150)) == pytest.approx((400, 600))
    assert outcome.to_screen(*STATE.to_image(100, 100))[0] == pytest.approx(0)
    assert outcome.shown_zoom == pytest.approx(40)


def test_a_turned_picture_is_zoomed_to_the_rectangle_on_the_screen():
    state = replace(STATE, rotation=90, flipped=True, pan=(13.0, -5.0))
    outcome = dragged(zoom_rectangle, state, (200, 400), (260, 700)).outcome
    assert outcome.to_screen(*state.to_image(230, 550)) == pytest.approx((400, 600))
    assert outcome.to_screen(*state.to_image(230, 400))[1] == pytest.approx(0)


def test_a_rectangle_without_extent_changes_nothing():
    assert dragged(zoom_rectangle, STATE, (100, 100), (300, 100)).outcome is None
    assert dragged(zoom_rectangle, ViewportState(), (100, 100), (300, 200)).outcome is None


def test_the_magnifier_changes_no_view():
    dragging = dragged(magnify, STATE, (100, 100), (300, 200))
    assert dragging.outcome is None
    assert not dragging.active


# ------------------------------------------------------------------------------------------ IHE BIR windows
def test_bir_B12_dragging_right_widens_and_dragging_up_lowers_the_centre():
    right = dragged(window, STATE, (100, 100), (350, 100)).outcome.voi
    assert (right.center, right.width) == (40.0, pytest.approx(400 * math.e, rel=2e-3))
    up = dragged(window, STATE, (100, 300), (100, 50)).outcome.voi  # one width down the values
    assert (up.center, up.width) == (-360.0, 400.0)


def test_bir_B13_windows_are_of_modality_values_for_mr_and_pet_too():
    """BIR would ignore Rescale for MR, PET, XA; PS3.3 C.11.2.1.2 windows what comes out of the Modality LUT.

    We follow the standard, which says it for every image without exception: the numbers of the window are
    those that the probe, the regions and a saved presentation state have.
    """
    for modality in ("MR", "PT", "XA"):
        image = replace(PET, text={"Modality": modality})
        pipeline = GrayscalePipeline(image.modality_lut, Window(5000.5, 10001.0))
        assert pipeline.render(np.array([[0, 1250, 5000]], "u2")).tolist() == [[0, 64, 255]]


def test_bir_B15_nm_and_pet_begin_clamped_and_others_do_not():
    assert is_clamped(replace(STATE, image=PET))
    assert is_clamped(replace(STATE, image=replace(PET, text={"Modality": "NM"})))
    assert not is_clamped(STATE)
    assert not is_clamped(ViewportState())


def test_bir_B15_clamped_the_lower_end_stays_at_0():
    state = replace(STATE, image=PET)
    for path in (((100, 100), (225, 100)), ((100, 100), (100, 225))):
        found = dragged(window, state, *path).outcome.voi
        assert found.center - found.width / 2 == 0
        assert found.width == pytest.approx(10000 * math.exp(0.5), rel=2e-3)
    less = dragged(window, state, (100, 300), (100, 50)).outcome.voi
    assert less.width == pytest.approx(10000 / math.e, rel=2e-3)
    assert less.explanation == "clamped"


def test_bir_B15_the_clamp_goes_on_and_off_and_reset_gives_the_custom_of_the_modality():
    on = steps.clamp(STATE)
    assert is_clamped(on)
    assert (on.voi.center, on.voi.width) == (120.0, 240.0)  # to the upper end of C 40 W 400
    off = steps.clamp(on)
    assert not is_clamped(off)
    assert off.voi == on.voi
    assert is_clamped(reset(replace(off, image=PET)))
    assert not is_clamped(steps.clamp(replace(STATE, image=PET)))


def test_bir_B15_a_window_below_0_cannot_be_clamped():
    assert clamped(Window(-600.0, 1000.0)) is None
    state = steps.clamp(replace(STATE, voi=Window(-600.0, 1000.0)))
    assert state.voi == Window(-600.0, 1000.0)
    found = dragged(window, state, (100, 100), (350, 100)).outcome.voi
    assert found.center == -600


def test_bir_B15_the_corner_says_clamped():
    state = replace(STATE, image=PET)
    assert worded(PET.vois[0], state).explanation == "clamped"
    assert worded(Window(5000.0, 9000.0), state).explanation == ""
    assert worded(Window(5000.0, 10000.0, explanation="SUV"), state).explanation == "SUV"
    assert worded(PET.vois[0], replace(state, clamped=False)).explanation == ""
    assert worded(None, state) is None


# ----------------------------------------------------------------------------------------------- by keys
def test_the_window_goes_by_tenths_of_its_width():
    assert steps.brighter(STATE).voi.center == 0.0
    assert steps.darker(STATE).voi.center == 80.0
    assert steps.wider(STATE).voi.width == pytest.approx(400 * math.exp(0.1), rel=2e-3)
    assert steps.narrower(STATE).voi.width == pytest.approx(400 * math.exp(-0.1), rel=2e-3)
    assert steps.wider(ViewportState()) == ViewportState()


def test_keys_window_what_is_seen_and_not_only_what_the_header_says():
    state = replace(STATE, image=replace(IMAGE, vois=()), voi_in_force=Window(100.0, 50.0))
    changed = steps.darker(state)
    assert (changed.voi.center, changed.voi_in_force) == (105.0, None)


def test_the_picture_goes_by_tenths_of_the_viewport():
    assert [step(STATE).pan for step in (steps.left, steps.right, steps.up, steps.down)] == [
        (-80, 0),
        (80, 0),
        (0, -120),
        (0, 120),
    ]


def test_the_width_of_the_image_is_fitted():
    state = replace(STATE, width=400, zoom=1.0, pan=(50.0, 0.0))
    fitted = steps.fit_width(state)
    assert fitted.to_screen(0, 30)[0] == pytest.approx(0)
    assert fitted.to_screen(80, 30)[0] == pytest.approx(400)
    turned = steps.fit_width(replace(state, rotation=90))
    assert sorted(turned.to_screen(40, y)[0] for y in (0, 60)) == pytest.approx([0, 400])
    assert steps.fit_width(ViewportState()) == ViewportState()


def test_twice_is_200_percent_around_the_middle():
    state = replace(STATE, pan=(33.0, 7.0))
    twice = steps.twice(state)
    assert twice.shown_zoom == 2.0
    assert twice.to_image(400, 600) == pytest.approx(state.to_image(400, 600))


def test_bir_B16_invert_exchanges_black_and_white_on_top_of_the_images_own_polarity():
    row = command_row("invert")
    for own in (False, True):
        image = replace(IMAGE, inverted=own)
        state = replace(STATE, image=image)
        values = np.array([[800, 1064, 1300]], "u2")
        plain, exchanged = (
            pipeline_of(image, Window(40.0, 400.0), inverted=view.inverted).render(values)
            for view in (state, row.apply(state))
        )
        assert (plain.astype(int) + exchanged == 255).all()
        assert row.is_on(row.apply(state))


def test_bir_B17_tables_windows_and_sigmoids_are_all_there_to_be_chosen():
    table = LookupTable(0, np.array([0, 10, 200, 255], np.uint16), 8, "MAMMO")
    vois = (Window(40.0, 400.0), Window(2.0, 4.0, WindowFunction.SIGMOID, "SOFT"), table)
    image = replace(IMAGE, vois=vois, modality_lut=Rescale())
    frame = Frame(KEY, np.array([[0, 1, 2, 3]], "u2"), "MONOCHROME2")
    shown = [
        pipeline_of(image, resolve_voi(image, frame, None, number)).render(frame.stored)[0].tolist()
        for number in range(3)
    ]
    sigmoid = [math.floor(255 / (1 + math.exp(-4 * (value - 2) / 4)) + 0.5) for value in range(4)]
    assert shown[1] == sigmoid
    assert shown[2] == [0, 10, 200, 255]
    assert shown[0][0] == math.floor(((0 - 39.5) / 399 + 0.5) * 255 + 0.5)


def test_bir_B20_dragging_down_enlarges_and_up_reduces_and_nothing_is_distorted():
    for tool, path, larger in (
        (zoom, ((400, 300), (400, 450)), True),
        (zoom, ((400, 300), (400, 150)), False),
        (pan, ((400, 300), (500, 270)), None),
    ):
        state = dragged(tool, STATE, *path).outcome
        across = state.to_screen(10, 0)[0] - state.to_screen(0, 0)[0]
        down = state.to_screen(0, 5)[1] - state.to_screen(0, 0)[1]  # 5 rows are as high as 10 columns wide
        assert across == pytest.approx(down)
        if larger is None:
            assert state.to_screen(*STATE.to_image(400, 300)) == pytest.approx((500, 270))
        else:
            assert (state.shown_zoom > STATE.shown_zoom) is larger
            assert state.to_screen(*STATE.to_image(400, 300)) == pytest.approx((400, 300))
