"""Files stay in place only on a disk that stays."""

import pytest

from viewer.jobs.mounts import Mount, parsed, stays

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
