import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.charset import MOST_BYTES, decode, encodings
from viewer.dicom.text import age, date, person_name, printable, shown_path, time


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("DOE^JANE^MARIE^DR^PHD", "DOE, JANE MARIE DR PHD"),
        ("Doe", "Doe"),
        ("^Jane", "Jane"),
        ("", ""),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎, やまだ たろう)"),
        ("=山田^太郎", "山田 太郎"),
        ("Hong^Gildong==홍^길동", "Hong, Gildong (홍 길동)"),
        ("Doe  ^  Jane  ", "Doe, Jane"),
        ("a=b=c=d", "a (b, c)"),
    ],
)
def test_a_person_name_is_family_name_then_given_names_then_other_ways_of_writing(value, shown):
    assert person_name(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("20261122", "2026-11-22"), ("2026.11.22", "2026-11-22"), ("2026", "2026"), ("", ""), ("x\n", "x")],
)
def test_dates(value, shown):
    assert date(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("101112.123456", "10:11:12"),
        ("1011", "10:11"),
        ("10", "10 h"),
        ("10:11:12", "10:11:12"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_times(value, shown):
    assert time(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("063Y", "63 years"), ("001D", "1 day"), ("012W", "12 weeks"), ("old", "old"), ("", "")],
)
def test_ages(value, shown):
    assert age(value) == shown


def test_what_could_deceive_a_terminal_or_a_reader_is_escaped():
    assert printable("a\nb\x1b[31m\x00") == r"a\nb\x1b[31m\x00"
    assert printable("gnp.\u202eeod") == r"gnp.\u202eeod"
    assert printable("\ud800") == r"\ud800"
    assert printable("山田 é") == "山田 é"


def test_a_long_text_is_cut_with_a_mark():
    assert printable("x" * 30, 10) == "x" * 9 + "…"


def test_the_name_of_a_file_that_is_not_utf8_is_shown_by_its_bytes():
    assert shown_path(os.fsdecode(b"/cd/M\xfcller.dcm")) == r"/cd/M\xfcller.dcm"
    assert shown_path(b"/cd/M\xc3\xbcller.dcm") == "/cd/Müller.dcm"


@given(st.text())
def test_shown_text_is_one_line_that_can_be_encoded(text):
    shown = printable(text)
    shown.encode("utf-8")
    assert all(unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"} for character in shown)


# PS3.5 annexes H, I, J and K give these bytes and names.
@pytest.mark.parametrize(
    ("character_set", "value", "name"),
    [
        (
            rb"\ISO 2022 IR 87",
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ),
        (
            rb"ISO 2022 IR 13\ISO 2022 IR 87",
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        ),
        (
            rb"\ISO 2022 IR 149",
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
            "Hong^Gildong=洪^吉洞=홍^길동",
        ),
        (b"ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
        (b"GB18030", "Wang^XiaoDong=王^小东".encode("gb18030"), "Wang^XiaoDong=王^小东"),
        (
            rb"\ISO 2022 IR 58",
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab",
            "Zhang^XiaoDong=张^小东",
        ),
        (b"ISO_IR 144", "Достоевский".encode("iso8859_5"), "Достоевский"),
        (b"ISO 8859/1", b"M\xfcller", "Müller"),
        (b"ISO-IR 100", b"M\xfcller", "Müller"),
        (b"", b"M\xfcller", "Müller"),
        (b"ISO_IR 192", b"M\xfcller", "M\ufffdller"),
    ],
)
def test_names_in_the_character_sets_of_the_standard(character_set, value, name):
    assert decode(value, encodings(character_set), name=True) == name


def test_padding_is_no_part_of_a_text():
    assert decode(b" Head \0", encodings(b"")) == "Head"


def test_a_code_extension_ends_with_its_component():
    korean = encodings(rb"ISO 2022 IR 100\ISO 2022 IR 149")
    assert decode(b"\x1b$)C\xb1\xe8^\xe9", korean, name=True) == "김^é"


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", rb"\ISO 2022 IR 87", rb"\ISO 2022 IR 149", b"GB18030", b"junk"]),
)
def test_any_bytes_are_some_text(value, character_set):
    decode(value, encodings(character_set), name=True).encode("utf-8")


def test_a_value_of_many_escapes_is_cut_before_it_costs_time():
    assert len(decode(b"\x1b(B" * 1_000_000, encodings(b""))) <= MOST_BYTES
