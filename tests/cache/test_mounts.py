"""Files stay in place only on a disk that stays, and a cache is only on a disk of this computer."""

import struct
from pathlib import Path

import pytest

from viewer.cache.mounts import (
    Mount,
    is_local_on_mac,
    network_kind,
    network_of,
    parsed,
    stays,
    synced_by,
)
from viewer.cache.store import Store
from viewer.cache.trouble import place_words

MOUNTS = (
    Mount("/", "ext4"),
    Mount("/home", "btrfs"),
    Mount("/tmp", "tmpfs"),  # noqa: S108  a name, nothing is written
    Mount("/data/pacs", "nfs4"),
    Mount("/data/stick", "ext4", removable=True),
    Mount("/media/person/CD", "iso9660"),
    Mount("/run/media/person/disk", "ext4"),
    Mount("/strange", "newfs"),
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/srv/images", True),
        ("/home/person/ct", True),
        ("/homestead", True),
        ("/tmp/x", False),  # noqa: S108
        ("/data/pacs/1", False),
        ("/data/pacsimages", True),
        ("/data/stick/DICOM", False),
        ("/media/person/CD/DICOMDIR", False),
        ("/run/media/person/disk/ct", False),
        ("/strange/ct", False),
    ],
)
def test_only_a_built_in_disk_stays(path: str, expected: bool) -> None:  # noqa: FBT001
    assert stays(path, MOUNTS) is expected


def test_where_nothing_is_known_nothing_stays() -> None:
    assert not stays("/home/person", ())


def test_a_line_of_mountinfo_is_understood() -> None:
    line = r"36 35 98:0 /mnt1 /mnt\0402\134 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
    assert parsed(line) == Mount("/mnt 2\\", "ext3")
    assert parsed("nonsense") is None
    assert parsed("") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/data/pacs/cache", "nfs4"),
        ("/data/pacsimages", ""),
        ("/share/cache", "cifs"),
        ("/home/person/far/cache", "fuse.sshfs"),
        ("/home/person/.local", ""),
        ("/tmp/x", ""),  # noqa: S108
        ("/strange/ct", ""),
        ("/crypt/x", ""),
        ("/vm/x", "9p"),
    ],
)
def test_a_folder_of_another_computer_is_recognised(path: str, expected: str) -> None:
    more = (
        Mount("/share", "cifs"),
        Mount("/home/person/far", "fuse.sshfs"),
        Mount("/crypt", "fuse.gocryptfs"),
        Mount("/vm", "9p"),
    )
    assert network_kind(path, (*MOUNTS, *more)) == expected


def test_of_two_mounts_in_one_place_the_last_is_seen() -> None:
    autofs_then_nfs = (Mount("/", "ext4"), Mount("/net", "autofs"), Mount("/net", "nfs"))
    assert network_kind("/net/cache", autofs_then_nfs) == "nfs"
    assert network_kind("/net/cache", ()) == ""


def test_the_disk_of_these_tests_is_asked_without_an_error(tmp_path: Path) -> None:
    assert network_of(str(tmp_path / "not" / "there")) in {"", "9p", "virtiofs", "nfs", "nfs4"}


@pytest.mark.parametrize(("flags", "expected"), [(0x1000, True), (0x04809000, True), (0x18, False)])
def test_what_macos_says_of_a_disk_is_read_where_its_header_has_it(flags: int, expected: bool) -> None:  # noqa: FBT001
    before = struct.pack("=Ii5Q2iII", 4096, 1, 9, 9, 9, 9, 9, 1, 2, 501, 26)  # f_bsize to f_type
    assert len(before) == 64
    assert is_local_on_mac(before + struct.pack("=I", flags) + bytes(2100)) is expected
    assert is_local_on_mac(b"")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/person/.local/share/Negatoscope/studies", ""),
        ("/home/person/Dropbox/studies", "Dropbox"),
        (r"C:\Users\person\OneDrive - Hospital\studies", "OneDrive - Hospital"),
        ("/Users/person/Library/Mobile Documents/com~apple~CloudDocs/x", "Library/Mobile Documents"),
        ("/Users/person/Library/CloudStorage/Box/x", "Library/CloudStorage"),
        ("/home/person/mydropbox/x", ""),
    ],
)
def test_a_folder_that_is_copied_to_other_computers_is_recognised(path: str, expected: str) -> None:
    assert synced_by(path) == expected


def test_a_cache_on_another_computer_is_refused_in_a_sentence_and_a_copied_one_is_warned_of() -> None:
    root = Path("/share/cache")
    refusal, warning = place_words(root, "cifs", "Dropbox")
    assert str(root) in refusal
    assert "cifs" in refusal
    assert refusal.endswith("VIEWER_CACHE.")
    assert not warning
    refusal, warning = place_words(root, "", "Dropbox")
    assert not refusal
    assert "Dropbox" in warning
    assert place_words(root, "", "") == ("", "")


def test_a_cache_in_a_copied_folder_says_so_when_it_is_opened(tmp_path: Path) -> None:
    with Store(tmp_path / "Dropbox" / "cache") as store:
        assert "Dropbox" in store.notices[0]
