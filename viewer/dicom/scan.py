"""Folders, media and archives → the files in them, and a reason for each that is not read.

Names are bytes on disk and need not be UTF-8: paths carry such bytes as surrogate escapes (PEP 383), and
nothing here makes text of them. Nothing but regular files is ever opened.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.dicom.archive import Unpacked, is_zip, unpack
from viewer.dicom.dicomdir import MediaDirectory, read_directory
from viewer.dicom.medium import Medium, ReadDirectory, listed_in, medium_in, missing_members
from viewer.dicom.natural import natural_key
from viewer.dicom.records import InstanceRecord, Refused, Skipped

MOST_FILES = 1_000_000  # of one scan

Found = str | Refused | Skipped
_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def find_paths(
    roots: Sequence[str],
    *,
    cancelled: Callable[[], bool],
    scratch: Path | None = None,
    shown: MutableMapping[str, str] | None = None,
    read_directory: ReadDirectory = read_directory,
) -> Iterator[Found]:
    """Yield each regular file below `roots` once, in natural order, and a reason for all that is not read.

    A root is a file, a folder, a DICOMDIR (its folder is read) or a zip archive, which is unpacked below
    `scratch`; `shown` then gets, for the path of each unpacked file, what to call it to a person. What is
    no file, what cannot be read and what is left out is Refused. `read_directory` reads a DICOMDIR, in a
    worker process where there is one. A caller that stops listening stops the scan.
    """
    finder = _Finder(cancelled, read_directory)
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
        yield Refused(root, _special(kind))
    elif is_zip(root):
        yield from _archive(root, finder, scratch)
    elif Path(root).name.upper().startswith("DICOMDIR"):
        yield from finder.folder(str(Path(root).parent), directory=root)
    elif finder.is_new(root):
        yield root


def _archive(root: str, finder: "_Finder", scratch: Path | None) -> Iterator[Refused | tuple[str, str]]:
    if scratch is None:
        yield Refused(root, "a zip archive: there is no place to unpack it")
        return
    names: list[str] = []
    media: list[tuple[MediaDirectory, str]] = []  # and what the members beside a DICOMDIR begin with
    whole = True
    for member in unpack(root, scratch, cancelled=finder.cancelled):
        if isinstance(member, Refused):
            names.append(member.path)
            whole = whole and member.path != root
            yield member
            continue
        names.append(member.shown)
        name = member.member_name.rpartition("/")[2]
        if name.upper() == "DICOMDIR":
            directory = _renamed(listed_in(member.path, finder.read_directory), member)
            media.append((directory, member.shown.removesuffix(name)))
            if any(problem.path == member.shown for problem in directory.problems):
                continue  # it is damaged, and one reason is enough
        yield member.path, member.shown
    for directory, folder in media:
        yield from missing_members(directory, folder, names) if whole else directory.problems


def _renamed(directory: MediaDirectory, member: Unpacked) -> MediaDirectory:
    """Return what a DICOMDIR lists with its problems under the name that a person knows."""
    problems = (replace(one, path=one.path.replace(member.path, member.shown)) for one in directory.problems)
    return MediaDirectory(directory.files, tuple(problems))


class _Finder:
    """What has been seen of all roots together."""

    def __init__(self, cancelled: Callable[[], bool], read_directory: ReadDirectory) -> None:
        self.cancelled = cancelled
        self.read_directory = read_directory
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
            inner = medium_in(Path(path), [entry.name for entry in entries], directory, self.read_directory)
        except OSError as error:
            yield Refused(path, f"the folder cannot be read: {_words(error)}")
            return
        for entry in entries:
            if self.cancelled():
                self.stopped = True
                return
            if inner and inner.tells_of(Path(entry.path)):
                continue
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
                yield self._no_file(entry)
        except OSError as error:
            yield Refused(path, f"it cannot be read: {_words(error)}")

    def _subfolder(
        self, entry: "os.DirEntry[str]", medium: Medium | None
    ) -> Iterator[Found | tuple[str, Medium | None]]:
        if entry.is_symlink():
            status = entry.stat()
            if (status.st_dev, status.st_ino) in self._folders:
                yield Refused(entry.path, "a link to a folder that is read already")
                return
        yield entry.path, medium

    @staticmethod
    def _file(path: str) -> Found:
        if path.lower().endswith(".zip") and is_zip(path):
            return Refused(path, "a zip archive inside the folder; open it by itself to read what is in it")
        return path

    @staticmethod
    def _no_file(entry: "os.DirEntry[str]") -> Refused:
        """Return the words for what is neither file nor folder. Raise OSError."""
        try:
            return Refused(entry.path, _special(stat.S_IFMT(entry.stat().st_mode)))
        except FileNotFoundError:
            what = "a link to something that is not there" if entry.is_symlink() else "it is gone"
            return Refused(entry.path, what)


def _special(kind: int) -> str:
    return f"{_KINDS.get(kind, 'something else')}, not a file; it was not opened"


def _words(error: OSError) -> str:
    if error.errno == errno.ENAMETOOLONG:
        return "its path is longer than this system can open"
    return error.strerror or "input error"


def _absolute(path: str) -> Path:
    """Return a path by which a file is known whatever way it was named; a link stays itself."""
    return Path(path).parent.resolve() / Path(path).name
