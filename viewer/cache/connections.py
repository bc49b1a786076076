"""Connections to the databases of a cache, each lent to one thread at a time."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from viewer.cache.databases import connect
from viewer.cache.folder import CacheFolder
from viewer.cache.trouble import disk_words
from viewer.errors import ViewerError


class Connections:
    """As many connections as are in use at once; they wait here in between, and end together."""

    def __init__(self, folder: CacheFolder) -> None:
        self._folder = folder
        self.read_only = False
        self._idle: list[sqlite3.Connection] = []
        self._changing = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection. Raises sqlite3.Error, and ViewerError when the cache is closed or gone."""
        with self._changing:
            if self._closed:
                raise ViewerError("The study cache is closed.")
            connection = self._idle.pop() if self._idle else None
        gone = self._gone()
        if gone:  # what is written into a file without a name is lost
            if connection is not None:
                connection.close()
            raise ViewerError(gone)
        connection = connection or connect(self._folder, read_only=self.read_only)
        try:
            yield connection
        except BaseException:
            connection.close()  # whatever happened to it, the next one begins anew
            raise
        self._put_back(connection)

    def _gone(self) -> str:
        """Return what is to be said when the index has no name any more; "" while it has."""
        root = self._folder.root
        try:
            self._folder.index.stat()
        except FileNotFoundError:
            if self._folder.objects.is_dir():
                return (
                    f"The index of the study cache in {root} is gone; `viewer cache rebuild` makes it again."
                )
            return f"The study cache in {root} is gone."
        except OSError as error:
            return disk_words(root, error)
        return ""

    def _put_back(self, connection: sqlite3.Connection) -> None:
        with self._changing:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> bool:
        """Close those that wait, and those that are lent when they come back; False if that was done."""
        with self._changing:
            if self._closed:
                return False
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        return True
