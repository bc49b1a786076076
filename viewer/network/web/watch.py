"""A watch over a connection: a second thread cuts it when the user cancels or the peer says too little.

A thread that waits in a read hears nothing else, and a peer that sends one byte every few seconds never
lets a time limit of the socket run out.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from viewer.network.failure import Cause
from viewer.network.resolving import resolved

TICK = 0.1  # s
LEAST = 1024  # bytes that must come or go in each time limit; slower is as good as silent
CONNECTING = 5.0  # s for an address to answer


class Watch:
    """Counts the time spent waiting for a peer. A context manager; the thread lives as long as its block."""

    def __init__(self, timeout: float, cancelled: Callable[[], bool]) -> None:
        self.timeout = timeout
        self.fired: Cause | None = None  # why the connection was cut
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._since: float | None = None  # when the present wait began
        self._spent = 0.0  # s waited since enough bytes came last
        self._bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch of a connection", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._drop()

    def over(self, connected: socket.socket) -> None:
        """Watch over another connection; the one before is no longer watched."""
        with self._lock:
            self._drop()
            self._socket = connected.dup()  # it can be cut whatever TLS makes of the other handle
            if self.fired:
                self._cut()

    def begin(self) -> None:
        """Say that the peer is waited for from now on."""
        with self._lock:
            self._since = time.monotonic()

    def got(self, count: int = LEAST) -> None:
        """Say that `count` bytes came or went, and that nobody waits now."""
        with self._lock:
            if self._since is not None:
                self._spent += time.monotonic() - self._since
                self._since = None
            self._bytes += count
            if self._bytes >= LEAST:
                self._spent, self._bytes = 0.0, 0

    def _run(self) -> None:
        while not self._ended.wait(TICK):
            cause = self._look()
            if cause is not None:
                with self._lock:
                    self.fired = cause
                    self._cut()
                return

    def _look(self) -> Cause | None:
        if self._cancelled():
            return Cause.CANCELLED
        with self._lock:
            waited = 0.0 if self._since is None else self._spent + time.monotonic() - self._since
        return Cause.SILENT if waited > self.timeout else None

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def dial(host: str, port: int, watch: Watch) -> socket.socket:
    """Return a TCP connection that is watched over; each address has CONNECTING seconds to answer.

    Raises OSError, TimeoutError when nothing answers, ConnectionAbortedError when the watch has cut it.
    """
    failure: OSError = TimeoutError()
    for family, kind, protocol, address in resolved(host, port, lambda: watch.fired is not None):
        try:
            plain = socket.socket(family, kind, protocol)
        except OSError as error:  # IPv6 may be switched off
            failure = error
            continue
        try:
            _reach(plain, address, watch)
        except OSError as error:
            plain.close()
            if watch.fired:
                raise
            failure = error
            continue
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(watch.timeout + 10 * TICK)  # the watch is first
        watch.over(plain)
        return plain
    raise failure


def _reach(plain: socket.socket, address: object, watch: Watch) -> None:
    plain.setblocking(False)  # noqa: FBT003  the socket's own word
    with contextlib.suppress(BlockingIOError):
        plain.connect(address)  # type: ignore[arg-type]  # as getaddrinfo made it
    deadline = time.monotonic() + min(CONNECTING, watch.timeout)
    while not select.select([], [plain], [plain], TICK)[1]:
        if watch.fired:
            raise ConnectionAbortedError
        if time.monotonic() > deadline:
            raise TimeoutError
    code = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, "")  # the number makes it the right kind, such as ConnectionRefusedError
