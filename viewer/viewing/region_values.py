"""The numbers of the pixels under an annotation: those of a region, or the one of a point."""

import weakref
from collections import OrderedDict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.annotations.kinds import KINDS
from viewer.annotations.regions import Mask, Patch
from viewer.annotations.shapes import Annotation
from viewer.annotations.statistics import Statistics, statistics_of, weighted
from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription
from viewer.rendering.color import is_color
from viewer.rendering.histogram import count_values
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import padding_mask
from viewer.rendering.pipeline import has_table
from viewer.viewing.picture import Picture

KEPT = 512  # regions: those of a study, and the forms of one while it is dragged
MANY = 1 << 14  # pixels from which on to count how often each value is there is faster than to look at each
COLOR = "a colour image"
NOTHING_LEFT = "only padding or missing pixels lie inside"


def values_of(annotation: Annotation, description: ImageDescription, frame: Frame) -> Statistics | None:
    """Return the statistics of the modality values under an annotation, None for a kind without pixels.

    A pixel counts when its centre lies inside what is drawn and it is neither padding nor missing from the
    file (PS3.3 C.7.5.1.1.2). The values are those after the Modality LUT of this frame, before any window
    (C.11.1). A colour image has none; `reason` says so.
    """
    row = KINDS[annotation.kind]
    if row.region is None or annotation.read_only or len(annotation.points) < row.least:
        return None
    if is_color(frame):
        return Statistics(reason=COLOR)
    rows, columns = frame.stored.shape
    patch = row.region(annotation.points, (rows, columns))
    found = _statistics(frame.stored[patch.part], _present(patch, frame), description)
    if not found.count and patch.mask.any():
        found = replace(found, reason=NOTHING_LEFT)
    return replace(found, unit=description.modality_lut.unit, suv=description.suv)


class RegionValues:
    """Remembers the numbers of regions: they are asked for at every paint, and change only with the form."""

    def __init__(self) -> None:
        self._known: OrderedDict[
            tuple[object, ...], tuple[weakref.ReferenceType[Stored], Statistics | None]
        ] = OrderedDict()

    def of(self, annotation: Annotation, picture: Picture) -> Statistics | None:
        """Return the statistics of an annotation on a picture, None for a kind without pixels."""
        description, frame = picture.description, picture.frame
        if KINDS[annotation.kind].region is None or annotation.read_only:
            return None
        key = (annotation.kind, annotation.points, frame.key, description.modality_lut, description.padding)
        known = self._known.get(key)
        if known is not None and known[0]() is frame.stored:
            self._known.move_to_end(key)
            return known[1]
        found = values_of(annotation, description, frame)
        self._known[key] = weakref.ref(frame.stored), found
        self._known.move_to_end(key)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


def _present(patch: Patch, frame: Frame) -> Mask:
    """Return the pixels of a patch that the file holds."""
    if frame.first_missing is None:
        return patch.mask
    rows, columns = (np.arange(part.start, part.stop) for part in patch.part)
    places = rows[:, np.newaxis] * frame.stored.shape[1] + columns
    present: Mask = patch.mask & (places < frame.first_missing)
    return present


def _statistics(stored: Stored, mask: Mask, description: ImageDescription) -> Statistics:
    """Return the statistics of a part where `mask` is set; those of a large one from a histogram."""
    if stored.size < MANY or not has_table(stored.dtype):
        chosen: Stored = stored[mask]
        tissue = chosen[_is_tissue(chosen, description)]
        return statistics_of(to_modality(tissue, description.modality_lut))
    counts = count_values(stored, mask)
    present = np.flatnonzero(counts)
    values: Stored = present.astype(f"u{stored.dtype.itemsize}").view(stored.dtype)
    counted = _is_tissue(values, description)
    return weighted(to_modality(values[counted], description.modality_lut), counts[present][counted])


def _is_tissue(stored: Stored, description: ImageDescription) -> NDArray[np.bool_]:
    """Return which stored values are measured ones: no padding, no number of a colour (C.7.6.19)."""
    padding = padding_mask(stored, description.padding)
    mask = np.ones(stored.shape, np.bool_) if padding is None else ~padding
    if description.supplemental is not None:
        mask &= stored < description.supplemental.first  # type: ignore[operator]  # whole numbers
    return mask
