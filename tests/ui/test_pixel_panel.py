"""The pixel under the pointer in the side panel, in the real window."""

from dataclasses import replace

import make
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from window import slices, written

from viewer.dicom.luts import Window
from viewer.ui.panels.pixel_panel import EMPTY, PixelPanel
from viewer.viewing.why import Step

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager


def test_what_a_file_says_is_shown_as_plain_text(qtbot):
    panel = PixelPanel()
    qtbot.addWidget(panel)
    panel.set_steps("Column 1", [Step("voi", 50.0, "%", "<b>Bone</b>\n\u202eevil", "C 1 W 2")])
    assert panel.text == "Column 1\nVOI  50 %  <b>Bone</b> evil  C 1 W 2"
    assert {label.textFormat() for label in panel.findChildren(QLabel)} == {Qt.TextFormat.PlainText}


def test_real_world_values_damage_and_notices_have_rows_of_their_own(qtbot):
    panel = PixelPanel()
    qtbot.addWidget(panel)
    panel.set_steps(
        "Column 1",
        [
            Step("real world", 602, "mm2/s", "Real World Value Mapping (0040,9096): ADC", "stored 0 to 9"),
            Step("damage", None, "", "the last row is missing"),
            Step("notice", None, "", "Rescale Slope (0028,1053) is 0: ignored"),
        ],
    )
    assert panel.text.splitlines()[1:] == [
        "Real world  602 mm2/s  Real World Value Mapping (0040,9096): ADC  stored 0 to 9",
        "Damaged  the last row is missing",
        "Header  Rescale Slope (0028,1053) is 0: ignored",
    ]


def test_nothing_to_explain_is_said(qtbot):
    panel = PixelPanel()
    qtbot.addWidget(panel)
    panel.set_steps("Column 1", [Step("stored", 7, "", "Bits Stored")])
    panel.set_steps("", ())
    assert panel.text == f"Pixel\n{EMPTY}"
    panel.set_steps("", (), "The palette is missing.")
    assert panel.text == "Pixel\nThe palette is missing."


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (-1024, "HU", "-1024 HU"),
        (0.1 + 0.2, "", "0.3"),
        (True, "", "yes: no tissue"),
        (False, "", "no"),
        (None, "%", "\u2013"),
        ((1, 2, 3), "of 255", "1 2 3 of 255"),
        (0.5, "1", "0.5"),  # UCUM for a number as such
        (123456789, "HU", "123456789 HU"),
    ],
)
def test_values_are_written_for_a_person(value, unit, words):
    assert Step("stored", value, unit, "").words == words


def test_the_panel_follows_the_pointer_the_image_and_the_window(reader, tmp_path):
    person = reader(written(slices(3), tmp_path / "ct"))
    panel = person.window.furniture.pixel
    person.move(person.point(10.5, 20.5))
    assert "Column" not in panel.text  # it is hidden: no work was done
    person.key("Home", "Y")
    person.move(person.point(10.5, 20.5))
    stored = 800 + 20 * 3 + 10 * 5
    assert panel.isVisible()
    assert f"Stored  {stored}  " in panel.text
    assert panel.text.startswith("Column 10, row 20")
    person.key("Down")  # another image under the same pointer
    assert f"Stored  {stored + 20}  " in panel.text
    assert f"Modality  {stored + 20 - 1024} HU" in panel.text
    person.window.reading.view(lambda state: replace(state, voi=Window(0, 3000, source="preset X")))
    assert "preset X" in panel.text
    person.move((2, 2))
    assert panel.text == f"Pixel\n{EMPTY}"
    person.key("Y")
    assert not panel.isVisible()


def test_colours_are_explained_too(reader, tmp_path):
    colours = np.zeros((48, 64, 3), "u1")
    colours[..., 1] = 200
    person = reader(make.write(make.us_color(colours), tmp_path / "us"))
    person.key("Y")
    person.move(person.point(5.5, 5.5))
    assert "Displayed  0 200 0 of 255" in person.window.furniture.pixel.text


def test_planes_through_a_volume_are_explained_too(reader, tmp_path):
    planes = reader(written(slices(6), tmp_path / "ct"))
    planes.key("M", "Y")
    for number in range(4):
        planes.move(planes.point(10.5, 1.5, number), number)
        text = planes.window.furniture.pixel.text
        assert ("interpolated between the slices" in text) == (number < 3), number
        assert "HU" in text
