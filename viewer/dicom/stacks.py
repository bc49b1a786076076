"""Split a series into stacks, and order each by where its images lie in the patient.

Images that can be scrolled through as one are one stack: the same plane family, size, kind and spacing.
Their order is that of their positions along the normal; Instance Number counts only where there are none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from viewer.dicom.records import FrameKey, InstanceRecord
from viewer.dicom.stack_geometry import Positions, Vectors, normal_of, positions_of
from viewer.dicom.stack_times import by_instance_number, volumes
from viewer.dicom.uids import Kind, sop_class

ORIENTATION_TOLERANCE = 1e-3  # of a cosine: 0.06 degrees
SPACING_TOLERANCE = 1e-3  # mm
MOST_LOCALIZER_IMAGES = 3  # of one orientation; more are a volume
MOST_LOCALIZER_PLANES = 3  # sagittal, coronal, transverse
PARALLEL = 0.9998  # cosine between two normals: one degree
# Values of Image Type beyond the third that tell images of another meaning (PS3.3 C.7.6.1.1.2, C.8.3.1.1.1).
MEANINGS = frozenset(
    (
        *("M", "MAGNITUDE", "P", "PHASE", "R", "REAL", "I", "IMAGINARY"),
        *("W", "WATER", "F", "FAT", "IP", "IN_PHASE", "OP", "OPP_PHASE", "OUT_PHASE"),
        *("ADC", "FA", "TRACEW", "MOSAIC"),
    )
)


class StackKind(StrEnum):
    """What a stack is."""

    VOLUME = "volume"  # parallel images at different positions
    TIME = "time"  # the same positions several times: by time, echo, b-value ...
    LOCALIZER = "localizer"
    PROJECTION = "projection"  # X-ray images: views, not slices
    MULTIFRAME = "multiframe"  # one instance of many frames, or the parts of a concatenation
    SINGLE = "single"  # one image, or several that have no positions


Spacing = tuple[float, float, float | None]  # mm between rows, columns, and slices where there are some


@dataclass(frozen=True, slots=True)
class Stack:
    """Images to scroll through, in viewing order."""

    records: tuple[InstanceRecord, ...]
    kind: StackKind
    rows: int
    columns: int
    spacing: Spacing | None = None
    warnings: tuple[str, ...] = ()
    times: int = 1  # `records` are so many volumes of equal size, one after the other

    @property
    def frame_keys(self) -> tuple[FrameKey, ...]:
        """Return the frames in viewing order; a multi-frame instance gives all of its own."""
        return tuple(
            FrameKey(record.sop_instance_uid, number)
            for record in self.records
            for number in range(1, record.number_of_frames + 1)
        )

    def volume(self, time: int = 0) -> tuple[InstanceRecord, ...]:
        """Return the images of one time, 0 <= `time` < `times`, in the order of their positions."""
        size = len(self.records) // self.times
        return self.records[time * size : (time + 1) * size]


def displayable(record: InstanceRecord) -> bool:
    """Tell whether an instance can be looked at; one of a private class if it describes pixels.

    So do documents whose pages were measured (`viewer.dicom.index`).
    """
    of = sop_class(record.sop_class_uid)
    described = of.kind in {Kind.OTHER, Kind.DOCUMENT} and record.photometric_interpretation != ""
    return bool(record.rows and record.columns) and (of.has_pixels or described)


def split(records: Sequence[InstanceRecord]) -> tuple[Stack, ...]:
    """Return the stacks of one series. Each displayable image is in exactly one; other objects are in none.

    Localizers come last, the others in the order of their Instance Numbers.
    """
    parts: dict[object, list[InstanceRecord]] = {}
    placed: list[InstanceRecord] = []
    flat: list[InstanceRecord] = []
    for record in by_instance_number(record for record in records if displayable(record)):
        if record.number_of_frames > 1 or record.concatenation_uid:
            parts.setdefault((record.concatenation_uid or record.sop_instance_uid, _size(record)), []).append(
                record
            )
        elif sop_class(record.sop_class_uid).projection or normal_of(record) is None:
            flat.append(record)
        else:
            placed.append(record)
    stacks = [_multi_frame(group) for group in parts.values()]
    for group in _flat_groups(flat):
        projection = sop_class(group[0].sop_class_uid).projection
        stacks.append(_stack(tuple(group), StackKind.PROJECTION if projection else StackKind.SINGLE))
    stacks += _placed_stacks(placed)
    return tuple(sorted(stacks, key=lambda stack: (stack.kind is StackKind.LOCALIZER, _first_number(stack))))


def _first_number(stack: Stack) -> float:
    return min((r.instance_number for r in stack.records if r.instance_number is not None), default=np.inf)


def _stack(records: tuple[InstanceRecord, ...], kind: StackKind, warnings: tuple[str, ...] = ()) -> Stack:
    """Return a stack of images between which no distance is known."""
    first = records[0]
    return Stack(records, kind, first.rows or 0, first.columns or 0, _spacing(first, None), warnings)


def _multi_frame(parts: Sequence[InstanceRecord]) -> Stack:
    """Return the frames of one instance, or of a concatenation (PS3.3 C.7.6.16.2.2.4) in their order."""
    ordered = tuple(sorted(parts, key=lambda part: part.frame_offset))
    missing = ["the concatenation begins with a later frame"] if ordered[0].frame_offset else []
    for before, after in pairwise(ordered):
        end = before.frame_offset + before.number_of_frames
        if after.frame_offset > end:
            missing.append(f"frames {end + 1} to {after.frame_offset} of the concatenation are missing")
        elif after.frame_offset < end:
            missing.append("parts of the concatenation overlap")
    return _stack(ordered, StackKind.MULTIFRAME, tuple(dict.fromkeys(missing)))


def _spacing(record: InstanceRecord, slices: float | None) -> Spacing | None:
    if record.pixel_spacing is None:
        return None
    return record.pixel_spacing[0], record.pixel_spacing[1], slices


def _flat_groups(records: Iterable[InstanceRecord]) -> Iterable[list[InstanceRecord]]:
    """Return images without positions by what must be alike to be scrolled through."""
    groups: dict[object, list[InstanceRecord]] = {}
    for record in records:
        localizer = "LOCALIZER" in record.image_type
        key = (record.sop_class_uid, *_size(record), record.pixel_spacing, localizer)
        groups.setdefault(key, []).append(record)
    return groups.values()


def _size(record: InstanceRecord) -> tuple[object, ...]:
    return record.rows, record.columns, record.samples_per_pixel, record.photometric_interpretation


def _placed_stacks(records: Sequence[InstanceRecord]) -> list[Stack]:
    """Return the stacks of images with positions."""
    groups = _plane_groups(records)
    scouts = {index for index, group in enumerate(groups) if "LOCALIZER" in group[0].image_type}
    turned, orientations = _turned(groups, scouts)
    if 1 < orientations <= MOST_LOCALIZER_PLANES:
        scouts |= turned
        turned = set()
    elif orientations <= 1:
        turned = set()
    stacks = []
    for index, group in enumerate(groups):
        if index not in scouts | turned:
            stacks += _volume_stacks(group)
    stacks += [_stack(group, StackKind.LOCALIZER) for group in _by_size(groups, scouts)]
    words = (f"images in {orientations} orientations",)
    stacks += [_stack(group, StackKind.SINGLE, words) for group in _by_size(groups, turned)]
    return stacks


def _by_size(
    groups: Sequence[Sequence[InstanceRecord]], chosen: set[int]
) -> list[tuple[InstanceRecord, ...]]:
    """Return the images of the chosen groups by their size, each by Instance Number."""
    by_size: dict[object, list[InstanceRecord]] = {}
    for index in sorted(chosen):
        by_size.setdefault(_size(groups[index][0]), []).extend(groups[index])
    return [tuple(by_instance_number(records)) for records in by_size.values()]


def _turned(groups: Sequence[Sequence[InstanceRecord]], scouts: set[int]) -> tuple[set[int], int]:
    """Return the other groups of few images, and in how many orientations they are.

    Few images in two or three orientations are localizers; in more, they were turned around an axis.
    """
    few = [i for i, group in enumerate(groups) if i not in scouts and len(group) <= MOST_LOCALIZER_IMAGES]
    seen: list[Vectors] = []
    for index in few:
        normal = normal_of(groups[index][0])
        if normal is not None and all(abs(float(normal @ one)) < PARALLEL for one in seen):
            seen.append(normal)
    return set(few), len(seen)


def _plane_groups(records: Sequence[InstanceRecord]) -> list[list[InstanceRecord]]:
    """Return images by plane family, size, spacing and meaning, in the order given."""
    alike: dict[object, list[list[InstanceRecord]]] = {}
    for record in records:
        key = (record.frame_of_reference_uid, *_size(record), _meaning(record))
        groups = alike.setdefault(key, [])
        for group in groups:
            if _same_planes(group[0], record):
                group.append(record)
                break
        else:
            groups.append([record])
    return [group for groups in alike.values() for group in groups]


def _meaning(record: InstanceRecord) -> tuple[str, ...]:
    return record.image_type[:3] + tuple(value for value in record.image_type[3:] if value in MEANINGS)


def _same_planes(one: InstanceRecord, other: InstanceRecord) -> bool:
    return _close(one.image_orientation_patient, other.image_orientation_patient, ORIENTATION_TOLERANCE) and (
        _close(one.pixel_spacing, other.pixel_spacing, SPACING_TOLERANCE)
    )


def _close(one: tuple[float, ...] | None, other: tuple[float, ...] | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _volume_stacks(group: Sequence[InstanceRecord]) -> list[Stack]:
    """Return the stacks of images in parallel planes: the complete volumes as one, the others apart."""
    parts = volumes(group)
    stacks = []
    if parts.complete:
        stacks.append(_parallel(parts.complete, parts.warnings))
    stacks += [_parallel([volume], (words,)) for volume, words in parts.incomplete]
    return stacks


def _parallel(parts: Sequence[Sequence[InstanceRecord]], warnings: tuple[str, ...]) -> Stack:
    """Return a stack of volumes of equal positions; each is in the order of its positions."""
    first = parts[0][0]
    geometry = Positions.of(positions_of(parts[0]), normal_of(first))
    kind = StackKind.VOLUME if len(parts[0]) > 1 else StackKind.SINGLE
    return Stack(
        tuple(record for part in parts for record in part),
        StackKind.TIME if len(parts) > 1 else kind,
        first.rows or 0,
        first.columns or 0,
        _spacing(first, geometry.spacing),
        (*warnings, *geometry.warnings()),
        len(parts),
    )
