"""Frames read from where a worker found them: the same values as those it would have sent."""

import os
from dataclasses import replace
from pathlib import Path

import make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import uid

from viewer.dicom.bulk import NativePlace, locate, read_block, read_frames
from viewer.dicom.image import ImageDescription
from viewer.dicom.pixels import read_frame
from viewer.errors import ViewerError
from viewer.jobs.wire import encode


def written(folder: Path, stored: np.ndarray, syntax: str | None = None, **changes: object) -> str:
    return str(make.write(make.ct(stored, **changes), folder / "image", syntax))


def agrees(path: str, number: int = 1) -> bool:
    """Compare both ways of reading a frame; False where it is left to the worker."""
    (located,) = locate(path, [number])
    if located is None:
        return False
    description, frame = read_frame(path, number)
    (read,) = read_frames([(path, located)])
    assert encode(located.description, ImageDescription) == encode(description, ImageDescription)
    assert (read.key, read.photometric, read.damage) == (frame.key, frame.photometric, "")
    assert frame.damage == ""
    assert read.stored.dtype == frame.stored.dtype
    assert np.array_equal(read.stored, frame.stored)
    assert not read.stored.flags.writeable
    return True


@pytest.mark.parametrize("dtype", ["<i2", "<u2", "u1"])
@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian])
def test_plain_values_are_read_as_the_worker_reads_them(tmp_path, dtype, syntax):
    assert agrees(written(tmp_path, make.ramp(5, 7, dtype, start=100), syntax))


@pytest.mark.parametrize(
    "syntax", [uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian, uid.RLELossless]
)
def test_what_is_not_plain_is_left_to_the_worker(tmp_path, syntax):
    assert locate(written(tmp_path, make.ramp(5, 7, "<u2"), syntax), [1]) == (None,)


def test_each_frame_of_many_stands_behind_the_one_before(tmp_path):
    path = str(make.write(make.enhanced_ct(3), tmp_path / "many"))
    assert all(agrees(path, number) for number in (1, 2, 3))
    assert locate(path, [4, 2])[0] is None


@settings(max_examples=60, deadline=None)
@given(
    data=st.data(),
    allocated=st.sampled_from([8, 16, 32]),
    signed=st.booleans(),
    stored=st.integers(1, 32),
)
def test_bits_that_are_not_stored_are_dropped_as_the_worker_drops_them(
    tmp_path_factory, data, allocated, signed, stored
):
    stored = min(stored, allocated)
    high = data.draw(st.integers(stored - 1, allocated - 1))
    cells = data.draw(st.lists(st.integers(0, 2**allocated - 1), min_size=15, max_size=15))
    values = np.array(cells, f"<u{allocated // 8}").reshape(3, 5)
    dataset = make.ct(np.zeros((3, 5), f"<u{allocated // 8}"))
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, stored, high
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = values.tobytes() + bytes(values.nbytes % 2)
    assert agrees(str(make.write(dataset, tmp_path_factory.mktemp("bits") / "image")))


def test_many_files_come_in_the_order_that_was_asked(tmp_path):
    stored = [make.ramp(5, 7, "<u2", start=1000 * number) for number in range(9)]
    paths = [str(make.write(make.ct(values), tmp_path / str(n))) for n, values in enumerate(stored)]
    places = [(path, locate(path, [1])[0].place) for path in paths]
    assert np.array_equal(read_block(places), stored)
    assert np.array_equal(read_block(places[::-1], threads=1), stored[::-1])


def test_frames_of_several_sizes_come_in_the_order_that_was_asked(tmp_path):
    stored = [make.ramp(5 + n % 2, 7, "<i2" if n % 3 else "u1", start=10 * n) for n in range(8)]
    paths = [str(make.write(make.ct(values), tmp_path / str(n))) for n, values in enumerate(stored)]
    frames = read_frames([(path, locate(path, [1])[0]) for path in paths])
    assert all(np.array_equal(frame.stored, values) for frame, values in zip(frames, stored, strict=True))
    assert [frame.key for frame in frames] == [read_frame(path)[1].key for path in paths]
    assert read_frames([]) == []


@pytest.fixture
def one(tmp_path):
    """Return the path and the place of one image."""
    path = written(tmp_path, make.ramp(5, 7, "<u2"))
    return path, locate(path, [1])[0].place


def refused(path: str, place: NativePlace) -> str:
    with pytest.raises(ViewerError) as error:
        read_block([(path, place)])
    assert str(error.value).startswith(path)
    return str(error.value)


def test_a_file_that_has_changed_since_is_not_read(one):
    path, place = one
    with Path(path).open("ab") as file:
        file.write(b"\0")
    assert "changed" in refused(path, place)


def test_a_file_that_is_shorter_than_it_was_is_said_to_be(one):
    path, place = one
    os.truncate(path, place.offset + place.size - 1)
    status = Path(path).stat()
    now = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    assert "ends inside" in refused(path, replace(place, identity=now))


def test_a_file_that_is_gone_is_said_to_be(one):
    path, place = one
    Path(path).unlink()
    assert "cannot be opened" in refused(path, place)


@pytest.mark.parametrize(
    "claim",
    [
        {"rows": 0},
        {"rows": -5},
        {"columns": 1 << 40},
        {"rows": 65535, "columns": 65535},
        {"bits_allocated": 12},
        {"bits_stored": 17},
        {"high_bit": 16},
        {"offset": -1},
        {"offset": 1 << 40},
    ],
)
def test_a_place_that_cannot_be_is_refused(one, claim):
    path, place = one
    refused(path, replace(place, **claim))


def test_frames_of_two_layouts_are_not_put_into_one_block(one):
    path, place = one
    with pytest.raises(ValueError, match="layouts"):
        read_block([(path, place), (path, replace(place, rows=4))])


@pytest.mark.corpus
def test_every_native_frame_of_the_corpus_is_the_same_both_ways(corpus):
    plain = 0
    for path in sorted(corpus.rglob("*.dcm")):
        try:
            read_frame(str(path))
        except ViewerError:
            continue
        plain += agrees(str(path))
    assert plain > 100
