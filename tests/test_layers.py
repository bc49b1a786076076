"""The layer rule of ARCHITECTURE.md, as written in pyproject.toml, holds; and breaking it is noticed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package `viewer` in a folder."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_layers_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package and of its rules."""
    shutil.copytree(ROOT / "viewer", tmp_path / "viewer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "words"),
    [
        ("dicom/plane.py", "import viewer.rendering.spatial", "imports only what stands below"),
        ("annotations/shapes.py", "import viewer.rendering.spatial", "siblings never import each other"),
        ("tools/tool.py", "def lazy():\n    import PySide6.QtCore", "Qt lives in"),
        ("jobs/prefetch.py", "import pydicom", "import pydicom"),
        ("annotations/edits.py", "import cv2", "OpenCV and SimpleITK"),
    ],
)
def test_a_broken_rule_is_noticed(copy: Path, module: str, line: str, words: str) -> None:
    broken = copy / "viewer" / module
    broken.write_text(broken.read_text("utf-8") + f"\n{line}\n", encoding="utf-8")
    result = lint(copy)
    assert result.returncode == 1
    failed = [text for text in result.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(words in text for text in failed), result.stdout + result.stderr


def test_a_new_package_must_be_given_a_place(copy: Path) -> None:
    (copy / "viewer" / "helpers").mkdir()
    (copy / "viewer" / "helpers" / "__init__.py").write_text('"""Homeless."""\n', encoding="utf-8")
    result = lint(copy)
    assert result.returncode == 1
    assert "helpers" in result.stdout + result.stderr
