"""A real mouse on a real X server: press, drag and turn the wheel, and look at what the screen shows.

Needs Xvfb, openbox and xdotool (Debian packages of these names), all on a display of its own.
"""

import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from window import slices, written

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the X server is Xvfb")

ROOT = Path(__file__).resolve().parents[2]
SIZE = 1280, 860
STILL = 0.8  # seconds without a change after which a picture is taken for final
BRIGHT = 80  # the mean grey of the test images in their middle is twice this; that of words is less
PATIENCE = 60.0  # seconds: the program starts on a machine that is busy


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return found


@contextmanager
def process(*words, **options) -> Iterator[subprocess.Popen]:
    """Start a program of our own, and end it by its id."""
    running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(15)
        for pipe in (running.stdout, running.stderr):
            if pipe is not None:
                pipe.close()


class Screen:
    """A display whose pixels lie in a file that Xvfb keeps (an X window dump)."""

    def __init__(self, number: int, folder: Path) -> None:
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key not in {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
        } | {"DISPLAY": f":{number}"}
        self._dump = folder / "Xvfb_screen0"

    def pixels(self) -> np.ndarray:
        """Return what the screen shows, (height, width, 3): XWDFileHeader of X11/XWDFile.h, pixels."""
        data = self._dump.read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, width, height, line, colors = header[0], header[4], header[5], header[12], header[19]
        start = size + 12 * colors
        rows = np.frombuffer(data[start : start + line * height], np.uint8).reshape(height, line)
        return rows[:, : width * 4].reshape(height, width, 4)[..., 2::-1].astype(int)

    def hand(self, *words: object) -> str:
        """Let xdotool do something and return what it says."""
        command = ["xdotool", *map(str, words)]
        ran = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return ran.stdout.strip() if ran.returncode == 0 else ""


@pytest.fixture
def screen(xvfb: str, xdotool: str, openbox: str, tmp_path: Path) -> Iterator[Screen]:  # noqa: ARG001  xdotool is looked for
    """Return a display of our own, whose number the server itself finds, with a window manager."""
    folder = tmp_path / "screen"
    folder.mkdir()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    words = [xvfb, "-displayfd", "1", "-screen", "0", size, "-fbdir", str(folder), "-nolisten", "tcp"]
    with process(*words, stdout=subprocess.PIPE) as server:
        place = Screen(int(server.stdout.readline()), folder)
        with process(openbox, "--sm-disable", env=place.environment):
            yield place


def steady(screen, box, changed_from=None):
    """Return a part of the screen when it has stood still, and is unlike `changed_from` if that is given."""
    left, top, right, bottom = box
    seen = [np.zeros(0)]
    since = [time.monotonic()]

    def look():
        now = screen.pixels()[top:bottom, left:right]
        if not np.array_equal(now, seen[-1]):
            since[0] = time.monotonic()
        seen.append(now)
        still = time.monotonic() - since[0] > STILL
        return still and (changed_from is None or not np.array_equal(now, changed_from))

    until(look, "the picture did not change")
    return seen[-1]


def opened(screen):
    """Return the window and its middle in the image, when the window is there and shows one."""
    words = ("search", "--onlyvisible", "--name", "^Negatoscope$")
    window = until(lambda: screen.hand(*words).split("\n")[0], "no window came")
    screen.hand("windowactivate", "--sync", window)
    lines = screen.hand("getwindowgeometry", "--shell", window).splitlines()
    place = {key: int(value) for key, value in (line.split("=") for line in lines)}
    x, y = place["X"] + place["WIDTH"] * 6 // 10, place["Y"] + place["HEIGHT"] // 2
    box = (x - 60, y - 60, x + 60, y + 60)
    until(lambda: screen.pixels()[box[1] : box[3], box[0] : box[2]].mean() > BRIGHT, "no image came")
    return x, y, box


ACCENT = (91, 184, 212)  # the frame of the active viewport


def drawn(screen, box) -> int:
    """Return how many pixels of a part of the screen have the yellow green of what is drawn."""
    left, top, right, bottom = box
    red, green, blue = np.moveaxis(screen.pixels()[top:bottom, left:right], 2, 0)
    return int(((green - blue > 60) & (red - blue > 40) & (green >= red)).sum())


def framed(screen, box) -> int:
    """Return how many pixels of a part of the screen have the colour of the active frame."""
    left, top, right, bottom = box
    seen = screen.pixels()[top:bottom, left:right]
    return int((np.abs(seen - np.array(ACCENT)).max(axis=2) < 40).sum())


@contextmanager
def reading(screen, folder):
    """Start the program with a folder; it asks nothing when it is closed."""
    settings = folder.parent / "settings.toml"
    settings.write_text("ask_unseen = false\n")
    places = {"VIEWER_SETTINGS": str(settings), "VIEWER_CACHE": str(folder.parent / "cache")}
    size = f"{SIZE[0] - 80}x{SIZE[1] - 100}"
    command = [sys.executable, "-m", "viewer", str(folder), "--size", size]
    with process(*command, env=screen.environment | places, cwd=ROOT) as program:
        yield program


def test_wheel_and_right_button_of_a_real_mouse_change_the_image_and_its_window(screen, tmp_path):
    folder = written(slices(9, 64, 64, spacing=(1.0, 1.0)), tmp_path / "ct")
    with reading(screen, folder) as program:
        x, y, box = opened(screen)
        screen.hand("mousemove", x, y + 200)  # below the box: the server draws the pointer into the picture
        middle = steady(screen, box)

        # one notch of the wheel is the next image: 20 HU brighter, of a window of 400
        screen.hand("click", 5)
        after = steady(screen, box, changed_from=middle)
        assert (after - middle).mean() == pytest.approx(20 * 255 / 399, abs=2)
        screen.hand("click", 4)
        assert np.array_equal(steady(screen, box, changed_from=after), middle)

        # the right button dragged up by 50 lowers the centre by a fifth of the width: brighter
        screen.hand("mousedown", 3)
        for _ in range(5):
            screen.hand("mousemove_relative", "--sync", "--", 0, -10)
        screen.hand("mouseup", 3)
        brighter = steady(screen, box, changed_from=middle)
        shift = (brighter - middle)[(brighter < 250) & (middle > 5)].mean()
        assert shift == pytest.approx(400 * 50 / 250 * 255 / 399, abs=4)

        # Esc is the header's window again, and closing ends the program without a word of complaint
        screen.hand("key", "Escape")
        again = steady(screen, box, changed_from=brighter)
        assert np.abs(again - middle).max() == 0
        screen.hand("key", "alt+F4")
        assert program.wait(PATIENCE) == 0
        assert b"Traceback" not in program.stderr.read()


def test_bir_b28_a_real_hand_measures_undoes_redoes_and_changes_the_layout(screen, tmp_path):
    folder = written(slices(9, 64, 64, spacing=(1.0, 1.0)), tmp_path / "ct")
    with reading(screen, folder) as program:
        x, y, _ = opened(screen)
        wide = (x - 200, y - 150, x + 260, y + 150)
        screen.hand("mousemove", x, y + 200)
        steady(screen, wide)
        assert drawn(screen, wide) == 0

        screen.hand("key", "d")  # the length tool, and a line of 120 pixels
        screen.hand("mousemove", x - 60, y)
        screen.hand("mousedown", 1)
        for _ in range(6):
            screen.hand("mousemove_relative", "--sync", "--", 20, 0)
        screen.hand("mouseup", 1)
        screen.hand("mousemove", x, y + 200)
        until(lambda: drawn(screen, wide) > 100, "no line was drawn")

        screen.hand("key", "ctrl+z")
        until(lambda: drawn(screen, wide) == 0, "the line was not taken back")
        screen.hand("key", "ctrl+shift+z")
        until(lambda: drawn(screen, wide) > 100, "the line did not come again")

        whole = (x - 300, 60, x + 380, SIZE[1] - 140)
        before = steady(screen, whole)
        screen.hand("key", "g")  # the layout: two columns and two rows, by keys
        for key in ("Right", "Down"):
            screen.hand("key", key)
        screen.hand("key", "Return")
        until(lambda: framed(screen, whole) > 200, "no viewport of several is framed")
        steady(screen, whole, changed_from=before)
        screen.hand("key", "ctrl+z")  # nothing is left to be asked about
        screen.hand("key", "alt+F4")
        assert program.wait(PATIENCE) == 0
        assert b"Traceback" not in program.stderr.read()
