"""One image, ready to be painted."""

from dataclasses import dataclass
from typing import Self

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.subtraction import NO_MASK, Masks, Read, read_difference
from viewer.viewing.masking import Masking


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame, what its header says, and the form of its values from which every view is made."""

    description: ImageDescription
    frame: Frame
    plane: DisplayPlane
    stored_as: ImageDescription | None = None  # of a difference: the header of the frame itself
    masking: Masking | None = None  # of a difference: how its mask was chosen

    @property
    def header(self) -> ImageDescription:
        """Return the description of the stored frame, which what is drawn and saved refers to."""
        return self.stored_as or self.description

    @classmethod
    def of(cls, description: ImageDescription, frame: Frame) -> Self:
        """Return the picture of a frame. Raises ViewerError when its values cannot be displayed."""
        return cls(description, frame, DisplayPlane.of(description, frame))

    @classmethod
    def subtracted(cls, key: FrameKey, masking: Masking, read: Read, masks: Masks) -> Self:
        """Return a frame without its mask; `read` gives frames of its instance. Raises ViewerError."""
        mask = masking.in_force(read(key)[0].mask)
        if mask is None:
            raise ViewerError(NO_MASK)
        header, description, frame = read_difference(key, read, mask, masks)
        return cls(description, frame, DisplayPlane.of(description, frame), header, masking)

    @property
    def nbytes(self) -> int:
        """Return how many bytes the picture takes at most, its frame among them."""
        levels = [level.pixels for level in self.plane.levels]
        shared = self.frame.stored is levels[0]
        return sum(level.nbytes for level in levels) + (0 if shared else self.frame.stored.nbytes)
