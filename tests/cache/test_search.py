# ruff: noqa: RUF001  letters that look like others are what this is about
import sqlite3
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from viewer.cache.search import MOST_CHARACTERS, folded, has_wildcards, like_pattern, words


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("MÜLLER^Änne", "muller anne"),
        ("Straße", "strasse"),
        ("Sørensen^Łukasz", "sorensen lukasz"),
        ("İSTANBUL", "istanbul"),
        ("Ёлкин", "елкин"),  # Cyrillic io is written as ie as often
        ("ΆΝΝΑΣ", "ανναs".replace("s", "σ")),  # final and other sigma are one letter
        ("  two \t words\n", "two words"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "yamada tarou 山田 太郎 やまだ たろう"),
        ("ﾔﾏﾀﾞ^ﾀﾛｳ", "やまだ たろう"),
        ("ヤマダ", "やまだ"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "hong gildong 洪 吉洞 홍 길동"),
        ("Wang^XiaoDong=王^小东", "wang xiaodong 王 小东"),
        ("No\u200ename\u0000x", "noname x"),  # a mark of direction is not seen, so it is not typed
        ("", ""),
    ],
)
def test_a_text_is_folded_to_what_a_person_would_type(typed, means):
    assert folded(typed) == means


@pytest.mark.parametrize("text", ["สมชาย วิชัย", "कुमार", "قَبَّانِي", "שָׁלוֹם", "நிவேதா"])
def test_marks_that_are_vowels_are_kept(text):
    assert unicodedata.normalize("NFC", text.replace(" ", "")) == folded(text).replace(" ", "")


@given(st.text())
@example("ΐ")
@example("ｶﾞ")
def test_folding_twice_changes_nothing_and_leaves_one_line(text):
    once = folded(text)
    assert folded(once) == once
    assert once == " ".join(once.split())
    once.encode("utf-8")  # a database takes it


@given(st.text(max_size=50))
def test_capital_letters_and_composition_make_no_difference(text):
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))


def like(value: str, typed: str) -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        found = connection.execute("SELECT ? LIKE ? ESCAPE '\\'", (folded(value), like_pattern(typed)))
        return bool(found.fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("value", "typed", "found"),
    [
        ("A_B", "A_B", True),
        ("AXB", "A_B", False),  # the underscore is data
        ("100 %", "0 %", True),
        ("1000", "0 %", False),
        ("a\\b", "A\\B", True),
        ("a\\b", "ab", False),
        ("CT-0012", "012", True),
        ("CT-0012", "CT*12", True),
        ("CT-0012", "0*2", False),  # with a wildcard it is the whole value
        ("CT-0012", "CT-00?2", True),
        ("CT-0012", "CT-0?2", False),
        ("a_b%c", "A_*%?", True),
        ("axbxc", "A_*%?", False),
        ("Müller", "ＭＵＬ＊", True),
    ],
)
def test_wildcards_work_and_everything_else_is_data(value, typed, found):
    assert like(value, typed) is found


def test_words_are_distinct_and_the_rarest_first():
    assert words("  ct Müller CT a") == ("muller", "ct", "a")
    assert words("") == ()


def test_a_text_without_end_is_cut():
    assert len(like_pattern("%" * 10**6)) == 2 * MOST_CHARACTERS + 2


def test_wildcards_are_seen_in_full_width_too():
    assert has_wildcards("Ａ＊")
    assert not has_wildcards("A%_")
