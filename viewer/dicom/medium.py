"""A folder with a DICOMDIR: what should be in it, and where it ends (PS3.10 8, PS3.12)."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from viewer.dicom.dicomdir import MediaDirectory
from viewer.dicom.records import Refused
from viewer.dicom.text import shown_path
from viewer.errors import ViewerError

ReadDirectory = Callable[[str], MediaDirectory]
_VERSION = re.compile(r";\d+$")  # of a file, as ISO 9660 writes it


class Medium:
    """The folder that a DICOMDIR is about."""

    def __init__(self, path: Path, directory: MediaDirectory) -> None:
        """`path` is that of the DICOMDIR."""
        self._folder = path.parent
        self._path = path
        self._directory = directory
        self._damaged = any(Path(problem.path) == path for problem in directory.problems)
        self._listings: dict[Path, dict[str, str]] = {}

    def holds(self, path: Path) -> bool:
        """Tell whether a path, its links followed, is inside of the medium."""
        try:
            return path.resolve().is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError):  # a loop of links
            return False

    def tells_of(self, path: Path) -> bool:
        """Tell whether a file is the DICOMDIR, and damaged: the problems say so, and one reason is enough."""
        return self._damaged and path == self._path

    def problems(self) -> Iterator[Refused]:
        """Yield what is wrong with the DICOMDIR, and each file that it lists and that is not there."""
        yield from self._directory.problems
        for name in self._directory.files:
            if not self._exists(name):
                yield Refused(str(self._folder / name), "listed in the DICOMDIR but not on the medium")

    def _exists(self, name: str) -> bool:
        """Tell whether a listed file is there, in any case of letters: media are mounted in both."""
        place = self._folder
        for part in name.split("/"):
            found = self._listing(place).get(part.casefold())
            if found is None:
                return False
            place /= found
            if place.is_symlink():
                return True  # the walk says what becomes of a link
        return True

    def _listing(self, folder: Path) -> dict[str, str]:
        """Return the names in a folder by their lower case, without a version number (";1")."""
        if folder not in self._listings:
            try:
                names = [entry.name for entry in folder.iterdir()]
            except OSError:
                names = []
            self._listings[folder] = {_plain(name): name for name in names}
        return self._listings[folder]


def medium_in(
    folder: Path, names: Sequence[str], directory: str | None, read_directory: ReadDirectory
) -> Medium | None:
    """Return the medium whose DICOMDIR is among the `names` in a folder, None when it has none.

    `directory` is a DICOMDIR, perhaps by another name, that the user named. Raise OSError.
    """
    for name in names:
        if directory is None and _plain(name) == "dicomdir" and (folder / name).is_file():
            directory = str(folder / name)
    return Medium(Path(directory), listed_in(directory, read_directory)) if directory is not None else None


def listed_in(path: str, read_directory: ReadDirectory) -> MediaDirectory:
    """Return what a DICOMDIR lists; one whose reader fails lists nothing and is a problem."""
    try:
        return read_directory(path)
    except ViewerError as error:
        reason = str(error).removeprefix(f"{shown_path(path)}: ")
        return MediaDirectory((), (Refused(path, reason),))


def missing_members(directory: MediaDirectory, folder: str, names: Sequence[str]) -> Iterator[Refused]:
    """Yield what is wrong with a DICOMDIR of an archive, and the files that it lists and that are not there.

    `names` are all files of the archive; `folder` is what those beside the DICOMDIR begin with.
    """
    yield from directory.problems
    present = {_plain(name) for name in names}
    for name in directory.files:
        if _plain(folder + name) not in present:
            yield Refused(folder + name, "listed in the DICOMDIR but not in the archive")


def _plain(name: str) -> str:
    return _VERSION.sub("", name.casefold()).rstrip(".")
