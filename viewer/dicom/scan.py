"""Folders, media and archives → the files in them, and a reason for each that is not read.

Names are bytes on disk and need not be UTF-8: paths carry such bytes as surrogate escapes (PEP 383), and
nothing here makes text of them. Nothing but regular files is ever opened.
"""

import os
import stat
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.dicom.archive import is_zip, unpack
from viewer.dicom.dicomdir import read_directory
from viewer.dicom.medium import Medium, medium_in, missing_members
from viewer.dicom.natural import natural_key
from viewer.dicom.records import InstanceRecord, Refused, Skipped

MOST_FILES = 1_000_000  # of one scan
DEEPEST = 64  # folders within folders

Found = str | Refused | Skipped
_KINDS = {
    stat.S_IFIFO: "a named pipe, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}


def find_paths(
    roots: Sequence[str],
    *,
    cancelled: Callable[[], bool],
    scratch: Path | None = None,
    shown: MutableMapping[str, str] | None = None,
) -> Iterator[Found]:
    """Yield each regular file below `roots` once, in natural order, and a reason for all that is not read.

    A root is a file, a folder, a DICOMDIR (its folder is read) or a zip archive, which is unpacked below
    `scratch`; `shown` then gets, for the path of each unpacked file, what to call it to a person. What is
    named as a root and cannot be read is Refused. A caller that stops listening stops the scan.
    """
    finder = _Finder(cancelled)
    for root in roots:
        for found in _root(root, finder, scratch):
            if isinstance(found, tuple):
                path, name = found
                if shown is not None:
                    shown[path] = name
                yield path
            else:
                yield found
        if finder.stopped:
            return


def as_named(
    outcome: InstanceRecord | Refused | Skipped, roots: Sequence[str]
) -> InstanceRecord | Refused | Skipped:
    """Return the outcome for a file; what a person named and is no DICOM file is a problem, not skipped."""
    if isinstance(outcome, Skipped) and outcome.path in roots and "DICOMDIR" not in outcome.reason:
        return Refused(outcome.path, outcome.reason)
    return outcome


def in_words(
    outcome: InstanceRecord | Refused | Skipped, shown: MutableMapping[str, str]
) -> InstanceRecord | Refused | Skipped:
    """Return a problem or skipped file under the name that a person knows: that in the archive."""
    if isinstance(outcome, InstanceRecord) or outcome.path not in shown:
        return outcome
    return replace(outcome, path=shown[outcome.path])


def _root(root: str, finder: "_Finder", scratch: Path | None) -> Iterator[Found | tuple[str, str]]:
    try:
        status = Path(root).stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        yield Refused(root, f"it cannot be found or read: {reason}")
        return
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        yield from finder.folder(root)
    elif kind != stat.S_IFREG:
        yield Refused(root, _KINDS.get(kind, "not a file"))
    elif Path(root).name.upper().startswith("DICOMDIR"):
        yield from finder.folder(str(Path(root).parent), directory=root)
    elif is_zip(root):
        yield from _archive(root, finder, scratch)
    elif finder.is_new(root):
        yield root


def _archive(root: str, finder: "_Finder", scratch: Path | None) -> Iterator[Refused | tuple[str, str]]:
    if scratch is None:
        yield Refused(root, "a zip archive: there is no place to unpack it")
        return
    names: list[str] = []
    directories: list[tuple[str, str]] = []  # path, and what those beside it begin with
    for member in unpack(root, scratch, cancelled=finder.cancelled):
        if isinstance(member, Refused):
            names.append(member.path)
            yield member
            continue
        names.append(member.shown)
        name = member.member_name.rpartition("/")[2]
        if name.upper() == "DICOMDIR":
            directories.append((member.path, member.shown.removesuffix(name)))
        yield member.path, member.shown
    for path, folder in directories:
        for problem in missing_members(read_directory(path), folder, names):
            yield replace(problem, path=problem.path.replace(path, f"{folder}DICOMDIR"))


class _Finder:
    """What has been seen of all roots together."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self.cancelled = cancelled
        self.stopped = False
        self._folders: set[tuple[int, int]] = set()  # device, inode: ends loops of links
        self._named: set[Path] = set()  # files that were roots: not again when their folder is one too
        self._files = 0

    def is_new(self, path: str) -> bool:
        """Tell whether a named file was not given before; remember it."""
        name = _absolute(path)
        parent = name.parent.stat()
        if name in self._named or (parent.st_dev, parent.st_ino) in self._folders:
            return False
        self._named.add(name)
        return True

    def folder(self, path: str, directory: str | None = None) -> Iterator[Found]:
        """Yield what is in a folder and below it. `directory` is a DICOMDIR named by the user."""
        levels = [self._entries(path, None, directory)]
        while levels and not self.stopped:
            found = next(levels[-1], None)
            if found is None:
                levels.pop()
            elif not isinstance(found, tuple):
                yield found
            elif len(levels) >= DEEPEST:
                yield Refused(found[0], f"more than {DEEPEST} folders deep; it was not read")
            else:
                levels.append(self._entries(*found, None))

    def _entries(
        self, path: str, medium: Medium | None, directory: str | None
    ) -> Iterator[Found | tuple[str, Medium | None]]:
        """Yield the files of one folder, and its folders as tuples to be entered."""
        try:
            if not self._enter(path):
                return
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: natural_key(os.fsencode(entry.name)))
        except OSError as error:
            yield Refused(path, f"the folder cannot be read: {error.strerror or 'input error'}")
            return
        inner = medium_in(Path(path), [entry.name for entry in entries], directory)
        for entry in entries:
            if self.cancelled():
                self.stopped = True
                return
            yield from self._entry(entry, inner or medium)
            if self._files >= MOST_FILES:
                self.stopped = True
                yield Refused(path, f"more than {MOST_FILES:,} files; the rest was not read")
                return
        if inner:
            yield from inner.problems()

    def _enter(self, path: str) -> bool:
        """Tell whether a folder is entered for the first time; remember it. Raise OSError."""
        status = Path(path).stat()
        identity = (status.st_dev, status.st_ino)
        if identity in self._folders:
            return False
        self._folders.add(identity)
        return True

    def _entry(
        self, entry: "os.DirEntry[str]", medium: Medium | None
    ) -> Iterator[Found | tuple[str, Medium | None]]:
        path = entry.path
        try:
            if medium and entry.is_symlink() and not medium.holds(Path(path)):
                yield Refused(path, "a link that leads out of the medium; it was not followed")
            elif entry.is_dir():
                yield from self._subfolder(entry, medium)
            elif entry.is_file():
                if not self._named or _absolute(path) not in self._named:
                    self._files += 1
                    yield self._file(path)
            else:
                yield self._special(entry, medium)
        except OSError as error:
            yield Refused(path, f"it cannot be read: {error.strerror or 'input error'}")

    def _subfolder(
        self, entry: "os.DirEntry[str]", medium: Medium | None
    ) -> Iterator[Found | tuple[str, Medium | None]]:
        if entry.is_symlink():
            status = entry.stat()
            if (status.st_dev, status.st_ino) in self._folders:
                yield Skipped(entry.path, "a link to a folder that is read already")
                return
        yield entry.path, medium

    @staticmethod
    def _file(path: str) -> Found:
        if path.lower().endswith(".zip") and is_zip(path):
            return Skipped(path, "a zip archive; open it by itself to read what is in it")
        return path

    @staticmethod
    def _special(entry: "os.DirEntry[str]", medium: Medium | None) -> Refused | Skipped:
        """Return the words for what is neither file nor folder. Raise OSError when it is gone."""
        path = entry.path
        try:
            kind = stat.S_IFMT(entry.stat().st_mode)
        except FileNotFoundError:
            what = "a link to something that is not there" if entry.is_symlink() else "it is gone"
            return Refused(path, what)
        what = _KINDS.get(kind, "not a file")
        listed = medium is not None and medium.lists(Path(path))
        return Refused(path, f"{what}; it was not opened") if listed else Skipped(path, what)


def _absolute(path: str) -> Path:
    """Return a path by which a file is known whatever way it was named; a link stays itself."""
    return Path(path).parent.resolve() / Path(path).name
