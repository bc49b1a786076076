"""The journal's text: whatever was drawn is read as it was, and damage costs no more than its own row."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.annotations.edits import Drawing, Edit
from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.records import FrameKey
from viewer.viewing.journal_text import edit_text, replayed, saved_text

COORDINATES = st.floats(-1e6, 1e6, width=32)
POINTS = st.tuples(COORDINATES, COORDINATES)


@st.composite
def shapes(draw):
    kind = draw(st.sampled_from(sorted(KINDS)))
    count = KINDS[kind].number_of_points or draw(st.integers(3, 9))
    return Annotation(
        kind,
        FrameKey(draw(st.text(min_size=1, max_size=64)), draw(st.integers(1, 9999))),
        tuple(exact(*draw(POINTS)) for _ in range(count)),
        draw(st.text(max_size=40)),
        color=draw(st.sampled_from(["", "#ff8000"])),
        read_only=draw(st.booleans()),
    )


LINE = Annotation(Kind.LENGTH, FrameKey("1.2.3", 4), ((0.125, 2.0), exact(3.3, 4.7)), "left kidney", "1.2.9")


@given(shapes())
def test_every_field_of_an_annotation_comes_back_as_it_was(shape):
    found = replayed([edit_text(Edit(None, shape))])
    assert found.annotations == (shape,)
    assert found.known == {shape.uid}


def test_every_field_of_an_annotation_is_in_the_text():
    written = json.loads(edit_text(Edit(LINE, None)))["before"]
    assert set(written) == {each.name for each in fields(Annotation)}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 99), POINTS), max_size=60), st.data())
def test_edits_undone_and_redone_come_to_what_is_drawn(steps, data):
    drawing, rows = Drawing(), []
    drawing.listen(lambda edit: rows.append(edit_text(edit)))
    for what, which, point in steps:
        there = drawing.annotations
        if what == 0 or not there:
            drawing.do(Edit(None, replace(LINE, uid=f"1.{len(rows)}")))
        else:
            shape = there[which % len(there)]
            after = replace(shape, points=(point, shape.points[1])) if what == 1 else None
            drawing.do(Edit(shape, after))
        if data.draw(st.integers(0, 4)) == 0:
            drawing.undo()
        if data.draw(st.integers(0, 6)) == 0:
            drawing.redo()
    assert set(replayed(rows).annotations) == set(drawing.annotations)


def test_what_a_state_has_is_known_as_it_was_saved():
    moved = replace(LINE, points=((9.0, 9.0), LINE.points[1]))
    rows = [edit_text(Edit(None, LINE)), saved_text([LINE]), edit_text(Edit(LINE, moved))]
    found = replayed(rows)
    assert found.annotations == (moved,)
    assert found.saved == (LINE,)


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        '{"before":null}',
        '{"saved":[7]}',
        edit_text(Edit(None, LINE))[:-9],
        edit_text(Edit(None, LINE)).replace("LENGTH", "SPIRAL"),  # of a newer program
        edit_text(Edit(None, LINE)).replace("[0.125,2.0],", ""),  # a length of one point
        edit_text(Edit(None, LINE)).replace("0.125", "NaN"),
        edit_text(Edit(None, LINE)).replace("0.125", "1e300"),
        edit_text(Edit(None, LINE)).replace("0.125", '"a"'),
        edit_text(Edit(None, LINE)).replace("0.125", "1" * 5000),
        edit_text(Edit(None, LINE)).replace('"1.2.3",4', '"1.2.3","4"'),
        edit_text(Edit(None, LINE)).replace('"1.2.9"', "129"),
        edit_text(Edit(None, LINE)).replace('"left kidney"', "5"),
        "[" * 100_000,
    ],
)
def test_a_row_that_cannot_be_understood_is_counted_and_costs_nothing_else(damage):
    before, after = replace(LINE, uid="1"), replace(LINE, uid="2")
    found = replayed([edit_text(Edit(None, before)), damage, edit_text(Edit(None, after))])
    assert found.annotations == (before, after)
    assert found.unread == 1
