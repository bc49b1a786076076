"""The time of each frame follows the attributes in the order that the standard gives them."""

from typing import Any

import make
import pytest
from pydicom import Dataset

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
    assert found == Timing(None, (0.0, 10.0, 30.5, 60.5), VECTOR)


def test_c32_a_recommended_rate_is_that_of_the_display_whatever_the_vector() -> None:
    vector = {"FrameTimeVector": ["0", "10", "20.5", "30"], "FrameIncrementPointer": 0x00181065}
    found = timing(RecommendedDisplayFrameRate="12", **vector)
    assert found == Timing(12.0, (0.0, 10.0, 30.5, 60.5), RECOMMENDED)


def test_c32_the_time_between_frames_is_kept_beside_the_rate_of_the_display() -> None:
    found = timing(RecommendedDisplayFrameRate="10", FrameTime="40", FrameDelay="12.5")
    assert (found.rate, found.frame_time, found.delay) == (10.0, 40.0, 12.5)


@pytest.mark.parametrize(("pointer", "time"), [(0x00181063, 40.0), (0x00540010, None), (None, 40.0)])
def test_c32_the_increment_pointer_decides_whether_frame_time_counts(
    pointer: int | None, time: float | None
) -> None:
    found = timing(FrameTime="40", FrameIncrementPointer=pointer)
    assert (found.rate, found.frame_time) == (25.0 if time else None, time)


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


# ------------------------------------------------------------------------ times of the frames themselves
def film(frames: int = 4, **more: list[object]) -> Dataset:
    """Return an enhanced image whose frames lie at one place; `more` has sequence and values by attribute."""
    dataset = make.enhanced_ct(frames)
    groups = dataset.PerFrameFunctionalGroupsSequence
    for index, group in enumerate(groups):
        group.PlanePositionSequence = groups[0].PlanePositionSequence
        for keyword, values in more.items():
            sequence = SEQUENCES[keyword]
            item = group[sequence][0] if sequence in group else Dataset()
            if values[index] is not None:
                setattr(item, keyword, values[index])
            setattr(group, sequence, [item])
    return dataset


SEQUENCES = {
    "FrameAcquisitionDateTime": "FrameContentSequence",
    "TemporalPositionTimeOffset": "TemporalPositionSequence",
    "NominalCardiacTriggerDelayTime": "CardiacSynchronizationSequence",
}
MIDNIGHT = ["20261231235959.5", "20261231235959.900000", "20270101000000", "20270101000001.25+0000"]


@pytest.mark.parametrize(
    ("more", "times", "source"),
    [
        (
            {"FrameAcquisitionDateTime": MIDNIGHT},
            (0.0, 400.0, 500.0, 1750.0),
            "Frame Acquisition DateTime (0018,9074)",
        ),
        (
            {"TemporalPositionTimeOffset": [0.5, 0.54, 0.6, 0.7]},
            (0.0, 40.0, 100.0, 200.0),
            "Temporal Position Time Offset (0020,930D)",
        ),
        (
            {"NominalCardiacTriggerDelayTime": [10.0, 50.0, 80.0, 120.0]},
            (0.0, 40.0, 70.0, 110.0),
            "Nominal Cardiac Trigger Delay Time (0020,9153)",
        ),
        (
            {"FrameAcquisitionDateTime": MIDNIGHT[:1] * 4, "NominalCardiacTriggerDelayTime": [0, 1, 2, 3]},
            (0.0, 1.0, 2.0, 3.0),
            "Nominal Cardiac Trigger Delay Time (0020,9153)",
        ),
    ],
)
def test_c32_frames_of_an_enhanced_film_have_the_times_of_their_acquisition(
    more: dict[str, list[object]], times: tuple[float, ...], source: str
) -> None:
    found = describe(film(**more), 2).timing
    assert found.frame_times == pytest.approx(times, abs=1e-3)
    assert (found.source, found.rate) == (source, None)


@pytest.mark.parametrize(
    "more",
    [
        {"FrameAcquisitionDateTime": [MIDNIGHT[0], MIDNIGHT[1], MIDNIGHT[0], MIDNIGHT[3]]},  # back
        {"FrameAcquisitionDateTime": [MIDNIGHT[0], None, MIDNIGHT[2], MIDNIGHT[3]]},
        {"FrameAcquisitionDateTime": ["20260231000000"] * 4},
        {"FrameAcquisitionDateTime": ["2026", "2027", "2028", "2029"]},
        {"TemporalPositionTimeOffset": [0.0, 1.0, 2.0, 60.0]},  # minutes between acquisitions: no film
    ],
)
def test_times_that_make_no_film_are_not_played(more: dict[str, list[object]]) -> None:
    assert describe(film(**more), 1).timing.frame_times == ()


def test_slices_at_different_places_are_no_film_and_a_frame_time_comes_first() -> None:
    dataset = film(FrameAcquisitionDateTime=MIDNIGHT)
    dataset.FrameTime = "40"
    found = describe(dataset, 1).timing
    assert (found.frame_times, found.rate, found.source) == ((), 25.0, "Frame Time (0018,1063)")
    del dataset.FrameTime
    volume = make.enhanced_ct(4).PerFrameFunctionalGroupsSequence
    for group, other in zip(dataset.PerFrameFunctionalGroupsSequence, volume, strict=True):
        group.PlanePositionSequence = other.PlanePositionSequence
    assert describe(dataset, 1).timing.frame_times == ()
