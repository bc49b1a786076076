"""Drawings of several studies, and what of them is not saved yet."""

import pytest
from made import key, picture

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.viewing.drawings import Drawings


def line(number=1, x=1.0):
    return Annotation(Kind.LENGTH, key(number), ((x, 1.0), (9.0, 9.0)))


@pytest.fixture
def drawings():
    return Drawings()


def test_every_study_has_a_drawing_of_its_own_and_all_are_heard(drawings):
    heard = []
    drawings.listen(heard.append)
    one, two = line(1), line(2)
    drawings.of("a").do(Edit(None, one))
    drawings.of("b").do(Edit(None, two))
    assert drawings.of("a").annotations == (one,)
    assert drawings.annotations == (one, two)
    assert drawings.on(key(2)) == (two,)
    assert heard == [Edit(None, one), Edit(None, two)]


def test_what_no_state_has_is_unsaved_until_it_is_saved_as_it_is(drawings):
    shape = line()
    drawings.of("a").do(Edit(None, shape))
    assert drawings.unsaved == 1
    drawings.saved([shape])
    assert drawings.unsaved == 0
    moved = Annotation(shape.kind, shape.frame, ((2.0, 2.0), (9.0, 9.0)), uid=shape.uid)
    drawings.of("a").do(Edit(shape, moved))
    assert drawings.unsaved == 1
    drawings.of("a").undo()
    assert drawings.unsaved == 0


def test_drawn_and_taken_back_is_nothing_to_save(drawings):
    drawings.of("a").do(Edit(None, line()))
    drawings.of("a").undo()
    assert drawings.unsaved == 0


def test_what_a_state_brings_is_added_once_and_can_be_taken_back(drawings):
    shapes = (line(1), line(2))
    assert drawings.add("a", shapes) == 2
    assert drawings.add("a", shapes) == 0
    assert drawings.annotations == shapes
    drawings.of("a").undo()  # all that came at once
    assert drawings.annotations == ()
    drawings.of("a").redo()
    assert drawings.annotations == shapes


def test_headers_are_remembered_and_everything_is_forgotten(drawings):
    drawings.describe(picture(key(1)).description)
    drawings.of("a").do(Edit(None, line()))
    assert drawings.description(key(1)).key == key(1)
    assert drawings.description(key(2)) is None
    drawings.of("a").do(Edit(None, line()))
    heard = []
    drawings.listen(heard.append)
    drawings.tell_again(key(1))
    assert [edit.after for edit in heard] == list(drawings.annotations)[:1]  # who shows them, shows them all
    drawings.clear()
    assert (drawings.annotations, drawings.all, drawings.unsaved) == ((), (), 0)
    assert drawings.description(key(1)) is None
