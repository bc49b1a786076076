"""One image, ready to be painted."""

from dataclasses import dataclass
from typing import Self

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.rendering.display_plane import DisplayPlane
from viewer.rendering.subtraction import Read, read_difference


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame, what its header says, and the form of its values from which every view is made."""

    description: ImageDescription
    frame: Frame
    plane: DisplayPlane
    stored_as: ImageDescription | None = None  # of a difference: the header of the frame itself

    @property
    def header(self) -> ImageDescription:
        """Return the description of the stored frame, which what is drawn and saved refers to."""
        return self.stored_as or self.description

    @classmethod
    def of(cls, description: ImageDescription, frame: Frame) -> Self:
        """Return the picture of a frame. Raises ViewerError when its values cannot be displayed."""
        return cls(description, frame, DisplayPlane.of(description, frame))

    @classmethod
    def subtracted(cls, key: FrameKey, read: Read) -> Self:
        """Return a frame without its mask; `read` gives frames of its instance. Raises ViewerError."""
        header, description, frame = read_difference(key, read)
        return cls(description, frame, DisplayPlane.of(description, frame), header)
