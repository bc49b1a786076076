"""DICOMweb servers that lie, stall, flood and lead astray: a sentence each time, and nothing left behind."""

import gzip
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import hostile_web as hostile
import make
import pytest
from hostile_web import Answer, Server, head, multipart, part, plain, serving

from viewer.network.credentials import Basic, Bearer
from viewer.network.failure import Cause, NetworkError
from viewer.network.peer import Peer, Received
from viewer.network.query import Query
from viewer.network.web.dicomweb import DicomWeb
from viewer.network.web.qido import search
from viewer.network.web.stow import Sent, send
from viewer.network.web.wado import Bounds, Resource, retrieve

STUDY = Resource("1.2.3")
SECRET = Basic("reader", "swordfish")


@pytest.fixture
def files(tmp_path: Path) -> list[bytes]:
    return [make.write(each, tmp_path / f"{n}.dcm").read_bytes() for n, each in enumerate(make.ct_series(3))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "incoming"
    made.mkdir()
    return made


def failure_of(answer: Answer, folder: Path, *, timeout: float = 20, **options: object) -> NetworkError:
    """Return how a retrieve fails, after a look that nothing is left of it."""
    got: list[Received] = []
    with (
        serving(answer) as server,
        pytest.raises(NetworkError) as failed,
        DicomWeb(server.peer(timeout=timeout)) as web,
    ):
        retrieve(web, STUDY, folder, got.append, **options)  # type: ignore[arg-type]
    assert sorted(str(path) for path in folder.iterdir()) == sorted(each.path for each in got)
    assert str(failed.value).endswith((".", "?"))
    assert "?." not in str(failed.value)
    return failed.value


# ------------------------------------------------------------------------------------- credentials
@pytest.mark.parametrize("secret", [SECRET, Bearer("token")])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_a_redirection_to_another_server_is_not_followed(status: str, secret: Basic | Bearer) -> None:
    with serving(plain(b"[]")) as other:
        place = f"Location: http://127.0.0.1:{other.port}/dicom-web/studies"
        with (
            serving(plain(b"", place, status=status)) as server,
            pytest.raises(NetworkError) as failed,
            DicomWeb(server.peer(), secret) as web,
        ):
            search(web, Query(), print)
        assert "another server; that is not followed" in str(failed.value)
        assert other.requests == []
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        "//127.0.0.2/x",
        "http://localhost/x",
        "https://127.0.0.1/x",
        "http://reader:pw@127.0.0.1/x",
        "file:///x",
        "http://[",
        "",
    ],
)
def test_another_origin_has_many_spellings(location: str) -> None:
    seen = []
    with (
        serving(plain(b"", f"Location: {location}", status="302 Found")) as server,
        pytest.raises(NetworkError) as failed,
        DicomWeb(server.peer(), SECRET) as web,
    ):
        search(web, Query(), seen.append)
    assert len(server.requests) <= 4  # "" means the same place
    assert failed.value.cause is Cause.PROTOCOL


def test_a_redirection_within_the_server_is_followed_with_the_password() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        if b"/elsewhere" in request.split(b"\r\n")[0]:
            plain(b"[]")(connection, request)
        else:
            plain(b"", "Location: /elsewhere", status="307 Temporary")(connection, request)

    with serving(answer) as server, DicomWeb(server.peer(), SECRET) as web:
        assert search(web, Query(), print) == 0
        assert all(b"Authorization: Basic " in request for request in server.requests)


def test_a_server_that_redirects_for_ever_is_given_up() -> None:
    with serving(plain(b"", "Location: /again", status="302 Found")) as server:
        with (
            pytest.raises(NetworkError, match="from one address to the next"),
            DicomWeb(server.peer()) as web,
        ):
            search(web, Query(), print)
        assert len(server.requests) == 4


def test_a_password_is_never_sent_in_the_clear() -> None:
    with pytest.raises(NetworkError) as failed:
        DicomWeb(Peer("Web", web="http://pacs.example/dicom-web", user="reader"), SECRET)
    assert failed.value.cause is Cause.CREDENTIALS
    assert "swordfish" not in str(failed.value) + repr(SECRET)


# ------------------------------------------------------------------------------------------- silence
def trickle(start: bytes) -> Answer:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        for _ in range(400):
            time.sleep(0.05)
            connection.sendall(b"x")

    return answer


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        head(hostile.PARTS),
        head(hostile.PARTS) + b"--XX\r\nContent-Length: 99999\r\n\r\n",
    ],
    ids=["status", "header", "preamble", "part"],
)
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(start: bytes, folder: Path) -> None:
    begun = time.monotonic()
    error = failure_of(trickle(start), folder, timeout=1)
    assert error.cause is Cause.SILENT
    assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize("start", [b"", head(hostile.PARTS) + b"--XX\r\nContent-Length: 999\r\n\r\n"])
def test_cancel_is_heard_while_a_server_says_nothing(start: bytes, folder: Path) -> None:
    cancelled = threading.Event()
    asked: list[float] = []

    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        asked.append(time.monotonic())
        cancelled.set()
        connection.recv(1)

    with (
        serving(answer) as server,
        pytest.raises(NetworkError) as failed,
        DicomWeb(server.peer(), cancelled=cancelled.is_set) as web,
    ):
        retrieve(web, STUDY, folder, print)
    assert failed.value.cause is Cause.CANCELLED
    assert time.monotonic() - asked[0] < 1
    assert list(folder.iterdir()) == []


# --------------------------------------------------------------------------------------------- floods
def flood(start: bytes, piece: bytes) -> Answer:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return answer


def test_an_endless_object_ends_at_the_limit(folder: Path, files: list[bytes]) -> None:
    start = head(hostile.PARTS) + b"--XX\r\n\r\n" + files[0]
    error = failure_of(flood(start, bytes(65536)), folder, bounds=Bounds(object_bytes=8 << 20))
    assert "an object of more than 8 MiB" in str(error)


@pytest.mark.parametrize(
    ("start", "piece", "words"),
    [
        (head(hostile.PARTS), b"x" * 65536, "announces parts and sends something else"),
        (head(hostile.PARTS) + b"--XX\r\n", b"X: y\r\n" * 999, "headers that do not end"),
        (head(hostile.PARTS) + b"--XX\r\nX: ", b"x" * 65536, "headers that do not end"),
        (head(hostile.PARTS), part(b"no image"), "something else than what was asked for"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 999, "breaks the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536, "breaks the rules of HTTP"),
    ],
    ids=["preamble", "part headers", "part header", "a million parts", "headers", "header"],
)
def test_a_flood_is_noticed(start: bytes, piece: bytes, words: str, folder: Path) -> None:
    assert words in str(failure_of(flood(start, piece), folder))


def test_a_million_proper_parts_are_too_many(
    folder: Path, files: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.network.web.multipart.MOST_PARTS", 50)
    error = failure_of(flood(head(hostile.PARTS), part(files[0]) * 20), folder)
    assert "more than 50 parts" in str(error)
    assert len(list(folder.iterdir())) == 50


def test_an_endless_list_ends_at_the_limit() -> None:
    with (
        serving(flood(head("Content-Type: application/dicom+json"), b" " * (1 << 20))) as server,
        pytest.raises(NetworkError, match="more than 64 MiB"),
        DicomWeb(server.peer()) as web,
    ):
        search(web, Query(), print)


def test_a_server_that_finds_more_and_more_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.network.web.qido.MOST_ROWS", 1000)
    numbers = iter(range(10**9))

    def answer(connection: socket.socket, request: bytes) -> None:
        rows = [{"0020000D": {"vr": "UI", "Value": [f"1.{next(numbers)}"]}} for _ in range(200)]
        plain(json.dumps(rows).encode())(connection, request)

    with (
        serving(answer) as server,
        DicomWeb(server.peer()) as web,
        pytest.raises(NetworkError, match="more than 1,000 answers"),
    ):
        search(web, Query(), [].append, most=10**9)


@pytest.mark.parametrize("kind", [hostile.PARTS, "Content-Type: application/dicom+json"])
def test_a_compression_bomb_is_defused(kind: str, folder: Path) -> None:
    bomb = gzip.compress(bytes(256 << 20), 9)
    start = head(kind, "Content-Encoding: gzip", f"Content-Length: {len(bomb)}")
    before, parts = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, kind == hostile.PARTS
    with (
        serving(lambda connection, _: connection.sendall(start + bomb)) as server,
        pytest.raises(NetworkError, match=r"swell without end|something else") as failed,
        DicomWeb(server.peer()) as web,
    ):
        retrieve(web, STUDY, folder, print) if parts else search(web, Query(), print)
    assert failed.value.cause is Cause.PROTOCOL
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KiB
    assert list(folder.iterdir()) == []


# ---------------------------------------------------------------------------------------------- lies
def test_what_came_before_a_break_stays_and_the_rest_is_not_there(folder: Path, files: list[bytes]) -> None:
    whole = b"".join(part(data) for data in files) + b"--XX--\r\n"
    for cut in (10, len(part(files[0])) + 200, len(whole) - 40, len(whole) - 5):
        for length in ([], [f"Content-Length: {len(whole)}"]):
            start = head(hostile.PARTS, *length)

            def answer(connection: socket.socket, _: bytes, start: bytes = start, cut: int = cut) -> None:
                connection.sendall(start + whole[:cut])
                connection.shutdown(socket.SHUT_RDWR)

            assert failure_of(answer, folder).cause is Cause.CLOSED
            for path in folder.iterdir():
                assert path.read_bytes() in files
                path.unlink()


@pytest.mark.parametrize("said", [10, 10**6, 10**15 - 1])
def test_a_part_that_is_not_as_long_as_it_says_is_not_taken(
    said: int, folder: Path, files: list[bytes]
) -> None:
    error = failure_of(multipart(part(files[0], length=said), part(files[1])), folder, bounds=Bounds())
    assert error.cause in {Cause.PROTOCOL, Cause.CLOSED}
    assert list(folder.iterdir()) == []


def taken(
    answer: Answer, folder: Path, wanted: Resource = STUDY, **options: object
) -> tuple[list[bytes], list[str]]:
    """Return the bytes that were taken, and why others were not."""
    got: list[Received] = []
    with serving(answer) as server, DicomWeb(server.peer()) as web:
        found = retrieve(web, wanted, folder, got.append, **options)  # type: ignore[arg-type]
    assert {each.path for each in got} == {str(path) for path in folder.iterdir()}
    return [Path(each.path).read_bytes() for each in got], found.refused


def test_a_part_that_is_no_dicom_does_not_stop_the_others(folder: Path, files: list[bytes]) -> None:
    broken = (b"<html>", b"", bytes(128) + b"DICN" + files[0][132:], files[0][:200])
    kept, refused = taken(multipart(part(files[0]), *map(part, broken), part(files[1])), folder)
    assert kept == files[:2]
    assert len(refused) == len(broken)


def test_parts_without_a_length_are_taken_to_the_byte(folder: Path, files: list[bytes]) -> None:
    tricky = files[0] + b"\r\n--X\r\n--XY"[:6] + b"\r\n"
    kept, _ = taken(multipart(part(tricky, length=-1), part(files[1], length=-1)), folder)
    assert kept == [tricky, files[1]]


def test_an_object_that_was_not_asked_for_is_not_taken(folder: Path, files: list[bytes]) -> None:
    uid = make.ct().SOPInstanceUID
    kept, refused = taken(multipart(part(files[0])), folder, Resource("1.2", "1.3", str(uid)))
    assert (kept, refused) == ([], ["an object that was not asked for"])


def test_no_name_of_the_peer_becomes_a_path(folder: Path, files: list[bytes]) -> None:
    data = files[0]
    uid = next(word for word in data.split(b"\0") if word.startswith(b"1.2.826"))[:20]
    evil = data.replace(uid, b"../../../escaped/...", 1)
    lines = ("Content-Location: ../../escaped", 'Content-Disposition: attachment; filename="../../escaped"')
    kept, refused = taken(multipart(part(data, *lines), part(evil, *lines)), folder)
    assert kept == [data]
    assert refused == ["a part whose File Meta Information has no proper UIDs"]
    assert {path.name for path in folder.parent.iterdir()} == {"incoming", "0.dcm", "1.dcm", "2.dcm"}


def test_one_object_without_parts_is_taken_too(folder: Path, files: list[bytes]) -> None:
    assert taken(plain(files[0], kind="application/dicom"), folder)[0] == files[:1]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (plain(b"<html>", kind="text/html"), "answers with text/html instead of DICOM objects"),
        (plain(b"", kind="multipart/related"), "without saying what divides them"),
        (plain(b"", kind=f"multipart/related; boundary={'x' * 99}"), "without saying what divides them"),
        (lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n" * 3), "does not speak HTTP"),
        (lambda connection, _: connection.close(), "closed the connection before its answer"),
        (plain(b"", "Content-Encoding: br", kind="multipart/related"), "not asked for (br)"),
        (plain(b"x", "Content-Encoding: gzip", kind="application/dicom"), "in the middle of compressed data"),
    ],
)
def test_an_answer_of_another_kind_is_said(answer: Answer, words: str, folder: Path) -> None:
    assert words in str(failure_of(answer, folder))


@pytest.mark.parametrize("body", [b"{}", b"[1, ", b"<html>", b"[" * 100_000, b'"x"', b"\xff"])
def test_an_answer_that_is_no_list_is_said(body: bytes) -> None:
    with (
        serving(plain(body)) as server,
        DicomWeb(server.peer()) as web,
        pytest.raises(NetworkError, match="answers with something else"),
    ):
        search(web, Query(), print)


@pytest.mark.parametrize(
    ("status", "line", "cause", "words"),
    [
        ("401 No", "", Cause.CREDENTIALS, "the user or the password is missing or wrong (HTTP 401)"),
        ("403 No", "", Cause.CREDENTIALS, "does not allow this to the user"),
        ("404 No", "", Cause.STATUS, "holds nothing there"),
        ("413 No", "", Cause.STATUS, "too much at once"),
        ("429 No", "Retry-After: 30", Cause.BUSY, "asked again in 30 s"),
        ("503 No", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", Cause.BUSY, "try again later"),
        ("503 No", "Retry-After: 99999999999999999999", Cause.BUSY, "try again later"),
        ("500 No", "", Cause.STATUS, "failed on its side (HTTP 500)"),
        ("599 No", "", Cause.STATUS, "failed on its side (HTTP 599)"),
        ("418 No", "", Cause.STATUS, "refuses (HTTP 418)"),
    ],
)
def test_a_status_is_said_in_words(status: str, line: str, cause: Cause, words: str) -> None:
    with (
        serving(plain(b"x", *filter(None, [line]), status=status)) as server,
        DicomWeb(server.peer()) as web,
        pytest.raises(NetworkError) as failed,
    ):
        search(web, Query(), print)
    assert words in str(failed.value)
    assert (failed.value.cause, failed.value.status) == (cause, int(status[:3]))


def test_nobody_there_is_said(unused: Callable[[], int]) -> None:
    for address, cause in (
        (f"http://127.0.0.1:{unused()}/", Cause.REFUSED),
        ("http://nobody.invalid/", Cause.NAME),
        ("ftp://127.0.0.1/", Cause.NAME),
        ("http://reader:secret@127.0.0.1/", Cause.NAME),
    ):
        with pytest.raises(NetworkError) as failed, DicomWeb(Peer("Web", web=address)) as web:
            search(web, Query(), print)
        assert failed.value.cause is cause
        assert "secret" not in str(failed.value)


@pytest.fixture
def unused() -> Callable[[], int]:
    def port() -> int:
        with socket.create_server(("127.0.0.1", 0)) as free:
            return int(free.getsockname()[1])

    return port


# ------------------------------------------------------------------------------------------------ disk
FULL = """
import resource, sys
from pathlib import Path
from viewer.network.web.dicomweb import DicomWeb
from viewer.network.peer import Peer
from viewer.network.web.wado import Resource, retrieve
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
with DicomWeb(Peer("Web", web=sys.argv[1])) as web:
    try:
        retrieve(web, Resource("1.2.3"), Path(sys.argv[2]), lambda received: print(received.bytes))
    except Exception as error:
        print(type(error).__name__, error.cause.name, error)
"""


def test_a_full_disk_is_said_and_nothing_half_written_stays(folder: Path, files: list[bytes]) -> None:
    parts = [part(files[0]), part(files[1] + bytes(1 << 20)), part(files[2])]
    with serving(multipart(*parts)) as server:
        command = [sys.executable, "-c", FULL, server.peer().web, str(folder), str(256 << 10)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
        )
    lines = done.stdout.splitlines()
    assert lines[0] == str(len(files[0]))
    assert lines[1].startswith("NetworkError DISK The disk of ")
    assert [path.read_bytes() for path in folder.iterdir()] == files[:1]


def test_too_little_space_is_said_before_anything_is_written(folder: Path, files: list[bytes]) -> None:
    error = failure_of(multipart(part(files[0])), folder, bounds=Bounds(free_bytes=1 << 60))
    assert (error.cause, "is full" in str(error)) == (Cause.DISK, True)


def test_a_folder_that_is_gone_is_said(tmp_path: Path, files: list[bytes]) -> None:
    with (
        serving(multipart(part(files[0]))) as server,
        DicomWeb(server.peer()) as web,
        pytest.raises(NetworkError) as failed,
    ):
        retrieve(web, STUDY, tmp_path / "gone", print)
    assert failed.value.cause is Cause.DISK


# -------------------------------------------------------------------------------------------- storing
def stored(answer: Answer, paths: list[str]) -> tuple[int, list[Sent], Server]:
    found: list[Sent] = []
    with serving(answer) as server, DicomWeb(server.peer()) as web:
        kept = send(web, paths, found.append)
    return kept, found, server


def test_what_the_peer_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    datasets = make.ct_series(3)
    paths = [str(make.write(each, tmp_path / f"{n}.dcm")) for n, each in enumerate(datasets)]
    uids = [str(each.SOPInstanceUID) for each in datasets]

    def item(uid: str, **more: object) -> dict[str, object]:
        return {"00081155": {"vr": "UI", "Value": [uid]}, **more}

    answer = {
        "00081199": {"vr": "SQ", "Value": [item(uids[0])]},
        "00081198": {"vr": "SQ", "Value": [item(uids[1], **{"00081197": {"vr": "US", "Value": [0xA700]}})]},
    }
    kept, found, server = stored(plain(json.dumps(answer).encode(), status="202 Accepted"), paths)
    assert kept == 1
    assert [sent.sop_instance_uid for sent in found] == uids
    assert [bool(sent.reason) for sent in found] == [False, True, True]
    assert "A700" in found[1].reason
    assert "does not say that it keeps it" in found[2].reason
    assert all(Path(path).read_bytes()[128:] in server.requests[0] for path in paths)


def test_what_is_no_dicom_is_told_and_the_rest_is_sent(tmp_path: Path) -> None:
    (tmp_path / "text.dcm").write_text("no image " * 100)
    paths = [str(tmp_path / name) for name in ("text.dcm", "gone.dcm", "")]
    kept, found, server = stored(plain(b"{}"), paths)
    assert (kept, len(found), server.requests) == (0, 3, [])
    assert all(sent.reason.endswith(".") or sent.reason for sent in found)


def test_a_preamble_that_may_be_a_program_is_not_passed_on(tmp_path: Path) -> None:
    path = make.write(make.ct(), tmp_path / "it.dcm")
    data = path.read_bytes()
    path.write_bytes(b"MZ" + b"evil" * 31 + bytes(2) + data[128:])
    _, _, server = stored(plain(b"{}"), [str(path)])
    assert b"evil" not in server.requests[0]
    assert bytes(128) + data[128:] in server.requests[0]


def test_a_store_that_was_redirected_is_not_sent_again(tmp_path: Path) -> None:
    path = str(make.write(make.ct(), tmp_path / "it.dcm"))
    for location, words in (("/other", "configure that one"), ("http://127.0.0.1:1/", "not followed")):
        with pytest.raises(NetworkError, match=words):
            stored(plain(b"", f"Location: {location}", status="307 No"), [path])


def test_nothing_stays_open(folder: Path, files: list[bytes]) -> None:
    taken(multipart(part(files[0])), folder)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  names only
    for path in folder.iterdir():
        path.unlink()
    taken(multipart(part(files[0])), folder)
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208  names only
