"""A disk that becomes full, of many sizes: a sentence, nothing lost, and later it works again."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scene import Audit, Paper, Piece, Promises, audit, closing_line, do_import, do_pin, index, pieces

from viewer.cache.arrivals import Keep
from viewer.cache.rebuild import rebuild
from viewer.cache.store import Store
from viewer.errors import ViewerError

MIB = 1 << 20
SIZES = (1, 2, 3, 5, 20)  # MiB, and others in between
BALLAST = 0.3  # of a disk, taken away when it is full


@contextmanager
def small_disk(folder: Path, size: int, files: int) -> Iterator[Path]:
    """Yield a disk of `size` bytes that takes so many files."""
    folder.mkdir()
    options = f"size={size},nr_inodes={files}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def refusal() -> str:
    """Return why no small disk can be made here, "" when one can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root may mount a small disk"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return "" if done.returncode == 0 else f"the system mounts no small disk: {done.stderr.strip()[:80]}"


def fill(disk: Path, material: Sequence[Piece], keep: Keep, paper: Path) -> tuple[Audit, set[str]]:
    """Fill a disk by importing, and look at it while it is full and after; return what was found and said."""
    root, ballast = disk / "cache", disk / "ballast"
    status = os.statvfs(disk)
    ballast.write_bytes(bytes(int(status.f_blocks * status.f_frsize * BALLAST)))
    said: set[str] = set()
    total = Audit()
    with Store(root) as store:
        said |= _until_full(store, material, keep, paper)
        with store.reading() as connection:  # what is there can be looked at
            connection.execute("SELECT count(*) FROM main.instance").fetchone()
        total.temps += len(list(store.folder.tmp.iterdir()))
        said |= _until_full(store, material[1:], keep, paper)  # and it is said again
    said |= _sentence(lambda: Store(root).close())  # it opens while it is full, or says why not
    said |= _sentence(lambda: rebuild(root, index))
    ballast.unlink()
    total.add(audit(root, Promises.read(paper.read_text("ascii"))))
    with Store(root) as store:
        before = paper.stat().st_size
        _until_full(store, material[::-1][:4], keep, paper)
        if paper.stat().st_size == before:
            total.broken += 1
            total.words.append("nothing can be imported after space was made")
        else:
            do_pin(store, material[-1].study, Paper(paper))
    total.add(audit(root, Promises.read(paper.read_text("ascii"))))
    return total, said


def _until_full(store: Store, material: Sequence[Piece], keep: Keep, paper: Path) -> set[str]:
    for first in range(0, len(material), 16):
        found = _sentence(lambda: do_import(store, material[first : first + 16], Paper(paper), keep))  # noqa: B023
        if found:
            return found
    return set()


def _sentence(deed: object) -> set[str]:
    try:
        deed()  # type: ignore[operator]
    except ViewerError as error:
        return {str(error)}
    return set()


def run(count: int) -> int:
    """Fill disks of as many sizes; print what was found."""
    began = time.perf_counter()
    why_not = refusal()
    if why_not:
        print(f"skipped: {why_not}")  # noqa: T201
        return closing_line("FULL", passed=True, sizes=0, skipped=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    total, sentences, silent, temps = Audit(), set[str](), 0, 0
    try:
        material = pieces(folder / "material", 1600, of_a_study=200)
        for number in range(count):
            mib = SIZES[number] if number < len(SIZES) else random.uniform(0.8, 12)  # noqa: S311
            keep = Keep.LINK if number % 4 == 3 else Keep.COPY  # only the databases grow
            files = 700 if number % 6 == 4 else 100_000
            size = int(min(mib, 1.5) * MIB) if keep is Keep.LINK else int(mib * MIB)
            with small_disk(folder / f"disk-{number}", size, files) as disk:
                found, said = fill(disk, material, keep, folder / f"paper-{number}")
            silent += not said
            temps += found.temps
            sentences |= {one.replace(str(disk), "…") for one in said}
            if found.bad:
                found.words.append(f"(size {mib:.2f} MiB, {keep.value}, {files} files)")
            total.add(found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for words in [*total.words, *sorted(sentences)]:
        print(words)  # noqa: T201
    odd = [one for one in sentences if not one.endswith(".") or "full" not in one]
    return closing_line(
        "FULL",
        not total.bad and not silent and not temps and not odd,
        sizes=count,
        promised=total.promised,
        lost=total.lost,
        mismatched=total.mismatched,
        broken=total.broken,
        temps=temps,
        without_a_sentence=silent,
        sentences=len(sentences),
        odd=len(odd),
        seconds=time.perf_counter() - began,
    )
