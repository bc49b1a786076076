"""Callers that do what callers should not: others are served meanwhile, and the process keeps its bounds."""

import os
import random
import shutil
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import make
import pacs
import pytest
from doors import Opened, opened, until
from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import CTImageStorage, generate_uid

from viewer.network.dimse import status
from viewer.network.dimse.command import C_STORE, Field, encode, request
from viewer.network.dimse.contexts import NATIVE, VERIFICATION, numbered
from viewer.network.dimse.echo import echo
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.negotiation import Proposal, request_bytes
from viewer.network.dimse.pdu import fragments
from viewer.network.dimse.store import Sent, store
from viewer.network.failure import NetworkError
from viewer.network.listening.listener_config import Limits
from viewer.network.listening.scp_messages import Arrived

MALFORMED = 10_000 if os.environ.get("VIEWER_LONG") else 600
SILENT = 200
SERVED_WITHIN = 2.0  # s
MOST_MEMORY = 512 << 20
CT = numbered([(str(CTImageStorage), NATIVE), (VERIFICATION, NATIVE)])
CALL = request_bytes("NEGATOSCOPE", "HOSTILE", Proposal(CT))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened(tmp_path_factory.mktemp("door")) as found:
        echo(found.access())
        yield found


@pytest.fixture(autouse=True)
def same_process(door: Opened) -> Iterator[None]:
    """Prove after each test that the process lives, serves, and has left nothing unfinished."""
    process, restarts = door.listener.pid, door.listener.status.restarts
    yield
    assert_served(door)
    assert (door.listener.pid, door.listener.status.restarts) == (process, restarts)
    assert resident(process) < MOST_MEMORY
    until(lambda: not [name for name in door.left() if name.startswith("listener-")])


def assert_served(door: Opened) -> None:
    start = time.monotonic()
    echo(door.access())
    assert time.monotonic() - start < SERVED_WITHIN


def resident(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def threads_of(process: int) -> int:
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def connected(door: Opened) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", door.port), 10)
    found.settimeout(10)
    return found


def said_by(line: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    data = b""
    with suppress(ConnectionError):
        while more := line.recv(65536):
            data += more
    return data


def test_two_hundred_silent_connections_cost_no_thread_and_nobody_waits(door: Opened) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(connected(door)) for _ in range(SILENT)]
        assert_served(door)
        assert threads_of(door.listener.pid) < 10
        lines[0].settimeout(1)
        assert said_by(lines[0]) == b""  # the oldest made room


def test_two_hundred_callers_that_stop_after_one_byte_hold_nobody_up(door: Opened) -> None:
    with ExitStack() as stack:
        for _ in range(SILENT):
            with suppress(OSError):
                stack.enter_context(connected(door)).sendall(b"\x01")
        assert_served(door)
        assert threads_of(door.listener.pid) < 80
    until(lambda: threads_of(door.listener.pid) < 10)


def test_a_silent_caller_is_left_after_the_time_of_the_standard(tmp_path: Path) -> None:
    with opened(tmp_path / "in", limits=Limits(request=0.5)) as own:
        echo(own.access())
        for words in (b"", CALL[:20]):
            with connected(own) as line:
                line.sendall(words)
                start = time.monotonic()
                said_by(line)
                assert time.monotonic() - start < 3


def test_a_claim_of_four_gigabytes_is_refused_at_once(door: Opened) -> None:
    before = resident(door.listener.pid)
    for kind, called in ((1, b""), (4, CALL)):
        with connected(door) as line:
            if called:
                line.sendall(called)
                line.recv(65536)
            line.sendall(struct.pack(">BxI", kind, 0xFFFFFFFF))
            with suppress(ConnectionError):
                for _ in range(64):
                    line.sendall(bytes(1 << 20))
            assert said_by(line)[:1] in {b"", b"\x07"}  # A-ABORT
    assert resident(door.listener.pid) - before < 64 << 20


def test_garbage_is_left_at_once(door: Opened) -> None:
    for words in (
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00" * 50,
        bytes(4096),
        b"\xff" * 4096,
    ):
        with connected(door) as line:
            start = time.monotonic()
            with suppress(ConnectionError):
                line.sendall(words)
            said_by(line)
            assert time.monotonic() - start < SERVED_WITHIN


def test_malformed_blocks_never_end_the_process(door: Opened) -> None:
    chance = random.Random(7)  # noqa: S311  the same each time
    uid = str(generate_uid())
    more = {Field.AFFECTED_INSTANCE: uid}
    command = b"".join(
        fragments(
            1, encode(request(C_STORE, 1, str(CTImageStorage), data_set=True, more=more)), 0, command=True
        )
    )
    data = b"".join(fragments(1, bytes(300), 0))
    for number in range(MALFORMED):
        whole = bytearray(CALL if number % 3 == 0 else command + data)
        for _ in range(chance.randint(1, 6)):
            whole[chance.randrange(len(whole))] = chance.randrange(256)
        if chance.random() < 0.3:
            del whole[chance.randrange(len(whole)) :]
        with connected(door) as line, suppress(OSError):
            if number % 3:
                line.sendall(CALL)
                line.recv(65536)
            line.sendall(whole)
            line.shutdown(socket.SHUT_WR)
            said_by(line)
        if number % 100 == 0:
            assert_served(door)
    assert threads_of(door.listener.pid) < 16


@pytest.mark.parametrize("uid", ["../../escaped", "/etc/cron.d/x", "1.2\n3", "1" * 200, "", "CON"])
def test_a_uid_that_is_a_path_is_never_one(door: Opened, uid: str) -> None:
    image = make.ct()
    code = pushed(door, image.SOPClassUID, uid, make_bytes(image))
    assert code != status.SUCCESS
    assert not list(door.folder.parent.rglob("*escaped*"))


def test_a_data_set_that_is_not_what_was_announced_is_refused(door: Opened) -> None:
    image = make.ct()
    data = make_bytes(image)
    assert pushed(door, CTImageStorage, str(generate_uid()), data) == status.DOES_NOT_MATCH
    assert pushed(door, CTImageStorage, image.SOPInstanceUID, b"") == status.CANNOT_UNDERSTAND
    assert pushed(door, VERIFICATION, image.SOPInstanceUID, data) == status.DOES_NOT_MATCH
    other = make.mr()
    assert pushed(door, CTImageStorage, other.SOPInstanceUID, make_bytes(other)) == status.DOES_NOT_MATCH
    assert pushed(door, CTImageStorage, image.SOPInstanceUID, data) == status.SUCCESS


def test_a_caller_that_goes_in_the_middle_of_an_object_leaves_nothing(door: Opened) -> None:
    data = bytes(40 << 20)  # more than is kept in memory: it is a file already
    with connected(door) as line:
        line.sendall(CALL)
        line.recv(65536)
        more = {Field.AFFECTED_INSTANCE: str(generate_uid())}
        command = encode(request(C_STORE, 1, str(CTImageStorage), data_set=True, more=more))
        line.sendall(b"".join(fragments(1, command, 0, command=True)))
        line.sendall(b"".join(fragments(1, data, 0))[: 36 << 20])
        until(lambda: [name for name in door.left() if name.endswith(".part")])
    until(lambda: not [name for name in door.left() if name.endswith(".part")])


def test_a_full_disk_is_answered_as_one(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    paths = pacs.written([make.ct()], tmp_path / "out")
    with opened(tmp_path / "in", floor_free_bytes=2 * free) as own:
        found: list[Sent] = []
        store(own.access(), [str(path) for path in paths], found.append)
        assert [each.status for each in found] == [status.OUT_OF_RESOURCES]
        echo(own.access())
        assert own.left() == []


def test_a_floor_that_is_reached_in_the_middle_of_an_object_is_kept(tmp_path: Path) -> None:
    paths = pacs.written([make.ct(make.ramp(4096, 9000, "<u2"))], tmp_path / "out")  # 74 MB
    free = shutil.disk_usage(tmp_path).free
    with opened(tmp_path / "in", limits=Limits(file=40 << 20), floor_free_bytes=free // 2) as own:
        found: list[Sent] = []
        with suppress(NetworkError):
            store(own.access(), [str(path) for path in paths], found.append)
        assert not [each for each in found if each.stored]
        echo(own.access())
        assert own.left() == []


def test_a_process_that_tells_of_files_that_are_not_there_is_replaced(tmp_path: Path) -> None:
    """As if it had been taken over: the program kills it and believes nothing."""
    with opened(tmp_path / "in") as own:
        echo(own.access())
        before = own.listener.pid
        supervisor = own.listener._supervisor
        assert supervisor is not None
        process = supervisor._current
        assert process is not None
        lie = Arrived(1, "0" * 32 + ".dcm", "1.2", "1.3", "1.4", 5, "A", "127.0.0.1", "", asked=True)
        own.listener._said(process, lie)
        until(lambda: own.listener.pid not in {0, before})
        echo(own.access())
        assert own.came == []


def test_eight_held_associations_and_a_flood_of_calls_never_hide_the_door_for_long(door: Opened) -> None:
    done = threading.Event()

    def flood() -> None:
        while not done.is_set():
            with suppress(OSError), connected(door) as line:
                line.sendall(CALL[:30])

    threads = [threading.Thread(target=flood) for _ in range(2)]
    with associate(door.access(), Proposal(CT), lambda: False):
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                assert_served(door)
        finally:
            done.set()
            for thread in threads:
                thread.join()


# ---------------------------------------------------------------------------------------------------- callers
def make_bytes(image: Dataset) -> bytes:
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, False
    write_dataset(file, image)
    return file.getvalue()


def pushed(door: Opened, sop_class: str, uid: str, data: bytes) -> int:
    """Send bytes as an object in the context of CT, and return the status."""
    with associate(door.access(), Proposal(CT), lambda: False) as association:
        context = association.context(str(CTImageStorage))
        assert context is not None
        more = {Field.AFFECTED_INSTANCE: uid}
        association.send(context, request(C_STORE, 3, str(sop_class), data_set=True, more=more), data)
        return int(association.answer(3).command[Field.STATUS])
