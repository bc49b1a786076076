"""Keys that a reader chose: what holds, and what is taken."""

import pytest

from viewer.tools.keys import KeyChoice, chosen, effective, holder, normal

OWN = {"scroll": ("S",), "redo": ("Ctrl+Shift+Z", "Ctrl+Y"), "demo": ()}


def test_what_is_chosen_takes_the_place_of_an_actions_own_keys_and_none_is_a_choice():
    choices = (KeyChoice("scroll", ("Q",)), KeyChoice("redo"), KeyChoice("gone", ("X",)))
    assert effective(OWN, choices) == {"scroll": ("Q",), "redo": (), "demo": ()}


def test_choosing_an_actions_own_keys_is_no_choice():
    choices = chosen(OWN, (), "scroll", ("Q",))
    assert choices == (KeyChoice("scroll", ("Q",)),)
    assert chosen(OWN, choices, "scroll", ("S",)) == ()


def test_a_key_is_found_however_it_is_written_and_not_with_who_asks():
    keys = effective(OWN, ())
    assert holder(keys, "shift+ctrl+z") == "redo"
    assert holder(keys, "s", but="scroll") is None
    assert holder(keys, "Ctrl+S") is None


@pytest.mark.parametrize(
    ("key", "same"),
    [("+", "+"), ("Ctrl++", "ctrl++"), ("Shift+Ctrl+A", "ctrl+shift+a"), ("F1", "f1"), ("Ctrl+,", "ctrl+,")],
)
def test_a_key_has_one_normal_form(key, same):
    assert normal(key) == same
    assert normal(key) == normal(key.lower())
