import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from viewer.ui.plain_text import single_line, tooltip


def test_ordinary_words_stay_as_they_are():
    for words in ("Müller^Hans", "山田^太郎=やまだ^たろう", "محمد عبد الله", "สมชาย ใจดี", "O'Brien <b>"):
        assert single_line(words) == words


def test_line_ends_become_spaces():
    assert single_line("a\r\nb\tc\u2028d") == "a  b c d"


def test_an_identifier_cannot_be_made_to_read_backwards():
    assert single_line("12\u202e34\u202c") == "1234"


@given(st.text())
def test_what_is_shown_is_one_line(text):
    shown = single_line(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Zl", "Zp"}


def test_a_tooltip_shows_markup_as_it_is_written():
    assert tooltip("<b>x</b>\ny & z") == "<p>&lt;b&gt;x&lt;/b&gt;<br>y &amp; z</p>"
    assert tooltip("") == ""
