"""A set of frames as text, small: the UIDs of a series mostly differ in their last digits. Pure."""

import json
import os.path
from collections.abc import Iterable, Iterator

from viewer.dicom.records import FrameKey

MOST_FRAMES = 1_000_000  # of one instance; more is damage


def frames_text(frames: Iterable[FrameKey]) -> str:
    """Return JSON: what all UIDs begin with, the ends of those whose first frame is meant, runs of others."""
    numbers: dict[str, list[int]] = {}
    for frame in sorted(frames):
        numbers.setdefault(frame.sop_instance_uid, []).append(frame.frame_number)
    start = os.path.commonprefix(list(numbers))  # noqa: RUF071  of texts, letter by letter; no path
    ones = [uid[len(start) :] for uid, found in numbers.items() if found == [1]]
    runs = {uid[len(start) :]: list(_runs(found)) for uid, found in numbers.items() if found != [1]}
    return json.dumps([start, ones, runs], separators=(",", ":"))


def frames_of(text: str) -> frozenset[FrameKey]:
    """Return the frames of a text; of one that is damaged none: then they are looked at once more."""
    try:
        start, ones, runs = json.loads(text)
        ends = {(end, 1) for end in ones} | {
            (end, number) for end, pairs in runs.items() for pair in pairs for number in _numbers(*pair)
        }
        return frozenset(FrameKey(start + end, number) for end, number in ends)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return frozenset()


def _numbers(first: int, last: int) -> range:
    if not 0 < first <= last <= MOST_FRAMES:
        raise ValueError("no frame numbers")
    return range(first, last + 1)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of numbers without a gap; they come in order."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
