"""Build the frozen program for the system this runs on: `python packaging/freeze.py [--keep-environment]`.

It is built in a clean environment of its own, so that nothing else that happens to be installed comes
along, and checked by smoke_test.py. The result is dist/negatoscope/, a folder that runs without Python.
"""

import argparse
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
PYINSTALLER = "pyinstaller>=6.10"


def run(*command: str | Path) -> None:
    """Run a command in the checkout; end with its error when it fails."""
    print("$", *command, flush=True)
    subprocess.run(command, cwd=ROOT, check=True)


def environment(folder: Path, *, keep: bool) -> Path:
    """Make an environment with the program and PyInstaller in it, and return its Python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (keep and python.exists()):
        venv.create(folder, clear=True, with_pip=True)
    run(python, "-m", "pip", "install", "--quiet", "--upgrade", ".", PYINSTALLER)
    return python


def main() -> int:
    """Build, collect the licences, check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep-environment", action="store_true", help="use the one of the last build")
    keep = parser.parse_args().keep_environment
    python = environment(BUILD / "environment", keep=keep)
    shutil.rmtree(DIST / "negatoscope", ignore_errors=True)
    spec = ROOT / "packaging" / "negatoscope.spec"
    run(
        python,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--distpath",
        DIST,
        "--workpath",
        BUILD / "pyinstaller",
        spec,
    )
    licences = DIST / "negatoscope" / "THIRD_PARTY_LICENSES.txt"
    run(python, ROOT / "packaging" / "third_party_licenses.py", "negatoscope", "-o", licences)
    name = "negatoscope.exe" if os.name == "nt" else "negatoscope"
    run(python, ROOT / "packaging" / "smoke_test.py", DIST / "negatoscope" / name)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"This step failed: {error}")
