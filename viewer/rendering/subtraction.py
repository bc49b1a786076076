"""Mask subtraction (PS3.3 C.7.6.10): what changed between frames, such as the contrast medium in vessels."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription, Mask, MaskOperation
from viewer.dicom.luts import LookupTable, Rescale, Window, WindowFunction
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import padding_mask
from viewer.rendering.shutter import shutter_mask

NOTICE = "MASK SUBTRACTED"
SOURCE = "mask subtraction"
TAIL = 99.5  # percent of the differences, of either sign, that the window holds

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
    tabled = isinstance(modality, LookupTable)
    if description.intensity == "LOG" and tabled:
        values = stored.astype(np.float64)
    else:
        values = to_modality(stored, modality)
    if description.intensity == "LIN" and isinstance(modality, Rescale):
        values = np.log(np.maximum(values, abs(modality.slope) or 1.0))
    padding = padding_mask(stored, description.padding)
    if padding is not None:
        values[padding] = np.nan
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
    if len({values.shape for values in (*contrast, *masks)}) != 1:
        raise ViewerError("The frames and their mask differ in size: nothing can be subtracted.")
    mask = _mean(masks)
    for axis, by in enumerate(shift):
        mask = _moved(mask, by, axis)
    return (_mean(contrast) - mask).astype(np.float32)


def read_difference(key: FrameKey, read: Read) -> tuple[ImageDescription, ImageDescription, Frame]:
    """Return the header of a frame, then the frame without its mask as `difference` gives it.

    `read` gives frames of its instance. Raises ViewerError.
    """
    header, frame = read(key)
    if header.mask is None:
        raise ViewerError(NO_MASK)
    contrast, masks = (
        [
            frame if number == key.frame_number else read(FrameKey(key.sop_instance_uid, number))[1]
            for number in numbers
        ]
        for numbers in frames_of(header.mask, key.frame_number, header.number_of_frames)
    )
    return header, *difference(header, contrast, masks)


def difference(
    description: ImageDescription, contrast: Sequence[Frame], masks: Sequence[Frame]
) -> tuple[ImageDescription, Frame]:
    """Return a frame without its mask as an image of its own, whose values are the differences.

    The description is that of the frame with a window around 0, labelled "auto". Raises ViewerError.
    """
    if description.mask is None:
        raise ViewerError(NO_MASK)
    values = subtract(
        [_logs(frame, description) for frame in contrast],
        [_logs(frame, description) for frame in masks],
        description.mask.sub_pixel_shift,
    )
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
        notices=(*description.notices, NOTICE),
    )
    damage = "; ".join(dict.fromkeys(frame.damage for frame in (*contrast, *masks) if frame.damage))
    cuts = [frame.first_missing for frame in (*contrast, *masks) if frame.first_missing is not None]
    return changed, Frame(description.key, values, description.photometric, damage, min(cuts, default=None))


def _logs(frame: Frame, description: ImageDescription) -> Differences:
    values = to_log(frame.stored, description)
    if frame.missing is not None:
        values[frame.missing] = np.nan
    return values


def window_of(differences: Differences) -> Window:
    """Return the window around 0 that holds nearly all of the differences, source "auto"."""
    sizes = np.abs(differences[np.isfinite(differences)])
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


def _moved(values: NDArray[np.float64], by: float, axis: int) -> NDArray[np.float64]:
    """Return values moved `by` pixels along an axis, towards higher indices."""
    if by == 0:
        return values
    last = values.shape[axis] - 1
    places = np.clip(np.arange(last + 1) - by, 0, last)
    below = np.floor(places).astype(np.int64)
    share = (places - below).reshape((-1, 1) if axis == 0 else (1, -1))
    above = np.minimum(below + 1, last)
    lower, upper = values.take(below, axis), values.take(above, axis)
    return np.where(share == 0, lower, lower * (1 - share) + upper * share)
