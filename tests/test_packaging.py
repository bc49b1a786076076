"""The tools that build releases: what they refuse."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from PySide6.QtGui import QImage


def tool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a tool of packaging/ and return what it said."""
    name, *rest = words
    return subprocess.run(
        [sys.executable, ROOT / "packaging" / name, *rest], capture_output=True, text=True, check=False
    )


def picture(path: Path, values: np.ndarray) -> Path:
    rows, columns = values.shape
    assert QImage(values.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8).save(str(path))
    return path


def test_a_picture_of_an_image_passes_and_a_dark_window_with_words_does_not(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (64, 1))
    dark = np.full((64, 256), 20, np.uint8)
    dark[:2] = ramp[:2]  # a line of words
    assert tool("check_picture.py", picture(tmp_path / "image.png", ramp)).returncode == 0
    assert tool("check_picture.py", picture(tmp_path / "dark.png", dark)).returncode == 1
    assert tool("check_picture.py", tmp_path / "none.png").returncode == 1


def package(folder: Path, name: str, licence: str) -> None:
    """Write what an installed package says of itself."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: {licence}\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("licence", "status"),
    [
        ("MIT", 0),
        ("LGPL-3.0-only", 0),
        ("LGPL-3.0-only OR GPL-2.0-only", 0),
        ("GPL-3.0-only", 1),
        ("AGPL-3.0-or-later", 1),
    ],
)
def test_a_licence_that_reaches_over_the_whole_ends_the_build(
    licence: str, status: int, tmp_path: Path
) -> None:
    package(tmp_path / "pkgs", "thing", licence)
    out = tmp_path / "licences.txt"
    result = tool("third_party_licenses.py", "--packages", tmp_path / "pkgs", "-o", out)
    assert result.returncode == status, result.stderr
    assert f"thing 1.0: {licence}" in out.read_text("utf-8")


def test_what_the_program_requires_brings_its_licence_texts(tmp_path: Path) -> None:
    out = tmp_path / "licences.txt"
    assert tool("third_party_licenses.py", "negatoscope", "-o", out).returncode == 0
    text = out.read_text("utf-8")
    assert "pydicom 3" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text  # Qt's, which its wheels do not bring
    assert "brings no licence text" not in text


def test_a_folder_without_python_is_no_payload(tmp_path: Path) -> None:
    result = tool("windows_payload.py", "--python-dir", tmp_path, "--out", tmp_path / "out")
    assert result.returncode == 1
    assert "is not an embeddable Python for Windows" in result.stderr


@pytest.mark.skipif(
    shutil.which("makensis") is None, reason="makensis is not installed (Debian package nsis)"
)
def test_the_installer_packages_a_build_and_refuses_to_do_without(tmp_path: Path) -> None:
    build, setup = tmp_path / "build", tmp_path / "setup.exe"
    for folder in ("python", "pkgs"):
        (build / folder).mkdir(parents=True)
        (build / folder / "file").write_text("x", encoding="ascii")
    for name in ("LICENSE.txt", "THIRD_PARTY_LICENSES.txt"):
        (build / name).write_text("x", encoding="ascii")
    command = ["makensis", "-V1", f"-DDIST={build}", "-DVERSION=0.1.0", f"-DOUT={setup}", "installer.nsi"]
    without = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert without.returncode != 0
    assert not setup.exists()
    launcher = ["makensis", "-V1", f"-DOUT={build / 'Negatoscope.exe'}", "packaging/launcher.nsi"]
    subprocess.run(launcher, cwd=ROOT, check=True)
    subprocess.run(command, cwd=ROOT, check=True)
    assert setup.read_bytes()[:2] == b"MZ"
