"""Peers that are no part of the program: installed into a folder of their own for one run."""

import subprocess
import sys
from pathlib import Path

MINUTES = 3


def install(package: str, folder: Path) -> bool:
    """Install a package without what it needs into `folder`; tell why not and return False when it fails."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder),
        package,
    ]
    try:
        result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60 * MINUTES)
        reason = "" if result.returncode == 0 else (result.stderr.strip().splitlines() or ["pip failed"])[-1]
    except subprocess.TimeoutExpired:
        reason = f"pip took longer than {MINUTES} minutes"
    if reason:
        print(f"{package} cannot be had, so it is not compared: {reason}", file=sys.stderr)
    return not reason
