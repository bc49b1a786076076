"""Three planes through a stack: reading its volume, and keeping the planes in their viewports."""

from collections.abc import Callable

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.rendering.reslice import Orientation
from viewer.rendering.volume import Position as Point3
from viewer.viewing.corner_text import Position
from viewer.viewing.desk import Desk
from viewer.viewing.layout import Layout
from viewer.viewing.links import Line
from viewer.viewing.loader import Loader
from viewer.viewing.mpr import MprState, load
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.picture import Picture
from viewer.viewing.viewport import ViewportState

PLANES = (Orientation.AXIAL, Orientation.SAGITTAL, Orientation.CORONAL)
FOURTH = 3  # the place of the stack itself, beside its three planes

Say = Callable[[str], None]


class Reformat:
    """The planes on the desk. One volume at a time."""

    def __init__(self, queue: JobQueue, loader: Loader, desk: Desk) -> None:
        self._queue, self._loader, self._desk = queue, loader, desk
        self._state: MprState | None = None
        self._job: Job | None = None
        self._drawing: dict[Orientation, Job] = {}
        self._again: set[Orientation] = set()
        self._before: tuple[Layout, tuple[Pane, ...], int] = (Layout(), (Pane(),), 0)

    @property
    def busy(self) -> bool:
        """Tell whether a volume or a plane is still under way."""
        return bool(self._drawing) or (self._job is not None and not self._job.cancelled)

    def open(self, hung: Hung, progress: Say, ready: Callable[[], None], failed: Say) -> None:
        """Read the volume of a stack; `ready` tells when the planes can be hung, `failed` why they cannot."""
        self.close()
        keys = _one_time(hung, self._desk.pane.index)
        here = hung.keys[self._desk.pane.index]  # the planes go through the image that is looked at

        def work(job: Job) -> MprState | None:
            found: dict[FrameKey, tuple[ImageDescription, Frame]] = {}
            for key, read in zip(keys, self._loader.frames(keys, job), strict=True):
                if job.cancelled:
                    return None
                found[key] = read
                job.report(len(found), len(keys))
            images = [found[key][0] for key in keys]
            volume = load(images, lambda key: found[key][1], cancelled=lambda: job.cancelled)
            if volume is None:
                return None
            return MprState.of(volume, found[here][0]).moved_to(_middle(found[here][0]))

        def done(state: MprState | None) -> None:
            self._job, self._state = None, state
            if state is not None:
                ready()

        def wrong(error: Exception) -> None:
            self._job = None
            failed(
                str(error)
                if isinstance(error, ViewerError)
                else "The planes could not be made: a fault of the program."
            )

        self._job = self._queue.submit(
            work,
            priority=Priority.NEXT,
            done=done,
            failed=wrong,
            progress=lambda count, total: progress(f"Reading the volume: {count} of {total} images"),
        )

    def hang(self, hung: Hung) -> None:
        """Put the three planes on the desk with the window in force, and the stack itself beside them."""
        desk = self._desk
        self._before = (desk.layout, tuple(desk.panes), desk.active)
        stack = desk.pane if desk.pane.hung == hung else Pane(hung)
        desk.arrange(2, 2)
        look = stack.state
        for number, orientation in enumerate(PLANES):
            plane = Hung(hung.series, hung.stack, hung.number, hung.keys, orientation)
            size = desk.panes[number].state
            state = ViewportState(
                size.width, size.height, voi=look.voi, alternative=look.alternative, inverted=look.inverted
            )
            desk.put(number, Pane(plane, state=state))
            self._draw(orientation)
        size = desk.panes[FOURTH].state
        desk.put(FOURTH, stack.resized(size.width, size.height))

    def leave(self) -> None:
        """Take the planes away: everything hangs again as it did before."""
        self.close()
        layout, panes, active = self._before
        self._desk.lay(layout)
        for number, pane in enumerate(panes):
            self._desk.put(number, pane)
        self._desk.activate(active)

    def close(self) -> None:
        """Forget the volume; planes that hang stay as they are."""
        for job in (self._job, *self._drawing.values()):
            if job is not None:
                job.cancel()
        self._job, self._state = None, None
        self._drawing.clear()
        self._again.clear()

    def point(self, orientation: Orientation, x: float, y: float) -> None:
        """Move the common point to image coordinates of one plane; the others follow."""
        if self._state is not None:
            self._state = self._state.clicked(orientation, x, y)
            for other in PLANES:
                self._draw(other)

    def scroll(self, orientation: Orientation, by: int) -> None:
        """Move one plane along its normal."""
        if self._state is not None:
            self._state = self._state.scrolled(orientation, by)
            for other in PLANES:  # their lines move with it
                self._draw(other)

    def go_to(self, orientation: Orientation, index: int) -> None:
        """Move one plane to a place of its range; -1 is the last."""
        if self._state is not None:
            count = self._state.count(orientation)
            self.scroll(orientation, index % count - self._state.index(orientation))

    def position(self, orientation: Orientation) -> Position | None:
        """Return which plane of how many is shown."""
        if self._state is None:
            return None
        return Position(self._state.index(orientation) + 1, self._state.count(orientation))

    def lines(self, orientation: Orientation) -> dict[Orientation, Line]:
        """Return where the other planes cut this one, in its image coordinates."""
        return {} if self._state is None else self._state.lines(orientation)

    def _draw(self, orientation: Orientation) -> None:
        """Make a plane in a job; while one is under way, only the newest wish is remembered."""
        if orientation in self._drawing:
            self._again.add(orientation)
            return
        state = self._state
        if state is None:
            return
        self._drawing[orientation] = self._queue.submit(
            lambda _: Picture.of(*state.picture(orientation)),
            priority=Priority.VISIBLE,
            done=lambda picture: self._show(orientation, picture),
            failed=lambda error: self._fail(orientation, error),
        )

    def _show(self, orientation: Orientation, picture: Picture) -> None:
        self._drawing.pop(orientation, None)
        for number, pane in enumerate(self._desk.panes):
            if pane.hung is not None and pane.hung.reformat is orientation:
                self._desk.put(number, pane.with_picture(picture))
        if orientation in self._again:
            self._again.discard(orientation)
            self._draw(orientation)

    def _fail(self, orientation: Orientation, error: Exception) -> None:
        self._drawing.pop(orientation, None)
        for number, pane in enumerate(self._desk.panes):
            if pane.hung is not None and pane.hung.reformat is orientation:
                self._desk.put(number, pane.with_trouble(str(error)))


def _one_time(hung: Hung, index: int) -> tuple[FrameKey, ...]:
    """Return the images of a stack that were made at the time of image `index`: all, if it has one time."""
    size = len(hung.keys) // hung.stack.times
    first = index // size * size
    return hung.keys[first : first + size]


def _middle(image: ImageDescription) -> Point3:
    """Return the point in the patient, in mm, in the middle of an image that has a plane."""
    assert image.plane is not None  # noqa: S101  it is part of a volume
    x, y, z = image.plane.to_patient(image.columns / 2, image.rows / 2)
    return float(x), float(y), float(z)
