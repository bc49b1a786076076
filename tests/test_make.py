"""The synthetic datasets are what they say they are: checked by a verifier and by pydicom's own decoders."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import make
import numpy as np
import pydicom
import pytest
from pydicom import uid

BUILDERS = [make.ct, make.mr, make.cr_mono1, make.us_color, make.sc, make.palette]


@pytest.mark.parametrize("build", [*BUILDERS, lambda: make.us_color(frames=3)])
def test_a_synthetic_image_is_legal(build: Callable[[], Any], dciodvfy: str, tmp_path: Path) -> None:
    path = make.write(build(), tmp_path / "image")
    report = subprocess.run([dciodvfy, str(path)], capture_output=True, text=True, check=False).stderr
    assert [line for line in report.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.RLELossless,
        uid.JPEG2000Lossless,
        uid.JPEGLSLossless,
        uid.HTJ2KLossless,
    ],
)
def test_a_lossless_syntax_keeps_every_value(syntax: str, tmp_path: Path) -> None:
    stored = make.ramp(40, 56, "<u2", 100)
    path = make.write(make.mr(stored), tmp_path / "image", syntax)
    assert np.array_equal(pydicom.dcmread(path).pixel_array, stored)


def test_frames_of_an_enhanced_ct_differ() -> None:
    frames = make.frames_of(make.enhanced_ct(4))
    assert [int(frame[0, 0]) for frame in frames] == [1000, 1100, 1200, 1300]
