"""A real window to measure in: real decoders and job threads, painted offscreen, put together as by `app`."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.pairs import Row
from viewer.cache.frames import FrameCache
from viewer.dicom.records import FrameKey
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue
from viewer.ui import theme
from viewer.ui.bridge import MainThread
from viewer.ui.main_window import MainWindow
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.desk import Desk
from viewer.viewing.loader import Loader
from viewer.viewing.opening import Opening
from viewer.viewing.pane import Hung

MEMORY = 1 << 30  # bytes of frames, as on a machine of 4 GB
STALL = 50.0  # ms of the main thread in one piece: what a hand feels as a jerk
SLICE = 5  # ms after which Qt comes back between two events
PATIENCE = 120.0  # seconds
HZ = 1000 / 60  # ms: a frame of the screen
NO_BUTTON, NO_KEYS = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


@dataclass(slots=True)
class Seat:
    """Somebody before a window. `longest` has the ms of every piece of work of the main thread."""

    window: MainWindow
    frames: FrameCache
    painted: dict[int, FrameKey] = field(default_factory=dict)
    paints: int = 0
    longest: list[float] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        """Return what hangs where."""
        return self.window.reading.room.desk

    def viewport(self, number: int = 0) -> QWidget:
        """Return a viewport."""
        return self.window.furniture.grid.viewports[number]

    # ----------------------------------------------------------------------------------------------- waiting
    def turn(self) -> None:
        """Let the main thread do what waits, for a few ms, and write down how long it took."""
        start = time.perf_counter()
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, SLICE)
        self.longest.append((time.perf_counter() - start) * 1e3)

    def until(self, condition: Callable[[], bool]) -> None:
        """Work until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.turn()
            if time.monotonic() > deadline:
                raise TimeoutError("the window never got there")

    def settle(self) -> None:
        """Work until all that can be seen is there, and all that fits is read ahead."""
        self.until(lambda: self.window.settled)
        held, since = -1, time.monotonic()
        while time.monotonic() - since < 1:  # a second in which nothing more is read
            self.turn()
            if len(self.frames) != held:
                held, since = len(self.frames), time.monotonic()
            time.sleep(0.001)

    @property
    def is_painted(self) -> bool:
        """Tell whether every viewport shows on the screen what was asked for."""
        panes = enumerate(self.desk.panes)
        return all(pane.key is None or self.painted.get(number) == pane.key for number, pane in panes)

    @property
    def _hung(self) -> Hung | None:
        """Return the first stack that was read, wherever a protocol hangs it."""
        shelf = self.window.intake.shelf
        studies = (study for patient in shelf.patients() for study in patient.studies)
        return next((hung for study in studies for hung in shelf.study_stacks(study)), None)

    # -------------------------------------------------------------------------------------------------- hands
    def open(self, paths: Sequence[str | Path], rows: int, columns: int) -> None:
        """Open files and look at them in a grid; the same stack hangs in all of it."""
        self.window.intake.open_paths([str(path) for path in paths])
        self.until(lambda: self._hung is not None and self.window.settled)
        hung = self._hung
        reading = self.window.reading
        reading.arrange(rows, columns)
        for number in range(rows * columns):
            reading.hang(hung, number)
        self.desk.activate(0)
        for number in range(rows * columns):
            self._watch(number)

    def _watch(self, number: int) -> None:
        viewport = self.window.furniture.grid.viewports[number]

        def painted() -> None:
            picture = viewport.look.pane.picture
            if picture is not None:
                self.painted[number] = picture.description.key
                self.paints += 1

        viewport.painted.connect(painted)

    def size(self, width: int, height: int) -> None:
        """Give the grid of viewports this size."""
        self.window.furniture.rail.hide()
        self.window.resize(width, height)
        for _ in range(5):
            self.turn()
            grid = self.window.furniture.grid
            self.window.resize(
                self.window.width() + width - grid.width(), self.window.height() + height - grid.height()
            )
        self.turn()

    def wheel(self, number: int, notches: int) -> None:
        """Turn the wheel in the middle of a viewport."""
        viewport = self.viewport(number)
        middle = QPointF(viewport.width() / 2, viewport.height() / 2)
        turn = QPoint(0, -120 * notches)
        event = QWheelEvent(
            middle, viewport.mapToGlobal(middle), QPoint(), turn, NO_BUTTON, NO_KEYS,
            Qt.ScrollPhase.NoScrollPhase, False,  # noqa: FBT003  not inverted
        )  # fmt: skip
        QApplication.sendEvent(viewport, event)

    def mouse(self, kind: QMouseEvent.Type, place: tuple[float, float], button: Qt.MouseButton) -> None:
        """Press, move or release a button in the first viewport."""
        viewport, at = self.viewport(), QPointF(*place)
        pressed = NO_BUTTON if kind is QMouseEvent.Type.MouseMove else button
        held = NO_BUTTON if kind is QMouseEvent.Type.MouseButtonRelease else button
        QApplication.sendEvent(
            viewport, QMouseEvent(kind, at, viewport.mapToGlobal(at), pressed, held, NO_KEYS)
        )

    def frame(self, act: Callable[[], object]) -> float:
        """Return the ms from an event to the paint of what it asked for."""
        before = self.paints
        start = time.perf_counter()
        act()
        self.until(lambda: self.paints > before and self.is_painted)
        return (time.perf_counter() - start) * 1e3

    # ------------------------------------------------------------------------------------------------ results
    def stalls(self, what: str, done: int) -> Row:
        """Return how often the main thread worked for too long in one piece since the last look."""
        count = sum(each > STALL for each in self.longest)
        longest = max(self.longest, default=0.0)
        self.longest.clear()
        peer = f"steps; longest {longest:.0f} ms"
        return Row(f"{what}: stalls > {STALL:g} ms", count, "", peer, done, count / max(done, 1), None, 0.0)


def rows_of(what: str, times: Sequence[float], limit: float = HZ) -> Iterator[Row]:
    """Return the median and the 99th percentile of frames against a frame of the screen."""
    ordered = sorted(times)
    late = ordered[min(round(0.99 * len(ordered)), len(ordered) - 1)]
    for name, value in (("median", statistics.median(ordered)), ("99 %", late)):
        against = "a frame of 60 Hz" if limit == HZ else "decoded first: nobody waits longer"
        yield Row(f"{what}, {name}", value, "ms", against, limit, value / limit, None, 1.0)


@contextmanager
def seated(scratch: Path) -> Iterator[Seat]:
    """Give a seat before a new window; end everything behind it after."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)  # noqa: S101  nobody else made one here
    theme.apply(application)
    bridge = MainThread()
    queue, pool = JobQueue(bridge.post), DecoderPool()
    pool.warm_up()
    frames = FrameCache(MEMORY)
    loader = Loader(queue, pool, frames)
    own = Loader(queue, pool, FrameCache(64 << 20))
    cabinet = Cabinet(None, own, pool, scratch, "There is no study cache in a benchmark.")
    window = MainWindow(
        queue,
        loader,
        Opening(queue, pool, bridge.post, scratch),
        lambda: frames.bytes_used < frames.limit * 0.9,
        cabinet,
    )
    gc.collect()
    gc.freeze()  # as the program does
    window.show()
    try:
        yield Seat(window, frames)
    finally:
        window.shut()
        queue.cancel_all()
        pool.close()
        queue.close()
        window.hide()
        window.deleteLater()
        QApplication.processEvents()
