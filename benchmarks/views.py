"""What the benchmarks of the viewport share: an image, our renderer, and the ways others paint."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtGui import QImage, QPainter, QTransform

from benchmarks import material
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Rescale, Window
from viewer.dicom.overlay import OverlayPlane, Shutter
from viewer.dicom.records import FrameKey
from viewer.rendering.pipeline import GrayscalePipeline, pipeline_of
from viewer.rendering.viewport_renderer import ViewportRenderer
from viewer.ui.viewport.qimage import shared_image
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState

SIZE = (1920, 1200)  # device pixels of the viewport: width, height


class View:
    """One image in one viewport, painted in several ways."""

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        overlays: tuple[OverlayPlane, ...] = (),
        shutter: Shutter | None = None,
    ) -> None:
        rows, columns = shape
        self.stored = material.anatomy(shape)
        key = FrameKey("1.2.3")
        image = ImageDescription(
            key,
            "1.2.840.10008.5.1.4.1.1.2",
            rows,
            columns,
            bits_stored=12,
            modality_lut=Rescale(1.0, -1024.0),
            overlays=overlays,
            shutter=shutter,
        )
        self.picture = Picture.of(image, Frame(key, self.stored, "MONOCHROME2"))
        self.state = ViewportState(*SIZE, image=image)
        self._renderer = ViewportRenderer()
        self._target = QImage(*SIZE, QImage.Format.Format_RGB32)
        self._centers = itertools.cycle(np.linspace(-200.0, 400.0, 601))
        self._angle = itertools.cycle(range(1, 360))

    def next_pipeline(self) -> GrayscalePipeline:
        """Return the pipeline of another window, as after a move of the mouse."""
        assert self.state.image is not None  # noqa: S101  it was made with one
        return pipeline_of(self.state.image, Window(float(next(self._centers)), 400.0))

    def drag(self) -> None:
        """Paint one frame of dragging the window."""
        self._blit(self.state, self.next_pipeline())

    def zoom(self, pipeline: GrayscalePipeline) -> None:
        """Paint one frame of panning and zooming."""
        step = next(self._angle)
        self._blit(replace(self.state, zoom=0.35 + step / 2000, pan=(step / 3, -step / 5)), pipeline)

    def turn(self, pipeline: GrayscalePipeline) -> None:
        """Paint one frame of zooming, turned by a quarter from the last one, and sometimes flipped."""
        step = next(self._angle)
        zoom, rotation, flipped = 0.35 + step / 2000, 90 * (step % 4), step % 8 > 3  # noqa: PLR2004
        self._blit(replace(self.state, zoom=zoom, rotation=rotation, flipped=flipped), pipeline)

    def _blit(self, state: ViewportState, pipeline: GrayscalePipeline) -> None:
        pixels = self._renderer.render(self.picture.plane, pipeline, state.affine, SIZE)
        painter = QPainter(self._target)
        painter.drawImage(0, 0, shared_image(pixels, 1.0))
        painter.end()

    def naive(self) -> None:
        """Paint as most do: window the whole image to 8 bit by numpy, and let QPainter scale it."""
        table = self.next_pipeline().table(self.stored.dtype)
        shown = np.take(table, self.stored)
        rows, columns = shown.shape
        image = QImage(shown.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
        painter = QPainter(self._target)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = self.state.shown_zoom * (1 + next(self._angle) / 2000)
        painter.setTransform(QTransform.fromScale(scale, scale))
        painter.drawImage(0, 0, image)
        painter.end()


def copying(size: tuple[int, int] = SIZE) -> Callable[[], object]:
    """Return the work of copying one viewport of 16 bit values: the limit of the memory."""
    source = np.ones(size[::-1], np.uint16)
    target = np.zeros_like(source)
    return lambda: np.copyto(target, source)
