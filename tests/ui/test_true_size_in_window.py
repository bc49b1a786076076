"""Calibrating a monitor, and true size in the window, at every scaling of the system."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import make
import pytest
from PySide6.QtTest import QTest
from window import slices, written

from viewer.ui.true_size.calibration_panel import CalibrationPanel
from viewer.viewing.monitors import CARD_MM, Screen

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]
TESTS = Path(__file__).resolve().parent.parent
SCALED = """
import json
from PySide6.QtWidgets import QApplication
from viewer.ui.true_size.size_room import screen_of
application = QApplication([])
screen = screen_of(application.primaryScreen())
print(json.dumps([screen.width, screen.height, screen.pitch, application.primaryScreen().devicePixelRatio()]))
"""


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_the_pixels_of_a_monitor_are_those_of_the_device_at_every_scaling(scale):
    environment = os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    environment |= {"PYTHONPATH": str(TESTS.parent)}
    ran = subprocess.run(
        [sys.executable, "-c", SCALED],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    width, height, pitch, ratio = json.loads(ran.stdout)
    assert ratio == float(scale)
    assert (width, height) == (800, 800)  # of Qt's screen without a display: 8 inches of 100 pixels
    assert pitch == pytest.approx(25.4 / 100)


def test_true_size_is_said_on_the_picture_with_its_doubt(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    person.key("Alt+T")
    assert "true size, monitor not calibrated" in person.words()
    state = person.pane.state
    spacing = state.image.calibration.column_spacing
    across = state.to_screen(20, 10)[0] - state.to_screen(10, 10)[0]
    assert across * 25.4 / 100 == pytest.approx(10 * spacing)
    person.key("F")
    assert "true size" not in person.words()


def test_bir_B33_an_image_without_lengths_has_no_true_size_and_says_why(reader, tmp_path):
    person = reader(make.write(make.us_color(SequenceOfUltrasoundRegions=None), tmp_path / "us"))
    before = person.pane.state
    person.key("Alt+T")
    assert "No length is known" in person.said
    assert person.pane.state == before
    assert "true-size" in person.window.reading.signs.reasons()


def test_a_monitor_is_calibrated_by_keyboard_and_true_size_follows(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    room = person.window.view_tools.sizes
    person.window._dispatcher.run("calibrate-monitor")
    panel = room.panel
    assert not panel.isModal()
    assert panel.frame.wide == round(CARD_MM / 0.254)
    QTest.keySequence(panel.frame, "Shift+Right")
    QTest.keySequence(panel.frame, "Right")
    assert panel.frame.wide == round(CARD_MM / 0.254) + 11
    panel._keep.click()
    (kept,) = person.window.settings.preferences.now.monitors
    assert kept.pitch == pytest.approx(CARD_MM / (round(CARD_MM / 0.254) + 11), abs=1e-6)
    assert kept.date == date.today().isoformat()  # noqa: DTZ011  the reader's day
    assert "Calibrated on" in panel._known.text()
    panel.close()
    person.key("Alt+T")
    assert "true size" in person.words()
    assert "not calibrated" not in person.words()
    person.window._dispatcher.run("calibrate-monitor")
    panel._forget.click()
    assert person.window.settings.preferences.now.monitors == ()
    assert "true size" not in person.words()
    QTest.keySequence(panel, "Esc")
    assert not panel.isVisible()


def test_a_ruler_is_as_good_as_a_card(qtbot):
    panel = CalibrationPanel(None)
    qtbot.addWidget(panel)
    panel.show_screen(Screen(width=100, height=100), None, "")
    panel.frame.set_wide(400)
    panel.length.setValue(100.0)
    told = []
    panel.measured.connect(told.append)
    panel._keep.click()
    assert told == [0.25]


def test_what_no_monitor_can_be_is_not_kept(qtbot):
    panel = CalibrationPanel(None)
    qtbot.addWidget(panel)
    panel.frame.set_wide(80)
    panel.length.setValue(1000.0)
    assert not panel._keep.isEnabled()
    panel.length.setValue(20.0)
    assert panel._keep.isEnabled()


def test_each_viewport_has_the_pixels_of_its_own_monitor_and_follows_it_to_another(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    sizes = person.window.view_tools.sizes
    assert sizes.pitch(0).mm == pytest.approx(0.254)
    assert sizes.pitch(99) is None  # gone with its layout
    before = person.viewport().look
    person.viewport().screen_changed.emit()
    assert person.viewport().look is not before
