"""The whole corpus against DCMTK: nothing differs that is not explained, and explained means foretold."""

from collections import Counter
from pathlib import Path

import pytest
from agreement import REASONS, Finding, Verdict, findings, table

CONFORMANCE = Path(__file__).resolve().parent.parent.parent / "docs" / "conformance.md"


@pytest.mark.corpus
def test_c31_the_corpus_is_drawn_as_dcmtk_draws_it_or_the_difference_is_explained(corpus, dcmtk):
    found = list(findings(corpus, Path(dcmtk)))
    unexplained = [one for one in found if one.verdict is Verdict.UNEXPLAINED]
    assert not unexplained
    count = Counter(one.verdict for one in found)
    assert count[Verdict.EQUAL] >= 770
    assert count[Verdict.TOLERATED] <= 2
    assert {one.reason for one in found if one.verdict is Verdict.EXPLAINED} <= set(REASONS)


def test_the_table_counts_by_photometric_interpretation_and_transfer_syntax():
    found = [
        Finding("a", "RGB", "RLE", Verdict.EQUAL),
        Finding("b", "RGB", "RLE", Verdict.EXPLAINED, "why"),
        Finding("c", "MONOCHROME2", "RLE", Verdict.ALONE),
    ]
    lines = [line.split() for line in table(found).splitlines()]
    assert lines[1:] == [
        ["MONOCHROME2", "RLE", "0", "0", "0", "0", "1", "1"],
        ["RGB", "RLE", "1", "0", "1", "0", "0", "2"],
        ["all", "1", "0", "1", "0", "1", "3"],
    ]


def test_every_reason_stands_in_the_table_of_conformance():
    text = CONFORMANCE.read_text(encoding="utf-8")
    assert [reason for reason in REASONS if reason not in text] == []
