"""The frame of the benchmarks: what it computes from the times, and what it says of itself."""

import importlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from conftest import ROOT
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSLossless

from viewer.dicom.pixels import read_frame


@pytest.fixture(autouse=True)
def from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def test_the_ratio_says_how_much_longer_we_take() -> None:
    pairs = importlib.import_module("benchmarks.pairs")
    peer = pairs.Peer("half as long", lambda: time.sleep(0.01), 3.0)
    (row,) = pairs.compare("sleep", lambda: time.sleep(0.02), [peer], rounds=3, warm=False)
    assert row.ours == pytest.approx(20, rel=0.5)
    assert 1.2 < row.ratio < 3
    assert row.verdict == "met"


@pytest.mark.parametrize(
    ("ratio", "best", "goal", "verdict"),
    [(2.0, 1.4, 1.5, "met"), (2.0, 1.6, 1.5, "MISSED"), (2.0, None, 1.5, "MISSED"), (9.0, 9.0, None, "")],
)
def test_a_goal_is_judged_by_the_figure_with_less_noise(
    ratio: float, best: float | None, goal: float | None, verdict: str
) -> None:
    pairs = importlib.import_module("benchmarks.pairs")
    assert pairs.Row("it", 2.0, "ms", "peer", 1.0, ratio, best, goal).verdict == verdict


def test_the_list_says_what_each_one_measures() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = importlib.import_module("benchmarks.__main__").NAMES
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(names)
    assert all(len(line.split()) > 3 for line in lines)


def test_an_unknown_name_is_wrong_usage() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "there is no benchmark called nothing" in result.stderr


def test_the_generated_study_is_what_it_is_said_to_be(tmp_path: Path) -> None:
    material = importlib.import_module("benchmarks.material")
    paths = material.ct_folder(tmp_path / "study", 2)
    headers = [pydicom.dcmread(path) for path in paths]
    assert [int(header.InstanceNumber) for header in headers] == [1, 2]
    assert headers[0].SOPInstanceUID != headers[1].SOPInstanceUID
    assert headers[0].pixel_array.shape == material.SLICE
    assert len(headers[0]) > 100  # a scanner's header is long, and that is what takes the time


def test_each_syntax_to_decode_is_read_as_it_was_made(tmp_path: Path) -> None:
    material, decode = (importlib.import_module(f"benchmarks.{name}") for name in ("material", "decode"))
    for name, syntax, bits in decode.CASES:
        path = material.ct_file(tmp_path / "image", (48, 40), syntax=syntax, bits=bits)
        made = material.anatomy((48, 40), bits=bits).astype(np.int64)
        _, frame = read_frame(path)
        header = pydicom.dcmread(path, stop_before_pixels=True)
        assert (header.file_meta.TransferSyntaxUID, header.BitsStored) == (syntax, bits), name
        lossy = syntax in {JPEGBaseline8Bit, JPEGExtended12Bit}
        for values in (frame.stored, decode.values_of(decode.peer_of(path))):
            apart = np.abs(values.astype(np.int64) - made)
            assert (apart.mean() < (1 << bits) / 100) if lossy else not apart.any(), name


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEGLSLossless])
def test_a_film_repeats_its_frames_and_says_where_they_are(tmp_path: Path, syntax: UID) -> None:
    material = importlib.import_module("benchmarks.material")
    frames = [material.anatomy((32, 48)), material.anatomy((32, 48)) // 2]
    film = material.film(tmp_path / "film", frames, 5, syntax)
    dataset = pydicom.dcmread(film.path)
    assert np.array_equal(dataset.pixel_array, [frames[number % 2] for number in range(5)])
    data = Path(film.path).read_bytes()
    for number, (offset, length) in enumerate(film.places):
        assert data[offset : offset + length] == material.encoded(frames[number % 2], syntax)
        assert np.array_equal(read_frame(film.path, number + 1)[1].stored, frames[number % 2])


def test_the_layers_to_redraw_are_painted() -> None:
    redraw, views = (importlib.import_module(f"benchmarks.{name}") for name in ("redraw", "views"))
    shape = (256, 208)
    layers = views.View(
        shape, overlays=redraw.overlays(shape), shutter=redraw.shutter(shape)
    ).picture.plane.layers
    assert set(np.unique(layers.marks)) == {0, 1, 2, 3}
    assert 0 < layers.hidden.mean() < 1
