"""Flipped bits, an index that is gone or garbage, a cache that cannot be written or vanishes while open."""

import os
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from full import refusal, small_disk
from made_store import dump
from scene import Audit, Paper, Piece, Promises, audit, closing_line, do_import, index, pieces

from viewer.cache.rebuild import rebuild
from viewer.cache.states import State
from viewer.cache.store import Store
from viewer.cache.verify import verify
from viewer.errors import ViewerError

NOBODY = 65534


def flipped(folder: Path, some: Sequence[Piece], count: int) -> tuple[int, int]:
    """Flip a bit in each of `count` objects; return how many were found, and how many are shown as whole."""
    root = folder / "flipped"
    with Store(root) as store:
        do_import(store, some, Paper(folder / "paper-flipped"))
        names = sorted(path for path in store.folder.objects.rglob("*") if path.is_file())
        for path in random.sample(names, count):
            content = bytearray(path.read_bytes())
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)  # noqa: S311
            path.write_bytes(content)
        found = verify(store)
        again = verify(store)
        with store.reading() as connection:
            unmarked = sum(
                not path.exists()
                for (sha256,) in connection.execute(
                    "SELECT object FROM main.instance WHERE state = ?", (State.WHOLE,)
                )
                for path in [store.folder.object_path(sha256)]
            )
    return min(found.damaged, again.damaged), unmarked


def _gone(path: Path) -> None:
    path.unlink()


def _garbage(path: Path) -> None:
    path.write_bytes(random.randbytes(9000))  # noqa: S311


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    os.truncate(path, 0)


def _holed(path: Path) -> None:
    with path.open("r+b") as file:
        for place in range(4096, path.stat().st_size, 3 * 4096):
            file.seek(place)
            file.write(bytes(2048))


WAYS: tuple[Callable[[Path], None], ...] = (_gone, _garbage, _cut, _empty, _holed)


def index_lost(folder: Path, some: Sequence[Piece]) -> Audit:
    """Damage the index in all ways, make it again, and compare: the same rows, and no file less."""
    total = Audit()
    for clean in (True, False):
        for way in WAYS:
            root, paper = folder / f"index{way.__name__}{clean}", folder / f"paper{way.__name__}{clean}"
            with Store(root) as store:
                do_import(store, some, Paper(paper))
                before = dump(store)
            files = {path for path in root.rglob("*") if path.is_file() and path.parent != root}
            if not clean:
                (root / "clean").unlink()
            way(root / "index.db")
            rebuild(root, index)
            with Store(root) as store:
                same = dump(store) == before
            found = audit(root, Promises.read(paper.read_text("ascii")))
            if not same or {path for path in files if not path.exists()}:
                found.mismatched += 1
                found.words.append(f"index{way.__name__}: the new index is {same=}, or files are gone")
            total.add(found)
    return total


def without_rebuild(folder: Path, some: Sequence[Piece]) -> Audit:
    """Damage the index in all ways and just open the cache: it says so, and nothing is lost."""
    total = Audit()
    for way in WAYS:
        root, paper = folder / f"open{way.__name__}", folder / f"paper-open{way.__name__}"
        with Store(root) as store:
            do_import(store, some, Paper(paper))
        (root / "clean").unlink()
        way(root / "index.db")
        store = Store(root)
        if not store.notices:
            total.words.append(f"open{way.__name__}: nothing is said")
            total.broken += 1
        store.close()
        total.add(audit(root, Promises.read(paper.read_text("ascii"))))
    return total


def read_only(folder: Path, some: Sequence[Piece]) -> Audit:
    """Take the right to write away, from a user who is not root."""
    root, paper = folder / "read-only", folder / "paper-read-only"
    folder.chmod(0o755)
    with Store(root) as store:
        do_import(store, some, Paper(paper))
    for path in [root, *root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    found = Audit()
    child = os.fork()
    if child == 0:
        status = 9
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            status = _reads_only(root, len(some))
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"{error!r}\n".encode())
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    found.add(audit(root, Promises.read(paper.read_text("ascii"))))
    if status:
        found.broken += 1
        found.words.append(f"a cache that cannot be written: step {os.waitstatus_to_exitcode(status)}")
    return found


def _reads_only(root: Path, count: int) -> int:
    try:
        Store(root).close()
    except ViewerError as error:
        if "cannot be used" not in str(error):
            return 1
    else:
        return 2
    with Store(root, read_only=True) as store, store.reading() as connection:
        rows = connection.execute("SELECT count(*) FROM main.instance").fetchone()[0]
        beside = connection.execute("SELECT count(*) FROM main.conflict").fetchone()[0]
    return 0 if rows + beside == count else 3


def vanishing(folder: Path, some: Sequence[Piece], times: int) -> Audit:
    """Remove the folder of a cache, or pull its disk, while it is imported into."""
    found = Audit()
    for number in range(times):
        place = folder / f"vanishing-{number}"
        if number % 2 and not refusal():
            with small_disk(place, 64 << 20, 9999):
                said = _import_until_gone(place, some, pull=True)
        else:
            place.mkdir()
            said = _import_until_gone(place, some, pull=False)
        found.runs += 1
        if not said or "cache" not in said or not said.endswith("."):
            found.broken += 1
            found.words.append(f"a cache that vanished: {said!r}")
    return found


def _import_until_gone(place: Path, some: Sequence[Piece], *, pull: bool) -> str:
    root, moved = place / "cache", place / "moved"
    store = Store(root)

    def vanish() -> None:
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311
        if pull:
            root.rename(moved)
        shutil.rmtree(moved if pull else root, ignore_errors=True)

    thread = threading.Thread(target=vanish)
    thread.start()
    said = ""
    paper = Paper(place.with_suffix(".paper"))
    for first in range(0, 100_000, 4):
        try:
            do_import(store, some[first % 100 : first % 100 + 4], paper)
        except ViewerError as error:
            said = str(error)
            break
        except BaseException as error:  # noqa: BLE001
            said = f"!{error!r}"
            break
    thread.join()
    try:
        store.close()
    except ViewerError as error:
        said += str(error)
    return said


def run(count: int) -> int:
    """Do all of it; print what was found."""
    began = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        some = pieces(folder / "material", count + count // 10)
        few = some[: min(count, 120)]
        found, unmarked = flipped(folder, some, count)
        total = index_lost(folder, few)
        total.add(without_rebuild(folder, few))
        total.add(read_only(folder, few))
        total.add(vanishing(folder, some, 8))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for words in total.words:
        print(words)  # noqa: T201
    return closing_line(
        "ROT",
        found == count and not unmarked and not total.bad,
        flipped=count,
        found=found,
        shown_unmarked=unmarked,
        runs=total.runs,
        promised=total.promised,
        lost=total.lost,
        mismatched=total.mismatched,
        broken=total.broken,
        seconds=time.perf_counter() - began,
    )
