"""Kill -9 at random moments of an import, a rebuild, a removal, of drawing and of a migration."""

import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scene import (
    Audit,
    Paper,
    Piece,
    Promises,
    audit,
    closing_line,
    do_draw,
    do_import,
    do_pin,
    do_remove,
    index,
    is_listed,
    pieces,
)

from viewer.cache.arrivals import Keep
from viewer.cache.databases import INDEX_STEPS, steps, upgrade, version
from viewer.cache.folder import CacheFolder
from viewer.cache.rebuild import rebuild
from viewer.cache.removal import settle
from viewer.cache.store import Store

OF_A_STORE = 25  # kills, then a new one
MATERIAL = 1500
MIGRATION = (
    "CREATE TABLE extra (n INTEGER) STRICT;\n"
    "INSERT INTO extra SELECT length(record) FROM instance;\n"
    "UPDATE study SET study_description = study_description || '';\n"
)


# ---------------------------------------------------------------------------- what the victims are doing
def importing(root: Path, material: Sequence[Piece], paper: Paper, chance: random.Random) -> None:
    """Import what is not here yet, in batches of all sizes, from two threads."""
    with Store(root) as store:
        store.adopt(index)
        settle(store)
        with store.reading() as connection:
            known = {uid for (uid,) in connection.execute("SELECT sop_instance_uid FROM instance")}
            twins = {sha256 for (sha256,) in connection.execute("SELECT object FROM conflict")}
        left = [
            piece
            for piece in material
            if piece.record.sop_instance_uid not in known
            or (chance.random() < 0.02 and piece.sha256 not in twins)
        ]
        chance.shuffle(left)
        batches = []
        while left:
            size = chance.choice((1, 4, 16, 64))
            batches.append(
                (left[:size], chance.choice((Keep.COPY, Keep.COPY, Keep.COPY, Keep.LINK, Keep.TAKE)))
            )
            left = left[size:]
        threads = [
            threading.Thread(target=_take_all, args=(store, batches[n::2], paper), daemon=True)
            for n in (0, 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _take_all(store: Store, batches: Sequence[tuple[Sequence[Piece], Keep]], paper: Paper) -> None:
    for number, (batch, keep) in enumerate(batches):
        if keep is Keep.TAKE:
            _receive(store, batch, paper)
        else:
            do_import(store, batch, paper, keep)
        if number % 5 == 4 and keep is Keep.COPY:
            do_pin(store, batch[0].study, paper)


def _receive(store: Store, batch: Sequence[Piece], paper: Paper) -> None:
    """Put files into the tmp folder, as a receiver does, and hand them over."""
    received = []
    for piece in batch:
        target = store.folder.tmp / f"in-{threading.get_ident()}-{Path(piece.record.path).name}"
        shutil.copyfile(piece.record.path, target)
        received.append(replace(piece, record=replace(piece.record, path=str(target))))
    do_import(store, received, paper, Keep.TAKE)


def rebuilding(root: Path, _material: Sequence[Piece], _paper: Paper, _chance: random.Random) -> None:
    """Make the index again and again."""
    while True:
        rebuild(root, index)


def removing(root: Path, _material: Sequence[Piece], paper: Paper, chance: random.Random) -> None:
    """Delete studies and empty the trash."""
    with Store(root) as store:
        store.adopt(index)
        with store.reading() as connection:
            found = [uid for (uid,) in connection.execute("SELECT study_instance_uid FROM study")]
        chance.shuffle(found)
        for study in found[:4]:
            if is_listed(store, study):  # one whose removal was interrupted goes with the next
                do_remove(store, study, paper)
        time.sleep(60)


def drawing(root: Path, _material: Sequence[Piece], paper: Paper, chance: random.Random) -> None:
    """Draw in one study after the other, while another is pinned."""
    with Store(root) as store:
        store.adopt(index)
        with store.reading() as connection:
            found = [uid for (uid,) in connection.execute("SELECT study_instance_uid FROM study")]
        while found:
            study = chance.choice(found)
            do_draw(store, study, chance.randrange(1, 40), paper)
            do_pin(store, study, paper)
        time.sleep(60)


def migrating(root: Path, _material: Sequence[Piece], _paper: Paper, _chance: random.Random) -> None:
    """Bring the index to a version that does not exist yet."""
    upgrade(root / "index.db", (*steps(INDEX_STEPS), MIGRATION))
    time.sleep(60)


Deed = Callable[[Path, Sequence[Piece], Paper, random.Random], None]
DEEDS: tuple[tuple[Deed, float], ...] = (  # and within how many seconds it is killed
    (importing, 0.35),
    (importing, 0.7),
    (rebuilding, 0.9),
    (importing, 0.2),
    (removing, 0.4),
    (drawing, 0.6),
    (importing, 0.5),
    (migrating, 0.06),
)


# ------------------------------------------------------------------------------------------ the murderer
def killed(deed: Deed, seconds: float, root: Path, material: Sequence[Piece], paper: Path) -> bool:
    """Run a deed in a process of its own and kill it after a while; tell whether it failed before."""
    seed = random.randrange(1 << 30)  # noqa: S311
    child = os.fork()
    if child == 0:
        status = 1
        try:
            deed(root, material, Paper(paper), random.Random(seed))  # noqa: S311
            status = 0
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"{deed.__name__}: {error!r}\n".encode())
        finally:
            os._exit(status)
    time.sleep(random.uniform(0, seconds))  # noqa: S311
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0


def check_migration(root: Path) -> str:
    """Return what is wrong with an index whose migration was killed; bring it back to version 1."""
    path = root / "index.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        found = version(connection)
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        if found not in {1, 2} or (found == 2) is not ("extra" in tables):
            return f"version {found}, tables {tables}"
        if found == 2:
            if not (root / "index.bak-v1.db").exists():
                return "migrated without a backup"
            connection.execute("DROP TABLE extra")
            connection.execute("PRAGMA user_version = 1")
    for backup in root.glob("index.bak-v*.db"):
        with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
            if (version(connection), connection.execute("PRAGMA quick_check").fetchone()[0]) != (1, "ok"):
                return "the backup is not whole"
        backup.unlink()
    return ""


def loop(where: Path, material: Sequence[Piece], kills: int) -> tuple[Audit, set[str]]:
    """Kill again and again; return the sum of what was found."""
    total, deeds = Audit(), set()
    for first in range(0, kills, OF_A_STORE):
        folder = Path(tempfile.mkdtemp(prefix="kill-", dir=where))
        root, paper = folder / "cache", folder / "paper"
        held = 0
        for number in range(first, min(first + OF_A_STORE, kills)):
            deed, seconds = DEEDS[number % len(DEEDS)]
            if deed is migrating:
                Store(root).close()
            failed = killed(deed, seconds, root, material, paper)
            deeds.add(deed.__name__)
            wrong = check_migration(root) if deed is migrating else ""
            if deed is not migrating:
                CacheFolder(root).make()
            found = audit(root, Promises.read(paper.read_text("ascii") if paper.exists() else ""))
            Paper(paper).say(*found.decided)
            if failed or wrong:
                found.broken += 1
                found.words.append(wrong or f"{deed.__name__} failed by itself")
            held, found.promised = found.promised, max(found.promised - held, 0)
            total.add(found)
            if found.bad:
                total.words.append(f"(kill {number}, {deed.__name__}, in {folder})")
        if not total.bad:
            shutil.rmtree(folder)
    return total, deeds


def run(kills: int) -> int:
    """Kill half of the time on a disk and half in memory; print what was found."""
    began = time.perf_counter()
    made = Path(tempfile.mkdtemp(prefix="faults-"))
    memory = Path("/dev/shm")  # noqa: S108
    places = [made, Path(tempfile.mkdtemp(prefix="faults-", dir=memory))] if memory.is_dir() else [made]
    total = Audit()
    try:
        material = pieces(made / "material", MATERIAL)
        for number, place in enumerate(places):
            count = kills // len(places) + (number < kills % len(places))
            total.add(loop(place, material, count)[0])
    finally:
        if not total.bad:
            for place in places:
                shutil.rmtree(place, ignore_errors=True)
    for words in total.words:
        print(words)  # noqa: T201
    return closing_line(
        "KILL",
        not total.bad and total.runs == kills,
        kills=total.runs,
        instances=total.instances,
        promised=total.promised,
        lost=total.lost,
        mismatched=total.mismatched,
        broken=total.broken,
        orphans=total.orphans,
        temps=total.temps,
        longest_start=total.longest,
        seconds=time.perf_counter() - began,
    )
