"""One viewport of the desk: what hangs there, which image of it, and how it is looked at."""

from dataclasses import dataclass, field, replace
from typing import Self

from viewer.dicom.records import FrameKey, SeriesRecord
from viewer.dicom.stacks import Stack
from viewer.rendering.reslice import Orientation
from viewer.viewing.masking import Masking
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState


@dataclass(frozen=True, slots=True)
class Hung:
    """A stack of a series that hangs in a pane, with its frames in viewing order."""

    series: SeriesRecord
    stack: Stack
    number: int = 0  # which stack of the series
    keys: tuple[FrameKey, ...] = ()
    reformat: Orientation | None = None  # a plane through the stack's volume, instead of its images
    subtracted: bool = False  # masks are subtracted from the images

    @classmethod
    def of(cls, series: SeriesRecord, stack: Stack, number: int = 0) -> Self:
        """Return the stack ready to be hung."""
        return cls(series, stack, number, tuple(stack.frame_keys))


@dataclass(frozen=True, slots=True)
class Pane:
    """A pane as a value. `picture` is what is seen now; `index` is what was asked for last."""

    hung: Hung | None = None
    index: int = 0  # 0-based, into the stack
    state: ViewportState = field(default_factory=ViewportState)
    picture: Picture | None = None
    trouble: str = ""  # why there is no picture, in words

    @property
    def count(self) -> int:
        """Return the number of images in the stack."""
        return len(self.hung.keys) if self.hung else 0

    @property
    def key(self) -> FrameKey | None:
        """Return the frame that was asked for, None where there is none or it is a reformatted plane."""
        if self.hung is None or self.hung.reformat is not None or not self.hung.keys:
            return None
        return self.hung.keys[self.index]

    @property
    def masking(self) -> Masking | None:
        """Return which mask is subtracted from the images, None where they are shown as they are."""
        return self.state.masking if self.hung is not None and self.hung.subtracted else None

    @property
    def loading(self) -> bool:
        """Tell whether the picture that was asked for is still on its way."""
        if self.hung is None or self.trouble:
            return False
        if self.picture is None:
            return True
        return self.key is not None and not self.wants(self.picture)

    def wants(self, picture: Picture) -> bool:
        """Tell whether a picture is the one that was asked for."""
        return picture.description.key == self.key and picture.masking == self.masking

    def with_picture(self, picture: Picture) -> Self:
        """Return the pane showing `picture`, looked at as before."""
        state = replace(self.state, image=picture.description)
        return replace(self, picture=picture, state=state, trouble="")

    def with_trouble(self, reason: str) -> Self:
        """Return the pane showing why its image cannot be shown; never an older picture in its place."""
        return replace(self, picture=None, state=replace(self.state, image=None), trouble=reason)

    def resized(self, width: int, height: int) -> Self:
        """Return the pane at another size, in device pixels."""
        return replace(self, state=replace(self.state, width=max(width, 1), height=max(height, 1)))
