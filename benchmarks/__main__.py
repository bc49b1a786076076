"""`python -m benchmarks [NAME...] [--list]`: run benchmarks and print our figure, theirs, and the ratio."""

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Sequence

from benchmarks.pairs import Row

NAMES = (
    "start",
    "index",
    "cache",
    "folder",
    "volume",
    "worker",
    "decode",
    "random",
    "drag",
    "zoom",
    "redraw",
    "scroll",
    "drags",
    "cine",
    "memory",
    "network",
    "network_scp",
    "web",
    "network_jobs",
    "network_load",
)
HEADINGS = ("what", "ours", "theirs", "ratio", "best", "goal", "", "compared with")


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as text."""
    figures = [f"{row.ours:.3g} {row.unit}", f"{row.theirs:.3g} {row.unit}"]
    best = "" if row.best is None else f"{row.best:.2f}"
    goal = "" if row.goal is None else f"<= {row.goal:g}"
    return (row.what, *figures, f"{row.ratio:.2f}", best, goal, row.verdict, row.peer)


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells in columns."""
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def main(words: Sequence[str] | None = None) -> int:
    """Run the benchmarks that were named, or all, and return the exit status: 0 when all of them ran."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when none is given"
    )
    parser.add_argument("--list", action="store_true", help="say what each one measures")
    wanted = parser.parse_args(words)
    unknown = sorted(set(wanted.names) - set(NAMES))
    if unknown:
        parser.error(f"there is no benchmark called {', '.join(unknown)}")
    if wanted.list:
        for name in NAMES:
            print(f"{name:8} {(importlib.import_module(f'benchmarks.{name}').__doc__ or '').splitlines()[0]}")
        return 0
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # no display is needed, and none disturbs
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"Python {platform.python_version()}, {machine}")
    print("ratio: median of paired rounds; best: best round / best round; a goal is a ratio\n")
    lines: list[Sequence[str]] = [HEADINGS]
    for name in wanted.names or NAMES:
        print(f"... {name}", file=sys.stderr, flush=True)
        lines.extend(cells(row) for row in importlib.import_module(f"benchmarks.{name}").measure())
    print(table(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
