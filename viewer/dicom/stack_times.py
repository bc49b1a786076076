"""Several images at one position: which belong together as one volume (4D), and which are too many."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.dicom.records import InstanceRecord
from viewer.dicom.stack_geometry import SAME_POSITION, UNIFORM, normal_of, positions_of

Volume = list[InstanceRecord]
Place = Mapping[str, int]  # SOP Instance UID: number of the position, ascending along the normal

# Attributes that tell volumes apart, in the order in which they are tried.
ATTRIBUTES: tuple[tuple[str, Callable[[InstanceRecord], float | str | None]], ...] = (
    ("Temporal Position Identifier", lambda record: record.temporal_position_identifier),
    ("Trigger Time", lambda record: record.trigger_time),
    ("b-value", lambda record: record.diffusion_b_value),
    ("Echo Time", lambda record: record.echo_time),
    ("Acquisition Number", lambda record: record.acquisition_number),
    ("Acquisition Time", lambda record: record.acquisition_time or None),
    ("Content Time", lambda record: record.content_time or None),
    ("Image Type", lambda record: "\\".join(record.image_type) or None),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A group of parallel images as volumes, each in the order of its positions."""

    complete: tuple[Volume, ...]  # an image at every position
    incomplete: tuple[tuple[Volume, str], ...] = ()  # with what is to be said of each
    warnings: tuple[str, ...] = ()


def by_instance_number(records: Iterable[InstanceRecord]) -> list[InstanceRecord]:
    """Return images by Instance Number; those without one come last, equal ones stay in their order."""
    return sorted(records, key=lambda r: (r.instance_number is None, r.instance_number or 0))


def volumes(group: Sequence[InstanceRecord]) -> Parts:
    """Return parallel images as volumes; all must have a position and the same orientation."""
    places = _places(group)
    count = max(places.values()) + 1
    parts, said = _told_apart(by_instance_number(group), places, count)
    ordered = [sorted(part, key=lambda record: places[record.sop_instance_uid]) for part in parts]
    complete = tuple(part for part in ordered if len(part) == count)
    incomplete = tuple(part for part in ordered if len(part) != count)
    words = [f"images at {len(part)} of {count} positions only" for part in incomplete]
    warnings: tuple[str, ...] = (said,) if said else ()
    if complete and incomplete:
        more = sum(len(part) for part in incomplete)
        warnings += (f"duplicate positions: {more} more images, which follow as a stack of their own",)
    return Parts(complete, tuple(zip(incomplete, words, strict=True)), warnings)


def _places(group: Sequence[InstanceRecord]) -> Place:
    """Return the number of the position of each image; images closer than rounding lie at one position."""
    normal = normal_of(group[0])
    if normal is None:
        raise ValueError(group[0].sop_instance_uid)
    distances = positions_of(group) @ normal
    order = np.argsort(distances, kind="stable")
    ordered = distances[order]
    fine = _numbers(ordered, SAME_POSITION)
    firsts = ordered[np.flatnonzero(np.diff(fine, prepend=-1))]
    usual = float(np.median(np.diff(firsts))) if firsts.size > 1 else 0.0
    numbers = _numbers(ordered, max(SAME_POSITION, UNIFORM * usual))
    return {group[index].sop_instance_uid: number for index, number in zip(order, numbers, strict=True)}


def _numbers(ordered: "np.ndarray[tuple[int], np.dtype[np.float64]]", tolerance: float) -> list[int]:
    """Return a number for each of ascending distances (n,) mm; those within `tolerance` share one."""
    numbers: list[int] = []
    start = -np.inf
    for distance in ordered:
        if distance - start > tolerance:
            start = distance
            numbers.append(numbers[-1] + 1 if numbers else 0)
        else:
            numbers.append(numbers[-1])
    return numbers


def _told_apart(group: Volume, places: Place, count: int) -> tuple[list[Volume], str]:
    """Return the images as volumes with at most one image at a position, and a warning or ""."""
    most = max(_occupied(group, places).values())
    if most == 1:
        return [group], ""
    parts = _partition(group, places, count)
    if parts is None:
        return _ranked(group, places, most, count)
    found: list[Volume] = []
    warning = ""
    for part in parts:
        inner, said = _told_apart(part, places, count)
        found += inner
        warning = warning or said
    return found, warning


def _occupied(group: Iterable[InstanceRecord], places: Place) -> Counter[int]:
    return Counter(places[record.sop_instance_uid] for record in group)


def _partition(group: Volume, places: Place, count: int) -> list[Volume] | None:
    """Return the images by the first attribute that gives parts of the same positions, None if none does."""
    most = max(_occupied(group, places).values())
    for _name, value_of in ATTRIBUTES:
        values = [value_of(record) for record in group]
        known = [value for value in values if value is not None]
        if len(known) < len(values) or len(set(known)) == 1:
            continue
        parts: dict[float | str, Volume] = {}
        for record, value in zip(group, known, strict=True):
            parts.setdefault(value, []).append(record)
        ordered = [parts[value] for value in sorted(parts)]
        if all(_even(part, places, count) for part in ordered) or _nearly(ordered, places, most):
            return ordered
    return None


def _even(part: Volume, places: Place, count: int) -> bool:
    """Tell whether a part has the same number of images at every position."""
    occupied = _occupied(part, places)
    return len(occupied) == count and len(set(occupied.values())) == 1


def _nearly(parts: Sequence[Volume], places: Place, most: int) -> bool:
    """Tell whether parts are volumes of which some are incomplete, as after a scan that was stopped."""
    return len(parts) == most and all(max(_occupied(part, places).values()) == 1 for part in parts)


def _ranked(group: Volume, places: Place, most: int, count: int) -> tuple[list[Volume], str]:
    """Return the first images of all positions by Instance Number, then the second ones, and so on."""
    parts: list[Volume] = [[] for _ in range(most)]
    taken: Counter[int] = Counter()
    for record in group:
        place = places[record.sop_instance_uid]
        parts[taken[place]].append(record)
        taken[place] += 1
    if count == 1 or len(set(taken.values())) > 1:
        return parts, ""  # one position over time; or single duplicates, of which `volumes` tells
    return parts, f"{most} images at each position, told apart only by Instance Number"
