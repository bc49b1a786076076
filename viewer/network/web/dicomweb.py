"""A peer's DICOMweb door (PS3.18): requests to one origin, with limits on all that comes back.

urllib3 carries the requests; it reads nothing from the environment, so no proxy gets to see a patient. What
it gives are raw streams: decoding, limits, redirections and the words of failures are here.
"""

import functools
import json
import logging
import socket
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import quote, urlencode

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from viewer.dicom.text import printable
from viewer.network.access import Cancelled, never
from viewer.network.credentials import Secret
from viewer.network.failure import Cause, NetworkError
from viewer.network.origin import redirected, root_of
from viewer.network.peer import Peer, Tls
from viewer.network.tls import client_context
from viewer.network.web.watch import Watch, dial
from viewer.network.web.web_words import connect_failure, http_failure, status_failure

# It would write addresses, and with them what was asked about whom, to the log.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

PIECE = 1 << 20  # bytes asked for at a time
MOST_JSON = 64 << 20  # bytes; 5,000 studies take 6 MB
MOST_REDIRECTIONS = 3
MOST_RATIO = 250  # of compression, after the first MiB; what is honest stays below 100
LITERAL = "*?,/:@!$'()"  # stand for themselves in a query (RFC 3986 3.4); not every server decodes others
REDIRECTIONS = {301, 302, 303, 307, 308}
NO_CONTENT = 204


class Body:
    """What a peer answers, piece by piece."""

    def __init__(self, web: "DicomWeb", response: urllib3.BaseHTTPResponse) -> None:
        self._web, self._response = web, response
        self.status: int = response.status
        self.content_type: str = response.headers.get("Content-Type", "")
        self.length = _number(response.headers.get("Content-Length", ""))
        self._inflater = web.inflater(response.headers.get("Content-Encoding", ""))
        self._raw = self._out = 0

    def read(self) -> bytes:
        """Return the next bytes, b"" at the end. Raises NetworkError, also when the end came too early."""
        while True:
            data = self._piece()
            if self._inflater is None:
                return data
            if not data:
                return self._rest()
            data = self._inflated(data)
            if data:
                return data

    def _piece(self) -> bytes:
        if self._inflater is not None and self._inflater.unconsumed_tail:
            return self._inflater.unconsumed_tail
        with self._web.conversing():
            data = self._response.read1(PIECE)
        self._web.watch.got(len(data))
        self._web.check()
        self._raw += len(data)
        return data

    def _inflated(self, data: bytes) -> bytes:
        assert self._inflater is not None  # noqa: S101  for the type checker
        try:
            made = self._inflater.decompress(data, PIECE)
        except zlib.error as error:
            raise self._web.broken("sends damaged compressed data") from error
        self._out += len(made)
        if self._out > max(PIECE, MOST_RATIO * self._raw):
            raise self._web.broken("sends data that swell without end when they are unpacked")
        return made

    def _rest(self) -> bytes:
        """Return what the unpacking held back; then nothing."""
        assert self._inflater is not None  # noqa: S101  for the type checker
        if self._raw and not self._inflater.eof:
            raise self._web.broken("ended its answer in the middle of compressed data", Cause.CLOSED)
        return self._inflater.flush()

    def whole(self, limit: int) -> bytes:
        """Return all of it. Raises NetworkError when there are more than `limit` bytes."""
        pieces, size = [], 0
        while data := self.read():
            size += len(data)
            if size > limit:
                raise self._web.broken(f"answers with more than {limit >> 20} MiB where that cannot be")
            pieces.append(data)
        return b"".join(pieces)


class DicomWeb:
    """One peer's services. A context manager; used by one thread at a time.

    `cancelled` is asked ten times a second, in another thread.
    """

    def __init__(self, peer: Peer, secret: Secret | None = None, cancelled: Cancelled = never) -> None:
        """Raise NetworkError when the peer's address, TLS or secret cannot be used. Nothing is sent yet."""
        self.peer = peer
        self.origin, self._root = root_of(peer.web)
        self._headers = {"User-Agent": "Negatoscope", "Accept-Encoding": "identity"}
        if secret is not None:
            if not self.origin.private:
                raise NetworkError(
                    f"{printable(peer.name)}: the password is not sent, since {self.origin} is not encrypted;"
                    " use https.",
                    Cause.CREDENTIALS,
                )
            self._headers["Authorization"] = secret.header
        self.watch = Watch(peer.timeout, cancelled)
        self._pool = self._make_pool()

    def __enter__(self) -> Self:
        self.watch.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()
        self.watch.__exit__()

    def _make_pool(self) -> urllib3.HTTPConnectionPool:
        origin, open_connection = self.origin, functools.partial(self._connected)
        kind: Any = _Secured if origin.scheme == "https" else _Plain
        options: dict[str, Any] = {"maxsize": 1, "retries": False}
        if origin.scheme == "https":
            tls = self.peer.tls or Tls()
            options |= {"ssl_context": client_context(tls), "server_hostname": tls.name or None}
            pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
                origin.host, origin.port, **options
            )
        else:
            pool = urllib3.HTTPConnectionPool(origin.host, origin.port, **options)
        pool.ConnectionCls = functools.partial(kind, open_connection)  # type: ignore[assignment]  # makes one
        return pool

    def _connected(self) -> socket.socket:
        try:
            return dial(self.origin.host, self.origin.port, self.watch)
        except (OSError, UnicodeError) as error:
            self.check()
            found = error if isinstance(error, OSError) else socket.gaierror()
            raise connect_failure(self.peer, self.origin.host, self.origin.port, found) from error

    # ------------------------------------------------------------------------------------------- requests
    @contextmanager
    def get(self, path: Sequence[str], accept: str, query: Iterable[tuple[str, str]] = ()) -> Iterator[Body]:
        """Yield the answer to a GET of a path below the root, after redirections within the origin.

        Raises NetworkError, for statuses of 300 and more too.
        """
        target = self._root + "".join(f"/{_segment(each)}" for each in path)
        words = urlencode(list(query), quote_via=quote, safe=LITERAL)
        target += f"?{words}" if words else ""
        for _ in range(MOST_REDIRECTIONS + 1):
            response = self._request("GET", target, {"Accept": accept})
            try:
                if response.status not in REDIRECTIONS:
                    yield self._body(response)
                    return
                target = self._redirected(target, response)
            finally:
                response.close()
        raise self.broken(f"sends us from one address to the next, more than {MOST_REDIRECTIONS} times")

    @contextmanager
    def post(
        self, path: Sequence[str], pieces: Iterable[bytes], content_type: str, length: int
    ) -> Iterator[Body]:
        """Yield the answer to a POST of a body of `length` bytes, sent as it is made; no redirections.

        Raises NetworkError for statuses of 300 and more, but for 409, whose body tells more (PS3.18 10.5.3).
        """
        target = self._root + "".join(f"/{_segment(each)}" for each in path)
        headers = {
            "Accept": "application/dicom+json",
            "Content-Type": content_type,
            "Content-Length": str(length),  # not every server takes a body without one
        }
        response = self._request("POST", target, headers, self._sent(pieces))
        try:
            if response.status in REDIRECTIONS:
                self._redirected(target, response)
                raise self.broken("sends us to another of its addresses: configure that one")
            yield self._body(response, also=409)
        finally:
            response.close()

    def json(self, path: Sequence[str], query: Iterable[tuple[str, str]]) -> list[Any]:
        """Return the list that a resource answers with, [] for none. Raises NetworkError."""
        with self.get(path, "application/dicom+json", query) as body:
            if body.status == NO_CONTENT:
                return []
            found = parsed(self, body)
        if not isinstance(found, list):
            raise self.broken("answers with something else than a list")
        return found

    def _request(
        self, method: str, target: str, headers: Mapping[str, str], body: Iterable[bytes] | None = None
    ) -> urllib3.BaseHTTPResponse:
        wait = urllib3.Timeout(connect=self.watch.timeout, read=self.watch.timeout + 1)  # the watch is first
        with self.conversing():
            response = self._pool.urlopen(
                method,
                target,
                body=body,
                headers={**self._headers, **headers},
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=wait,
            )
        self.watch.got()
        try:
            self.check()  # a header that was cut off looks like one that ended
        except NetworkError:
            response.close()
            raise
        return response

    def _sent(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.watch.begin()
            yield piece
            self.watch.got(len(piece))
        self.watch.begin()

    def _redirected(self, target: str, response: urllib3.BaseHTTPResponse) -> str:
        location = response.headers.get("Location", "")
        path = redirected(self.origin, target, location)
        if path is None:
            raise self.broken("wants to send us to another server; that is not followed")
        return path

    def _body(self, response: urllib3.BaseHTTPResponse, also: int = 200) -> Body:
        if not 200 <= response.status < 300 and response.status != also:  # noqa: PLR2004  successes
            raise status_failure(self.peer, response.status, response.headers.get("Retry-After", ""))
        return Body(self, response)

    # ------------------------------------------------------------------------------------------- failures
    @contextmanager
    def conversing(self) -> Iterator[None]:
        """Wait for the peer in this block; what goes wrong in it becomes a NetworkError."""
        self.watch.begin()
        try:
            yield
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self.watch.got()
            self.check()
            raise http_failure(self.peer, self.origin.host, error, self.watch.timeout) from error

    def check(self) -> None:
        """Raise NetworkError when the watch has cut the connection."""
        name = printable(self.peer.name)
        if self.watch.fired is Cause.CANCELLED:
            raise NetworkError(f"{name}: cancelled.", Cause.CANCELLED)
        if self.watch.fired:
            raise NetworkError(
                f"{name} stopped answering, or answers too slowly, for {self.watch.timeout:g} s.",
                Cause.SILENT,
            )

    def broken(self, words: str, cause: Cause = Cause.PROTOCOL) -> NetworkError:
        """Return what is wrong with an answer as a sentence that begins with the peer."""
        return NetworkError(f"{printable(self.peer.name)} {words}.", cause)

    def inflater(self, coding: str) -> "zlib._Decompress | None":
        """Return what unpacks a content coding, None for none. Raises NetworkError."""
        if coding.lower() in {"", "identity"}:
            return None
        if coding.lower() in {"gzip", "x-gzip", "deflate"}:
            return zlib.decompressobj(32 + zlib.MAX_WBITS)
        raise self.broken(f"packs its answer in a way that it was not asked for ({printable(coding)})")


class _Plain(HTTPConnection):
    """A connection that is opened by a function of ours."""

    def __init__(self, connected: Any, *words: Any, **options: Any) -> None:  # noqa: ANN401  urllib3's own
        super().__init__(*words, **options)
        self._connected = connected

    def _new_conn(self) -> socket.socket:
        return self._connected()  # type: ignore[no-any-return]  # DicomWeb's


class _Secured(HTTPSConnection):
    """The same over TLS."""

    def __init__(self, connected: Any, *words: Any, **options: Any) -> None:  # noqa: ANN401  urllib3's own
        super().__init__(*words, **options)
        self._connected = connected

    def _new_conn(self) -> socket.socket:
        return self._connected()  # type: ignore[no-any-return]  # DicomWeb's


def parsed(web: DicomWeb, body: Body) -> Any:  # noqa: ANN401  any JSON
    """Return the JSON of an answer. Raises NetworkError."""
    data = body.whole(MOST_JSON)
    if not data.strip():
        return []
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise web.broken(
            "answers with something else than DICOM JSON; is the DICOMweb address right?"
        ) from error


def _segment(text: str) -> str:
    """Return one name of a path: never two, and never a step up."""
    if not text.strip("."):
        raise NetworkError("An identifier is empty.", Cause.PROTOCOL)
    return quote(text, safe="")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None
