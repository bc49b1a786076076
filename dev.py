"""Set up this checkout and run it, with Python 3.11 or newer and nothing else.

python3 dev.py demo    install, then open the demonstration studies
python3 dev.py test    install, then run the tests (further words go to pytest)
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "negatoscope-stamp"  # what was installed; when it still holds, nothing is installed again

# What the Qt wheel expects of a Linux system: shared library, Debian package (12 and 13 alike).
OFFSCREEN = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfontconfig1",
    "libX11.so.6": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
ON_X11 = {
    "libX11-xcb.so.1": "libegl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
ON_WAYLAND = {"libwayland-client.so.0": "libwayland-client0", "libwayland-cursor.so.0": "libwayland-cursor0"}
# Qt tries these in order and takes the first that works, so a display that is not there is no error.
PLATFORMS = "xcb;wayland;offscreen"
PROBE = "from PySide6.QtGui import QGuiApplication; print(QGuiApplication([]).platformName())"


def run(*command: str, **environment: str) -> int:
    """Run a command in the checkout and return its exit status, as a shell has it when a signal ended it."""
    print("$", " ".join(command), file=sys.stderr, flush=True)
    status = subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode
    return status if status >= 0 else 128 - status


def is_missing(library: str) -> bool:
    """Tell whether the system lacks a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return True
    return False


def missing_packages(*, window: bool) -> list[str]:
    """Return the Debian packages that this system lacks, for drawing off screen or in a window too."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = dict(OFFSCREEN)
    if window and os.environ.get("DISPLAY"):
        wanted |= ON_X11
    if window and os.environ.get("WAYLAND_DISPLAY"):
        wanted |= ON_WAYLAND
    packages = {package for library, package in wanted.items() if is_missing(library)}
    if not (shutil.which("uv") or has("ensurepip") or has("pip")):
        packages.add("python3-venv")
    return sorted(packages)


def has(module: str) -> bool:
    """Tell whether this Python has a module."""
    importlib.invalidate_caches()  # it may have been installed a moment ago
    return importlib.util.find_spec(module) is not None


def install_packages(packages: list[str]) -> None:
    """Install system packages when we may, otherwise say the one line that does it and stop."""
    words = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        names = " ".join(packages)
        sys.exit(f"This system lacks libraries that Debian calls: {names}. Install them, then repeat.")
    if os.geteuid() != 0:
        sys.exit(
            f"This system lacks a few packages. Install them, then repeat:\n\n    sudo {' '.join(words)}\n"
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        run("apt-get", "update", **quiet)
    if run(*words, **quiet) != 0 and (run("apt-get", "update", **quiet) or run(*words, **quiet)):
        sys.exit("The packages could not be installed; the reason stands above.")


def make_environment() -> None:
    """Make `.venv`, or make it anew when its Python is gone or another version."""
    version = "import sys; sys.exit(sys.version_info[:2] != ({}, {}))".format(*sys.version_info)
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", version], check=False).returncode == 0:
        return
    if shutil.which("uv"):
        status = run("uv", "venv", "--clear", "--python", sys.executable, str(VENV))
    else:
        without = [] if has("ensurepip") else ["--without-pip"]  # Debian without python3-venv
        status = run(sys.executable, "-m", "venv", "--clear", *without, str(VENV))
    if status:
        sys.exit(f"No virtual environment could be made in {VENV}; the reason stands above.")


def installer() -> list[str]:
    """Return the command that installs packages into `.venv`: uv, its own pip, or this Python's pip."""
    if shutil.which("uv"):
        return ["uv", "pip", "install", "--python", str(PYTHON)]
    own = subprocess.run([PYTHON, "-c", "import pip"], check=False, capture_output=True).returncode == 0
    first = [str(PYTHON), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return [*first, "install"]


def install(extra: str) -> None:
    """Install the checkout, editable, into `.venv`, unless it is there already."""
    about = f"{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')} {sys.version} {ROOT}"
    digest = hashlib.sha256(about.encode()).hexdigest()
    made = STAMP.read_text(encoding="utf-8").split(" ") if STAMP.exists() else [""]
    if PYTHON.exists() and made[0] == digest and extra in {"", *made[1:]}:
        return
    make_environment()
    if run(*installer(), "-e", f".[{extra}]" if extra else "."):
        sys.exit(
            "The program could not be installed; the reason stands above. The first time needs the network."
        )
    STAMP.write_text(f"{digest} {extra}", encoding="utf-8")


def demo(words: list[str]) -> int:
    """Open the demonstration studies; without a display, save a picture of the window instead."""
    if sys.platform.startswith("linux") and "--screenshot" not in words:
        platforms = {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", PLATFORMS)}
        probe = subprocess.run(
            [PYTHON, "-c", PROBE], env=os.environ | platforms, check=False, capture_output=True, text=True
        )
        if probe.stdout.strip() in {"offscreen", "minimal"}:
            picture = ROOT / "demo.png"
            print(
                f"There is no display here, so the window is drawn off screen and saved as {picture}.",
                flush=True,
            )
            words = [*words, "--screenshot", str(picture)]
    return run(str(PYTHON), "-m", "viewer", "demo", *words)


def main(words: list[str]) -> int:
    """Do what the command line asks and return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  it must still say so on an older one
        sys.exit("Negatoscope needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info))
    if not words or words[0] not in {"demo", "test"}:
        print(__doc__)
        return 0 if words and words[0] in {"-h", "--help"} else 2
    packages = missing_packages(window=words[0] == "demo")
    if packages:
        install_packages(packages)
    install("test" if words[0] == "test" else "")
    if words[0] == "test":
        return run(str(PYTHON), "-m", "pytest", *words[1:])
    return demo(words[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
