"""A wire that breaks: passes TCP on to a server and cuts it after so many bytes of answers."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"


class Cutter:
    """Where to connect, and after how many bytes towards us every connection breaks; None: never."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server((HOST, 0), backlog=16)
        self._listener.settimeout(0.05)
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._left: int | None = None
        self._is_cut = False
        self._done = threading.Event()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()
        self.cuts = 0

    def cut_after(self, count: int | None) -> None:
        """Break everything once `count` more bytes have come from the server."""
        with self._lock:
            self._left = count
            self._is_cut = False

    def close(self) -> None:
        self._done.set()
        self._break()
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while not self._done.is_set():
            try:
                ours, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self._spent():
                ours.close()
                continue
            theirs = socket.create_connection((HOST, self._target))
            for each in (ours, theirs):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (ours, theirs)
            with self._lock:
                self._pairs.add(pair)
            for source, sink in ((ours, theirs), (theirs, ours)):
                thread = threading.Thread(
                    target=self._pass_on, args=(source, sink), kwargs={"counted": source is theirs}
                )
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 14):
                if counted:
                    data = self._counted(data)
                sink.sendall(data)
                if counted and self._spent():
                    self._break()
                    return
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _counted(self, data: bytes) -> bytes:
        with self._lock:
            if self._left is not None:
                data = data[: self._left]
                self._left -= len(data)
        return data

    def _spent(self) -> bool:
        with self._lock:
            return self._left == 0

    def _break(self) -> None:
        """End every connection; several that find the bytes spent at one moment are one cut."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
            if self._left == 0 and not self._is_cut:
                self._is_cut = True
                self.cuts += 1
        for pair in pairs:
            for each in pair:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


@contextmanager
def cutting(target: int) -> Iterator[Cutter]:
    """Yield a way to a port of this machine that can be cut."""
    cutter = Cutter(target)
    try:
        yield cutter
    finally:
        cutter.close()
