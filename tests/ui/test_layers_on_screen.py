"""Shutter and overlays in the window: announced, switched by their keys, put back by a reset."""

import make
import numpy as np
import pytest

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

WHITE = 255


@pytest.fixture
def person(reader, tmp_path):
    stored = np.full((60, 80), 1064, "<i2")  # 40 HU: the middle of the window
    dataset = make.ct(
        stored,
        spacing=(0.5, 0.5),
        ShutterShape="RECTANGULAR",
        ShutterLeftVerticalEdge="11",
        ShutterRightVerticalEdge="70",
        ShutterUpperHorizontalEdge="11",
        ShutterLowerHorizontalEdge="50",
        ShutterPresentationValue=20_000,
    )
    mask = np.zeros((60, 80), bool)
    mask[20:40, 30:50] = True
    for element, vr, value in [
        (0x0010, "US", 60), (0x0011, "US", 80), (0x0040, "CS", "G"), (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1), (0x0102, "US", 0), (0x3000, "OW", np.packbits(mask, bitorder="little").tobytes()),
    ]:  # fmt: skip
        dataset.add_new((0x6000, element), vr, value)
    return reader(make.write(dataset, tmp_path / "image"))


def levels(person):
    """Return the greys in the overlay, beside it, and under the shutter."""
    seen = person.seen()
    found = []
    for x, y in [(40, 30), (20, 45), (8, 30)]:
        across, down = person.point(x, y)
        found.append(int(seen[int(down), int(across), 0]))
    return found


def test_A11_C22_both_are_shown_and_the_shutter_is_announced(person):
    overlay, tissue, hidden = levels(person)
    assert (overlay, hidden) == (WHITE, 78)  # 20000 / 257
    assert 120 < tissue < 135
    assert "SHUTTER ON" in person.words()


def test_A11_C22_keys_switch_them_and_a_reset_puts_them_back(person):
    tissue = levels(person)[1]
    person.key("Shift+D")
    assert levels(person) == [WHITE, tissue, tissue]
    assert "shutter off" in person.words()
    person.key("Shift+O")
    assert levels(person) == [tissue, tissue, tissue]
    assert "overlays hidden" in person.words()
    person.key("Esc")
    assert levels(person) == [WHITE, tissue, 78]


def test_A11_neither_window_nor_inversion_changes_them(person):
    person.key("N")
    overlay, _, hidden = levels(person)
    assert (overlay, hidden) == (WHITE, 78)
