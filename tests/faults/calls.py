"""Every k-th call failing: the calls of `viewer.cache.disk`, and the system's own below SQLite."""

import errno
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path

from faulty_disk import FaultyDisk
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

from viewer.cache import disk as disk_calls
from viewer.cache import folder as cache_folder
from viewer.cache import ledger, recovery
from viewer.cache.disk import Disk
from viewer.cache.folder import SHARDS as SHARDS_OF_256
from viewer.cache.rebuild import rebuild
from viewer.cache.store import Store
from viewer.cache.verify import verify
from viewer.errors import ViewerError

NAMES = "rename,renameat,renameat2,link,linkat"
KINDS = (  # calls of the system that a cache writes by
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    NAMES,
    "openat",
    "unlink,unlinkat",
    "mkdir",
    "ftruncate,fallocate",
)
SYSTEM = (  # each with an error that it may give
    *((kind, error) for kind in KINDS for error in ("ENOSPC", "EIO")),
    ("openat", "EMFILE"),
    ("pread64", "EIO"),
)
SHARDS = 16  # folders of objects, of 256: each start asks for and reads all of them, always in the same way
PROCESSES = 2
MOST = 400  # calls of one kind in one deed; more would be a loop that does not end
PATIENCE = 60.0  # seconds


# ------------------------------------------------------------------------------------------- what is done
def importing(root: Path, some: Sequence[Piece], paper: Paper, disk: Disk) -> None:
    """Import a few files and pin a study."""
    with Store(root, disk=disk) as store:
        do_import(store, some[21:25], paper)  # with one in conflict
        do_pin(store, some[0].study, paper)
        do_import(store, some[25:27], paper)


def rebuilding(root: Path, _some: Sequence[Piece], _paper: Paper, disk: Disk) -> None:
    """Make the index again."""
    rebuild(root, index, disk=disk)


def removing(root: Path, some: Sequence[Piece], paper: Paper, disk: Disk) -> None:
    """Delete a study and empty the trash."""
    with Store(root, disk=disk) as store:
        do_remove(store, some[0].study, paper, disk)


def adopting(root: Path, _some: Sequence[Piece], _paper: Paper, disk: Disk) -> None:
    """Start after a bad end (see `done`) that left objects without rows, and read everything back."""
    with Store(root, disk=disk) as store:
        with store.writing() as connection:
            connection.execute("DELETE FROM main.instance WHERE sop_instance_uid GLOB '*[37]'")
            ledger.recount(connection, [1, 2])
        store.reconcile()
        store.adopt(index)
        verify(store, disk=disk)


def beginning(root: Path, some: Sequence[Piece], paper: Paper, disk: Disk) -> None:
    """Make a cache where there is none, and import into it."""
    with Store(root.with_name("new"), disk=disk) as store:
        do_import(store, some[:2], paper)


Deed = Callable[[Path, Sequence[Piece], Paper, Disk], None]
DEEDS: tuple[Deed, ...] = (importing, rebuilding, removing, adopting, beginning)


# ------------------------------------------------------------------------------------------------- a place
class Place:
    """A cache with two studies in it, as often as it is wanted."""

    def __init__(self, folder: Path, some: Sequence[Piece]) -> None:
        self.root, self.paper, self._saved = folder / "cache", folder / "paper", folder / "saved"
        with Store(self.root) as store:
            do_import(store, some[:12], Paper(self.paper))
        self._said = self.paper.read_text("ascii")
        shutil.copytree(self.root, self._saved)
        self._files = [path for path in self._saved.rglob("*") if path.is_file()]

    def reset(self) -> None:
        """Make everything as it was."""
        shutil.rmtree(self.root.with_name("new"), ignore_errors=True)
        for path in self.root.rglob("*"):
            if not path.is_dir():
                path.unlink()
        for path in self._files:
            shutil.copy2(path, self.root / path.relative_to(self._saved))
        self.paper.write_text(self._said, "ascii")

    def audit(self) -> Audit:
        """Compare the cache, and the new one if there is one, with what was said."""
        text = self.paper.read_text("ascii")
        new = self.root.with_name("new")
        if not new.exists():
            return audit(self.root, Promises.read(text))
        found = audit(self.root, Promises.read(self._said))
        found.add(audit(new, Promises.read(text.removeprefix(self._said))))
        found.runs = 1
        return found


def tried(deed: Deed, place: Place, some: Sequence[Piece], disk: Disk, paper: Paper) -> str:
    """Do a deed that may fail; return its sentence, or what is wrong with it behind an exclamation mark."""
    try:
        deed(place.root, some, paper, disk)
    except ViewerError as error:
        sentence = str(error)
        named = str(place.root.parent) in sentence
        return sentence if named and sentence.endswith(".") and "\n" not in sentence else f"!{sentence}"
    except BaseException as error:  # noqa: BLE001
        return f"!{error!r}"
    return ""


# ------------------------------------------------------------------------------- lots of deeds and faults
@dataclass(frozen=True, slots=True)
class Lot:
    """A deed and a kind of call that fails in it: the first, the second, and so on, or just one."""

    deed: int
    calls: str  # of the system, or "" for those of Disk
    error: str
    only: int = 0  # the number of the call, from 1; 0: each of them, flushes in turn and not at once


@dataclass(slots=True)
class Outcome:
    """What became of a lot."""

    lot: Lot
    audit: Audit = field(default_factory=Audit)
    faults: int = 0  # calls that failed
    sentences: int = 0  # deeds that said so

    def note(self, found: Audit, said: str, what: str) -> None:
        """Take in what was found after a deed, and what it said."""
        if said.startswith("!"):
            found.broken += 1
            found.words.append(f"said {said[1:]}")
        if found.bad:
            found.words = [f"{what}: {words}" for words in found.words]
        self.audit.add(found)
        self.sentences += bool(said)


class Here:
    """What a process that lets calls fail works with."""

    place: Place
    some: Sequence[Piece]


def begin(where: Path, some: Sequence[Piece]) -> None:
    """Make a place for this process."""
    cache_folder.SHARDS = recovery.SHARDS = SHARDS_OF_256[:SHARDS]
    Here.place, Here.some = Place(Path(tempfile.mkdtemp(dir=where)), some), some


def done(lot: Lot) -> Outcome:
    """Let calls fail as a lot says, each in a deed of its own."""
    outcome = Outcome(lot)
    deed = DEEDS[lot.deed]
    for number in [lot.only] if lot.only else range(1, MOST):
        Here.place.reset()
        if deed is adopting:
            (Here.place.root / "clean").unlink()  # here, where no call fails
        if lot.calls:
            fault = f"{lot.calls}:error={lot.error}:when={number}"
            hit, said = injected(deed, Here.place, Here.some, fault, in_turn=not lot.only)
        else:
            disk = FaultyDisk(number, getattr(errno, lot.error))
            said = tried(deed, Here.place, Here.some, disk, Paper(Here.place.paper))
            hit = len(disk.calls) >= number
        outcome.note(Here.place.audit(), said, f"{deed.__name__}, {lot.calls or 'Disk'} {number} {lot.error}")
        outcome.faults += hit
        if not hit:
            break
    return outcome


def lots(runs: int, why_not: str) -> list[Lot]:
    """Return all there is to do, or each call of Disk with one error and `runs` of the system by chance."""
    deeds = range(len(DEEDS))
    own = [Lot(deed, "", error) for deed in deeds for error in (("EIO",) if runs else ("ENOSPC", "EIO"))]
    every = [Lot(deed, calls, error) for deed in deeds for calls, error in SYSTEM]
    if why_not:
        return own
    if not runs:
        return [*own, *every]
    chosen = random.choices(every, k=runs)  # noqa: S311
    return [*own, *(replace(lot, only=random.randint(1, 24)) for lot in chosen)]  # noqa: S311


# ------------------------------------------------------------------------------------- calls of the system
def injected(
    deed: Deed, place: Place, some: Sequence[Piece], fault: str, *, in_turn: bool
) -> tuple[bool, str]:
    """Do a deed in a process whose system calls fail as told; tell whether one did, and what was said.

    strace counts the calls of each thread by itself: with `in_turn` there is one thread, and so each number
    is one call.
    """
    ready, go = os.pipe()
    answer, say = os.pipe()
    paper = Paper(place.paper)  # before anything fails
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.read(ready, 1)
            if in_turn:
                disk_calls._all = lambda call, items: [call(item) for item in items]
            said = tried(deed, place, some, Disk(), paper)
            status = _tell(say, said)
        finally:
            os._exit(status)
    os.close(say)
    log = place.root.with_name("strace")
    log.unlink(missing_ok=True)
    kinds = fault.partition(":")[0]
    command = ["strace", "-f", "-qq", "-o", str(log), "-p", str(child), "-e", f"trace={kinds},getppid"]
    tracer = subprocess.Popen([*command, "-e", f"inject={fault}"], stderr=subprocess.PIPE)
    wait_for_tracer(child)
    os.write(go, b"g")
    words = b"".join(iter(lambda: os.read(answer, 65536), b""))
    os.waitpid(child, 0)
    tracer.communicate(timeout=PATIENCE)
    for descriptor in (ready, go, answer):
        os.close(descriptor)
    hit = "(INJECTED)" in log.read_text("utf-8", "replace")
    return hit, words.decode("utf-8", "replace")[1:] if words else "!it ended without a word"


def _tell(say: int, said: str) -> int:
    os.writev(say, [b".", said.encode("utf-8", "replace")])  # not one of the calls that fail
    return 0


def wait_for_tracer(child: int) -> None:
    """Return when a process is traced."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        status = Path(f"/proc/{child}/status").read_text("ascii", "replace")
        if "TracerPid:\t0" not in status:
            return
        time.sleep(0.002)
    raise TimeoutError("strace did not attach")


def refusal() -> str:
    """Return why the system's calls cannot be made to fail here, "" when they can."""
    if shutil.which("strace") is None:
        return "strace is not installed (Debian package strace)"
    done = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"the system refuses ptrace: {done.stderr.strip()[:80]}"


def run(runs: int) -> int:
    """Let all calls fail, or `runs` of the system's chosen by chance; print what was found."""
    began = time.perf_counter()
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=memory if memory.is_dir() else None))
    some = pieces(folder / "material", 28, of_a_study=6, largest=2, shards=SHARDS)
    why_not = refusal()
    if why_not:
        print(f"skipped: {why_not}")  # noqa: T201
    try:
        with get_context("fork").Pool(PROCESSES, begin, (folder, some)) as pool:
            outcomes = list(pool.imap_unordered(done, lots(runs, why_not)))
    finally:
        shutil.rmtree(folder)
    total = Audit()
    for outcome in outcomes:
        total.add(outcome.audit)
        total.words += outcome.audit.words[40:]
    for words in sorted(total.words, key=lambda one: "said " not in one)[:40]:
        print(words)  # noqa: T201
    if not runs:
        _print_kinds(outcomes)
    own = [outcome for outcome in outcomes if not outcome.lot.calls]
    sentences = sum(outcome.sentences for outcome in outcomes)
    return closing_line(
        "CALLS",
        not total.bad and sentences > 0,
        own=sum(outcome.audit.runs for outcome in own),
        system=total.runs - sum(outcome.audit.runs for outcome in own),
        injected=sum(outcome.faults for outcome in outcomes if outcome.lot.calls),
        sentences=sentences,
        lost=total.lost,
        mismatched=total.mismatched,
        broken=total.broken,
        temps=total.temps,
        seconds=time.perf_counter() - began,
    )


def _print_kinds(outcomes: Sequence[Outcome]) -> None:
    faults: Counter[str] = Counter()
    sentences: Counter[str] = Counter()
    for outcome in outcomes:
        kind = f"{outcome.lot.calls.partition(',')[0] or 'Disk'} {outcome.lot.error}"
        faults[kind] += outcome.faults
        sentences[kind] += outcome.sentences
    for kind, count in faults.items():
        print(f"  {kind}: {count} failed, {sentences[kind]} were said, the others mended or harmless")  # noqa: T201
