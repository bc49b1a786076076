"""Pseudo-colours in the window: on the picture, in words, beside a bar, and gone with a reset."""

import make
import numpy as np
from window import middle, slices, windowed, written

from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.palettes import WELL_KNOWN, load
from viewer.rendering.pipeline import GrayscalePipeline
from viewer.rendering.pseudo_color import PseudoColor
from viewer.ui.viewport.color_bar import color_bar

PET = WELL_KNOWN[1]
COLORS = PseudoColor.of("pet", load(PET))


def chosen(person, name):
    person.window._dispatcher.run(f"colors-{name}")
    person.wait(lambda: not name or name == "grey" or person.viewport().look.colors is not None)
    person.settle()


def test_a_picture_takes_the_colours_of_a_palette_and_reset_gives_the_greys_back(reader, tmp_path):
    stored = np.repeat(np.arange(800, 1400, 20).astype("<i2")[:, np.newaxis], 40, 1)
    person = reader(make.write(make.ct(stored, spacing=(1.0, 1.0)), tmp_path / "ct"))
    person.key("Shift+S", "Shift+F")
    left, top = (round(place) for place in person.pane.state.to_screen(0, 0))
    chosen(person, "pet")
    seen = person.seen()[top : top + 30, left]
    gray = np.floor(windowed(stored[:, 0] - 1024.0, 40, 400) + 0.5).astype(int)
    assert np.abs(seen.astype(int) - load(PET).colors[gray]).max() <= 6  # half a grey apart
    assert "pseudo-colour: PET" in person.words()
    bar = person.viewport().look.bar
    assert bar.words[0] == "-160"
    assert bar.words[-1].startswith("239")
    person.key("Esc")
    assert person.pane.state.palette == ""
    assert "pseudo-colour" not in person.words()
    assert (np.ptp(middle(person.seen()), axis=2) == 0).all()


def test_one_key_goes_through_all_palettes_and_back_to_grey(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    names = []
    for _ in range(len(WELL_KNOWN) + 1):
        person.key("Shift+N")
        names.append(person.pane.state.palette)
    assert names == [*(each.name for each in WELL_KNOWN), ""]


def test_a_colour_image_keeps_its_colours_and_says_why(reader, tmp_path):
    stored = np.full((30, 40, 3), (200, 30, 90), "u1")
    person = reader(make.write(make.us_color(stored, SequenceOfUltrasoundRegions=None), tmp_path / "us"))
    person.key("Shift+N")
    assert person.said == "A colour image is shown in its own colours."
    assert person.pane.state.palette == ""
    assert (middle(person.seen()) == (200, 30, 90)).all()


def test_bir_B33_what_cannot_be_used_says_why(reader, tmp_path):
    stored = np.full((30, 40, 3), (200, 30, 90), "u1")
    person = reader(make.write(make.us_color(stored, SequenceOfUltrasoundRegions=None), tmp_path / "us"))
    reasons = person.window.reading.signs.reasons()
    assert {"window", "region-window", "clamp", "brighter", "next-colors", "colors-pet"} <= reasons.keys()


def test_the_bar_shows_the_values_that_the_window_tells_apart():
    for voi, low, high in (
        (Window(40.0, 400.0), "-160", "239 HU"),
        (Window(0.5, 1.0, WindowFunction.LINEAR_EXACT), "0.0", "1.0 HU"),
        (Window(40.0, 400.0, WindowFunction.SIGMOID), "-360", "440 HU"),
        (LookupTable(-50, np.arange(256, dtype=np.uint16), 8), "-50", "205 HU"),
    ):
        bar = color_bar(COLORS, GrayscalePipeline(Rescale(), voi), "HU")
        assert (bar.words[0], bar.words[-1]) == (low, high)
        assert (bar.rgb[-1] >= (255, 240, 230)).all()  # white but for the last 2 % of a sigmoid
    assert color_bar(COLORS, GrayscalePipeline(), "") is None


def test_the_bar_of_an_inverted_picture_runs_the_other_way():
    bar = color_bar(COLORS, GrayscalePipeline(voi=Window(40.0, 400.0), inverted=True), "HU")
    assert bar.rgb[0].tolist() == [255, 255, 255]
    assert bar.rgb[-1].tolist() == [0, 0, 0]
