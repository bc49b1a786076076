"""Pictures on disk: whole, exact, or not at all."""

import cv2
import numpy as np
import pytest

from viewer.errors import ViewerError
from viewer.rendering.png import write_png

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("shape", [(5, 9), (5, 9, 3), (1, 1)])
def test_what_was_written_is_read_back(tmp_path, dtype, shape):
    pixels = RANDOM.integers(0, np.iinfo(dtype).max, shape, endpoint=True).astype(dtype)
    path = tmp_path / "picture.png"
    path.write_bytes(b"an older file")
    write_png(path, pixels)
    back = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert back.dtype == np.dtype(dtype)
    assert np.array_equal(back if len(shape) == 2 else back[..., ::-1], pixels)
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.png"]


def test_a_turned_view_is_written_as_it_looks(tmp_path):
    pixels = np.rot90(RANDOM.integers(0, 255, (5, 9)).astype("u1"))[:, ::-1]
    write_png(tmp_path / "p.png", pixels)
    assert np.array_equal(cv2.imread(str(tmp_path / "p.png"), cv2.IMREAD_UNCHANGED), pixels)


def test_a_missing_folder_or_a_folder_in_its_place_is_said_in_words(tmp_path):
    with pytest.raises(ViewerError, match=r"nowhere.*was not written: No such file"):
        write_png(tmp_path / "nowhere" / "p.png", np.zeros((2, 2), "u1"))
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(ViewerError, match=r"taken.png was not written"):
        write_png(tmp_path / "taken.png", np.zeros((2, 2), "u1"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken.png"]
