"""The whole program as a process without a display: its picture, its words and its exit status."""

import os
import subprocess
import sys
from pathlib import Path

import make
import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless
from PySide6.QtGui import QImage
from window import decoders, pixels_of, reader, slices, written  # noqa: F401  two of them are fixtures

from viewer.cache.ownership import hand_over
from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.ui.bridge import MainThread

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

ROOT = Path(__file__).resolve().parent.parent
SIZE = "900x650"


def viewer(*words, folder=ROOT, **environment):
    """Run the program without a display; return its status and standard error."""
    plain = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    plain.pop("QT_QPA_PLATFORM", None)
    ran = subprocess.run(
        [sys.executable, "-m", "viewer", *map(str, words)],
        cwd=folder,
        env=plain | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stderr


def picture(path):
    image = QImage(str(path))
    assert not image.isNull()
    return pixels_of(image)


def brightness(pixels):
    """Return the mean grey of where the images are."""
    height, width = pixels.shape[:2]
    return pixels[height // 4 : height * 3 // 4, width // 2 : width * 3 // 4].mean()


def test_a_screenshot_is_the_window_with_its_image_at_the_size_that_was_asked_for(tmp_path):
    folder = written(slices(3), tmp_path / "ct")
    status, errors = viewer(folder, "--screenshot", tmp_path / "out.png", "--size", SIZE)
    assert (status, errors) == (0, "")
    pixels = picture(tmp_path / "out.png")
    assert pixels.shape == (650, 900, 3)
    assert brightness(pixels) > 80


def test_without_a_display_it_says_so_and_names_the_picture(tmp_path):
    folder = written(slices(1), tmp_path / "ct")
    status, errors = viewer(folder, "--size", SIZE, folder=tmp_path)
    assert status == 0
    assert "no display was found" in errors
    saved = tmp_path / "negatoscope.png"
    assert str(saved) in errors
    assert brightness(picture(saved)) > 80


def test_a_display_that_is_not_there_is_no_crash(tmp_path):
    status, errors = viewer("--size", SIZE, folder=tmp_path, DISPLAY=":987")
    assert status == 0, errors
    assert (tmp_path / "negatoscope.png").exists()


def test_a_picture_that_cannot_be_saved_is_1_and_named(tmp_path):
    out = tmp_path / "no such folder" / "out.png"
    status, errors = viewer("--screenshot", out, "--size", SIZE)
    assert status == 1
    assert str(out) in errors


@pytest.mark.parametrize("content", [None, "folder", "text"])
def test_what_cannot_be_opened_is_1_with_a_sentence_and_still_a_picture(content, tmp_path):
    asked = tmp_path / "asked"
    if content == "folder":
        asked.mkdir()
    elif content == "text":
        asked.write_text("not an image")
    status, errors = viewer(asked, "--screenshot", tmp_path / "out.png", "--size", SIZE)
    assert status == 1
    assert errors.startswith("viewer: ")
    assert len(errors.strip().splitlines()) == 1
    assert (tmp_path / "out.png").exists()


def bomb(folder):
    """Write an image whose codestream and header say that it has 60,000 x 60,000 pixels."""
    dataset = make.ct(make.ramp(64, 64))
    make.write(dataset, folder / "BOMB", JPEG2000Lossless)
    size, huge = (64).to_bytes(4, "big"), (60000).to_bytes(4, "big")
    data = dataset.PixelData.replace(size * 2, huge * 2)
    assert data != dataset.PixelData
    dataset.PixelData = data
    dataset.Rows = dataset.Columns = 60000
    dataset.SeriesInstanceUID = make.STUDY + ".66"
    dataset.SeriesNumber = "66"
    dataset.save_as(folder / "BOMB")


def test_a_hostile_file_costs_one_tile_with_a_reason_and_the_others_are_shown(reader, tmp_path):  # noqa: F811
    series = slices(2, 64, 64, spacing=(1.0, 1.0))
    folder = written(series, tmp_path / "ct")
    bomb(folder)
    with DecoderPool(2) as pool:
        person = reader(folder, pool=pool)
        states = {pane.hung.series.series_number: pane for pane in person.desk.panes if pane.hung}
        assert states[1].picture is not None
        assert states[66].picture is None
        assert "BOMB" in states[66].trouble
        person.key("Down")  # and it goes on
        assert person.desk.settled


def test_a_killed_decoder_is_replaced_while_the_window_stays(reader, tmp_path):  # noqa: F811
    folder = written(slices(30, 32, 32), tmp_path / "ct")
    with DecoderPool(2) as pool:
        person = reader(folder, pool=pool)
        for pid in pool.pids():
            os.kill(pid, 9)
        for _ in range(5):
            person.key("Down")
            assert person.pane.trouble == ""
        assert np.ptp(person.seen()) > 50


def test_a_second_start_hands_its_paths_to_the_window_that_is_there(reader, tmp_path):  # noqa: F811
    """The second one ends with 0 and a sentence; the first opens what it was given."""
    root = tmp_path / "cache"
    folder = written(slices(2), tmp_path / "ct")
    with Store(root) as store:
        person = reader(store=store)
        bridge = MainThread()
        store.listen(lambda words: bridge.post(lambda: person.window.take_over(words)))
        assert hand_over(root, [str(folder)])
        person.wait(lambda: person.pane.count == 2)
        person.settle()
        status, errors = viewer("--screenshot", tmp_path / "o.png", "--size", SIZE, VIEWER_CACHE=str(root))
    assert (status, errors) == (0, "")  # a picture is never handed over: the cache is only read
