"""When each frame of a multi-frame image is shown (PS3.3 C.7.6.5)."""

import itertools

from viewer.dicom.frame_times import acquired_times
from viewer.dicom.header import Header, label
from viewer.dicom.image import Timing

FASTEST = 1000.0  # frames per second; a higher rate in a header is a damaged number
FRAME_TIME, FRAME_TIME_VECTOR = 0x00181063, 0x00181065


def read_timing(header: Header, frames: int) -> Timing:
    """Return the timing of an image of `frames` frames; nothing for a single one.

    The times of the frames are those that Frame Increment Pointer names: Frame Time Vector or Frame Time;
    where there is neither, those of the acquisition of each frame. They are played at the Recommended
    Display Frame Rate, else, where there is no vector, at the Cine Rate, else as they were acquired.
    """
    if frames < 2:  # noqa: PLR2004  one frame has no timing
        return Timing()
    times, keyword = _frame_times(header, frames), "FrameTimeVector"
    rated = ("RecommendedDisplayFrameRate",) if times else ("RecommendedDisplayFrameRate", "CineRate")
    frame_time = None if times else _frame_time(header)
    if not times and frame_time is None and "FrameTime" not in header:
        times, keyword = acquired_times(header, frames)
    rate, source = _rate(header, rated)
    if rate is None and frame_time is not None:
        rate, source = 1000 / frame_time, label("FrameTime")
    elif rate is None and times:
        source = label(keyword)
    first, last = _trims(header, frames)
    return Timing(
        rate=rate,
        frame_times=times,
        source=source,
        first=first,
        last=last,
        sweep=header.integer("PreferredPlaybackSequencing") == 1,
        frame_time=frame_time,
        delay=header.number("FrameDelay") or 0.0,
    )


def _rate(header: Header, keywords: tuple[str, ...]) -> tuple[float | None, str]:
    """Return the frames per second at which the header wants to be played, and the attribute that says so."""
    for keyword in keywords:
        rate = header.number(keyword)
        if rate is not None and 0 < rate <= FASTEST:
            return rate, label(keyword)
    return None, ""


def _frame_time(header: Header) -> float | None:
    """Return the Frame Time in ms where it counts: a pointer at something else alone makes it nothing."""
    pointers = header.values("FrameIncrementPointer")
    if pointers and not {FRAME_TIME, FRAME_TIME_VECTOR} & set(pointers):
        return None
    time = header.number("FrameTime")
    return time if time is not None and time > 0 and 1000 / time <= FASTEST else None


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
