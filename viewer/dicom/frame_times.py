"""When the frames of an enhanced multi-frame image were acquired, from their own functional groups."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

from viewer.dicom.header import Header

PER_FRAME = "PerFrameFunctionalGroupsSequence"
MOST_TIMED = 512  # frames whose groups are looked at: 15 ms, each time that a frame is described
LONGEST_STEP = 2000.0  # ms between frames of a film; what is further apart are acquisitions of their own
SECOND = 1000.0  # ms
DATE_TIME = 14  # digits of YYYYMMDDHHMMSS; a fraction and a zone may follow (PS3.5 6.2, DT)

Read = Callable[[Header], float | None]


def acquired_times(header: Header, frames: int) -> tuple[tuple[float, ...], str]:
    """Return the time of each frame in ms from the first one, and the keyword that says so; (), "" if none.

    In this order: Frame Acquisition DateTime (PS3.3 C.7.6.16.2.2), Temporal Position Time Offset,
    Nominal Cardiac Trigger Delay Time (C.7.6.16.2.7). The times count only where the frames make a film:
    all at one position in the patient, each later than the one before and by no more than `LONGEST_STEP`.
    """
    if not 1 < frames <= MOST_TIMED or PER_FRAME not in header:
        return (), ""
    first, second = header.item(PER_FRAME, 0), header.item(PER_FRAME, 1)
    if first is None or second is None or not _is_one_place([first, second]):
        return (), ""  # slices of a volume: two frames tell
    for keyword, read in SOURCES.items():
        if not _follows(read(first), read(second)):
            continue
        groups = header.items(PER_FRAME)
        times = [read(group) for group in groups]
        whole = [time for time in times if time is not None]
        if len(whole) == len(times) == frames and _is_film(whole) and _is_one_place(groups):
            return tuple(time - whole[0] for time in whole), keyword
    return (), ""


def _follows(before: float | None, after: float | None) -> bool:
    return before is not None and after is not None and 0 < after - before <= LONGEST_STEP


def _is_film(times: list[float]) -> bool:
    return all(_follows(before, after) for before, after in pairwise(times))


def _is_one_place(groups: list[Header]) -> bool:
    """Tell whether no frame lies elsewhere than the first one."""
    return len({_text(group, "PlanePositionSequence", "ImagePositionPatient") for group in groups}) == 1


def _text(group: Header, sequence: str, keyword: str) -> str:
    item = group.item(sequence)
    return item.text(keyword) if item is not None else ""


def _number(group: Header, sequence: str, keyword: str) -> float | None:
    item = group.item(sequence)
    return item.number(keyword) if item is not None else None


def _acquired(group: Header) -> float | None:
    """Return when a frame was acquired, in ms from any moment; None for what is no date and time."""
    text = _text(group, "FrameContentSequence", "FrameAcquisitionDateTime")
    moment, _, rest = text.replace("-", "+").partition("+")[0].partition(".")
    if len(moment) != DATE_TIME or not (moment + rest).isascii() or not (moment + rest).isdigit():
        return None
    try:
        seconds = datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return seconds * SECOND + float(f"0.{rest or 0}") * SECOND


def _offset(group: Header) -> float | None:
    seconds = _number(group, "TemporalPositionSequence", "TemporalPositionTimeOffset")
    return None if seconds is None else seconds * SECOND


def _delay(group: Header) -> float | None:
    return _number(group, "CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime")


SOURCES: dict[str, Read] = {
    "FrameAcquisitionDateTime": _acquired,
    "TemporalPositionTimeOffset": _offset,
    "NominalCardiacTriggerDelayTime": _delay,
}
