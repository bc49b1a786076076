"""One process owns a cache; a second start gives its words to it."""

import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from viewer.cache.ownership import MOST_BYTES, Door, Lock, OwnedError, address, hand_over
from viewer.cache.store import Store


class Heard:
    """Waits for what is said at a door."""

    def __init__(self) -> None:
        self.words: list[list[str]] = []
        self._came = threading.Event()

    def __call__(self, words: list[str]) -> None:
        self.words.append(words)
        self._came.set()

    def wait(self) -> list[list[str]]:
        assert self._came.wait(5)
        return self.words


def test_a_lock_is_held_by_one_and_freed_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    program = f"from pathlib import Path; from viewer.cache.ownership import Lock; Lock(Path({str(path)!r}))"
    lock = Lock(path)
    with pytest.raises(OwnedError):
        Lock(path)
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "OwnedError" in other.stderr
    lock.close()
    subprocess.run([sys.executable, "-c", program], check=True)
    Lock(path).close()
    assert path.exists()


def test_words_of_a_second_start_reach_the_owner(tmp_path: Path) -> None:
    heard = Heard()
    words = ["/a folder/ü\n", "", "caf\udce9"]
    with Store(tmp_path / "cache") as store:
        store.listen(heard)
        assert hand_over(tmp_path / "cache", words)
        assert heard.wait() == [words]
    assert not hand_over(tmp_path / "cache", words)
    assert not address(tmp_path / "cache").exists()


def test_nobody_at_home_is_told(tmp_path: Path) -> None:
    assert not hand_over(tmp_path, ["a"])
    assert not hand_over(tmp_path, ["a" * MOST_BYTES])


def test_a_folder_with_a_long_name_has_its_door_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    root = tmp_path / ("long" * 30)
    root.mkdir()
    heard = Heard()
    door = Door(root, heard)
    try:
        assert len(str(address(root))) < 108
        assert hand_over(root, ["a"])
        assert heard.wait() == [["a"]]
    finally:
        door.close()


def test_a_door_that_a_killed_owner_left_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(address(tmp_path)))
    left.close()
    assert not hand_over(tmp_path, ["a"])
    heard = Heard()
    door = Door(tmp_path, heard)
    assert hand_over(tmp_path, ["a"])
    door.close()
    door.close()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\0\0",
        struct.pack(">I", MOST_BYTES + 1),
        struct.pack(">I", 7) + b"{}",
        struct.pack(">I", 2) + b"{}",
        struct.pack(">I", 3) + b"[1]",
        struct.pack(">I", 2) + b"\xff\xff",
        struct.pack(">I", 4000) + b"[" * 4000,
    ],
)
def test_what_is_no_list_of_words_is_not_listened_to(tmp_path: Path, message: bytes) -> None:
    heard = Heard()
    door = Door(tmp_path, heard)
    try:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(address(tmp_path)))
            caller.sendall(message)
            caller.shutdown(socket.SHUT_WR)
            caller.settimeout(5)
            assert caller.recv(10) == b""
        assert hand_over(tmp_path, ["still there"])
        assert heard.wait() == [["still there"]]
    finally:
        door.close()
