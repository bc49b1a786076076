"""A plane, a pipeline and an affine map to the pixels of a viewport, doing again only what changed."""

import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.luts import IDENTITY
from viewer.rendering.display_plane import Content, DisplayPlane, Level
from viewer.rendering.layers import EVERYTHING, Layers, Shown
from viewer.rendering.padding import Mask, Numbers
from viewer.rendering.pipeline import GrayscalePipeline, look_up_patterns
from viewer.rendering.presentation_lut import DisplayValues
from viewer.rendering.pseudo_color import PseudoColor
from viewer.rendering.spatial import Affine
from viewer.rendering.warp import warp

Pixels = NDArray[np.uint32]

BLACK = np.uint32(0xFF000000)
GRAYS = (np.arange(256, dtype=np.uint32) * 0x010101 | BLACK).view(np.int32)  # 0xffRRGGBB of a gray
SAME = 1e-6  # pixels: a map that moves the far corner of an image by less is the same map
HALF = 32768
BAND = 16  # rows taken through the stages at a time, so that they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class _Sampling:
    """Everything the warped plane depends on."""

    plane: DisplayPlane
    affine: Affine
    size: tuple[int, int]
    smooth: bool


@dataclass(frozen=True, slots=True)
class View:
    """A plane seen through an affine map: its numbers in the frame of the viewport, before any window."""

    content: Content
    numbers: Numbers  # (height, width[, 4]) of the part of the viewport that the image covers
    left: int  # of that part, in the viewport
    top: int
    black: Mask | None  # (height, width) of the part: padding, or beside a slanted image
    layers: Layers = field(default_factory=Layers)  # of the part

    def shown(self, pipeline: GrayscalePipeline, *, floor: bool = False, bits: int = 8) -> DisplayValues:
        """Return the display values of `numbers`, black where there is nothing to see."""
        if self.numbers.dtype == np.uint16:
            shown = look_up_patterns(_table(self.content, pipeline, floor=floor, bits=bits), self.numbers)
        else:
            stages = _unmasked(self.content, pipeline)
            shown = np.empty(self.numbers.shape, np.uint8 if bits == 8 else np.uint16)  # noqa: PLR2004
            for top in range(0, len(shown), BAND):
                values = self.numbers[top : top + BAND].astype(np.float64)
                shown[top : top + BAND] = stages.render_values(values, floor=floor, bits=bits)
        if self.black is not None:
            shown[self.black] = 0
        return shown


class ViewportRenderer:
    """Renders one viewport. Keeps the warped plane and the pixels, and redoes the stages that changed."""

    def __init__(self) -> None:
        self._sampling: _Sampling | None = None
        self._view: View | None = None
        self._pipeline: GrayscalePipeline | None = None
        self._shown = EVERYTHING
        self._numbers: Numbers | None = None
        self._table: tuple[Content, GrayscalePipeline, PseudoColor | None, NDArray[np.int32]] | None = None
        self._pixels: Pixels = np.empty((0, 0), dtype=np.uint32)
        self._cleared: tuple[int, int, int, int] | None = None  # the part that all around is black of

    def render(
        self,
        plane: DisplayPlane,
        pipeline: GrayscalePipeline | None,
        affine: Affine,
        size: tuple[int, int],
        smooth: bool = True,  # noqa: FBT001, FBT002  as ViewportState.smooth
        shown: Shown = EVERYTHING,
    ) -> Pixels:
        """Return the viewport (height, width) as 0xffRRGGBB, black beside the image and on padding.

        `affine` maps image to viewport coordinates, `size` is (width, height) in device pixels, and
        `smooth` interpolates linearly instead of showing pixels as squares. `pipeline` is None for
        colour; None for grayscale shows the full range of values. `shown` says which layers are put on
        it, and which colours stand for greys. The array is reused: it is valid until the next call.
        """
        sampling = _Sampling(plane, affine, size, smooth)
        fresh = sampling == self._sampling
        if fresh and pipeline == self._pipeline and shown == self._shown:
            return self._pixels
        if not fresh:
            self._view = self._sample(sampling)
            self._sampling = sampling
        self._pipeline, self._shown = pipeline, shown
        self._paint(self._view, pipeline or GrayscalePipeline(), size, clear=not fresh)
        return self._pixels

    def _sample(self, sampling: _Sampling) -> View | None:
        width, height = sampling.size
        pixels = sampling.plane.levels[0].pixels
        shape = (height, width, *pixels.shape[2:])
        if self._numbers is None or self._numbers.shape != shape or self._numbers.dtype != pixels.dtype:
            self._numbers = np.empty(shape, dtype=pixels.dtype)
        return sample(sampling.plane, sampling.affine, sampling.size, sampling.smooth, self._numbers)

    def _paint(
        self, view: View | None, pipeline: GrayscalePipeline, size: tuple[int, int], *, clear: bool
    ) -> None:
        width, height = size
        if self._pixels.shape != (height, width):
            self._pixels = np.empty((height, width), dtype=np.uint32)
            self._cleared = None
        if view is None:
            self._pixels.fill(BLACK)
            self._cleared = None
            return
        if clear:
            self._clear_beside(view)
        words = GRAYS if self._shown.colors is None else self._shown.colors.words
        rows, columns = view.numbers.shape[:2]
        part = self._pixels[view.top : view.top + rows, view.left : view.left + columns]
        if view.content is Content.COLOR:
            part[...] = view.numbers.view(np.uint32)[..., 0]
        elif view.numbers.dtype == np.uint16:
            cv2.LUT(view.numbers, self._colored_table(view.content, pipeline), part.view(np.int32))
        else:
            cv2.LUT(view.shown(pipeline), words, part.view(np.int32))
        if view.black is not None:
            part[view.black] = BLACK
        view.layers.showing(self._shown).lie_on_screen(part)

    def _clear_beside(self, view: View) -> None:
        """Make black what the part that the image covers leaves of the viewport, unless it is so already."""
        part = view.top, view.left, view.top + view.numbers.shape[0], view.left + view.numbers.shape[1]
        if part == self._cleared:
            return
        self._cleared = part
        top, left, bottom, right = part
        pixels = self._pixels
        for beside in (pixels[:top], pixels[bottom:], pixels[top:bottom, :left], pixels[top:bottom, right:]):
            beside.fill(BLACK)

    def _colored_table(self, content: Content, pipeline: GrayscalePipeline) -> NDArray[np.int32]:
        """Return 0xffRRGGBB (65536,) of every number of a 16-bit plane; kept for the next image."""
        colors = self._shown.colors
        known = self._table
        if known is None or known[0] is not content or known[2] is not colors or known[1] != pipeline:
            words = GRAYS if colors is None else colors.words
            known = (content, pipeline, colors, words.take(_table(content, pipeline)))
            self._table = known
        return known[3]


def sample(
    plane: DisplayPlane,
    affine: Affine,
    size: tuple[int, int],
    smooth: bool,  # noqa: FBT001  as ViewportState.smooth
    numbers: Numbers,
) -> View | None:
    """Return `plane` seen through `affine` in a viewport of `size` (width, height); None: nothing of it.

    `numbers` (height, width[, 4]) is the room the result is put into.
    """
    if affine.determinant == 0:
        return None
    left, top, right, bottom = _covered(plane, affine, size)
    if left >= right or top >= bottom:
        return None
    shifted = Affine.translation(-left, -top) @ affine
    level, back = _level(plane, shifted.inverse, smooth=smooth)
    out = numbers[top:bottom, left:right]
    warp(level.pixels, back, out, smooth=smooth)
    black: Mask | None = None
    if level.padding is not None:
        padding = np.empty(out.shape[:2], dtype=np.uint8)
        warp(level.padding, back, padding, smooth=False)
        black = padding.view(np.bool_)
    if not _upright(affine):
        beside = _beside(plane, shifted.inverse, (right - left, bottom - top))
        black = beside if black is None else black | beside
    layers = plane.layers.seen(shifted.inverse, (right - left, bottom - top))
    return View(plane.content, out, left, top, black, layers)


def _upright(affine: Affine) -> bool:
    """Tell whether the map takes pixel rows to rows or to columns."""
    return (affine.b == 0 and affine.c == 0) or (affine.a == 0 and affine.d == 0)


def _covered(plane: DisplayPlane, affine: Affine, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of the viewport pixels whose centres an upright image covers.

    For a slanted one they are the bounds of what it covers.
    """
    corners = [affine(x, y) for x in (0, plane.columns) for y in (0, plane.rows)]
    ends = []
    for axis in (0, 1):
        along = [corner[axis] for corner in corners]
        first = math.ceil(max(min(along), 0.0) - 0.5 - SAME)
        last = math.ceil(min(max(along), float(size[axis])) - 0.5 - SAME)
        ends.append((max(first, 0), min(last, size[axis])))
    return ends[0][0], ends[1][0], ends[0][1], ends[1][1]


def _level(plane: DisplayPlane, back: Affine, *, smooth: bool) -> tuple[Level, Affine]:
    """Return the level to sample and the map from viewport coordinates to its coordinates."""
    step = math.sqrt(abs(back.determinant))  # pixels of the image per pixel of the viewport
    wanted = int(math.log2(step) + SAME) if smooth and step > 1 else 0
    index = min(wanted, len(plane.levels) - 1)
    return plane.levels[index], Affine.scaling(0.5**index, 0.5**index) @ back


def _beside(plane: DisplayPlane, back: Affine, size: tuple[int, int]) -> Mask:
    """Return which pixel centres (height, width) of a viewport lie outside the image."""
    across = np.arange(size[0]) + 0.5
    down = np.arange(size[1])[:, np.newaxis] + 0.5
    x = back.a * across + (back.b * down + back.tx)
    y = back.c * across + (back.d * down + back.ty)
    outside: Mask = (x < 0) | (x >= plane.columns) | (y < 0) | (y >= plane.rows)
    return outside


def _unmasked(content: Content, pipeline: GrayscalePipeline) -> GrayscalePipeline:
    """Return the stages left to do. Padding is a mask by now: a mixture of tissue may equal its value."""
    modality = IDENTITY if content is Content.MODALITY else pipeline.modality
    return replace(pipeline, modality=modality, padding=None)


def _table(
    content: Content, pipeline: GrayscalePipeline, *, floor: bool = False, bits: int = 8
) -> DisplayValues:
    """Return the display value (65536,) of every number of a 16-bit plane."""
    kind = np.dtype(np.int16 if content is Content.SIGNED else np.uint16)
    table = _unmasked(content, pipeline).table(kind, floor=floor, bits=bits)
    return np.roll(table, HALF) if content is Content.SIGNED else table
