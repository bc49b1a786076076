"""Start-up: importing the command line, and what a window has loaded before it paints."""

import subprocess
import sys
from collections.abc import Callable, Iterator

from benchmarks.pairs import Peer, Row, compare

HEAVY = ("numba", "SimpleITK", "vtkmodules", "highdicom", "pynetdicom", "pyqtgraph", "scipy")
WINDOW = "from PySide6.QtWidgets import QApplication, QMainWindow; QApplication([]); QMainWindow().show()"
LOADED = f"import sys, viewer.app; print(*({set(HEAVY)!r} & set(sys.modules)))"


def python(code: str) -> Callable[[], object]:
    """Return the work of a fresh interpreter that runs `code`."""
    command = [sys.executable, "-c", code]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def measure() -> Iterator[Row]:
    """Compare the start of the command line and of the window with bare ones."""
    yield from compare(
        "import viewer.cli",
        python("import viewer.cli"),
        [Peer("a bare interpreter", python("pass"), 3.0), Peer("import numpy", python("import numpy"), 1.0)],
        rounds=9,
    )
    yield from compare(
        "import viewer.app (all that a window needs)",
        python("import viewer.app"),
        [Peer("a bare QMainWindow", python(WINDOW), 3.0)],
        rounds=5,
    )
    loaded = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True).stdout
    count = float(len(loaded.split()))
    names = f"none of {', '.join(HEAVY)}" + (f"; loaded: {loaded.strip()}" if count else "")
    yield Row("heavy libraries loaded before the window", count, "", names, 0.0, count, None, 0.0)
