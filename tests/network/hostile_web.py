"""Web servers that do what no server should: each answers a request with whatever bytes it likes."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from viewer.network.peer import Peer, Tls

Answer = Callable[[socket.socket, bytes], object]


class Server:
    """A running server and the requests that it got."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._answer, self._context = answer, context
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.stopped = threading.Event()  # an endless answer looks at it
        self._threads = [threading.Thread(target=self._accept)]

    def peer(self, *, timeout: float = 20, tls: Tls | None = None, user: str = "") -> Peer:
        scheme = "https" if self._context else "http"
        web = f"{scheme}://127.0.0.1:{self.port}/dicom-web"
        return Peer("Web", web=web, timeout=timeout, tls=tls, user=user)

    def start(self) -> None:
        self._threads[0].start()

    def stop(self) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _secured(self, connection: socket.socket, context: ssl.SSLContext) -> socket.socket:
        secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.append(secured)
        try:
            secured.do_handshake()
        except OSError:
            self.stopped.wait(0.3)  # closing at once could overtake the alert that says why
            raise
        return secured

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context:
                connection = self._secured(connection, self._context)
            with connection:
                while request := _request(connection):
                    self.requests.append(request)
                    self._answer(connection, request)


def _request(connection: socket.socket) -> bytes:
    """Return a request with its body; b"" when there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(answer, context)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def head(*lines: str, status: str = "200 OK") -> bytes:
    """Return the head of an answer."""
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode()


def plain(body: bytes, *lines: str, status: str = "200 OK", kind: str = "application/dicom+json") -> Answer:
    """Return an answer that is like it should be."""
    start = head(f"Content-Type: {kind}", f"Content-Length: {len(body)}", *lines, status=status)
    return lambda connection, _: connection.sendall(start + body)


PARTS = 'Content-Type: multipart/related; type="application/dicom"; boundary=XX'


def part(body: bytes, *lines: str, length: int | None = None) -> bytes:
    """Return one part; `length` is what it says of itself, -1 for nothing."""
    said = len(body) if length is None else length
    words = [*([f"Content-Length: {said}"] if said >= 0 else []), "Content-Type: application/dicom", *lines]
    return b"--XX\r\n" + "\r\n".join(words).encode() + b"\r\n\r\n" + body + b"\r\n"


def multipart(*parts: bytes, end: bytes = b"--XX--\r\n") -> Answer:
    """Return an answer in parts."""
    body = b"".join(parts) + end
    start = head(PARTS, f"Content-Length: {len(body)}")
    return lambda connection, _: connection.sendall(start + body)
