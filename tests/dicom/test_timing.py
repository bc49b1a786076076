"""The time of each frame follows the attributes in the order that the standard gives them."""

from typing import Any

import make
import pytest

from viewer.dicom.describe import describe
from viewer.dicom.image import Timing

RECOMMENDED, CINE = "Recommended Display Frame Rate (0008,2144)", "Cine Rate (0018,0040)"
VECTOR = "Frame Time Vector (0018,1065)"


def timing(frames: int = 4, **attributes: Any) -> Timing:
    usual = {"FrameTime": None, "FrameIncrementPointer": None}
    return describe(make.us_color(frames=frames, **{**usual, **attributes}), 1).timing


@pytest.mark.parametrize(
    ("attributes", "rate", "source"),
    [
        ({"RecommendedDisplayFrameRate": "10", "CineRate": "20", "FrameTime": "40"}, 10.0, RECOMMENDED),
        ({"CineRate": "20", "FrameTime": "40"}, 20.0, CINE),
        ({"FrameTime": "40"}, 25.0, "Frame Time (0018,1063)"),
        ({"RecommendedDisplayFrameRate": "0", "CineRate": "20"}, 20.0, CINE),
        ({"FrameTime": "0"}, None, ""),
        ({"FrameTime": "0.001"}, None, ""),
        ({}, None, ""),
    ],
)
def test_c32_the_display_rate_is_the_first_that_the_header_states(
    attributes: dict[str, str], rate: float | None, source: str
) -> None:
    found = timing(**attributes)
    assert (found.rate, found.source) == (rate, source)


def test_c32_a_vector_gives_the_time_of_each_frame_and_its_first_value_counts_nothing() -> None:
    found = timing(FrameTimeVector=["7", "10", "20.5", "30"], FrameIncrementPointer=0x00181065, CineRate="20")
    assert found == Timing(20.0, (0.0, 10.0, 30.5, 60.5), VECTOR)


def test_a_vector_without_its_first_zero_is_understood() -> None:
    assert timing(FrameTimeVector=["10", "20", "30"]).frame_times == (0.0, 10.0, 30.0, 60.0)


@pytest.mark.parametrize("vector", [["0", "1"], ["0", "-1", "1", "1"], ["0", "0", "0", "0"]])
def test_a_vector_that_does_not_fit_is_ignored_with_a_notice(vector: list[str]) -> None:
    described = describe(make.us_color(frames=4, FrameTimeVector=vector, FrameIncrementPointer=None), 1)
    assert described.timing.frame_times == ()
    assert described.timing.rate == 25.0
    assert described.notices == ("Frame Time Vector (0018,1065) does not fit the frames: ignored",)


def test_a_vector_that_the_pointer_does_not_name_does_not_count() -> None:
    found = timing(FrameTimeVector=["0", "1", "1", "1"], FrameIncrementPointer=0x00181063, FrameTime="40")
    assert (found.frame_times, found.rate) == ((), 25.0)


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("2", "3", (2, 3)),
        (None, "9", (1, 4)),
        ("0", None, (1, None)),
        ("3", "2", (1, None)),
        ("-5", "-5", (1, None)),
    ],
)
def test_c32_trims_stay_within_the_frames(
    start: str | None, stop: str | None, expected: tuple[int, int | None]
) -> None:
    found = timing(StartTrim=start, StopTrim=stop)
    assert (found.first, found.last) == expected


def test_sweeping_is_read() -> None:
    assert timing(PreferredPlaybackSequencing=1).sweep
    assert not timing(PreferredPlaybackSequencing=0).sweep


def test_a_single_frame_has_no_timing() -> None:
    assert timing(frames=1, FrameTime="40", CineRate="20") == Timing()
