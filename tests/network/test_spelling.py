"""What peers are asked for instead of a name, so that people need not know how it is written."""

import re

import pytest

from viewer.network.spelling import plain, relaxed


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        *(("muller", "Müller"), ("MÜLLER", "muller"), ("sorensen", "Sørensen"), ("gross", "Groß")),
        *(
            ("ångström", "Angstrom"),
            ("lukasz", "Łukasz"),
            ("MA", "\uff2d\uff21"),
            ("istanbul", "İstanbul"),
        ),
    ],
)
def test_names_are_compared_without_case_width_and_accents(typed: str, written: str) -> None:
    assert plain(typed) == plain(written)


def test_other_letters_are_not_mixed_up() -> None:
    assert len({plain(text) for text in ("Müller", "Miller", "Möller", "山田", "Люк")}) == 5


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("muller*", ("m*ll*r*", "m*r*")),
        ("Nuñez*", ("N*z*",)),
        ("ozil*", ("*z*l*",)),
        ("lee*", ()),  # nearly all that there is would come
        ("山田*", ()),
        ("D?E^JANE*", ("D?*^J*",)),
    ],
)
def test_any_text_stands_for_what_may_carry_an_accent(typed: str, expected: tuple[str, ...]) -> None:
    assert relaxed(typed) == expected


@pytest.mark.parametrize("written", ["Müller^Jörg", "Álvarez", "Özil", "Nuñez", "François"])
def test_what_is_asked_for_instead_matches_the_name(written: str) -> None:
    typed = plain(written)
    first = relaxed(f"{typed}*")[0]
    expression = ".*".join(map(re.escape, first.split("*")))
    assert re.fullmatch(expression, written, re.IGNORECASE)
