"""What kind of disk a path is on: one that stays, one that is gone tomorrow, or one of another computer."""

import ctypes
import os
import struct
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
_WINDOWS_FIXED, _WINDOWS_REMOTE = 3, 4  # DRIVE_FIXED and DRIVE_REMOTE of GetDriveTypeW

# File systems whose files are on another computer, where the processes that have a database open do not share
# memory and locks may not hold. All that is not listed is taken for a disk of this computer.
_NETWORK = {
    "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs2", "glusterfs", "gpfs",
    "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "prl_fs", "smb2", "smb3", "smbfs",
    "vboxsf", "virtiofs", "webdav",
}  # fmt: skip
_OVER_FUSE = {
    "ceph", "curlftpfs", "davfs2", "gcsfuse", "glusterfs", "gvfsd-fuse", "juicefs", "onedriver", "rclone",
    "s3fs", "smbnetfs", "sshfs", "vmhgfs-fuse",
}  # fmt: skip
_MAC_FLAGS = 64  # where f_flags is in struct statfs of macOS
_MAC_LOCAL = 0x1000  # MNT_LOCAL of <sys/mount.h>
_MAC_STATFS = 4096  # bytes, more than the 2,168 that it has
# Folders that programs copy to other computers while they are written to, by the beginning of their names.
_SYNCED = ("onedrive", "dropbox", "google drive", "googledrive", "nextcloud", "owncloud", "icloud")
_SYNCED_ON_MAC = ("Library/Mobile Documents", "Library/CloudStorage")


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
    mount = _holding(path, mounts)
    if mount is None:
        return False
    plugged_in = any(PurePosixPath(mount.place).is_relative_to(place) for place in _REMOVABLE_PLACES)
    return mount.kind in _FIXED and not mount.removable and not plugged_in


def network_kind(path: str, mounts: Iterable[Mount]) -> str:
    """Return the file system of a path (absolute, POSIX) that is on another computer, else "". Pure.

    What is not known is taken for a disk of this computer.
    """
    mount = _holding(path, mounts)
    if mount is None:
        return ""
    family, _, program = mount.kind.partition(".")
    remote = program in _OVER_FUSE if family == "fuse" else family in _NETWORK
    return mount.kind if remote else ""


def _holding(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """Return the mount that a path is in: the deepest, and of several in one place the last."""
    holding = [mount for mount in mounts if PurePosixPath(path).is_relative_to(mount.place)]
    return max(reversed(holding), key=lambda one: len(PurePosixPath(one.place).parts), default=None)


def network_of(path: str) -> str:
    """Return the name of the network file system that a path is on, which may not exist yet; "" for none."""
    absolute = os.path.realpath(path)
    if sys.platform == "win32":
        return "a network drive" if _windows_kind(absolute) == _WINDOWS_REMOTE else ""
    if sys.platform == "darwin":
        return "" if is_local_on_mac(_mac_statfs(absolute)) else "a network drive"
    return network_kind(absolute, _mounts_of_linux(drives=False))


def is_local_on_mac(answer: bytes) -> bool:
    """Tell whether statfs(2) of macOS answered that a disk is local; True for no answer. Pure."""
    if len(answer) < _MAC_FLAGS + 4:
        return True
    flags = int(struct.unpack_from("=I", answer, _MAC_FLAGS)[0])
    return bool(flags & _MAC_LOCAL)


def _mac_statfs(path: str) -> bytes:
    """Return struct statfs of the nearest folder that exists; nothing when it cannot be asked."""
    library = ctypes.CDLL(None)
    call = getattr(library, "statfs$INODE64", None) or library.statfs
    there = next((str(one) for one in (Path(path), *Path(path).parents) if one.exists()), "/")
    answer = ctypes.create_string_buffer(_MAC_STATFS)
    return answer.raw if call(os.fsencode(there), answer) == 0 else b""


def synced_by(path: str) -> str:
    """Return the folder of a path that a program copies to other computers; "" for none. Pure."""
    parts = path.replace("\\", "/").split("/")
    for part in parts:
        if part.casefold().startswith(_SYNCED):
            return part
    return next((place for place in _SYNCED_ON_MAC if f"/{place}/" in f"{path}/"), "")


def is_on_fixed_disk(path: str) -> bool:
    """Tell whether a path is on a disk that stays; False where that cannot be found out."""
    absolute = os.path.realpath(path)
    if sys.platform == "win32":
        return _windows_kind(absolute) == _WINDOWS_FIXED
    if sys.platform == "darwin":
        return not absolute.startswith("/Volumes/")
    return stays(absolute, _mounts_of_linux())


def _windows_kind(path: str) -> int:
    """Return what GetDriveTypeW says of the drive of a path, a letter or a share."""
    if sys.platform == "win32":
        return int(ctypes.windll.kernel32.GetDriveTypeW(f"{Path(path).drive}\\"))
    return 0


def _mounts_of_linux(*, drives: bool = True) -> list[Mount]:
    """Return what the kernel says is mounted (proc(5), mountinfo); nothing where it says nothing.

    Without `drives` the drives are not asked whether they are removable.
    """
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return [mount for line in lines if (mount := parsed(line, drives=drives)) is not None]


def parsed(line: str, *, drives: bool = True) -> Mount | None:
    """Return the mount of a line of mountinfo; None for one that cannot be understood."""
    before, separator, after = line.partition(" - ")
    fields, kinds = before.split(), after.split()
    if not separator or len(fields) < 5 or not kinds:  # noqa: PLR2004  the mount point is the fifth
        return None
    return Mount(_unescaped(fields[4]), kinds[0], removable=drives and _is_removable(fields[2]))


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
