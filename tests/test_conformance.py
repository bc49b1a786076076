"""The table of docs/conformance.md is current, and behind every statement there is a test."""

import re

import pytest
from conformance import DOCUMENT, LATER, ROOT, STATEMENTS, document, proofs_by_id


@pytest.fixture(scope="module")
def proofs():
    """Return the tests that carry each id."""
    return proofs_by_id((ROOT / "tests").rglob("test_*.py"))


def test_the_document_is_what_the_tests_and_tables_say():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python tests/conformance.py"


@pytest.mark.parametrize("identifier", sorted(STATEMENTS.keys() - LATER))
def test_every_statement_has_a_test(proofs, identifier):
    assert proofs[identifier]


def test_every_id_in_the_name_of_a_test_is_a_statement(proofs):
    assert proofs.keys() <= STATEMENTS.keys()


def test_every_test_of_the_document_exists():
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", DOCUMENT.read_text(encoding="utf-8"))
    assert named
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in (ROOT / "tests" / file).read_text(encoding="utf-8")
    ]
    assert missing == []
