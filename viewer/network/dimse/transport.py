"""A TCP connection that never waits for ever: bytes in, bytes out, with a limit and an ear for Cancel.

Nagle's algorithm is off, and where we wait for a command Linux acknowledges what comes at once: a peer that
has the algorithm on would otherwise stall 40 ms a message. Both are the defaults of nobody.
"""

import contextlib
import errno
import os
import selectors
import socket
import ssl
import struct
import time
from collections.abc import Sequence

from viewer.network.access import Access, Cancelled
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Tls
from viewer.network.resolving import addresses
from viewer.network.tls import handshake_failure, server_name

CONNECT_TIMEOUT = 5.0  # s for one address
HANDSHAKE_TIMEOUT = 10.0  # s for TLS
SLICE = 0.25  # s after which whoever waits looks whether it was cancelled
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_BY_KERNEL = os.name == "posix"  # Windows may lose data when a call that waits for all of it times out
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN}
_MOST_PIECES = 512  # of one gathered write; systems allow 1,024
_AHEAD = 4096  # bytes that one call of the system may read where something short is due

Piece = bytes | bytearray | memoryview


class Wire:
    """One connection, for one thread. Every failure is a NetworkError; after one only `close` is left."""

    def __init__(self, connected: socket.socket, access: Access, cancelled: Cancelled) -> None:
        self.access = access
        self.cancelled = cancelled
        self.timeout = access.peer.timeout  # s of silence
        self.deadline: float | None = None  # of time.monotonic, whatever comes in; None for none
        self._socket = connected
        self._ahead = memoryview(bytearray(_AHEAD))
        self._start = self._end = 0  # of what is read ahead and not taken
        self._gathers = _BY_KERNEL and not isinstance(connected, ssl.SSLSocket)
        self._flags = socket.MSG_WAITALL if self._gathers else 0
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connected.settimeout(None if self._gathers else SLICE)
        if self._gathers:  # then a call that has something to do is one call of the system
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connected.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", 0, int(SLICE * 1e6)))

    # ------------------------------------------------------------------------------------------- reading
    def expect_command(self) -> None:
        """Have what comes next acknowledged at once. Linux forgets it after every segment."""
        if _QUICKACK is not None and self._start == self._end:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def head(self, size: int) -> memoryview:
        """Return the next few bytes, which stay the next ones until they are taken."""
        if self._end - self._start < size:
            have = self._end - self._start
            self._ahead[:have] = self._ahead[self._start : self._end]
            self._start, self._end = 0, have
            while self._end < size:
                self._end += self.read_some(self._ahead[self._end :])
        return self._ahead[self._start : self._start + size]

    def take(self, size: int) -> None:
        """Take what `head` has returned."""
        self._start += size

    def read_into(self, view: memoryview, due: int = 0) -> None:
        """Fill a buffer.

        `due` is how many bytes of a head will come after it in any case: they are read with the same call.
        """
        size = len(view)
        done = min(size, self._end - self._start)
        if done:
            view[:done] = self._ahead[self._start : self._start + done]
            self._start += done
        if done < size and due and self._gathers:
            done += self.read_some(view[done:], self._flags, self._ahead[:due])
            self._start, self._end = 0, max(done - size, 0)
        while done < size:
            done += self.read_some(view[done:], self._flags)

    def read_some(self, view: memoryview, flags: int = 0, more: memoryview | None = None) -> int:
        """Read at least one byte, and no more than the buffers take; return how many."""
        until: float | None = None
        while True:
            try:
                if more is None:
                    count = self._socket.recv_into(view, 0, flags)
                else:
                    count = self._socket.recvmsg_into((view, more), 0, flags)[0]
            except (TimeoutError, BlockingIOError, ssl.SSLWantReadError) as waited:
                until = self._wait(until, waited)
                continue
            except OSError as error:
                raise self._broken(error) from None
            if count:
                if self.deadline is not None:
                    self._check_deadline()
                return count
            raise self.access.failure(
                "closed the connection. Try again; if it does so each time, ask whoever runs it.",
                Cause.CLOSED,
            )

    # ------------------------------------------------------------------------------------------- writing
    def write(self, pieces: Sequence[Piece]) -> None:
        """Send pieces one after the other, without copying them where the system can."""
        rest: list[Piece] = [piece for piece in pieces if piece]
        if not self._gathers:
            rest = [b"".join(rest)]
        first = 0
        while first < len(rest):
            sent = self._send(rest[first : first + _MOST_PIECES])
            while first < len(rest) and sent >= len(rest[first]):
                sent -= len(rest[first])
                first += 1
            if sent:
                rest[first] = memoryview(rest[first])[sent:]

    def _send(self, pieces: Sequence[Piece]) -> int:
        """Send pieces with one call, and return how many bytes the system took."""
        until: float | None = None
        while True:
            try:
                return self._socket.sendmsg(pieces) if self._gathers else self._socket.send(pieces[0])
            except (TimeoutError, BlockingIOError, ssl.SSLWantWriteError) as waited:
                until = self._wait(until, waited)
            except OSError as error:
                raise self._broken(error) from None

    # ------------------------------------------------------------------------------------------- the rest
    def close(self) -> None:
        """Close the connection; what was sent still arrives."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def write_now(self, data: bytes) -> None:
        """Send a few last bytes if they go out at once."""
        if data:
            with contextlib.suppress(OSError, ValueError):
                self._socket.settimeout(SLICE)
                self._socket.send(data)

    def readable(self, seconds: float) -> bool:
        """Wait at most so long for something to read; return whether there is, or the connection ended."""
        if self._start < self._end or (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
            return True
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            while not selector.select(min(SLICE, max(until - time.monotonic(), 0))):
                if self.cancelled():
                    raise self.access.failure("was left: cancelled.", Cause.CANCELLED)
                if time.monotonic() >= until:
                    return False
        return True

    def _wait(self, until: float | None, waited: OSError) -> float:
        """Look around after a slice in which nothing came or went; return when the patience ends."""
        if waited.errno == errno.ETIMEDOUT:  # the system's own: it gave the connection up
            raise self._broken(waited)
        now = time.monotonic()
        until = now - SLICE + self.timeout if until is None else until
        if self.cancelled():
            raise self.access.failure("was left: cancelled.", Cause.CANCELLED)
        if now >= until:
            raise self.access.failure(
                f"did not answer for {self.timeout:g} seconds. Is it busy, or is a firewall in between?",
                Cause.SILENT,
            )
        self._check_deadline()
        return until

    def _check_deadline(self) -> None:
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise self.access.failure("took too long. Try again when it is less busy.", Cause.SILENT)

    def _broken(self, error: OSError) -> NetworkError:
        if isinstance(error, ssl.SSLError):
            return handshake_failure(error, self.access.peer)
        words = error.strerror or "no reason was given"
        return self.access.failure(f"broke the connection off ({words}). Try again.", Cause.CLOSED)


# --------------------------------------------------------------------------------------------- connecting
def connect(access: Access, cancelled: Cancelled) -> Wire:
    """Return a connection to a peer, secured when `access` has TLS.

    At most 8 s for the name of the host, 5 s for each of its addresses and 10 s for TLS.
    Raises NetworkError.
    """
    failure: NetworkError | None = None
    for family, kind, protocol, address in addresses(access, cancelled):
        plain = socket.socket(family, kind, protocol)
        try:
            _reach(plain, address, access, cancelled)
            return Wire(secured(plain, access, cancelled), access, cancelled)
        except BaseException as error:
            plain.close()
            if not isinstance(error, NetworkError) or error.cause not in {Cause.REFUSED, Cause.NO_ANSWER}:
                raise
            failure = error
    raise failure or access.failure("has no address.", Cause.NAME)


def _reach(plain: socket.socket, address: object, access: Access, cancelled: Cancelled) -> None:
    """Establish a TCP connection."""
    plain.settimeout(0)
    try:
        code = plain.connect_ex(address)  # type: ignore[arg-type]  # as getaddrinfo made it
    except OSError as error:  # an address that the system refuses at once
        code = error.errno or errno.EHOSTUNREACH
    if code in {errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EINPROGRESS)}:
        _until_ready(plain, selectors.EVENT_WRITE, access, cancelled)
        code = plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code == errno.ECONNREFUSED:
        raise access.failure(
            "cannot be reached: nothing listens on that port. Is the port right, and is the PACS running?",
            Cause.REFUSED,
        )
    if code:
        raise access.failure(
            f"cannot be reached ({os.strerror(code)}). Check the address and the network.",
            Cause.NO_ANSWER if code in _UNREACHABLE else Cause.REFUSED,
        )


def _until_ready(plain: socket.socket, event: int, access: Access, cancelled: Cancelled) -> None:
    until = time.monotonic() + CONNECT_TIMEOUT
    with selectors.DefaultSelector() as selector:
        selector.register(plain, event)
        while not selector.select(SLICE):
            if cancelled():
                raise access.failure("was left: cancelled.", Cause.CANCELLED)
            if time.monotonic() >= until:
                raise access.failure(
                    f"does not answer within {CONNECT_TIMEOUT:g} seconds."
                    " Check the address, and whether a firewall is in between.",
                    Cause.NO_ANSWER,
                )


def secured(
    plain: socket.socket, access: Access, cancelled: Cancelled, *, server_side: bool = False
) -> socket.socket:
    """Return a connection after the handshake of TLS, or the same one when `access` has no TLS."""
    if access.tls is None:
        return plain
    plain.settimeout(SLICE)
    name = None if server_side else server_name(access.peer.host, access.peer.tls or Tls())
    wrapped = access.tls.wrap_socket(
        plain, server_side=server_side, server_hostname=name, do_handshake_on_connect=False
    )
    try:
        _shake_hands(wrapped, access, cancelled)
    except OSError as error:
        wrapped.close()
        raise handshake_failure(error, access.peer) from None
    except BaseException:
        wrapped.close()
        raise
    return wrapped


def _shake_hands(wrapped: ssl.SSLSocket, access: Access, cancelled: Cancelled) -> None:
    until = time.monotonic() + min(HANDSHAKE_TIMEOUT, access.peer.timeout)
    while True:
        try:
            wrapped.do_handshake()
        except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as waited:
            if cancelled():
                raise access.failure("was left: cancelled.", Cause.CANCELLED) from None
            if time.monotonic() >= until:
                raise handshake_failure(TimeoutError(), access.peer) from waited
        else:
            return
