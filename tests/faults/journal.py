"""What a power cut leaves: the recorded system calls of a process, and what may survive of them.

The model is harsher than most file systems: what is written is on the disk only after fsync of the file, in
pieces of 4 KiB and in any order before; names are only after fsync of their folder. It finds flushes that are
missing; it is no proof for a drive that lies about them.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TRACED = (
    "openat,creat,write,writev,pwrite64,pwritev,rename,renameat,renameat2,link,linkat,unlink,unlinkat,"
    "mkdir,mkdirat,rmdir,fsync,fdatasync,ftruncate,truncate,close,fallocate,sendfile,copy_file_range"
)
PIECE = 4096  # bytes that a disk writes as a whole
VARIANTS = 8
_LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>)?(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(slots=True)
class Call:
    """A system call; `began` is False for the line that tells only how it ended."""

    name: str
    text: str  # its arguments
    result: str
    began: bool = True
    ended: bool = True
    thread: str = ""

    def texts(self) -> list[bytes]:
        found = [bytes.fromhex(one.replace("\\x", "")) for one, _ in _TEXT.findall(self.text)]
        assert not any(cut for _, cut in _TEXT.findall(self.text)), "strace shortened a text"
        return found

    def number(self, place: int) -> int:
        return int(_TEXT.sub("-", self.text).split(",")[place].strip(" (").split("<")[0])


def calls(log: str) -> Iterator[Call]:
    """Yield the calls of a log of strace -f -xx, begun and ended apart where another came in between."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        match = _LINE.match(line)
        if match is None or (" = " not in line and "<unfinished" not in line):
            continue
        thread, resumed, rest = match.groups()
        if resumed:
            text = begun.pop(thread, "") + rest
            name, _, arguments = text.strip().partition("(")
            arguments, _, result = arguments.rpartition(" = ")
            yield Call(name, arguments.rstrip().removesuffix(")"), result, began=False, thread=thread)
        elif rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>").rstrip()
            name, _, arguments = begun[thread].strip().partition("(")
            yield Call(name, arguments, "?", ended=False, thread=thread)
        else:
            name, _, arguments = rest.strip().partition("(")
            arguments, _, result = arguments.rpartition(" = ")
            yield Call(name, arguments.rstrip().removesuffix(")"), result, thread=thread)


@dataclass(slots=True)
class File:
    """The content of a file as the pieces that were written to it, in order."""

    writes: list[tuple[int, bytes | None]] = field(default_factory=list)  # offset and bytes; None: cut there
    durable: set[int] = field(default_factory=set)
    at: int = 0  # where write() goes on

    def content(self, kept: set[int], pieces: random.Random | None) -> bytes:
        """Return the bytes when some writes survived, each of them in pieces or as a whole."""
        found = bytearray()
        for number, (offset, data) in enumerate(self.writes):
            if number not in self.durable and number not in kept:
                continue
            if data is None:
                del found[offset:]
                found.extend(bytes(max(offset - len(found), 0)))
                continue
            torn = pieces if number not in self.durable else None
            for start, part in _cut(offset, data):
                if torn is None or torn.random() < 0.7:
                    found.extend(bytes(max(start - len(found), 0)))
                    found[start : start + len(part)] = part
        return bytes(found)


def _cut(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    end = offset + len(data)
    while offset < end:
        until = min((offset // PIECE + 1) * PIECE, end)
        yield offset, data[offset - end + len(data) : until - end + len(data)]
        offset = until


@dataclass(slots=True)
class Name:
    """A change of names: a file, a folder (None), or nothing any more under `path`; `was` is where it was."""

    kind: str  # made, folder, moved, gone
    path: str
    file: File | None = None
    was: str = ""
    durable: bool = False


class Disk:
    """All that was done to one folder, and what of it is on the disk for sure."""

    def __init__(self, root: Path, paper: Path) -> None:
        self.root, self._paper = str(root), str(paper)
        self.names: list[Name] = []
        self.said = ""  # promises
        self.changes = 0
        self._now: dict[str, File] = {}
        self._open: dict[int, File | str] = {}  # a file, or the path of a folder or of the paper
        self._flushing: dict[str, tuple[File, int] | list[Name]] = {}

    def hear(self, call: Call) -> bool:
        """Take a call in; tell whether it changed anything that survives."""
        if call.name in {"fsync", "fdatasync"}:
            return self._flush(call)
        if call.name == "close":
            if call.began:
                self._open.pop(call.number(0), None)
            return False
        if not call.ended or call.result.startswith(("-1", "?")):
            return False
        act = getattr(self, f"_{call.name}", None)
        assert act is not None, f"the model knows no {call.name}"
        return bool(act(call))

    def _inside(self, path: bytes) -> str:
        text = path.decode()
        return text if text == self.root or text.startswith(f"{self.root}/") else ""

    def _openat(self, call: Call) -> bool:
        descriptor = int(call.result.split("<")[0])
        text = call.texts()[0].decode()
        if text in {self._paper, self.root.rpartition("/")[0]}:
            self._open[descriptor] = text
        path = self._inside(call.texts()[0])
        if not path:
            return False
        made = False
        if "O_CREAT" in call.text and path not in self._now:
            self._now[path] = File()
            self.names.append(Name("made", path, self._now[path]))
            made = True
        file = self._now.get(path)
        self._open[descriptor] = file if file is not None else path
        if file is not None and "O_TRUNC" in call.text:
            file.writes.append((0, None))
        return made

    _creat = _openat

    def _write(self, call: Call) -> bool:
        target = self._open.get(call.number(0))
        data = call.texts()[0][: int(call.result)]
        if target == self._paper:
            self.said += data.decode()
            return True
        if not isinstance(target, File):
            return False
        target.writes.append((target.at, data))
        target.at += len(data)
        return True

    def _pwrite64(self, call: Call) -> bool:
        target = self._open.get(call.number(0))
        if not isinstance(target, File):
            return False
        target.writes.append((call.number(3), call.texts()[0][: int(call.result)]))
        return True

    def _ftruncate(self, call: Call) -> bool:
        target = self._open.get(call.number(0))
        if isinstance(target, File):
            target.writes.append((call.number(1), None))
        return isinstance(target, File)

    def _fallocate(self, call: Call) -> bool:
        assert not isinstance(self._open.get(call.number(0)), File), "the model knows no fallocate"
        return False

    def _writev(self, call: Call) -> bool:
        if self._open.get(call.number(0)) != self._paper:
            return self._fallocate(call)
        self.said += b"".join(call.texts()).decode()
        return True

    _pwritev = _sendfile = _copy_file_range = _fallocate

    def _rename(self, call: Call) -> bool:
        was, path = (self._inside(one) for one in call.texts())
        if not path:
            return False
        self._now[path] = self._now.pop(was)
        self.names.append(Name("moved", path, self._now[path], was))
        return True

    _renameat = _renameat2 = _rename

    def _link(self, call: Call) -> bool:
        was, path = (self._inside(one) for one in call.texts())
        if path:
            self._now[path] = self._now[was]
            self.names.append(Name("made", path, self._now[path]))
        return bool(path)

    _linkat = _link

    def _unlink(self, call: Call) -> bool:
        path = self._inside(call.texts()[0])
        if path:
            self._now.pop(path)
            self.names.append(Name("gone", path))
        return bool(path)

    _unlinkat = _unlink

    def _mkdir(self, call: Call) -> bool:
        path = self._inside(call.texts()[0])
        if path:
            self.names.append(Name("folder", path))
        return bool(path)

    _mkdirat = _mkdir

    def _flush(self, call: Call) -> bool:
        """A flush covers what was there when it began, and is done when it has ended."""
        if call.began:
            target = self._open.get(call.number(0))
            if isinstance(target, File):
                self._flushing[call.thread] = (target, len(target.writes))
            elif target is not None:
                self._flushing[call.thread] = [one for one in self.names if _touches(one, target)]
        if not call.ended:
            return False
        covered = self._flushing.pop(call.thread, None)
        if covered is None or not call.result.startswith("0"):
            return False
        if isinstance(covered, list):
            for name in covered:
                name.durable = True
        else:
            covered[0].durable.update(range(covered[1]))
        return True

    # ------------------------------------------------------------------------------------- what survives
    def variant(self, number: int) -> tuple[dict[str, bytes], list[str]]:
        """Return the files (by path below the root) and the folders that survive a cut at this moment.

        0: nothing that was not flushed; 1: everything; 2: names without bytes; 3: bytes without names; then
        by chance.
        """
        chance = random.Random(number * 7919 + len(self.names) + self.changes)  # noqa: S311
        waiting = [place for place, name in enumerate(self.names) if not name.durable]
        if number in {0, 3}:
            kept = set[int]()
        elif number in {1, 2}:
            kept = set(waiting)
        elif number % 2:
            kept = {place for place in waiting if chance.random() < 0.5}
        else:
            kept = set(waiting[: chance.randint(0, len(waiting))])
        files, folders = self._replayed(kept)
        found = {}
        for path, file in files.items():
            if path.rpartition("/")[0] in folders and not path.endswith("-shm"):
                found[path[len(self.root) + 1 :]] = self._bytes(file, number, chance)
        return found, sorted(folders)

    def _replayed(self, kept: set[int]) -> tuple[dict[str, File], set[str]]:
        files: dict[str, File] = {}
        folders: set[str] = set()
        for place, name in enumerate(self.names):
            if not name.durable and place not in kept:
                continue
            if name.kind == "folder":
                if name.path == self.root or name.path.rpartition("/")[0] in folders:
                    folders.add(name.path)
            elif name.file is None:
                files.pop(name.path, None)
            else:
                if files.get(name.was) is name.file:
                    files.pop(name.was)
                files[name.path] = name.file
        return files, folders

    @staticmethod
    def _bytes(file: File, number: int, chance: random.Random) -> bytes:
        waiting = set(range(len(file.writes))) - file.durable
        if number in {0, 2}:
            return file.content(set(), None)
        if number in {1, 3}:
            return file.content(waiting, None)
        return file.content({one for one in waiting if chance.random() < 0.5}, chance)


def _touches(name: Name, folder: str) -> bool:
    return folder in {name.path.rpartition("/")[0], name.was.rpartition("/")[0]}


def moments(log: str, disk: Disk, every: int) -> Iterator[tuple[int, int, str]]:
    """Yield each `every`-th change with each number of a variant of what survives it, and the promises."""
    for call in calls(log):
        if not disk.hear(call):
            continue
        disk.changes += 1
        if disk.changes % every or (call.name == "mkdir" and disk.changes % 8):
            continue
        for number in range(VARIANTS):
            yield disk.changes, number, disk.said
