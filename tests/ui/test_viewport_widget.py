"""One viewport: what it paints in device pixels, and what it says of the mouse."""

import json
import os
import subprocess
import sys
from pathlib import Path

import make
import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from window import LEFT, assert_seen, files, fitted, middle, slices, windowed, written

from viewer.ui.viewport.viewport_widget import Look, ViewportWidget
from viewer.viewing.pane import Pane

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

TESTS = Path(__file__).resolve().parent.parent
# On a screen of two device pixels to a logical one: prints the largest difference from numpy's greys, the
# size that was compared, and what a length that was dragged by logical positions measures.
ON_A_FINE_SCREEN = """
import sys, json, tempfile, pathlib
sys.path.insert(0, {tests!r})
import numpy as np, make
from PySide6.QtWidgets import QApplication
from PySide6.QtTest import QTest
from window import Reader, pixels_of, fitted, middle, windowed, slices, written
from viewer.app import _application
from viewer.settings import Settings
from viewer.cache.frames import FrameCache
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue
from viewer.ui.bridge import MainThread
from viewer.ui.main_window import MainWindow
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.loader import Loader
from viewer.viewing.opening import Opening

def main():
    application = _application(Settings())
    folder = pathlib.Path(tempfile.mkdtemp())
    (dataset,) = slices(1)
    written([dataset], folder / "ct")
    bridge = MainThread()
    queue, pool = JobQueue(bridge.post), DecoderPool(1)
    loader = Loader(queue, pool, FrameCache(1 << 26))
    opening, cabinet = Opening(queue, pool, bridge.post, folder), Cabinet(None, loader, pool, folder)
    window = MainWindow(queue, loader, opening, lambda: True, cabinet)
    person = Reader(window, None, loader)
    def wait(condition):
        while not condition():
            QTest.qWait(10)
    person.wait = wait
    window.resize(900, 650)
    window.show()
    person.open(folder / "ct")
    viewport = person.viewport()
    ratio = viewport.devicePixelRatioF()
    seen = person.seen()
    size = seen.shape[1], seen.shape[0]
    expected = windowed(fitted(make.frames_of(dataset)[0], size, aspect=2.0) - 1024, 40, 400)
    worst = np.nanmax(np.abs(middle(seen).astype(float) - middle(expected)[..., None]))
    person.window.reading.room.hands.tool = "length"
    person.drag(person.point(10, 10), person.point(30, 10))
    label = person.viewport().look.drawn[0].label
    window.shut(); queue.close(); pool.close()
    print(json.dumps([ratio, size, [viewport.width(), viewport.height()], worst, label]))

if __name__ == "__main__":
    main()
"""


def test_on_a_screen_of_twice_the_pixels_every_device_pixel_has_its_own_value(tmp_path):
    script = tmp_path / "fine.py"
    script.write_text(ON_A_FINE_SCREEN.format(tests=str(TESTS)), "utf-8")
    fine = os.environ | {"QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    fine |= {"PYTHONPATH": str(TESTS.parent)}
    ran = subprocess.run(
        [sys.executable, str(script)], env=fine, capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 0, ran.stderr
    ratio, size, logical, worst, label = json.loads(ran.stdout.splitlines()[-1])
    assert ratio == 2
    assert size == [2 * logical[0], 2 * logical[1]]
    assert worst <= 1.2
    assert label == "5.0 mm"  # 20 columns of 0.25 mm


def test_one_to_one_shows_every_stored_value_once(reader, tmp_path):
    stored = np.random.default_rng(5).integers(900, 1200, (40, 50)).astype("<i2")
    person = reader(make.write(make.ct(stored, spacing=(0.5, 0.5)), tmp_path / "ct"))
    person.key("Shift+F")
    left, top = (round(place) for place in person.pane.state.to_screen(0, 0))
    seen = person.seen()[top : top + 40, left : left + 50, 0]
    assert np.abs(seen - windowed(stored - 1024.0, 40, 400)).max() <= 0.51


def test_pixels_are_squares_when_smoothing_is_off(reader, tmp_path):
    stored = np.array([[900, 1200, 900], [1200, 900, 1200]], "<i2").repeat(4, 0).repeat(4, 1)
    person = reader(make.write(make.ct(stored, spacing=(1.0, 1.0)), tmp_path / "ct"))
    person.key("Shift+S")
    greys = set(np.unique(middle(person.seen())))
    assert greys == {round(float(windowed(np.float64(v - 1024), 40, 400))) for v in (900, 1200)}


def test_colour_is_shown_as_it_is(reader, tmp_path):
    stored = np.full((30, 40, 3), (200, 30, 90), "u1")
    person = reader(make.write(make.us_color(stored, SequenceOfUltrasoundRegions=None), tmp_path / "us"))
    assert (middle(person.seen()) == (200, 30, 90)).all()


def test_turned_and_zoomed_it_is_still_the_same_picture(reader, tmp_path):
    (dataset,) = slices(1)
    person = reader(written([dataset], tmp_path / "ct"))
    person.key("+", "+", "-", "-", "F")
    assert_seen(person, dataset)
    viewport = person.viewport()
    zoom = person.pane.state.shown_zoom * 1.25
    person.key("+")
    stored = fitted(make.frames_of(dataset)[0], (viewport.width(), viewport.height()), 2.0, zoom)
    expected = middle(windowed(stored - 1024, 40, 400))
    assert np.nanmax(np.abs(middle(person.seen()).astype(float) - expected[..., None])) <= 1.2


def test_why_there_is_no_picture_stands_where_the_picture_would_be(qtbot):
    widget = ViewportWidget()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    empty = widget.grab().toImage()
    widget.set_look(Look(Pane(trouble="/cd/IM1: it is cut off")))
    assert widget.grab().toImage() != empty
    widget.set_look(Look(Pane(), hint="Drop a folder here"))
    assert widget.grab().toImage() != empty


def test_it_tells_positions_in_device_pixels_and_the_button(qtbot):
    widget = ViewportWidget()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    heard = []
    widget.pressed.connect(
        lambda pointer, button, _keys: heard.append((pointer.x, pointer.y, pointer.down, button))
    )
    widget.released.connect(
        lambda pointer, button: heard.append((pointer.x, pointer.y, pointer.down, button))
    )
    qtbot.mousePress(widget, LEFT, pos=widget.rect().center())
    qtbot.mouseRelease(widget, LEFT, pos=widget.rect().center())
    ratio = widget.devicePixelRatioF()
    place = (149 * ratio, 99 * ratio)
    assert heard == [(*place, True, LEFT), (*place, False, LEFT)]


def test_a_move_to_a_screen_of_another_scale_is_told_as_a_new_size(qtbot):
    widget = ViewportWidget()
    qtbot.addWidget(widget)
    widget.resize(300, 200)
    with qtbot.waitSignal(widget.resized) as heard:
        QApplication.sendEvent(widget, QEvent(QEvent.Type.DevicePixelRatioChange))
    assert tuple(heard.args) == widget.device_size


def test_text_that_is_dropped_is_not_taken(reader, tmp_path):
    person = reader()
    data = files(tmp_path)
    data.clear()
    data.setText("hello")
    assert not person.drop(person.viewport(), data)


def test_a_screen_reader_hears_whose_image_and_which_one(reader, tmp_path):
    person = reader(written(slices(3), tmp_path / "ct"))
    assert person.viewport().accessibleName() == "Viewport 1"
    words = person.viewport().accessibleDescription()
    assert "Tina" in words
    person.key("Down")
    assert person.viewport().accessibleDescription() != words


def test_a_paint_of_a_picture_is_told(reader, tmp_path):
    (dataset,) = slices(1)
    person = reader(written([dataset], tmp_path / "ct"))
    viewport, told = person.viewport(), []
    viewport.painted.connect(lambda: told.append(viewport.look.pane.picture.description.key))
    viewport.repaint()
    assert {key.sop_instance_uid for key in told} == {dataset.SOPInstanceUID}


def test_a_paint_without_a_picture_is_not_told(qtbot):
    widget, told = ViewportWidget(), []
    qtbot.addWidget(widget)
    widget.painted.connect(lambda: told.append(widget))
    widget.grab()
    assert told == []
