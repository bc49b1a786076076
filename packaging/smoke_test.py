"""Prove that a built program works: `python packaging/smoke_test.py PROGRAM [ARGUMENT...]`.

It must say its version, decode JPEG 2000 and RLE in its worker processes, refuse a bad file in one
sentence, and draw its demonstration off screen. Runs with a Python that has pydicom, whose images it uses.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from check_picture import fault
from pydicom.data import get_testdata_file
from PySide6.QtGui import QImage

SECONDS = 300  # for one command on a slow machine
IMAGES = ("MR_small.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm", "693_J2KI.dcm", "examples_jpeg2k.dcm")
QUIET = {"QT_QPA_PLATFORM": "offscreen"}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program without a console and return what it said."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=os.environ | QUIET,
        check=False,
    )


def gray(path: Path) -> np.ndarray:
    """Return the values of a picture (rows, columns)."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return values[:, : image.width()]


def faults(program: list[str], folder: Path) -> Iterator[str]:
    """Yield a sentence for everything that does not work."""
    version = run(*program, "--version")
    if version.returncode or not version.stdout.strip():
        yield f"--version ends with {version.returncode}: {version.stdout}{version.stderr}"
    for name in IMAGES:
        source = get_testdata_file(name, download=False)
        if source is None:
            continue
        picture = folder / f"{name}.png"
        result = run(*program, "render", str(source), "-o", picture)
        words = result.stderr.strip() if result.returncode else fault(picture)
        if words:
            yield f"render {name}: {words}"
    native, rle = folder / "MR_small.dcm.png", folder / "MR_small_RLE.dcm.png"
    if native.exists() and rle.exists() and not np.array_equal(gray(native), gray(rle)):
        yield "the same image, native and in RLE, is not rendered the same"
    (folder / "bad.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"no")
    refused = run(*program, "render", folder / "bad.dcm", "-o", folder / "bad.png")
    if refused.returncode != 1 or "Traceback" in refused.stderr or not refused.stderr.strip():
        yield f"a bad file ends with {refused.returncode}: {refused.stderr}"
    window = run(*program, "demo", "--screenshot", folder / "window.png")
    words = window.stderr.strip() if window.returncode else fault(folder / "window.png")
    if words:
        yield f"demo --screenshot: {words}"


def main(program: list[str]) -> int:
    """Check a program and return the exit status."""
    if not program:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder:
        found = list(faults(program, Path(folder)))
    print("\n".join(found) or f"{program[0]} works")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
