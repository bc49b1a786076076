"""What kind of disk a path is on: one that stays, or one that will be gone tomorrow."""

import ctypes
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# File systems of disks that are built in. Whatever is not listed (optical, network, memory) may be gone.
_FIXED = {
    "apfs", "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "hfs", "jfs", "ntfs", "ntfs3", "overlay",
    "reiserfs", "ufs", "xfs", "zfs",
}  # fmt: skip
_REMOVABLE_PLACES = ("/media", "/run/media", "/Volumes", "/mnt")  # where desktops mount what was plugged in
_WINDOWS_FIXED = 3  # DRIVE_FIXED of GetDriveTypeW


@dataclass(frozen=True, slots=True)
class Mount:
    """One file system and where it is mounted."""

    place: str
    kind: str  # "ext4", "iso9660", "nfs4"
    removable: bool = False  # its drive says so


def stays(path: str, mounts: Iterable[Mount]) -> bool:
    """Tell whether a path (absolute, POSIX) is on a disk that is built in. Pure.

    Not on optical media, network drives, memory, what was plugged in, and what is not known.
    """
    holding = [mount for mount in mounts if PurePosixPath(path).is_relative_to(mount.place)]
    if not holding:
        return False
    mount = max(holding, key=lambda one: len(PurePosixPath(one.place).parts))
    plugged_in = any(PurePosixPath(mount.place).is_relative_to(place) for place in _REMOVABLE_PLACES)
    return mount.kind in _FIXED and not mount.removable and not plugged_in


def is_on_fixed_disk(path: str) -> bool:
    """Tell whether a path is on a disk that stays; False where that cannot be found out."""
    absolute = os.path.realpath(path)
    if sys.platform == "win32":
        drive = f"{Path(absolute).drive}\\"
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == _WINDOWS_FIXED)
    if sys.platform == "darwin":
        return not absolute.startswith("/Volumes/")
    return stays(absolute, _mounts_of_linux())


def _mounts_of_linux() -> list[Mount]:
    """Return what the kernel says is mounted (proc(5), mountinfo); nothing where it says nothing."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return [mount for line in lines if (mount := parsed(line)) is not None]


def parsed(line: str) -> Mount | None:
    """Return the mount of a line of mountinfo; None for one that cannot be understood."""
    before, separator, after = line.partition(" - ")
    fields, kinds = before.split(), after.split()
    if not separator or len(fields) < 5 or not kinds:  # noqa: PLR2004  the mount point is the fifth
        return None
    return Mount(_unescaped(fields[4]), kinds[0], removable=_is_removable(fields[2]))


def _unescaped(place: str) -> str:
    r"""Return a mount point in which spaces, tabs, newlines and backslashes are \040 \011 \012 \134."""
    for code in ("040", "011", "012", "134"):
        place = place.replace(f"\\{code}", chr(int(code, 8)))
    return place


def _is_removable(device: str) -> bool:
    """Tell whether the drive of a device ("8:1") says that its medium can be taken out."""
    folder = Path("/sys/dev/block") / device
    for place in (folder / "removable", folder / ".." / "removable"):  # a disk, or a partition of one
        try:
            return place.read_text("ascii").strip() == "1"
        except OSError:
            continue
    return False
