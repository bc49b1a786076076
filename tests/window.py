"""A reader in front of the real window: real decoders, real job threads, events as the hand makes them."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import make
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from viewer.cache.frames import FrameCache
from viewer.cache.store import Store
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import JobQueue
from viewer.settings import Settings
from viewer.ui import theme
from viewer.ui.bridge import MainThread
from viewer.ui.main_window import MainWindow
from viewer.ui.settings.preferences import Preferences
from viewer.ui.viewport.viewport_widget import ViewportWidget
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.loader import Loader
from viewer.viewing.opening import Opening
from viewer.viewing.remote import Remote

RESOURCES = "/resources/"  # icons of the program itself, read once when first painted
OUTSIDE = "outside the program"
NO_STORE = "There is no study cache in this test."
PATIENCE = 20_000  # ms: machines that test are slow
NO_BUTTON, NO_KEYS = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
CONTROL = Qt.KeyboardModifier.ControlModifier
Place = tuple[float, float]


# --------------------------------------------------------------------------------- what tests ask for
@pytest.fixture(scope="session")
def decoders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecoderPool]:
    """Return two decoder processes that serve a whole folder of tests."""
    image = str(make.write(make.ct(), tmp_path_factory.mktemp("decoders") / "image"))
    with DecoderPool(2) as pool:
        pool.warm_up()
        pool.read_frame(image)
        yield pool


@pytest.fixture
def reader(qtbot, decoders: DecoderPool, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Seats"]:
    """Return a function that seats a reader before a new window, with paths opened if any are given."""
    seats = Seats(qtbot, decoders, tmp_path_factory)
    yield seats
    seats.leave()


# --------------------------------------------------------------------------- files on the main thread
class _Watch:
    """Writes down what the main thread asks of disk and network while it is told to look."""

    def __init__(self) -> None:
        self.looking = False
        self.found: list[str] = []
        sys.addaudithook(self._hear)  # for as long as Python runs: it cannot be taken off again

    def _hear(self, event: str, arguments: tuple) -> None:
        if not self.looking or threading.current_thread() is not threading.main_thread():
            return
        if event in {"open", "os.listdir", "os.scandir", "sqlite3.connect", "socket.connect"}:
            where = list(_steps(sys._getframe(1)))
            if not any("importlib" in step for step in where) and RESOURCES not in str(arguments[0]):
                own = " < ".join(step for step in where if "/viewer/" in step)
                self.found.append(f"{event} {arguments[0]!r} from {own or OUTSIDE}")


def _steps(frame: FrameType | None) -> Iterator[str]:
    """Yield the places of a stack, innermost first; without opening a source, which would be heard again."""
    while frame is not None:
        yield f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back


_WATCH: list[_Watch] = []


@pytest.fixture
def stay_off_the_disk() -> Callable[[], object]:
    """Return a context in which the program's own code on the main thread may open no file."""

    @contextmanager
    def watching() -> Iterator[None]:
        if not _WATCH:
            _WATCH.append(_Watch())
        watch = _WATCH[0]
        watch.found.clear()
        watch.looking = True
        try:
            yield
        finally:
            watch.looking = False
        own = [line for line in watch.found if not line.endswith(OUTSIDE)]
        assert not own, "the main thread waited for the disk:\n" + "\n".join(own)

    return watching


# ------------------------------------------------------------------------------------------- a reader
class Seats:
    """Makes windows; ends everything behind them."""

    def __init__(self, qtbot, decoders: DecoderPool, folders: pytest.TempPathFactory) -> None:
        self._qtbot, self._decoders, self._folders = qtbot, decoders, folders
        self._readers: list[Reader] = []
        self._queues: list[JobQueue] = []
        theme.apply(QApplication.instance())

    def __call__(
        self,
        *paths: object,
        size: tuple[int, int] = (1000, 700),
        pool: object = None,
        store: Store | None = None,
        remote: Remote | None = None,
        preferences: Preferences | None = None,
    ) -> "Reader":
        """Return a reader whose window has read `paths` and shows all that it has to show.

        `store` is the study cache; it is closed by who made it, after the window; as are the transfers of
        `remote`. Without `preferences` nobody is asked about images that were not seen.
        """
        bridge = MainThread()
        queue = JobQueue(bridge.post)
        frames = FrameCache(256 << 20)
        decoders = pool or self._decoders
        loader = Loader(queue, decoders, frames)
        scratch = self._folders.mktemp("scratch")
        opening = Opening(queue, decoders, bridge.post, scratch)
        own = Loader(queue, decoders, FrameCache(64 << 20))
        reason = "" if store else NO_STORE
        cabinet = Cabinet(store, own, decoders, scratch, reason, remote=remote)
        preferences = preferences or Preferences(queue, Settings(ask_unseen=False))
        window = MainWindow(
            queue, loader, opening, lambda: frames.bytes_used < frames.limit, cabinet, preferences
        )
        person = Reader(window, self._qtbot, loader)
        self._readers.append(person)
        self._queues.append(queue)
        window.resize(*size)
        window.show()
        window.activateWindow()
        self._qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE)
        if paths:
            person.open(*paths)
        return person

    def leave(self) -> None:
        """End every window and what works for it."""
        for person, queue in zip(self._readers, self._queues, strict=True):
            person.window.shut()
            queue.close()
            person.window.hide()
            person.window.deleteLater()
        QApplication.processEvents()


class Reader:
    """Somebody who presses keys, drags, scrolls and looks."""

    def __init__(self, window: MainWindow, qtbot, loader: Loader) -> None:
        self.window, self.loader = window, loader
        self._qtbot = qtbot

    # ------------------------------------------------------------------------------------------------ waiting
    def open(self, *paths: object) -> None:
        """Open paths and wait until all that can be seen is drawn."""
        self.window.intake.open_paths([os.fsdecode(path) for path in paths])
        self.settle()

    def settle(self) -> None:
        """Wait until all that can be seen is drawn, and nothing asks for more."""
        self.wait(lambda: self.window.settled)
        QApplication.processEvents()
        self.wait(lambda: self.window.settled)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self._qtbot.waitUntil(condition, timeout=PATIENCE)

    # --------------------------------------------------------------------------------------------------- hand
    def key(self, *sequences: str) -> "Reader":
        """Press keys, named as in the key sheet."""
        for sequence in sequences:
            if QApplication.activePopupWidget() is None and not self.window.isActiveWindow():
                self.window.activateWindow()  # offscreen nobody gives it back when a dialog has closed
                self.wait(self.window.isActiveWindow)
            target = QApplication.focusWidget() or self.window
            QTest.keySequence(target, QKeySequence(sequence))
        self.settle()
        return self

    def press(self, at: Place, number: int = 0, button: Qt.MouseButton = LEFT) -> None:
        """Press a button at a logical position of a viewport."""
        QTest.mousePress(self.viewport(number), button, NO_KEYS, _point(at))

    def move(self, to: Place, number: int = 0) -> None:
        """Move the mouse."""
        QTest.mouseMove(self.viewport(number), _point(to))

    def release(self, at: Place, number: int = 0, button: Qt.MouseButton = LEFT) -> None:
        """Release a button."""
        QTest.mouseRelease(self.viewport(number), button, NO_KEYS, _point(at))

    def drag(self, start: Place, end: Place, number: int = 0, button: Qt.MouseButton = LEFT) -> "Reader":
        """Press, move in five steps, and release."""
        self.press(start, number, button)
        for step in range(1, 6):
            part = step / 5
            between = (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
            _send_move(self.viewport(number), between, button)
        self.release(end, number, button)
        self.settle()
        return self

    def wheel(self, notches: int, number: int = 0, keys: Qt.KeyboardModifier = NO_KEYS) -> "Reader":
        """Turn the wheel towards the reader, `notches` at once, in the middle of a viewport."""
        viewport = self.viewport(number)
        middle = QPointF(viewport.width() / 2, viewport.height() / 2)
        event = QWheelEvent(
            middle,
            viewport.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120 * notches),
            NO_BUTTON,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003  not inverted
        )
        QApplication.sendEvent(viewport, event)
        return self

    def drop(self, target: QWidget, data: QMimeData) -> bool:
        """Drag data over a widget and let go; tell whether it was taken."""
        actions, at = Qt.DropAction.CopyAction, QPoint(20, 20)
        enter = QDragEnterEvent(at, actions, data, LEFT, NO_KEYS)
        QApplication.sendEvent(target, enter)
        if not enter.isAccepted():
            return False
        drop = QDropEvent(QPointF(at), actions, data, LEFT, NO_KEYS)
        QApplication.sendEvent(target, drop)
        return drop.isAccepted()

    # --------------------------------------------------------------------------------------------------- eyes
    @property
    def desk(self):
        """Return what hangs where."""
        return self.window.reading.room.desk

    @property
    def pane(self):
        """Return the active pane."""
        return self.desk.pane

    @property
    def drawings(self):
        """Return what was drawn."""
        return self.window.reading.room.drawings

    @property
    def said(self) -> str:
        """Return the sentence at the lower right."""
        return self.window.furniture._words.words

    def viewport(self, number: int = 0) -> ViewportWidget:
        """Return a viewport."""
        return self.window.furniture.grid.viewports[number]

    def words(self, number: int = 0) -> str:
        """Return everything that is written on the picture in a viewport."""
        overlay = self.viewport(number).look.overlay
        corners = (overlay.upper_left, overlay.upper_right, overlay.lower_left, overlay.lower_right)
        return "\n".join(line for lines in (*corners, overlay.notices) for line in lines)

    def seen(self, number: int = 0) -> NDArray[np.uint8]:
        """Return the device pixels of a viewport, (height, width, 3)."""
        return pixels_of(self.viewport(number).grab().toImage())

    def number(self, number: int = 0) -> int:
        """Return the Instance Number of the image that is seen in a viewport."""
        return int(self.desk.panes[number].picture.description.text["InstanceNumber"])

    def point(self, x: float, y: float, number: int = 0) -> Place:
        """Return the logical position in a viewport of image coordinates."""
        across, down = self.desk.panes[number].state.to_screen(x, y)
        ratio = self.viewport(number).devicePixelRatioF()
        return across / ratio, down / ratio


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """Return the pixels of an image, (height, width, 3) bytes."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()


def files(*paths: object) -> QMimeData:
    """Return what a file manager drags; names keep their bytes."""
    data = QMimeData()
    data.setUrls([QUrl.fromEncoded(b"file://" + _quoted(os.fsencode(path))) for path in paths])
    return data


def _quoted(path: bytes) -> bytes:
    plain = b"/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    return b"".join(bytes([c]) if c in plain else b"%%%02X" % c for c in path)


def _point(place: Place) -> QPoint:
    return QPointF(*place).toPoint()


def _send_move(widget: QWidget, to: Place, button: Qt.MouseButton) -> None:
    """Move with a button held: QTest's own move holds none."""
    position = QPointF(_point(to))
    event = QMouseEvent(
        QEvent.Type.MouseMove, position, widget.mapToGlobal(position), NO_BUTTON, button, NO_KEYS
    )
    QApplication.sendEvent(widget, event)


# ---------------------------------------------------------------- the formulas, written out once more
def windowed(values: NDArray, center: float, width: float, *, inverted: bool = False) -> NDArray:
    """Return the greys 0..255 of modality values: PS3.3 C.11.2.1.2.1, linear, without rounding."""
    shown = ((values - (center - 0.5)) / (width - 1) + 0.5) * 255
    shown = np.clip(shown, 0, 255)
    return 255 - shown if inverted else shown


def fitted(stored: NDArray, size: tuple[int, int], aspect: float = 1.0, zoom: float | None = None) -> NDArray:
    """Return `stored` seen in a viewport (width, height): centred, whole, linear between the pixels' centres.

    `aspect` is the height of a pixel by its width. NaN beside the image.
    """
    width, height = size
    rows, columns = stored.shape
    zoom = zoom or min(width / columns, height / (rows * aspect))
    x = (np.arange(width) + 0.5 - width / 2) / zoom + columns / 2
    y = (np.arange(height) + 0.5 - height / 2) / (zoom * aspect) + rows / 2
    left, top = np.clip(x - 0.5, 0, columns - 1), np.clip(y - 0.5, 0, rows - 1)
    column, row = np.minimum(left.astype(int), columns - 2), np.minimum(top.astype(int), rows - 2)
    across, down = left - column, (top - row)[:, None]
    values = stored.astype(np.float64)
    upper = values[row][:, column] * (1 - across) + values[row][:, column + 1] * across
    lower = values[row + 1][:, column] * (1 - across) + values[row + 1][:, column + 1] * across
    seen = upper * (1 - down) + lower * down
    seen[:, (x < 0) | (x >= columns)] = np.nan
    seen[(y < 0) | (y >= rows)] = np.nan
    return seen


def middle(pixels: NDArray) -> NDArray:
    """Return the middle half of a viewport, where no text stands."""
    height, width = pixels.shape[:2]
    return pixels[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4]


def eventually(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait, without Qt, until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# ------------------------------------------------------------------------------------- what is opened
def slices(count: int, rows: int = 48, columns: int = 64, **attributes: object) -> list:
    """Return a CT series whose images differ: a slope across each, 20 HU from one to the next."""
    slope = np.add.outer(np.arange(rows) * 3, np.arange(columns) * 5) + 800
    series = make.ct_series(count, **attributes)
    for index, dataset in enumerate(series):
        dataset.Rows, dataset.Columns = rows, columns
        dataset.PixelData = (slope + 20 * index).astype("<i2").tobytes()
    return series


def written(datasets: list, folder: Path, syntax: str | None = None) -> Path:
    """Write datasets into a folder, as files without extension, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, dataset in enumerate(datasets):
        make.write(dataset, folder / f"IM{number:04d}", syntax)
    return folder


def greys(person: Reader, dataset: object, number: int = 0, **window: object) -> NDArray:
    """Return what the middle of a viewport should show of a CT image, fitted, as numpy has it."""
    viewport = person.viewport(number)
    ratio = viewport.devicePixelRatioF()
    size = round(viewport.width() * ratio), round(viewport.height() * ratio)
    row, column = (float(value) for value in dataset.PixelSpacing)
    stored = fitted(make.frames_of(dataset)[0], size, aspect=row / column)
    asked = {"center": 40, "width": 400} | window
    return middle(windowed(stored - 1024, **asked))


def assert_seen(person: Reader, dataset: object, number: int = 0, **window: object) -> None:
    """Compare the middle of a viewport with numpy's greys.

    An interpolated stored value is rounded to a whole one before the window, and the grey after it.
    """
    seen = middle(person.seen(number)).astype(float)
    expected = greys(person, dataset, number, **window)
    assert np.ptp(expected[np.isfinite(expected)]) > 40, "the test needs a picture with contrast"
    rounding = 0.5 * 255 / (window.get("width", 400) - 1) + 0.55
    assert np.nanmax(np.abs(seen - expected[..., None])) <= rounding
