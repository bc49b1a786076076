"""The program is killed in the middle of work, by the signal that nobody hears; what was drawn is there."""

import os
import signal
import sys
import time

import pytest
from test_real_mouse import ROOT, SIZE, opened, process, screen, steady, until  # noqa: F401  found here by name
from window import slices, written

from viewer.cache.store import Store

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the X server is Xvfb"),
    pytest.mark.qt_log_ignore("This plugin does not support .*"),
]
FIFTH = 165  # the mean grey in its middle is 171, that of the image before 158: it is there when all is read
PROMISE = 0.5  # seconds after a gesture; 0.15 are waited for more, the rest is the disk of a busy machine


def drag(screen, start, end):  # noqa: F811
    """Drag as a hand does: several moves while the button is down."""
    screen.hand("mousemove", *start, "mousedown", 1)
    for step in range(1, 5):
        part = step / 4
        between = (round(a + (b - a) * part) for a, b in zip(start, end, strict=True))
        screen.hand("mousemove", *between)
    screen.hand("mouseup", 1)


def test_measurements_are_there_after_a_kill_on_the_images_they_belong_to(
    screen,  # noqa: F811
    reader,
    tmp_path,
):
    folder, cache = written(slices(9, 64, 64, spacing=(1.0, 1.0)), tmp_path / "ct"), tmp_path / "cache"
    size = f"{SIZE[0] - 80}x{SIZE[1] - 100}"
    environment = screen.environment | {"VIEWER_CACHE": str(cache)}
    command = [sys.executable, "-m", "viewer", str(folder), "--size", size]
    with process(*command, env=environment, cwd=ROOT) as program:
        x, y, box = opened(screen)
        left, top, right, bottom = box
        until(lambda: screen.pixels()[top:bottom, left:right].mean() > FIFTH, "not all images came")
        screen.hand("key", "d")
        drag(screen, (x - 90, y - 50), (x + 80, y + 40))
        first = steady(screen, box)
        screen.hand("click", 5)
        steady(screen, box, changed_from=first)
        drag(screen, (x - 80, y + 90), (x + 60, y + 10))
        drag(screen, (x - 50, y - 90), (x + 60, y - 40))
        screen.hand("key", "ctrl+z")
        time.sleep(PROMISE)
        os.kill(program.pid, signal.SIGKILL)
        program.wait(15)

    with Store(cache) as store:  # the next start
        person = reader(folder, store=store)
        person.wait(lambda: len(person.drawings.annotations) == 2)
        numbers = []
        for shape in person.drawings.annotations:
            person.desk.go_to(0, person.pane.hung.keys.index(shape.frame))
            person.settle()
            assert [each.annotation for each in person.viewport().look.drawn] == [shape]
            assert person.viewport().look.drawn[0].label.endswith(" mm")
            numbers.append(person.number())
        assert numbers == [5, 6]
        assert "2 measurements are here again" in person.said
