"""One image, ready to be painted."""

from dataclasses import dataclass
from typing import Self

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.rendering.display_plane import DisplayPlane


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame, what its header says, and the form of its values from which every view is made."""

    description: ImageDescription
    frame: Frame
    plane: DisplayPlane

    @classmethod
    def of(cls, description: ImageDescription, frame: Frame) -> Self:
        """Return the picture of a frame. Raises ViewerError when its values cannot be displayed."""
        return cls(description, frame, DisplayPlane.of(description, frame))
