"""Builds every long-lived object once, hands each what it needs, and ends them all in one place."""

import gc
import os
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from viewer import __version__, settings
from viewer.cache.eviction import Limits, space
from viewer.cache.folder import CacheFolder
from viewer.cache.frames import FrameCache
from viewer.cache.ownership import OwnedError, hand_over
from viewer.cache.store import Store
from viewer.demo.studies import prepare
from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError
from viewer.jobs.arriving import Arriving
from viewer.jobs.decode import DecoderPool
from viewer.jobs.means import Means
from viewer.jobs.queue import JobQueue
from viewer.jobs.sending import promised_by
from viewer.jobs.transfers import Transfers
from viewer.network.credentials import Secrets, system_keyring
from viewer.network.dimse.commitment import Promise
from viewer.network.listening.listener import Listener
from viewer.network.services import Services
from viewer.paths import NAME, settings_file, study_cache_folder
from viewer.rendering.png import write_png
from viewer.ui import theme
from viewer.ui.bridge import MainThread
from viewer.ui.main_window import MainWindow
from viewer.ui.settings.preferences import Preferences
from viewer.ui.signals import quit_on_signals
from viewer.ui.studies.remote_password import PasswordPrompt
from viewer.ui.viewport.qimage import rgb_of
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.loader import Loader
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.opening import Opening
from viewer.viewing.own_door import OwnDoor
from viewer.viewing.remote import News, Remote
from viewer.viewing.scratch import own_scratch

FRAME_MEMORY = (
    2 << 30
)  # bytes of decoded frames kept, at most; and never more than a quarter of the machine's
BROWSED_MEMORY = 64 << 20  # bytes of frames from which thumbnails of the study browser were made
HANDED_OVER = "opened in the window that is already there"
NO_CACHE = "No study is on this computer yet."
DEFAULT_SIZE = (1440, 900)
TITLE_BAR = 40  # logical pixels that a window manager may put on top
PNG = b"\x89PNG\r\n\x1a\n"  # how such a file begins
POLL = 50  # ms between looks at whether the window is drawn
PATIENCE = 300_000  # ms after which a screenshot is given up


def run(paths: Sequence[str], *, demo: bool, screenshot: Path | None, size: tuple[int, int] | None) -> int:
    """Open the window and stay until it is closed; return the exit status.

    Without a display the window is drawn off screen and saved as a picture.
    """
    if screenshot is not None:
        _check_is_picture(screenshot)
    found = settings.load(settings_file())
    application = _application(found.settings)
    if screenshot is None and QGuiApplication.platformName() == "offscreen":
        screenshot = Path("demo.png" if demo else "negatoscope.png")
        _say(f"no display was found: the window is drawn off screen and saved as {screenshot.resolve()}")
    words = ["demo"] if demo else [os.path.abspath(path) for path in paths]  # noqa: PTH100  a link stays one
    try:
        store, reason = _store(words, read_only=screenshot is not None)
    except _HandedOver:
        _say(HANDED_OVER)
        return 0
    asked = _Asked(tuple(paths), screenshot, size, demo, found)
    try:
        return _show(application, store, reason, asked)
    finally:
        if store is not None:
            store.close()


def _default_size() -> tuple[int, int]:
    """Return the size of a window that nobody gave one: all of it is on the screen, with its frame."""
    if QGuiApplication.platformName() == "offscreen":
        return DEFAULT_SIZE
    room = QGuiApplication.primaryScreen().availableSize()
    return min(DEFAULT_SIZE[0], room.width()), min(DEFAULT_SIZE[1], room.height() - TITLE_BAR)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the window is opened for."""

    paths: tuple[str, ...]
    screenshot: Path | None
    size: tuple[int, int] | None  # None: as large as it was the last time
    demo: bool
    found: settings.Loaded  # what is set


def _show(application: QApplication, store: Store | None, reason: str, asked: _Asked) -> int:
    """Build the window and everything behind it, stay until it is closed, and end all of it."""
    scratch = own_scratch()
    bridge = MainThread()
    queue, pool = JobQueue(bridge.post), DecoderPool()
    pool.warm_up()
    frames = FrameCache(min(FRAME_MEMORY, _memory() // 4))
    loader = Loader(queue, pool, frames)
    remote = _remote(store, pool, bridge, asked.found.settings)
    cabinet = replace(_cabinet(store, reason, queue, pool, scratch), remote=remote)
    preferences = Preferences(queue, asked.found.settings, settings_file())
    opening = Opening(queue, pool, bridge.post, scratch)
    window = MainWindow(
        queue, loader, opening, lambda: frames.bytes_used < frames.limit * 0.9, cabinet, preferences
    )
    window.intake.told.connect(_say)
    ended = threading.Event()
    _listen(store, lambda words: bridge.post(lambda: window.take_over(words)), ended)
    quit_on_signals(application)
    try:
        _stand(window, asked)
        return _stay(application, window, asked)
    finally:
        ended.set()
        window.shut()
        _keep_places(window, asked)
        if remote.transfers is not None:
            remote.transfers.close()
        remote.door.shut()
        queue.cancel_all()
        pool.close()
        queue.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _stand(window: MainWindow, asked: _Asked) -> None:
    """Show the window, and further ones, where they stood the last time, if their monitors are there."""
    window.resize(*(asked.size or _default_size()))
    if asked.size is None and asked.screenshot is None:
        window.windows.restore(asked.found.settings.windows)
    window.show()


def _keep_places(window: MainWindow, asked: _Asked) -> None:
    """Remember where the windows stood; a settings file that cannot be written costs only that."""
    places = window.windows.places()
    if asked.screenshot is None and places != asked.found.settings.windows:
        with suppress(ViewerError):
            settings.change(settings_file(), lambda now: replace(now, windows=places))


def settle() -> None:
    """Leave what the program is made of out of Python's search for garbage.

    A search through all of it would stop every thread, the one that paints too, for some 80 ms.
    """
    gc.freeze()


def _cabinet(store: Store | None, reason: str, queue: JobQueue, pool: DecoderPool, scratch: Path) -> Cabinet:
    """Return what the study browser works with; what is set is read and kept in the file of the settings."""
    path = settings_file()
    return Cabinet(
        store,
        Loader(queue, pool, FrameCache(BROWSED_MEMORY)),
        pool,
        scratch,
        reason,
        limits=lambda: settings.load(path).settings.cache,
    )


def _remote(store: Store | None, pool: DecoderPool, bridge: MainThread, now: settings.Settings) -> Remote:
    """Return the peers that are set, and what fetches from them and is sent to: where the cache is ours."""
    prompt, news = PasswordPrompt(), News()
    secrets = Secrets(prompt.ask, system_keyring())
    peers = now.peers
    if store is None or store.read_only:
        return Remote(Neighbours(Services(secrets), peers), news=news, prompt=prompt)
    with store.reading() as connection:
        limits = now.cache or Limits.of(space(connection, store.folder))
    floor = limits.floor_free_bytes

    def arrived(records: Sequence[InstanceRecord]) -> None:
        bridge.post(lambda: news.tell_arrived(records))

    arriving = Arriving(store, pool, arrived, floor_bytes=floor)

    def promised(promise: Promise, title: str) -> None:
        promised_by(store, neighbours.peers, title, promise)

    door = OwnDoor(
        lambda config: Listener(config, store.folder.tmp, arriving.received, on_promise=promised), floor
    )
    neighbours = Neighbours(Services(secrets, door), peers)
    means = Means(store, pool, neighbours.services, lambda: neighbours.peers, floor_bytes=floor)
    transfers = Transfers(means, bridge.post, news.tell_changed, news.tell_arrived)
    return Remote(neighbours, transfers, news, prompt, door)


def _stay(application: QApplication, window: MainWindow, asked: _Asked) -> int:
    """Open what is asked for, and stay until the window is closed or its picture is saved."""
    settle()
    if asked.found.notices:
        window.intake.say(" ".join(asked.found.notices), stay=True)
    if asked.demo:
        window.intake.open_prepared(prepare)
    elif asked.paths:
        window.intake.open_paths(asked.paths)
    window.studies.begin()
    window.peers.begin()
    saver = _Saver(window, asked.screenshot) if asked.screenshot is not None else None
    status = application.exec()
    return saver.status if saver is not None else status


class _HandedOver(Exception):  # noqa: N818  no error: the window that is there took the words
    """What was asked for is opened by another process."""


def _store(words: Sequence[str], *, read_only: bool) -> tuple[Store | None, str]:
    """Open the study cache, or return why there is none.

    Raises _HandedOver when another window owns it and took `words`. One that answers nothing (an import at
    the command line) leaves us the cache for reading.
    """
    root = study_cache_folder()
    if read_only and not CacheFolder(root).index.exists():
        return None, NO_CACHE
    try:
        store = Store(root, read_only=read_only, look_later=True)
    except OwnedError:
        if hand_over(root, words):
            raise _HandedOver from None
        store = Store(root, read_only=True)
    except ViewerError as error:
        return None, str(error)
    return store, ""


def _listen(store: Store | None, take: Callable[[list[str]], None], ended: threading.Event) -> None:
    """Have later starts of the program hand their words over; without that they only read the cache."""

    def on_words(words: list[str]) -> None:
        if ended.is_set():
            raise ValueError("the window is closed")  # so the words are not taken, and are opened by who asks
        take(words)

    if store is not None and not store.read_only:
        with suppress(ViewerError):
            store.listen(on_words)


class _Saver:
    """Saves the window when all that is visible is drawn, and ends the program."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        self.status = 1
        self._window, self._path = window, path
        self._waited = 0
        self._quiet = 0
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(POLL)

    def _look(self) -> None:
        self._waited += POLL
        self._quiet = self._quiet + 1 if self._window.settled else 0
        if self._waited > PATIENCE:
            _say("the window was not drawn in time; what there was is in the picture")
        elif self._quiet < 3:  # what just arrived may ask for more  # noqa: PLR2004
            return
        self._timer.stop()
        try:
            write_png(self._path, rgb_of(self._window.grab().toImage()))
        except ViewerError as error:
            _say(str(error))
        else:
            self.status = 1 if self._window.intake.complaint or self._waited > PATIENCE else 0
        QApplication.exit(self.status)


def _check_is_picture(path: Path) -> None:
    """Refuse to put a picture in the place of anything else, such as the image that is opened."""
    if path.exists():
        with path.open("rb") as stream:
            is_picture = stream.read(len(PNG)) == PNG
        if not is_picture:
            raise ViewerError(f"{path} is there already and is no PNG picture: choose another name.")


def _application(now: settings.Settings) -> QApplication:
    if sys.platform.startswith("linux"):  # Qt takes the first that works; unset, it aborts without a display
        displays = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb;wayland;offscreen" if displays else "offscreen")
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    application.setApplicationVersion(__version__)
    theme.apply(application, now.appearance.palette)
    return application


def _memory() -> int:
    """Return the bytes of memory of this machine, or a cautious guess."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 8 << 30


def _say(words: str) -> None:
    print(f"viewer: {words}", file=sys.stderr, flush=True)  # noqa: T201  the contract of the command line
