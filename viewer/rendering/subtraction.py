"""Mask subtraction (PS3.3 C.7.6.10): what changed between frames, such as the contrast medium in vessels."""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription, Mask, MaskOperation, Padding
from viewer.dicom.luts import LookupTable, Modality, Rescale, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import padding_mask
from viewer.rendering.pipeline import has_table
from viewer.rendering.shutter import shutter_mask

NOTICE = "MASK SUBTRACTED"
SOURCE = "mask subtraction"
TAIL = 99.5  # percent of the differences, of either sign, that the window holds
SAMPLED = 1 << 17  # differences that are looked at for the window: a percentile of more takes 10 ms a frame
MASKS_KEPT = 6  # 4 MB each at 1024 x 1024

NO_MASK = "The header of this image has no mask to subtract."

Differences = NDArray[np.float32]
Read = Callable[[FrameKey], tuple[ImageDescription, Frame]]


def frames_of(mask: Mask, number: int, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the contrast frames and the mask frames for frame `number` of `count`, from 1 (C.7.6.10.1).

    Raises ViewerError where the operation is not meant for that frame, or its mask does not exist: such a
    frame has no difference to be shown.
    """
    if mask.ranges and not any(first <= number <= last for first, last in mask.ranges):
        raise ViewerError(f"Frame {number} has no mask: the header gives none for it.")
    contrast: tuple[int, ...] = (number,)
    if mask.operation is MaskOperation.AVG_SUB:
        masks = mask.mask_frames
        contrast = tuple(range(number, number + mask.contrast_averaging))
    elif mask.operation is MaskOperation.TID:
        masks = (number - mask.tid_offset,)
    else:
        first = mask.ranges[0][0]
        masks = (first - mask.tid_offset - (number - first),)
    if not all(1 <= each <= count for each in (*contrast, *masks)):
        raise ViewerError(f"Frame {number} has no mask: it would need a frame that is not in this image.")
    return contrast, masks


def to_log(stored: Stored, description: ImageDescription) -> Differences:
    """Return values (rows, columns) whose differences mean attenuation; NaN for padding.

    Pixel Intensity Relationship LIN without a table: the natural logarithm of the modality values, at least
    one step of the stored values; a table of the header for it (TO_LOG of the Pixel Intensity Relationship
    LUT, C.7.6.16.2.13) would differ in its unit only. LOG: the stored values, already logarithms; a table
    there makes them linear to the X-ray intensity again (C.8.7.1.1.2, PS3.17 FFF.2.3.1.3.4) and is left
    out. Everything else: modality values as they are.
    """
    modality = description.modality_lut
    if has_table(stored.dtype) and isinstance(modality, Rescale):
        table = _log_table(stored.dtype.str, description.intensity, modality, description.padding)
        found: Differences = table.take(stored.view(f"u{stored.itemsize}"))
        return found
    return _logs_of(stored, description.intensity, modality, description.padding)


@functools.lru_cache(maxsize=4)
def _log_table(dtype: str, intensity: str, modality: Rescale, padding: Padding | None) -> Differences:
    """Return `to_log` of every value of a stored type, by its bits read without a sign."""
    size = np.dtype(dtype).itemsize
    every = np.arange(1 << 8 * size).astype(f"u{size}").view(dtype)
    table = _logs_of(every, intensity, modality, padding)
    table.flags.writeable = False
    return table


def _logs_of(stored: Stored, intensity: str, modality: Modality, padding: Padding | None) -> Differences:
    if intensity == "LOG" and isinstance(modality, LookupTable):
        values = stored.astype(np.float64)
    else:
        values = to_modality(stored, modality)
    if intensity == "LIN" and isinstance(modality, Rescale):
        values = np.log(np.maximum(values, abs(modality.slope) or 1.0))
    missing = padding_mask(stored, padding)
    if missing is not None:
        values[missing] = np.nan
    return values.astype(np.float32)


def subtract(
    contrast: Sequence[NDArray[np.floating]],
    masks: Sequence[NDArray[np.floating]],
    shift: tuple[float, float] = (0.0, 0.0),
) -> Differences:
    """Return mean(contrast) - mean(masks) moved by `shift`, (rows, columns) with a sign; 0: no difference.

    All arrays are (rows, columns) as `to_log` makes them. `shift` is rows down and columns to the right in
    pixels, by linear interpolation; the edge is repeated. NaN where a value is missing.
    """
    _same_size((*contrast, *masks))
    found: Differences = (_mean(contrast) - moved(_mean(masks), shift)).astype(np.float32)
    return found


def moved(values: NDArray[Any], shift: tuple[float, float]) -> NDArray[Any]:
    """Return values (rows, columns) moved by rows down and columns to the right; the edge is repeated."""
    for axis, by in enumerate(shift):
        values = _moved(values, by, axis)
    return values


def _same_size(every: Sequence[NDArray[Any]]) -> None:
    if len({values.shape for values in every}) != 1:
        raise ViewerError("The frames and their mask differ in size: nothing can be subtracted.")


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of frames as `to_log` makes them, moved, and what they lack."""

    values: Differences
    damage: tuple[str, ...] = ()
    first_missing: int | None = None


class Masks:
    """Masks that were made, so that a run makes each once. May be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: OrderedDict[tuple[str, tuple[int, ...], tuple[float, float]], Mean] = OrderedDict()

    def of(self, uid: str, numbers: tuple[int, ...], shift: tuple[float, float], read: Read) -> Mean:
        """Return the mean of frames of an instance, moved by rows down and columns to the right."""
        key = (uid, numbers, shift)
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
                return found
        if shift == (0.0, 0.0):
            found = mean_of([read(FrameKey(uid, number)) for number in numbers])
        else:
            still = self.of(uid, numbers, (0.0, 0.0), read)
            found = replace(still, values=moved(still.values, shift))
        with self._lock:
            self._made[key] = found
            while len(self._made) > MASKS_KEPT:
                self._made.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._made.clear()


def mean_of(frames: Sequence[tuple[ImageDescription, Frame]]) -> Mean:
    """Return the mean of the values of frames, each as its own header has them."""
    logs = [_logs(frame, description) for description, frame in frames]
    _same_size(logs)
    values = logs[0] if len(logs) == 1 else _mean(logs).astype(np.float32)
    cuts = [frame.first_missing for _, frame in frames if frame.first_missing is not None]
    return Mean(values, tuple(frame.damage for _, frame in frames if frame.damage), min(cuts, default=None))


def read_difference(
    key: FrameKey, read: Read, mask: Mask | None = None, masks: Masks | None = None
) -> tuple[ImageDescription, ImageDescription, Frame]:
    """Return the header of a frame, then the frame without its mask as `difference` gives it.

    `read` gives frames of its instance; `mask` takes the place of the header's; `masks` keeps what is made
    for the next frame. Raises ViewerError.
    """
    header, frame = read(key)
    mask = mask or header.mask
    if mask is None:
        raise ViewerError(NO_MASK)
    contrast, numbers = frames_of(mask, key.frame_number, header.number_of_frames)
    own = {key.frame_number: (header, frame)}
    uid = key.sop_instance_uid
    filled = mean_of([own.get(number) or read(FrameKey(uid, number)) for number in contrast])
    behind = (masks or Masks()).of(uid, numbers, mask.sub_pixel_shift, read)
    return header, *_difference(header, filled, behind, notice_of(mask))


def difference(
    description: ImageDescription, contrast: Sequence[Frame], masks: Sequence[Frame]
) -> tuple[ImageDescription, Frame]:
    """Return a frame without its mask as an image of its own, whose values are the differences.

    The description is that of the frame with a window around 0, labelled "auto". Raises ViewerError.
    """
    if description.mask is None:
        raise ViewerError(NO_MASK)
    filled, behind = (mean_of([(description, frame) for frame in frames]) for frames in (contrast, masks))
    shifted = replace(behind, values=moved(behind.values, description.mask.sub_pixel_shift))
    return _difference(description, filled, shifted, notice_of(description.mask))


def _difference(
    description: ImageDescription, filled: Mean, behind: Mean, notice: str
) -> tuple[ImageDescription, Frame]:
    _same_size((filled.values, behind.values))
    values: Differences = filled.values - behind.values
    values.flags.writeable = False
    seen = shutter_mask(description)
    unit = "ln" if description.intensity == "LIN" else ""
    changed = replace(
        description,
        bits_allocated=32,
        bits_stored=32,
        signed=True,
        modality_lut=Rescale(unit=unit, source=SOURCE),
        vois=(window_of(values if seen is None else values[~seen]),),
        default_voi=0,
        identity_voi=False,
        padding=None,
        supplemental=None,
        real_world=(),
        notices=(*description.notices, notice),
    )
    damage = "; ".join(dict.fromkeys((*filled.damage, *behind.damage)))
    cuts = [mean.first_missing for mean in (filled, behind) if mean.first_missing is not None]
    return changed, Frame(description.key, values, description.photometric, damage, min(cuts, default=None))


def notice_of(mask: Mask) -> str:
    """Return what is subtracted: "MASK SUBTRACTED: frame 3, shift 1.5/-0.25 px (down/right)"."""
    if mask.operation is MaskOperation.AVG_SUB:
        several = "s" if len(mask.mask_frames) > 1 else ""
        which = f"frame{several} {_listed(mask.mask_frames)}"
    elif mask.operation is MaskOperation.TID:
        which = f"{abs(mask.tid_offset)} {'before' if mask.tid_offset >= 0 else 'after'} each frame"
    else:
        which = "the frames before, backwards"
    down, right = mask.sub_pixel_shift
    by = f", shift {down:g}/{right:g} px (down/right)" if (down, right) != (0.0, 0.0) else ""
    return f"{NOTICE}: {which}{by}"


def _listed(numbers: tuple[int, ...]) -> str:
    """Return frame numbers in words, runs of them by their ends: "1, 3-5"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)


def _logs(frame: Frame, description: ImageDescription) -> Differences:
    values = to_log(frame.stored, description)
    if frame.missing is not None:
        values[frame.missing] = np.nan
    return values


def window_of(differences: Differences) -> Window:
    """Return the window around 0 that holds nearly all of the differences, source "auto"."""
    some = differences.ravel()[:: 1 + differences.size // SAMPLED]
    sizes = np.abs(some[np.isfinite(some)])
    half = 0.0
    if sizes.size:
        half = float(np.percentile(sizes, TAIL)) or float(sizes.max())
    half = half or 0.5  # nothing moved: any width will do
    return Window(0.0, 2 * half, WindowFunction.LINEAR_EXACT, "Auto", "auto")


def is_subtracted(description: ImageDescription) -> bool:
    """Tell whether an image is one of `difference`."""
    return description.modality_lut.source == SOURCE


def _mean(frames: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    total = frames[0].astype(np.float64)
    for frame in frames[1:]:
        total += frame
    return total / len(frames)


def _moved(values: NDArray[Any], by: float, axis: int) -> NDArray[Any]:
    """Return values moved `by` pixels along an axis, towards higher indices."""
    if by == 0:
        return values
    last = values.shape[axis] - 1
    places = np.clip(np.arange(last + 1) - by, 0, last)
    below = np.floor(places).astype(np.int64)
    share = (places - below).reshape((-1, 1) if axis == 0 else (1, -1)).astype(values.dtype)
    above = np.minimum(below + 1, last)
    lower, upper = values.take(below, axis), values.take(above, axis)
    return np.where(share == 0, lower, lower * (1 - share) + upper * share)
