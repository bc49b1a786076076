"""docs/bir.md is current, and behind every check of the profile there is a test."""

import pytest
from bir import CHECKS, DOCUMENT, document, proofs


@pytest.fixture(scope="module")
def found():
    """Return the tests that carry each check."""
    return proofs()


def test_the_list_of_checks_is_what_the_tests_say():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python tests/bir.py"


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_of_the_profile_has_a_test(found, check):
    assert found[check]


def test_every_check_in_the_name_of_a_test_is_one_of_the_profile(found):
    assert found.keys() <= CHECKS.keys()
