"""Lay out the folder that installer.nsi packages for Windows: no compiler, and no Windows, is needed.

`python packaging/windows_payload.py --python-dir FOLDER [--out dist/windows]`. FOLDER is an unpacked
"embeddable package" of CPython for Windows x64 (from python.org; see packaging/README.md). The result has

    python/            that Python, told where the packages are
    pkgs/              the program and what it needs, as wheels for Windows, unpacked
    Negatoscope.exe    starts the window; made by makensis from packaging/launcher.nsi
    THIRD_PARTY_LICENSES.txt, LICENSE.txt
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ("--platform", "win_amd64", "--only-binary", ":all:", "--implementation", "cp")
# Parts of wheels that no widget program needs: patterns under pkgs/.
UNUSED = (
    "PySide6/qml",
    "PySide6/translations",
    "PySide6/resources",
    "PySide6/metatypes",
    "PySide6/typesystems",
    "PySide6/include",
    "PySide6/glue",
    "PySide6/*.exe",
    "PySide6/Qt6Quick*.dll",
    "PySide6/Qt6Qml*.dll",
    "PySide6/Qt6Designer*.dll",
    "**/*.lib",
    "**/*.pyi",
    "numpy/**/tests",
    "bin",
)


def run(*command: str | Path) -> None:
    """Run a command; end with its error when it fails."""
    print("$", *command, flush=True)
    subprocess.run(command, cwd=ROOT, check=True)


def version_of(python: Path) -> str:
    """Return the version of an embeddable Python, as "3.13"; end when the folder is none."""
    for library in python.glob("python3*.dll"):
        digits = re.fullmatch(r"python3(\d+)\.dll", library.name)
        if digits:
            return f"3.{digits[1]}"
    sys.exit(f"{python} is not an embeddable Python for Windows: it has no python3NN.dll.")


def copy_python(python: Path, target: Path) -> None:
    """Copy the interpreter and tell it where its packages are; nothing of another Python is used."""
    shutil.copytree(python, target)
    number = version_of(python).replace(".", "")
    for old in target.glob("*._pth"):
        old.unlink()
    lines = [f"python{number}.zip", ".", "..\\pkgs", "import site"]
    (target / f"python{number}._pth").write_text("\r\n".join(lines) + "\r\n", encoding="ascii")


def install_packages(target: Path, version: str) -> None:
    """Install the program's wheel and, for Windows, what it needs."""
    wheels = target.parent / "wheels"
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", wheels, ".")
    wheel = next(wheels.glob("negatoscope-*.whl"))
    if shutil.which("uv"):  # evaluates markers for Windows; pip evaluates them for this system
        resolver = ["uv", "pip", "install", "--python-platform", "windows", "--only-binary", ":all:"]
    else:
        resolver = [sys.executable, "-m", "pip", "install", "--quiet", *PLATFORM]
    run(*resolver, "--python-version", version, "--target", target, wheel)
    shutil.rmtree(wheels)


def trim(packages: Path) -> None:
    """Remove what no widget program needs."""
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def main() -> int:
    """Lay out the folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python-dir", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "windows")
    wanted = parser.parse_args()
    version = version_of(wanted.python_dir)
    out = wanted.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    copy_python(wanted.python_dir, out / "python")
    install_packages(out / "pkgs", version)
    trim(out / "pkgs")
    shutil.copy(ROOT / "LICENSE", out / "LICENSE.txt")
    licences = ROOT / "packaging" / "third_party_licenses.py"
    run(sys.executable, licences, "--packages", out / "pkgs", "-o", out / "THIRD_PARTY_LICENSES.txt")
    run("makensis", "-V2", f"-DOUT={out / 'Negatoscope.exe'}", ROOT / "packaging" / "launcher.nsi")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    print(f"{out}: Python {version}, {size:.0f} MB")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        sys.exit(f"This step failed: {error}")
