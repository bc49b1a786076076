"""What is to be subtracted from a frame, from the Mask Module (PS3.3 C.7.6.10)."""

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, label
from viewer.dicom.image import Mask, MaskOperation

MOST_ITEMS = 256  # mask operations of one image; a run has a few
MOST_MASKS = 64  # frames that are averaged; each one is decoded before anything is seen
FURTHEST_SHIFT = 1024.0  # pixels; a patient who moved further has left the image


def read_mask(frame: FrameHeader, number_of_frames: int) -> Mask | None:
    """Return the mask operation for a frame, else the first of the image; None where there is none.

    What cannot be used is ignored with a notice.
    """
    found: Mask | None = None
    for item in frame.top.items("MaskSubtractionSequence")[:MOST_ITEMS]:
        mask = _mask(item, frame, number_of_frames)
        if mask is None:
            continue
        if any(first <= frame.number <= last for first, last in mask.ranges):
            return mask
        if found is None or (found.ranges and not mask.ranges):
            found = mask
    return found


def _mask(item: Header, frame: FrameHeader, number_of_frames: int) -> Mask | None:
    code = item.code("MaskOperation")
    if code in {"", "NONE"}:
        return None
    if code not in set(MaskOperation):
        item.notices.add(f"{label('MaskOperation')} {code} is not known: no mask is subtracted")
        return None
    operation = MaskOperation(code)
    ranges = _ranges(item)
    frames = _mask_frames(item, number_of_frames) if operation is MaskOperation.AVG_SUB else ()
    if operation is MaskOperation.AVG_SUB and not frames:
        item.notices.add(f"{label('MaskFrameNumbers')} names no frame of this image: no mask is subtracted")
        return None
    if operation is MaskOperation.REV_TID and not ranges:
        item.notices.add(f"{label('ApplicableFrameRange')} is missing: no mask is subtracted")
        return None
    averaged = item.integer("ContrastFrameAveraging") or 1
    offset = item.integer("TIDOffset")
    return Mask(
        operation,
        frames,
        ranges,
        averaged if 1 <= averaged <= MOST_MASKS else 1,
        1 if offset is None else offset,  # one that is too large leaves every frame without a mask
        _shift(item, frame),
    )


def _ranges(item: Header) -> tuple[tuple[int, int], ...]:
    """Return the pairs of first and last frame that make sense."""
    numbers = [int(number) if number is not None else 0 for number in item.numbers("ApplicableFrameRange")]
    pairs = zip(numbers[::2], numbers[1::2], strict=False)
    return tuple((first, last) for first, last in pairs if 1 <= first <= last)


def _mask_frames(item: Header, number_of_frames: int) -> tuple[int, ...]:
    """Return the frames of the mask; none where one of them does not exist, for the mean is then another."""
    numbers = item.numbers("MaskFrameNumbers")
    frames = [int(number) for number in numbers if number is not None and 1 <= number <= number_of_frames]
    return tuple(frames) if len(frames) == len(numbers) <= MOST_MASKS else ()


def _shift(item: Header, frame: FrameHeader) -> tuple[float, float]:
    """Return rows down and columns to the right by which the mask is moved; a frame may have its own.

    In the header a positive row offset moves it towards the lower rows, but a positive column offset
    towards the column on the left hand side (PS3.3 C.7.6.10.1.2, C.7.6.16.2.14).
    """
    found = item.vector("MaskSubPixelShift", 2)
    identifier = item.integer("SubtractionItemID")
    for group in (frame.shared, frame.own):
        for own in group.items("FramePixelShiftSequence")[:MOST_ITEMS] if group is not None else ():
            if identifier is not None and own.integer("SubtractionItemID") == identifier:
                found = own.vector("MaskSubPixelShift", 2) or found
    if found is None:
        return 0.0, 0.0
    if max(map(abs, found)) > FURTHEST_SHIFT:
        item.notices.add(f"{label('MaskSubPixelShift')} is larger than an image: ignored")
        return 0.0, 0.0
    return found[0], 0.0 - found[1]
