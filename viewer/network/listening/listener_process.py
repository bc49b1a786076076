"""The process that listens, as the program sees it: started, spoken to, ended."""

import contextlib
import multiprocessing
import os
import re
import shutil
import socket
import stat
import threading
import uuid
from multiprocessing.connection import Connection
from pathlib import Path

from viewer.network.listening.listener_config import ListenerConfig
from viewer.network.listening.scp_entry import run
from viewer.network.listening.scp_messages import (
    Arrived,
    Begin,
    MessageError,
    Said,
    Stop,
    Told,
    put,
    said,
)
from viewer.network.peer import Received

_FOLDER = "listener-"
_ENDING = 1.2  # s that the process has to end its associations
_KILLED = 5.0  # s within which the system removes a killed process


class ListenerProcess:
    """One process and its folder. `hear` and `remove` are for one thread; `tell` is for any."""

    def __init__(self, config: ListenerConfig, folder: Path, door: socket.socket) -> None:
        """Raise OSError when it cannot be started."""
        self.serves = False  # it has started, and callers are served
        self._into = folder
        self._lock = threading.Lock()
        self._folder = folder / f"{_FOLDER}{uuid.uuid4().hex}"
        self._folder.mkdir(mode=0o700)
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=run, args=(theirs, door), name="listener", daemon=True)
        try:
            self._process.start()
        except BaseException:
            self.connection.close()
            self._folder.rmdir()
            raise
        finally:
            theirs.close()  # so that its death ends the connection
        self.tell(Begin(config.document(), str(self._folder)))

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid or 0

    def tell(self, message: Told) -> None:
        """Send a message; one that is dead does not hear it."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            put(self.connection, message)

    def hear(self) -> Said | None:
        """Return what it says; None when it is dead, or cannot be trusted any more."""
        try:
            return said(self.connection)
        except (EOFError, OSError, MessageError):
            return None

    def take(self, arrived: Arrived, sender: str) -> Received | None:
        """Take an object out of the folder of the process; None when it is not what was said."""
        path = f"{self._into}{os.sep}{uuid.uuid4().hex}.dcm"
        try:
            os.rename(f"{self._folder}{os.sep}{arrived.file}", path)  # noqa: PTH104  a thousand times a study
        except OSError:
            return None
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size != arrived.bytes:
            os.unlink(path)  # noqa: PTH108  as above
            return None
        return Received(
            path,
            arrived.sop_class_uid,
            arrived.sop_instance_uid,
            arrived.transfer_syntax_uid,
            arrived.bytes,
            sender,
            arrived.asked,
        )

    def end(self) -> None:
        """End the process, which says so to its callers first; whoever hears it hears nothing more."""
        if self.serves:
            self.tell(Stop())
            self._process.join(_ENDING)
        self.kill()

    def kill(self) -> None:
        """End the process at once, from any thread."""
        with contextlib.suppress(ValueError):  # removed already
            self._process.kill()

    def remove(self) -> None:
        """Give back all that is left of a process, which is dead or is killed."""
        self.kill()
        with self._lock:
            self.connection.close()
        with contextlib.suppress(ValueError):
            self._process.join(_KILLED)
            self._process.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes left that ended with the program."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if re.fullmatch(_FOLDER + r"[0-9a-f]{32}", path.name):
                shutil.rmtree(path, ignore_errors=True)
