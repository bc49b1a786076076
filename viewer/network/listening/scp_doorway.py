"""The doorway: connections that come, wait for their first byte, are served, and go."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from viewer.network.listening.confinement import resident
from viewer.network.listening.listener_config import Limits, plain_address
from viewer.network.listening.scp_messages import Worn

_LOOK = 0.25  # s
_AT_ONCE = 8  # connections that are accepted before others are looked at
_SOON = 0.02  # s in which a caller that means it has begun to say something
_CHANCE = 0.25  # s in which it has asked for an association, when others wait


class Line:
    """One connection."""

    def __init__(self, connected: socket.socket, address: str, port: int, seconds: float) -> None:
        self.socket, self.address, self.port = connected, address, port
        self.associated = False
        self.ending = False  # it must make room, or we stop
        self.since = time.monotonic()
        self._until = self.since + seconds

    @property
    def late(self) -> bool:
        """Tell whether it should have asked for an association by now."""
        return not self.associated and time.monotonic() > self._until

    def is_over(self) -> bool:
        """Tell whether it is to be given up."""
        return self.ending or self.late


class Doorway:
    """Accepts connections and has each served in a thread of its own from its first byte on."""

    def __init__(
        self,
        door: socket.socket,
        limits: Limits,
        lets_in: Callable[[str], bool],
        serve: Callable[[Line], None],
    ) -> None:
        self._door, self._limits, self._lets_in, self._serve = door, limits, lets_in, serve
        self._lock = threading.Lock()
        self._silent: list[Line] = []  # oldest first, all of this thread
        self._served: list[Line] = []  # oldest first, each with a thread
        self._count = 0  # of associations so far
        self._stopped = False
        self._wake_up, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()

    @contextmanager
    def counting(self) -> Iterator[int]:
        """Yield how many associations there are; nobody else gets one meanwhile."""
        with self._lock:
            self._count += 1
            yield sum(line.associated for line in self._served)

    def stop(self) -> None:
        """End all connections, from any thread."""
        self._stopped = True
        with self._lock:
            for line in self._served:
                line.ending = True
        self._wake()

    def run(self, worn: Callable[[Worn], None]) -> None:
        """Accept until we are stopped, or worn; then until nobody is left."""
        self._door.setblocking(False)  # noqa: FBT003  the socket's own word
        self._woken.setblocking(False)  # noqa: FBT003  the same
        self._selector.register(self._woken, selectors.EVENT_READ)
        open_ = True
        while not self._stopped and (open_ or self._served or self._silent):
            self._look(accepting=open_)
            self._drop_late()
            if open_ and self._is_worn():
                open_ = False
                worn(Worn())
        for line in tuple(self._silent):
            self._drop(line)

    def _look(self, *, accepting: bool) -> None:
        """Wait for something to happen, and do what it asks for."""
        selector = self._selector
        full = accepting and not self._has_room()
        registered = self._door in selector.get_map()
        if (accepting and not full) != registered:
            if registered:
                selector.unregister(self._door)
            else:
                selector.register(self._door, selectors.EVENT_READ)
        knocked = False
        for key, _ in selector.select(_SOON if full else _LOOK if self._silent else None):
            if key.fileobj is self._door:
                knocked = True  # those who have something to say are served first
            elif key.fileobj is self._woken:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(4096)
            else:
                self._begin(key.data)
        if knocked:
            self._accept()

    def wait(self, seconds: float) -> None:
        """Wait at most so long for the threads to end."""
        until = time.monotonic() + seconds
        while self._served and time.monotonic() < until:
            time.sleep(0.01)

    # ----------------------------------------------------------------------------------- in the main thread
    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connected, (host, port, *_) = self._door.accept()
            except OSError:  # nobody is left, or too many files are open
                return
            address = plain_address(host)
            if not self._lets_in(address):
                connected.close()
                continue
            self._make_room_of(address)
            line = Line(connected, address, port, self._limits.request)
            self._silent.append(line)
            self._selector.register(connected, selectors.EVENT_READ, line)

    def _has_room(self) -> bool:
        """Tell whether another connection may come; when there are too many, the oldest makes room."""
        with self._lock:
            asking = [line for line in self._served if not line.associated and not line.ending]
        if len(asking) + len(self._silent) < self._limits.connections:
            return True
        return self._make_room(asking)

    def _make_room(self, asking: list[Line], address: str = "") -> bool:
        """Drop the oldest connection, of an address or of any, that has had a chance to say something.

        Those who say nothing go before those who have begun to.
        """
        now = time.monotonic()
        for lines, seconds in ((self._silent, _SOON), (asking, _CHANCE)):
            for line in lines:
                if address in {"", line.address} and now - line.since > seconds:
                    self._drop(line)
                    return True
        return False

    def _make_room_of(self, address: str) -> None:
        with self._lock:
            asking = [line for line in self._served if not line.associated and not line.ending]
        if sum(line.address == address for line in (*asking, *self._silent)) >= self._limits.connections_each:
            self._make_room(asking, address)

    def _drop(self, line: Line) -> None:
        line.ending = True  # its thread, if it has one, sees it
        if line in self._silent:
            self._silent.remove(line)
            self._selector.unregister(line.socket)
            line.socket.close()
        else:
            with contextlib.suppress(OSError):
                line.socket.shutdown(socket.SHUT_RDWR)

    def _drop_late(self) -> None:
        for line in [line for line in self._silent if line.late]:
            self._drop(line)

    def _begin(self, line: Line) -> None:
        """Have a connection served that has something to say."""
        if line not in self._silent:
            return
        self._silent.remove(line)
        self._selector.unregister(line.socket)
        with self._lock:
            self._served.append(line)
        try:
            threading.Thread(target=self._run, args=(line,), name=f"caller {line.port}", daemon=True).start()
        except (RuntimeError, MemoryError):  # no memory for one more
            self._over(line)

    def _is_worn(self) -> bool:
        limits = self._limits
        return self._count >= limits.served or resident() > limits.resident

    # ------------------------------------------------------------------------------------- in its own thread
    def _run(self, line: Line) -> None:
        try:
            with contextlib.suppress(Exception):  # whatever a caller brings about, the others are served
                self._serve(line)
        finally:
            self._over(line)

    def _over(self, line: Line) -> None:
        with contextlib.suppress(OSError):
            line.socket.close()
        with self._lock:
            self._served.remove(line)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_up.send(b"\0")
