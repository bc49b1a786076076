"""Budgets: files, functions and classes that a person can hold in mind; raised only by a decision record."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
METHODS_OF_A_CLASS = 20
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "core", "base"}


def sources() -> list[Path]:
    """Return the program's own files, and the workshop's that a person reads as often."""
    folders = ("viewer", "benchmarks", "packaging")
    return [ROOT / "dev.py", *(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))]


def too_big(text: str, name: str) -> Iterator[str]:
    """Yield a sentence for each budget that a source text exceeds."""
    if len(text.splitlines()) > LINES_OF_A_FILE:
        yield f"{name} has {len(text.splitlines())} lines, more than {LINES_OF_A_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{name}:{node.lineno} {node.name} has {lines} lines, more than {LINES_OF_A_FUNCTION}"
        elif isinstance(node, ast.ClassDef):
            methods = sum(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in node.body)
            if methods > METHODS_OF_A_CLASS:
                yield f"{name}:{node.lineno} {node.name} has {methods} methods (<= {METHODS_OF_A_CLASS})"


def test_files_functions_and_classes_keep_their_budget() -> None:
    found = [
        line for path in sources() for line in too_big(path.read_text("utf-8"), str(path.relative_to(ROOT)))
    ]
    assert not found, "\n".join(found)


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [str(path) for path in sources() if path.stem in FORBIDDEN_NAMES] == []


def test_every_module_says_what_is_in_it() -> None:
    silent = [str(path) for path in sources() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


@pytest.mark.parametrize(
    "text",
    [
        '"""Long."""\n' + "x = 1\n" * LINES_OF_A_FILE,
        "def long():\n" + "    x = 1\n" * LINES_OF_A_FUNCTION,
        "class Wide:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(METHODS_OF_A_CLASS + 1)),
    ],
)
def test_the_check_itself_notices(text: str) -> None:
    assert list(too_big(text, "made up"))
