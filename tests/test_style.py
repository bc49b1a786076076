"""The checkers a person would run by hand, so that the test command runs all of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "ruff check": ["ruff", "check", "--output-format=concise", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy", "--no-error-summary"],
    "mypy of the workshop": ["mypy", "--no-error-summary", "dev.py", "benchmarks", "packaging"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_source_is_clean(name: str) -> None:
    command = [sys.executable, "-m", *CHECKS[name]]
    result = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True, check=False
    )
    if result.returncode:
        pytest.fail(f"{name} finds:\n{result.stdout}{result.stderr}", pytrace=False)
