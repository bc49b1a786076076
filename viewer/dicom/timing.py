"""When each frame of a multi-frame image is shown (PS3.3 C.7.6.5)."""

import itertools

from viewer.dicom.frame_times import acquired_times
from viewer.dicom.header import Header, label
from viewer.dicom.image import Timing

FASTEST = 1000.0  # frames per second; a higher rate in a header is a damaged number
FRAME_TIME_VECTOR = 0x00181065


def read_timing(header: Header, frames: int) -> Timing:
    """Return the timing of an image of `frames` frames; nothing for a single one.

    The times of the frames are those of the Frame Time Vector, else, where there is no Frame Time, those
    of the acquisition of each frame.
    """
    if frames < 2:  # noqa: PLR2004  one frame has no timing
        return Timing()
    rate, source = _rate(header)
    times = _frame_times(header, frames)
    if times:
        source = label("FrameTimeVector")
    elif "FrameTime" not in header:
        times, keyword = acquired_times(header, frames)
        source = label(keyword) if keyword else source
    first, last = _trims(header, frames)
    return Timing(
        rate=rate,
        frame_times=times,
        source=source,
        first=first,
        last=last,
        sweep=header.integer("PreferredPlaybackSequencing") == 1,
    )


def _rate(header: Header) -> tuple[float | None, str]:
    """Return the frames per second at which to play, and the attribute that says so."""
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        rate = header.number(keyword)
        if rate is not None and 0 < rate <= FASTEST:
            return rate, label(keyword)
    time = header.number("FrameTime")
    if time is not None and time > 0 and 1000 / time <= FASTEST:
        return 1000 / time, label("FrameTime")
    return None, ""


def _frame_times(header: Header, frames: int) -> tuple[float, ...]:
    """Return the time of each frame in ms from the first one, empty unless a vector gives them."""
    steps = header.numbers("FrameTimeVector") if _vector_counts(header) else []
    whole = [step for step in steps if step is not None]
    if not whole:
        return ()
    if len(whole) == frames - 1:  # a writer that left out the first increment, which is 0
        whole = [0.0, *whole]
    if len(whole) != frames or min(whole) < 0 or not any(whole[1:]):
        header.notices.add("Frame Time Vector (0018,1065) does not fit the frames: ignored")
        return ()
    return tuple(itertools.accumulate([0.0, *whole[1:]]))


def _vector_counts(header: Header) -> bool:
    """Tell whether Frame Increment Pointer, where there is one, points at the vector."""
    pointers = header.values("FrameIncrementPointer")
    return not pointers or FRAME_TIME_VECTOR in pointers


def _trims(header: Header, frames: int) -> tuple[int, int | None]:
    """Return the first and last frame to play, from 1; the last is None for the end."""
    start, stop = header.integer("StartTrim"), header.integer("StopTrim")
    first = 1 if start is None else min(max(start, 1), frames)
    last = None if stop is None else min(stop, frames)
    if last is not None and last < first:
        header.notices.add("Start and Stop Trim (0008,2142) contradict each other: ignored")
        return 1, None
    return first, last
