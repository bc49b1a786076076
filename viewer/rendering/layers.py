"""What lies on the values of an image: supplemental colours, the shutter, overlays; stripes where none are.

All of it belongs to the image space: it is turned, flipped and scaled with the image (PS3.4 N.2.1), and
no window or inversion changes it.
"""

import math
from dataclasses import dataclass, replace
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription
from viewer.dicom.overlay import WHITEST, OverlayKind
from viewer.rendering.color import is_color
from viewer.rendering.icc import to_srgb
from viewer.rendering.padding import Mask, Numbers
from viewer.rendering.pseudo_color import PseudoColor
from viewer.rendering.shutter import shutter_color, shutter_mask
from viewer.rendering.spatial import Affine
from viewer.rendering.warp import nearest

GRAPHIC, ROI = np.uint8(1), np.uint8(2)
BYTE_OF_WORD = 257  # 65535 / 255: a P-value of 16 bits for one of 8
AROUND = np.ones((3, 3), np.uint8)
SAME = 1e-6  # pixels
STRIPES = 16  # pixels from stripe to stripe
STRIPE_GRAYS = (112, 64)  # neither black, which is air or padding, nor white, which is bone


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader wants to see of the layers, and in which colours; its own are part of an image."""

    overlays: bool = True
    shutter: bool = True
    colors: PseudoColor | None = None  # in the place of greys, and of nothing else


EVERYTHING = Shown()


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """The layers of one frame, each (rows, columns); None where there is nothing of a kind."""

    colors: NDArray[np.uint8] | None = (
        None  # (rows, columns, 4) blue, green, red, 255; all 0 where gray shows
    )
    missing: NDArray[np.uint8] | None = None  # 1 where the file holds no pixel
    hidden: NDArray[np.uint8] | None = None  # 1 where the shutter covers
    cover: tuple[int, int, int] = (0, 0, 0)  # red, green, blue 0..65535 of the shutter
    marks: NDArray[np.uint8] | None = None  # GRAPHIC | ROI
    strokes: tuple[Mask, Mask] | None = (
        None  # of the marks in the pixels of a screen: white, and its dark edge
    )

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return any(each is not None for each in (self.colors, self.missing, self.hidden, self.marks))

    @classmethod
    def of(cls, description: ImageDescription, frame: Frame) -> Self:
        """Return the layers of a frame."""
        shutter = description.shutter
        missing, hidden = frame.missing, shutter_mask(description)
        return cls(
            _colors(description, frame),
            None if missing is None else missing.view(np.uint8),
            None if hidden is None else hidden.view(np.uint8),
            (0, 0, 0) if shutter is None else shutter_color(shutter, color=is_color(frame)),
            _marks(description),
        )

    def showing(self, shown: Shown) -> "Layers":
        """Return what of the layers is wanted."""
        return replace(
            self,
            hidden=self.hidden if shown.shutter else None,
            marks=self.marks if shown.overlays else None,
            strokes=self.strokes if shown.overlays else None,
        )

    def seen(self, back: Affine, size: tuple[int, int]) -> "Layers":
        """Return the layers in the pixels of a screen part of `size` (width, height).

        `back` maps its coordinates to the image's. A line one pixel wide is never lost when the image is
        shown smaller.
        """
        if not self:
            return self
        step = math.ceil(math.sqrt(abs(back.determinant)) - SAME)
        marks = self.marks
        if marks is not None and step > 1:
            graphics: Numbers = cv2.dilate(marks & GRAPHIC, np.ones((step, step), np.uint8))
            marks = graphics | (marks & ROI)
        marks = None if marks is None else nearest(marks, back, size)
        return replace(
            self,
            colors=None if self.colors is None else nearest(self.colors, back, size),
            missing=None if self.missing is None else nearest(self.missing, back, size),
            hidden=None if self.hidden is None else nearest(self.hidden, back, size),
            marks=marks,
            strokes=None if marks is None else outlined(marks),
        )

    def lie_on(self, shown: Numbers) -> Numbers:
        """Return display values with the layers on them: gray, or RGB where one of them has a colour.

        `shown` is (height, width) u1 or u2, or (height, width, 3) u1.
        """
        out = shown.copy()
        top = np.iinfo(out.dtype).max
        unit = BYTE_OF_WORD if top == WHITEST else 1
        if out.ndim == 2 and self.colors is not None:  # noqa: PLR2004
            out = np.repeat(out[..., np.newaxis], 3, axis=2)
        if self.colors is not None:
            mask = self.colors[..., 3] != 0
            out[mask] = self.colors[mask][:, 2::-1].astype(out.dtype) * unit
        if self.missing is not None:
            mask = self.missing.view(np.bool_)
            gray = hatch(*mask.shape).astype(out.dtype, copy=False) * out.dtype.type(unit)
            if out.ndim == 3:  # noqa: PLR2004
                gray, mask = gray[..., np.newaxis], mask[..., np.newaxis]
            np.copyto(out, gray, where=mask)  # no list of places: damaged headers claim gigapixels
        if self.hidden is not None:
            color = [level if top == WHITEST else _byte(level) for level in self.cover]
            out[self.hidden.view(np.bool_)] = color if out.ndim == 3 else color[0]  # noqa: PLR2004
        if self.marks is not None:
            white, edge = self.strokes or outlined(self.marks)
            out[edge], out[white] = 0, top
        return out

    def lie_on_screen(self, pixels: NDArray[np.uint32]) -> None:
        """Put the layers on `pixels` (height, width) 0xffRRGGBB."""
        if self.colors is not None:
            words = self.colors.view(np.uint32)[..., 0]
            np.copyto(pixels, words, where=words != 0)
        if self.missing is not None:
            words = np.uint32(0xFF000000) | hatch(*self.missing.shape).astype(np.uint32) * np.uint32(0x010101)
            np.copyto(pixels, words, where=self.missing.view(np.bool_))
        if self.hidden is not None:
            red, green, blue = (_byte(level) for level in self.cover)
            color = np.uint32(0xFF000000 | red << 16 | green << 8 | blue)
            np.copyto(pixels, color, where=self.hidden.view(np.bool_))
        if self.marks is not None:
            white, edge = self.strokes or outlined(self.marks)
            np.copyto(pixels, np.uint32(0xFF000000), where=edge)
            np.copyto(pixels, np.uint32(0xFFFFFFFF), where=white)


def hatch(rows: int, columns: int) -> NDArray[np.uint8]:
    """Return the grays (rows, columns) u1 of what is not there: slanted stripes, unlike any tissue."""
    down, across = np.ogrid[:STRIPES, :columns]
    period = np.where((down + across) % STRIPES < STRIPES // 2, *STRIPE_GRAYS).astype(np.uint8)
    return period[np.arange(rows) % STRIPES]


def outlined(marks: NDArray[np.uint8]) -> tuple[Mask, Mask]:
    """Return where overlays are white, and the dark edge around it, in the shape of `marks`.

    Graphics are filled, of a region of interest only the outline is drawn: what lies in it is to be seen.
    """
    region = marks & ROI
    inner: Numbers = cv2.erode(region, AROUND)
    white = ((marks & GRAPHIC) | (region & ~inner)).astype(np.bool_)
    near: Mask = cv2.dilate(white.view(np.uint8), AROUND).astype(np.bool_)
    return white, near & ~white


def color_mask(stored: Stored, description: ImageDescription) -> Mask | None:
    """Return where stored values stand for supplemental colours (PS3.3 C.7.6.19), None where none does."""
    if description.supplemental is None:
        return None
    mask: Mask = np.asarray(stored >= description.supplemental.first)  # type: ignore[operator]  # numbers all
    return mask if mask.any() else None


def _colors(description: ImageDescription, frame: Frame) -> NDArray[np.uint8] | None:
    mask = color_mask(frame.stored, description)
    palette = description.supplemental
    if mask is None or palette is None:
        return None
    table = to_srgb(palette.colors[np.newaxis], description.icc_profile)[0]
    colors = np.zeros((*mask.shape, 4), np.uint8)
    index = frame.stored[mask].astype(np.int64) - palette.first
    colors[mask, :3] = table.take(index, axis=0, mode="clip")[:, ::-1]
    colors[mask, 3] = 255
    return colors


def _marks(description: ImageDescription) -> NDArray[np.uint8] | None:
    group = description.shutter.overlay_group if description.shutter is not None else None
    planes = [plane for plane in description.overlays if plane.group != group]
    if not planes:
        return None
    marks = np.zeros((description.rows, description.columns), np.uint8)
    for plane in planes:
        mask = plane.mask(description.rows, description.columns).view(np.uint8)
        marks |= mask * (ROI if plane.kind is OverlayKind.ROI else GRAPHIC)
    return marks if marks.any() else None


def _byte(level: int) -> int:
    """Return 0..255 of a P-value 0..65535."""
    return math.floor(level / BYTE_OF_WORD + 0.5)
