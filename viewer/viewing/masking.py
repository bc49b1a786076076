"""Which mask is subtracted from the frames of a run: that of the header, or the reader's own."""

from dataclasses import dataclass, replace

from viewer.dicom.image import ImageDescription, Mask, MaskOperation

SMALLEST_SHIFT = 0.25  # pixels: of one press of a key; a drag counts in it too
FURTHEST_SHIFT = 256.0  # pixels: a patient who moved further has left the image
MOST_MASKS = 64  # frames that are averaged

ONE_FRAME = "This image has one frame only: there is nothing to subtract."
COLOUR = "A colour image has no mask to subtract."


@dataclass(frozen=True, slots=True)
class Masking:
    """The reader's choice of mask; what is not chosen is the header's."""

    frames: tuple[int, ...] = ()  # averaged, from 1, in order; (): the masks of the header
    shift: tuple[float, float] | None = None  # of the mask: rows down, columns right; None: the header's

    def with_mask(self, frame: int, *, added: bool = False) -> "Masking":
        """Return the choice of one frame as mask, or of one more (or one less) to be averaged."""
        if not added:
            return Masking((frame,))
        frames = set(self.frames) ^ {frame}
        return replace(self, frames=tuple(sorted(frames))[:MOST_MASKS])

    def shifted(self, down: float, right: float, header: Mask | None) -> "Masking":
        """Return the choice with its mask moved on by rows down and columns to the right."""
        before = self.shift_in_force(header)
        return replace(self, shift=(_bounded(before[0] + down), _bounded(before[1] + right)))

    def shift_in_force(self, header: Mask | None) -> tuple[float, float]:
        """Return the rows down and columns to the right by which the mask is moved."""
        if self.shift is not None:
            return self.shift
        return header.sub_pixel_shift if header is not None and not self.frames else (0.0, 0.0)

    def in_force(self, header: Mask | None) -> Mask | None:
        """Return what is subtracted, given what the header says; None when neither names a mask.

        Frames of the reader's own serve every frame of the run (AVG_SUB, PS3.3 C.7.6.10.1).
        """
        shift = self.shift_in_force(header)
        if self.frames:
            return Mask(MaskOperation.AVG_SUB, self.frames, sub_pixel_shift=shift)
        return None if header is None else replace(header, sub_pixel_shift=shift)


def _bounded(by: float) -> float:
    steps = round(by / SMALLEST_SHIFT) * SMALLEST_SHIFT
    return min(max(steps, -FURTHEST_SHIFT), FURTHEST_SHIFT)


def unusable(image: ImageDescription | None) -> str:
    """Return why a frame of an image cannot serve as a mask; "" when it can."""
    if image is None:
        return "There is no image here."
    if not image.photometric.startswith("MONOCHROME"):
        return COLOUR
    return "" if image.number_of_frames > 1 else ONE_FRAME
