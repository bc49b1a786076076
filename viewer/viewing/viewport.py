"""What one viewport shows, as a value. Change it with `dataclasses.replace`; compare with `!=` to redraw."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Voi
from viewer.rendering.spatial import Affine
from viewer.viewing.hang_view import AsHung
from viewer.viewing.masking import Masking
from viewer.viewing.spacing import mm_per_column

PLACES_KEPT = 256  # maps: each repaint of a viewport asks for its own several times

Corner = tuple[float, float]  # image coordinates
Sample = Callable[[Corner, Corner], NDArray[np.floating]]  # the modality values in a rectangle, no padding


@lru_cache(maxsize=PLACES_KEPT)
def _placed(
    size: tuple[int, int],
    scale: tuple[float, float],
    rotation: int,
    flipped: bool,  # noqa: FBT001  a key
    middle: tuple[float, float],
) -> Affine:
    """Return the map of an image (columns, rows), scaled and turned about its middle, to around a point."""
    centred = Affine.translation(-size[0] / 2, -size[1] / 2)
    turned = Affine.turned(rotation, flipped=flipped) @ (Affine.scaling(*scale) @ centred)
    return Affine.translation(*middle) @ turned


@dataclass(frozen=True, slots=True)
class ViewportState:
    """The view of one image. Screen coordinates are device pixels from the top left corner."""

    width: int = 1  # of the viewport, device pixels
    height: int = 1
    image: ImageDescription | None = None
    voi: Voi | None = None  # a reader's own choice; None: what the header (or auto) gives each image
    alternative: int | None = None  # which of the header's VOIs, when `voi` is None; None: its default
    inverted: bool = False  # by the reader, on top of the image's own polarity
    zoom: float | None = None  # device pixels per pixel along a row; None: fit
    pan: tuple[float, float] = (0.0, 0.0)  # device pixels from the centred position
    rotation: int = 0  # 0, 90, 180, 270 clockwise, then
    flipped: bool = False  # horizontally
    smooth: bool = True  # linear interpolation; False: pixels as squares
    voi_in_force: Voi | None = None  # filled before a drag: what `voi` None comes to on this image
    overlays: bool = True  # shown where the image has any
    shutter: bool = True  # in force where the image has one
    pixel_ratio: float = 1.0  # device pixels per logical pixel: how far a hand moves on this screen
    palette: str = ""  # the name of a pseudo-colour table, of `dicom.palettes`; "": grey
    clamped: bool | None = None  # the window's lower end stays 0 under the hand; None: as the modality has it
    sample: Sample | None = field(default=None, compare=False, repr=False)  # filled before a drag
    masking: Masking = field(default=Masking())  # which mask is subtracted, where the pane subtracts one
    justify: int = 0  # -1: against the left edge where there is room, 1: the right one, 0: centred
    scale: float | None = None  # device pixels per mm, shared by viewports; in force where `zoom` is None
    as_hung: AsHung = field(default=AsHung())  # what reset returns to

    @property
    def fit_zoom(self) -> float:
        """Return the zoom at which the whole image just fits."""
        if self.image is None:
            return 1.0
        wide, high = float(self.image.columns), self.image.rows * self.image.pixel_aspect
        if self.rotation in {90, 270}:
            wide, high = high, wide
        return min(self.width / wide, self.height / high)

    @property
    def shown_zoom(self) -> float:
        """Return the zoom in force, device pixels per pixel along a row."""
        if self.zoom is not None:
            return self.zoom
        spacing = mm_per_column(self.image) if self.scale else None
        return self.fit_zoom if self.scale is None or spacing is None else self.scale * spacing

    @property
    def affine(self) -> Affine:
        """Return the map from image coordinates to screen coordinates."""
        if self.image is None:
            return Affine()
        zoom, image = self.shown_zoom, self.image
        across = self.width / 2 + self.pan[0] + self._set_aside(zoom)
        down = self.height / 2 + self.pan[1]
        scale = zoom, zoom * image.pixel_aspect
        return _placed((image.columns, image.rows), scale, self.rotation, self.flipped, (across, down))

    def _set_aside(self, zoom: float) -> float:
        """Return how far an image narrower than its viewport is moved towards the edge it is set against."""
        if self.image is None or not self.justify:
            return 0.0
        upright = self.rotation in {0, 180}
        wide = self.image.columns if upright else self.image.rows * self.image.pixel_aspect
        return self.justify * max(self.width - wide * zoom, 0.0) / 2

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Return the image coordinates of a screen point."""
        return self.affine.inverse(x, y)

    def to_screen(self, x: float, y: float) -> tuple[float, float]:
        """Return the screen point of image coordinates."""
        return self.affine(x, y)

    def zoomed(self, factor: float, x: float, y: float) -> "ViewportState":
        """Return the view scaled by `factor` with the image point under screen `x`, `y` kept there."""
        fixed = self.to_image(x, y)
        grown = replace(self, zoom=min(max(self.shown_zoom * factor, 0.02), 64.0))
        now = grown.to_screen(*fixed)
        return replace(grown, pan=(grown.pan[0] + x - now[0], grown.pan[1] + y - now[1]))
