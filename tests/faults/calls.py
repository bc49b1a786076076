"""Every k-th call failing: the calls of `viewer.cache.disk`, and the system's own below SQLite."""

import errno
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
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

from viewer.cache import ledger
from viewer.cache.disk import Disk
from viewer.cache.rebuild import rebuild
from viewer.cache.store import Store
from viewer.cache.verify import verify
from viewer.errors import ViewerError

SYSTEM = (  # calls of the system, each with an error that it may give
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("write", "ENOSPC"),
    ("fsync,fdatasync", "EIO"),
    ("rename,renameat,renameat2,link,linkat", "EIO"),
    ("openat", "EMFILE"),
    ("openat", "EACCES"),
    ("ftruncate,fallocate", "ENOSPC"),
    ("unlink,unlinkat", "EIO"),
    ("pread64", "EIO"),
    ("mkdir", "ENOSPC"),
)
MOST = 400  # calls of one kind in one deed; more would be a loop that does not end
PATIENCE = 60.0  # seconds


# ------------------------------------------------------------------------------------------- what is done
def importing(root: Path, some: Sequence[Piece], paper: Paper, disk: Disk) -> None:
    """Import a few files and pin a study."""
    with Store(root, disk=disk) as store:
        do_import(store, some[40:46], paper)
        do_pin(store, some[0].study, paper)
        do_import(store, some[46:48], paper)


def rebuilding(root: Path, _some: Sequence[Piece], _paper: Paper, disk: Disk) -> None:
    """Make the index again."""
    rebuild(root, index, disk=disk)


def removing(root: Path, some: Sequence[Piece], paper: Paper, disk: Disk) -> None:
    """Delete a study and empty the trash."""
    with Store(root, disk=disk) as store:
        do_remove(store, some[0].study, paper, disk)


def adopting(root: Path, _some: Sequence[Piece], _paper: Paper, disk: Disk) -> None:
    """Start after a crash that left objects without rows, and read everything back."""
    (root / "clean").unlink(missing_ok=True)
    with Store(root, disk=disk) as store:
        with store.writing() as connection:
            connection.execute("DELETE FROM main.instance WHERE sop_instance_uid LIKE '%3'")
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
            do_import(store, some[:40], Paper(self.paper))
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


# --------------------------------------------------------------------------------- calls of our own disk
def through_disk(place: Place, some: Sequence[Piece], runs: int) -> tuple[Audit, int]:
    """Let each call of Disk fail in each deed, with each error or, where there are few runs, with one.

    Returns what was found and how many deeds said so.
    """
    total, sentences = Audit(), 0
    codes = (errno.ENOSPC, errno.EIO)
    for deed in DEEDS:
        for turn in range(1 if runs else len(codes)):
            for number in range(1, MOST):
                place.reset()
                disk = FaultyDisk(number, codes[(number + turn) % len(codes)])
                said = tried(deed, place, some, disk, Paper(place.paper))
                _note(total, place.audit(), said, f"{deed.__name__}, call {number} of Disk")
                sentences += bool(said)
                if len(disk.calls) < number:
                    break
    return total, sentences


def _note(total: Audit, found: Audit, said: str, what: str) -> None:
    if said.startswith("!"):
        found.broken += 1
        found.words.append(f"said {said[1:]}")
    if found.bad:
        found.words = [f"{what}: {words}" for words in found.words]
    total.add(found)


# ------------------------------------------------------------------------------------- calls of the system
def through_system(place: Place, some: Sequence[Piece], runs: int) -> tuple[Audit, int, int]:
    """Let each call of the system fail in each deed, or in `runs` of them chosen by chance.

    Returns what was found, how many faults were injected, and how many deeds said a sentence.
    """
    total, faults, sentences = Audit(), 0, 0
    for deed, (calls, error) in _lots(runs):
        numbers = [random.randint(1, 40)] if runs else range(1, MOST)  # noqa: S311
        for number in numbers:
            place.reset()
            hit, said = injected(deed, place, some, f"{calls}:error={error}:when={number}")
            _note(total, place.audit(), said, f"{deed.__name__}, {calls} {number} {error}")
            faults += hit
            sentences += bool(said)
            if not hit:
                break
    return total, faults, sentences


def _lots(runs: int) -> list[tuple[Deed, tuple[str, str]]]:
    every = [(deed, fault) for deed in DEEDS for fault in SYSTEM]
    return random.choices(every, k=runs) if runs else every  # noqa: S311


def injected(deed: Deed, place: Place, some: Sequence[Piece], fault: str) -> tuple[bool, str]:
    """Do a deed in a process whose system calls fail as told; tell whether one did, and what was said."""
    ready, go = os.pipe()
    answer, say = os.pipe()
    paper = Paper(place.paper)  # before anything fails
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.read(ready, 1)
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
    words = b""
    while part := os.read(answer, 65536):
        words += part
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
    some = pieces(folder / "material", 60, of_a_study=20, largest=2)
    place = Place(folder, some)
    total, sentences = through_disk(place, some, runs)
    own, faults = total.runs, 0
    why_not = refusal()
    if why_not:
        print(f"skipped: {why_not}")  # noqa: T201
    else:
        found, faults, said = through_system(place, some, runs)
        total.add(found)
        sentences += said
    for words in total.words[:40]:
        print(words)  # noqa: T201
    shutil.rmtree(folder)
    return closing_line(
        "CALLS",
        not total.bad and sentences > 0,
        own=own,
        system=total.runs - own,
        injected=faults,
        sentences=sentences,
        lost=total.lost,
        mismatched=total.mismatched,
        broken=total.broken,
        temps=total.temps,
        seconds=time.perf_counter() - began,
    )
