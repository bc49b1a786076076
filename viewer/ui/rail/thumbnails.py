"""The small pictures of the series rail, made in the background as they come into sight."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.rendering.pipeline import pipeline_of, resolve_voi
from viewer.rendering.spatial import Affine
from viewer.rendering.viewport_renderer import ViewportRenderer
from viewer.ui.rail.rail_model import RailModel
from viewer.ui.viewport.qimage import own_image
from viewer.viewing.loader import Loader
from viewer.viewing.pane import Hung
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState

SIDE = 192  # device pixels: 96 on a screen at 200 %


class Thumbnails:
    """Gives the rail the middle image of each series. A series that cannot be shown keeps its placeholder."""

    def __init__(
        self, queue: JobQueue, loader: Loader, rail: RailModel, find: Callable[[str], Hung | None]
    ) -> None:
        """`find` returns the stack of a key of the rail."""
        self._queue, self._loader, self._rail, self._find = queue, loader, rail, find
        self._jobs: dict[str, Job] = {}

    @property
    def busy(self) -> bool:
        """Tell whether a picture is still being made."""
        return bool(self._jobs)

    def want(self, key: str) -> None:
        """Make the picture of a series that came into sight."""
        hung = self._find(key)
        if hung is None or not hung.keys or key in self._jobs:
            return
        frame = hung.keys[len(hung.keys) // 2]
        self._jobs[key] = self._queue.submit(
            lambda job: small(Picture.of(*self._loader.frame(frame, job))),
            priority=Priority.THUMBNAIL,
            done=lambda pixels: self._done(key, pixels),
            failed=lambda _: self._failed(key),
        )

    def forget(self) -> None:
        """Give up what is under way."""
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()

    def _done(self, key: str, pixels: NDArray[np.uint8]) -> None:
        self._jobs.pop(key, None)
        self._rail.set_thumbnail(key, own_image(pixels))

    def _failed(self, key: str) -> None:
        self._jobs.pop(key, None)


def small(picture: Picture) -> NDArray[np.uint8]:
    """Return a picture as it is first shown, (SIDE, SIDE, 3) bytes on black."""
    state = ViewportState(SIDE, SIDE, picture.description)
    voi = resolve_voi(picture.description, picture.frame)
    pipeline = pipeline_of(picture.description, voi)
    affine: Affine = state.affine
    pixels = ViewportRenderer().render(picture.plane, pipeline, affine, (SIDE, SIDE))
    red_green_blue = pixels.view(np.uint8).reshape(SIDE, SIDE, 4)[..., 2::-1]
    return np.ascontiguousarray(red_green_blue)
