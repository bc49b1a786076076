"""The rows of tools and commands."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Window
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.records import FrameKey
from viewer.rendering.spatial import Affine
from viewer.tools.commands import COMMANDS, command_row
from viewer.tools.table import TOOLS, tool_row
from viewer.viewing.viewport import ViewportState

ROWS = [*TOOLS, *COMMANDS]
PROJECTION = ImageDescription(
    FrameKey("1.2.3"),
    "1.2",
    rows=200,
    columns=301,
    projection=True,
    pixel_aspect=1.5,
    overlays=(OverlayPlane(0x6000, OverlayKind.GRAPHIC, np.zeros(7525, np.uint8)),),
    shutter=Shutter((1, 1, 200, 100)),
)
SLICE = replace(PROJECTION, projection=False)
COLOR = replace(SLICE, photometric="RGB", samples_per_pixel=3)
STATE = ViewportState(801, 600, PROJECTION, zoom=1.7, pan=(20.0, -7.0))
OTHERS_KEYS = set("ICJOLUPRH") | {"F1", "F10"}  # of IHE BIR table 13, for what is not a row here


def middle(state):
    return Affine.translation(-state.width / 2, -state.height / 2) @ state.affine


def test_every_row_has_its_own_name_and_key():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len({row.key.casefold() for row in ROWS}) == len(ROWS)
    assert not OTHERS_KEYS & {row.key for row in ROWS}


def test_every_row_can_be_shown():
    icons = Path(__file__).parents[2] / "resources" / "icons"
    for row in ROWS:
        assert row.title
        assert row.tip
        assert "." not in row.tip
        assert (icons / f"{row.icon}.svg").is_file(), row.icon


def test_the_modal_tools_have_the_keys_of_the_profile():
    keys = {row.name: row.key for row in TOOLS}
    profile = {
        "scroll": "S",
        "window": "W",
        "zoom": "Z",
        "pan": "T",
        "length": "D",
        "cobb": "A",
        "select": "V",
    }
    assert {name: keys[name] for name in profile} == profile


def test_without_an_image_everything_says_why_it_cannot_be_used():
    assert {row.reason(None) for row in ROWS} == {"There is no image here."}


def test_window_and_invert_are_for_grey_images():
    refused = {row.name for row in ROWS if row.reason(replace(COLOR, projection=True))} - {"shift-mask"}
    windows = {"window", "region-window", "wider", "narrower", "brighter", "darker", "clamp"}
    assert refused == {*windows, "invert"}


def test_only_projections_are_turned_and_flipped():
    refused = {row.name for row in ROWS if row.reason(SLICE)} - {"shift-mask"}
    assert refused == {"rotate-right", "rotate-left", "flip-horizontal", "flip-vertical"}
    assert {row.name for row in ROWS if row.reason(PROJECTION)} == {"shift-mask"}  # no mask is subtracted


def test_overlays_and_shutters_are_switched_where_there_are_any():
    bare = replace(PROJECTION, overlays=(), shutter=None)
    refused = {row.name for row in ROWS if row.reason(bare)} - {"shift-mask"}
    assert refused == {"overlays", "shutter"}
    for name in ("overlays", "shutter"):
        row = command_row(name)
        assert row.is_on(STATE)
        assert not row.is_on(row.apply(STATE))
        assert row.apply(row.apply(STATE)) == STATE
        assert row.is_on(command_row("reset").apply(row.apply(STATE)))


def test_a_row_is_found_by_its_name():
    assert tool_row("pan").key == "T"
    assert command_row("reset").key == "Esc"


@pytest.mark.parametrize(
    ("name", "on_screen"),
    [
        ("rotate-right", Affine(0, -1, 0, 1, 0, 0)),
        ("rotate-left", Affine(0, 1, 0, -1, 0, 0)),
        ("flip-horizontal", Affine(-1, 0, 0, 0, 1, 0)),
        ("flip-vertical", Affine(1, 0, 0, 0, -1, 0)),
    ],
)
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flipped", [False, True])
def test_turning_and_flipping_is_done_on_the_screen_about_its_middle(name, on_screen, rotation, flipped):
    state = replace(STATE, rotation=rotation, flipped=flipped)
    changed = command_row(name).apply(state)
    assert middle(changed).matrix == pytest.approx((on_screen @ middle(state)).matrix)
    assert changed.rotation in {0, 90, 180, 270}


def test_reset_gives_the_view_of_the_header_and_keeps_the_image():
    changed = replace(STATE, voi=Window(1, 2), inverted=True, rotation=90, flipped=True, alternative=1)
    assert command_row("reset").apply(changed) == ViewportState(801, 600, PROJECTION)


def test_fit_shows_the_whole_image():
    state = command_row("fit").apply(STATE)
    corners = [state.to_screen(x, y) for x in (0, 301) for y in (0, 200)]
    # 301 columns, 200 rows of 1.5: twice that fills the 600 of the height
    assert (min(y for _, y in corners), max(y for _, y in corners)) == pytest.approx((0, 600))
    assert (min(x for x, _ in corners), max(x for x, _ in corners)) == pytest.approx((99.5, 701.5))


def test_one_to_one_puts_pixel_edges_on_pixel_edges():
    state = command_row("one-to-one").apply(replace(STATE, image=replace(PROJECTION, pixel_aspect=1.0)))
    assert state.affine == Affine(1, 0, round(state.affine.tx), 0, 1, round(state.affine.ty))


def test_zooming_by_steps_keeps_the_middle_and_comes_back():
    larger = command_row("zoom-in").apply(STATE)
    assert larger.to_image(400.5, 300) == pytest.approx(STATE.to_image(400.5, 300))
    back = command_row("zoom-out").apply(larger)
    assert (back.zoom, *back.pan) == pytest.approx((STATE.zoom, *STATE.pan))


@pytest.mark.parametrize("name", ["invert", "smooth"])
def test_a_switch_goes_on_and_off(name):
    row = command_row(name)
    once = row.apply(STATE)
    assert row.is_on(once) != row.is_on(STATE)
    assert row.apply(once) == STATE
