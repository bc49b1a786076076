"""A power cut at every moment: system calls are recorded, and what may survive of them is opened again."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import journal
from calls import PROCESSES, SHARDS, refusal, wait_for_tracer
from scene import (
    Audit,
    Paper,
    Piece,
    Promises,
    audit,
    closing_line,
    do_import,
    do_pin,
    do_remove,
    index,
    pieces,
)

from viewer.cache import databases, recovery
from viewer.cache import folder as cache_folder
from viewer.cache.arrivals import Keep
from viewer.cache.disk import Disk
from viewer.cache.rebuild import rebuild
from viewer.cache.store import Store

TEXT = 1 << 22  # bytes of one write that strace shows
PATIENCE = 120.0  # seconds
LEAST, MOST = 40, 150  # states of a run without flushes: enough for the check to bite


class NoFileSync(Disk):
    """A disk whose files are not flushed."""

    def sync(self, descriptor: int) -> None:
        if os.fstat(descriptor).st_mode & 0o040000:
            super().sync(descriptor)


class NoFolderSync(Disk):
    """A disk whose folders are not flushed."""

    def sync_folder(self, folder: Path) -> None:
        pass


def deed(root: Path, some: Sequence[Piece], paper: Paper, disk: Disk) -> None:
    """Do all that a cache promises anything about."""
    with Store(root, disk=disk) as store:
        do_import(store, some[:6], paper)
        do_pin(store, some[0].study, paper)
        do_import(store, some[6:9], paper, Keep.LINK)
        received = []
        for piece in some[9:12]:
            target = store.folder.tmp / Path(piece.record.path).name
            target.write_bytes(Path(piece.record.path).read_bytes())
            received.append(replace(piece, record=replace(piece.record, path=str(target))))
        do_import(store, received, paper, Keep.TAKE)
        do_import(store, some[20:26], paper)  # with one in conflict
        do_remove(store, some[0].study, paper, disk)
        do_import(store, some[12:16], paper)
    rebuild(root, index, disk=disk)
    with Store(root, disk=disk) as store:
        do_import(store, some[16:20], paper)


def recorded(folder: Path, some: Sequence[Piece], disk: Disk, prepare: Callable[[], None]) -> str:
    """Do the deed in a process of its own; return the log of its system calls."""
    root, paper, log = folder / "cache", folder / "paper", folder / "log"
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.read(ready, 1)
            prepare()
            deed(root, some, Paper(paper), disk)
            status = 0
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"{error!r}\n".encode())
        finally:
            os._exit(status)
    command = ["strace", "-f", "-qq", "-xx", "-s", str(TEXT), "-o", str(log), "-p", str(child)]
    tracer = subprocess.Popen(
        [*command, "-e", f"trace={journal.TRACED}"], stderr=subprocess.PIPE, start_new_session=True
    )
    wait_for_tracer(child)
    os.write(go, b"g")
    _, status = os.waitpid(child, 0)
    tracer.communicate(timeout=PATIENCE)
    os.close(ready)
    os.close(go)
    assert status == 0, "the deed failed by itself"
    return log.read_text("ascii")


def lay_out(root: Path, files: dict[str, bytes], folders: Sequence[str], recorded_root: str) -> None:
    """Make a folder hold exactly these files and folders."""
    wanted = {root / folder[len(recorded_root) + 1 :] for folder in folders}
    if root.exists() and {root, *(path for path in root.rglob("*") if path.is_dir())} != wanted:
        shutil.rmtree(root)
    for path in sorted(wanted):
        path.mkdir(mode=0o700, exist_ok=True)
    for path in root.rglob("*") if root.exists() else ():
        if not path.is_dir():
            path.unlink()
    for name, content in files.items():
        (root / name).write_bytes(content)


@dataclass(frozen=True, slots=True)
class Replay:
    """A log that is to be replayed, and which of the ways in which something may survive."""

    folder: Path
    log: str
    every: int  # so manieth change
    part: int  # of so many PROCESSES


def replay(folder: Path, log: str, wanted: int) -> tuple[Audit, int]:
    """Open what may have survived, at about `wanted` moments and ways; return what was found, and changes."""
    counted = journal.Disk(folder / "cache", folder / "paper")
    changes = sum(counted.hear(call) for call in journal.calls(log))
    every = max(1, changes * journal.VARIANTS * 2 // (3 * max(wanted, 1)))
    total, seen = Audit(), set[bytes]()
    with get_context("fork").Pool(PROCESSES) as pool:
        parts = [Replay(folder, log, every, part) for part in range(PROCESSES)]
        for found, distinct in pool.imap_unordered(replayed, parts):
            total.add(found)
            seen |= distinct
    total.runs = len(seen)  # one that both have seen is one
    return total, changes


def replayed(what: Replay) -> tuple[Audit, set[bytes]]:
    """Open each state of a part once; return what was found, and the states."""
    disk = journal.Disk(what.folder / "cache", what.folder / "paper")
    root = what.folder / f"after-{what.part}"
    total, seen = Audit(), set[bytes]()
    for number, variant, said in journal.moments(what.log, disk, what.every):
        if variant % PROCESSES != what.part:
            continue
        files, folders = disk.variant(variant)
        digest = digest_of(said, files, folders)
        if digest in seen:
            continue
        seen.add(digest)
        lay_out(root, files, folders, disk.root)
        try:
            found = audit(root, Promises.read(said))
        except (sqlite3.Error, OSError, ValueError) as error:
            found = Audit(runs=1, broken=1, words=[repr(error)])
        if found.bad:
            found.words = [f"change {number}: {words}" for words in found.words]
        total.add(found)
    return total, seen


def digest_of(said: str, files: dict[str, bytes], folders: Sequence[str]) -> bytes:
    """Return what tells one state from another."""
    digest = hashlib.sha256(f"{len(folders)} {said}".encode())
    for name in sorted(files):
        digest.update(name.encode() + hashlib.sha256(files[name]).digest())
    return digest.digest()


def _off() -> None:
    configure = databases._configure

    def careless(connection: sqlite3.Connection, database: str) -> None:
        configure(connection, database)
        connection.execute(f"PRAGMA {database}.synchronous = OFF")

    databases._configure = careless


def run(wanted: int) -> int:
    """Replay with all flushes, where nothing may be broken, and without, where something must be."""
    why_not = refusal()
    if why_not:
        print(f"skipped: {why_not}")  # noqa: T201
        return closing_line("POWER", passed=True, states=0, skipped=True)
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=memory if memory.is_dir() else None))
    status = 0
    careless: tuple[tuple[str, Disk, Callable[[], None]], ...] = (
        ("POWER", Disk(), lambda: None),
        ("POWER-WITHOUT-FSYNC-OF-FILES", NoFileSync(), lambda: None),
        ("POWER-WITHOUT-FSYNC-OF-FOLDERS", NoFolderSync(), lambda: None),
        ("POWER-WITHOUT-FSYNC-OF-SQLITE", Disk(), _off),
    )
    try:
        cache_folder.SHARDS = recovery.SHARDS = cache_folder.SHARDS[:SHARDS]
        some = pieces(folder / "material", 28, of_a_study=6, largest=3, shards=SHARDS)
        for name, disk, prepare in careless:
            status |= _one(folder / name, some, (name, disk, prepare), wanted)
    finally:
        shutil.rmtree(folder)
    return status


def _one(folder: Path, some: Sequence[Piece], how: tuple[str, Disk, Callable[[], None]], wanted: int) -> int:
    began = time.perf_counter()
    name, disk, prepare = how
    bites = name != "POWER"
    folder.mkdir()
    log = recorded(folder, some, disk, prepare)
    found, changes = replay(folder, log, min(max(wanted // 4, LEAST), MOST) if bites else wanted)
    if not bites:
        for words in found.words[:40]:
            print(words)  # noqa: T201
    return closing_line(
        name,
        passed=bool(found.bad) is bites and found.runs > 0,
        changes=changes,
        states=found.runs,
        lost=found.lost,
        mismatched=found.mismatched,
        broken=found.broken,
        orphans=found.orphans,
        must_break=bites,
        seconds=time.perf_counter() - began,
    )
