"""Undo and redo."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.annotations.edits import Drawing, Edit
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.records import FrameKey

KEYS = [FrameKey("1.2.3", 1), FrameKey("1.2.3", 2), FrameKey("1.2.4", 1)]


def any_edit(chance, drawing):
    """Return an addition, a change or a removal that fits the drawing."""
    what, which, text = chance.randrange(3), chance.randrange(1000), str(chance.random())
    x, y = chance.uniform(0, 500), chance.uniform(0, 500)
    shapes = drawing.annotations
    if what == 0 or not shapes:
        return Edit(None, Annotation(Kind.LENGTH, KEYS[which % 3], (exact(x, y), exact(y, x)), text))
    shape = shapes[which % len(shapes)]
    return Edit(
        shape, None if what == 1 else replace(shape, points=(exact(x, y), shape.points[1]), text=text)
    )


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_200_edits_undone_give_the_empty_drawing_and_redone_give_it_back(chance):
    drawing = Drawing()
    for _ in range(200):
        drawing.do(any_edit(chance, drawing))
    drawn = set(drawing.annotations)
    while drawing.can_undo:
        drawing.undo()
    assert drawing.annotations == ()
    while drawing.can_redo:
        drawing.redo()
    assert set(drawing.annotations) == drawn


def test_what_is_done_at_once_is_taken_back_and_done_again_at_once():
    drawing, heard = Drawing(), []
    first, second, third = (Annotation(Kind.LENGTH, KEYS[0], ((x, 1.0), (9.0, 9.0))) for x in (1.0, 2.0, 3.0))
    drawing.do(Edit(None, first))
    drawing.do(Edit(None, second), Edit(second, replace(second, text="a")), Edit(None, third))
    drawing.do()  # nothing is no act
    drawing.listen(heard.append)
    drawing.undo()
    assert drawing.annotations == (first,)
    assert heard == [Edit(third, None), Edit(replace(second, text="a"), second), Edit(second, None)]
    drawing.redo()
    assert drawing.annotations == (first, replace(second, text="a"), third)
    drawing.undo()
    drawing.undo()
    assert not drawing.can_undo


def test_listeners_hear_of_what_is_applied_undo_and_redo_too():
    heard = []
    drawing = Drawing()
    drawing.listen(heard.append)
    edit = Edit(None, Annotation(Kind.LENGTH, KEYS[0], ((0.0, 0.0), (1.0, 1.0))))
    drawing.do(edit)
    drawing.undo()
    drawing.redo()
    assert heard == [edit, edit.inverse, edit]


def test_what_is_restored_is_no_edit_and_is_told_of_once():
    heard = []
    drawing = Drawing()
    mine, *before = (Annotation(Kind.LENGTH, key, ((0.0, 0.0), (1.0, 1.0))) for key in KEYS)
    drawing.do(Edit(None, mine))
    drawing.listen(heard.append)
    assert drawing.restore([mine, *before]) == tuple(before)
    assert drawing.annotations == (mine, *before)
    assert heard == [Edit(None, before[-1])]
    drawing.undo()
    assert drawing.annotations == tuple(before)
    assert not drawing.can_undo
    assert drawing.restore([]) == ()


def test_a_new_edit_forgets_what_was_undone():
    drawing = Drawing()
    first, second = (Edit(None, Annotation(Kind.LENGTH, key, ((0.0, 0.0), (1.0, 1.0)))) for key in KEYS[:2])
    drawing.do(first)
    drawing.undo()
    drawing.do(second)
    drawing.redo()
    assert drawing.annotations == (second.after,)


def test_nothing_happens_when_there_is_nothing_to_undo_or_redo():
    drawing = Drawing()
    drawing.undo()
    drawing.redo()
    assert drawing.annotations == ()


def test_annotations_are_told_apart_by_their_frame():
    shapes = [Annotation(Kind.LENGTH, key, ((0.0, 0.0), (1.0, 1.0))) for key in KEYS]
    assert Drawing(shapes).on(KEYS[1]) == (shapes[1],)
    assert Drawing(shapes).on(None) == ()
