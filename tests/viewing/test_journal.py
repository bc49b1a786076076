"""What is drawn is written once, in order, and is there again after everything was forgotten."""

from dataclasses import replace

import pytest
from made import record, series

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.cache.journal import Kept
from viewer.dicom.records import FrameKey
from viewer.viewing.drawings import Drawings
from viewer.viewing.journal import Journal, key_of, understood
from viewer.viewing.shelf import Shelf

STUDY = "1.2.3"


class Desk:
    """A window's drawings and journal, and a file that outlives them."""

    def __init__(self, *, remembers=True, in_cache=False, file=None):
        self.file = {} if file is None else file
        self.remembers, self.in_cache = remembers, in_cache
        self.shelf = Shelf()
        self.shelf.add([record(f"1.7.{number}") for number in (1, 2, 3)])
        self.drawings = Drawings()
        self.journal = Journal(self.drawings, lambda: self.shelf, self._write, lambda: self.remembers)

    def _write(self, key, entries):
        self.file.setdefault(key, []).extend(change.entry for change in entries)

    def open(self):
        key = self.journal.wants(series().study)
        assert key == key_of(series().study)
        return self.journal.take(key, understood(Kept(tuple(self.file.get(key, ())), self.in_cache)))

    @property
    def drawing(self):
        return self.drawings.of(STUDY)

    def again(self, **changed):
        """Return another window on the same file: the first one crashed."""
        return Desk(file=self.file, **changed)


def line(number=1, x=1.0, uid=""):
    shape = Annotation(Kind.LENGTH, FrameKey(f"1.7.{number}"), ((x, 1.5), (9.0, 9.0)), "mine")
    return replace(shape, uid=uid) if uid else shape


@pytest.fixture
def desk():
    made = Desk()
    made.open()
    return made


def test_what_was_drawn_changed_deleted_undone_and_redone_is_there_after_a_crash(desk):
    one, two, three = line(1), line(2), line(3)
    for shape in (one, two, three):
        desk.drawing.do(Edit(None, shape))
    desk.drawing.do(Edit(one, replace(one, color="#ff0000")))
    desk.drawing.do(Edit(two, None))
    desk.drawing.do(Edit(three, None))
    desk.drawing.undo()
    desk.drawing.undo()
    desk.drawing.redo()
    after = desk.again()
    assert after.open() == desk.drawing.annotations
    assert after.drawing.annotations == desk.drawing.annotations


def test_restored_annotations_are_no_edit_and_are_not_written_again(desk):
    desk.drawing.do(Edit(None, line()))
    rows = [len(entries) for entries in desk.file.values()]
    after = desk.again()
    after.open()
    assert not after.drawing.can_undo
    assert [len(entries) for entries in after.file.values()] == rows


def test_a_study_that_is_open_is_asked_for_once_and_a_closed_one_again(desk):
    assert desk.journal.wants(series().study) is None
    desk.journal.clear()
    assert desk.journal.wants(series().study) is not None


def test_what_is_drawn_before_the_journal_was_read_waits_and_stands_with_what_was_there(desk):
    old, new = line(1), line(2)
    desk.drawing.do(Edit(None, old))
    after = desk.again()
    after.drawing.do(Edit(None, new))
    after.open()
    assert set(after.drawing.annotations) == {old, new}
    assert after.drawing.can_undo
    third = after.again()
    third.open()
    assert third.drawing.annotations == (old, new)


def test_an_answer_for_a_study_that_was_closed_meanwhile_restores_nothing(desk):
    desk.drawing.do(Edit(None, line()))
    after = desk.again()
    key = after.journal.wants(series().study)
    after.journal.clear()
    assert after.journal.take(key, understood(Kept(tuple(after.file[key])))) == ()


# -------------------------------------------------------------------------------- presentation states
def test_what_a_state_brings_is_not_written_but_every_change_of_it_is(desk):
    brought = line(uid="1.5")
    desk.drawings.saved([brought])
    desk.drawings.add(STUDY, (brought,))
    assert desk.file == {}
    changed = replace(brought, text="changed")
    desk.drawing.do(Edit(brought, changed))
    after = desk.again()
    assert after.open() == (changed,)
    after.drawing.do(Edit(changed, brought))
    assert after.drawings.unsaved == 0  # the state still has it as it was


def test_what_was_saved_is_shown_once_and_nobody_is_asked_about_it(desk):
    own = line(uid="1.5")
    desk.drawing.do(Edit(None, own))
    assert desk.journal.new == 1
    desk.drawings.saved([own])
    assert desk.journal.new == 0
    after = desk.again()
    after.open()
    assert after.drawings.unsaved == 0
    assert after.drawings.add(STUDY, (own,)) == 0  # from the state: the same Tracking UID
    assert after.drawing.annotations == (own,)


def test_what_was_saved_deleted_and_brought_back_by_undo_is_there(desk):
    own = line(uid="1.5")
    desk.drawing.do(Edit(None, own))
    desk.drawings.saved([own])
    desk.drawing.do(Edit(own, None))
    desk.drawing.undo()
    after = desk.again()
    assert after.open() == (own,)


def test_a_restored_annotation_is_not_asked_about_until_it_changes(desk):
    desk.drawing.do(Edit(None, line(1)))
    after = desk.again()
    (shape,) = after.open()
    assert (after.drawings.unsaved, after.journal.new) == (1, 0)
    after.drawing.do(Edit(shape, replace(shape, text="other")))
    assert after.journal.new == 1


# ---------------------------------------------------------------------------------------- whose, and where
def test_two_patients_under_one_study_uid_keep_their_own(desk):
    desk.drawing.do(Edit(None, line(1)))
    other = desk.again()
    other.shelf = Shelf()
    of = series(patient="Two")
    other.shelf.add([record("1.8.1", of)])
    key = other.journal.wants(of.study)
    assert other.journal.take(key, understood(Kept(tuple(other.file.get(key, ()))))) == ()
    other.drawing.do(Edit(None, replace(line(), frame=FrameKey("1.8.1"))))
    assert {key.patient for key in desk.file} == {
        key_of(series().study).patient,
        key_of(of.study).patient,
    }


def test_what_is_on_an_image_that_comes_later_or_on_a_plane_waits_for_it(desk):
    here, late = line(1), line(9)
    plane = replace(line(), frame=FrameKey("2.25.77"))
    for shape in (here, late, plane):
        desk.drawing.do(Edit(None, shape))
    after = desk.again()
    assert after.open() == (here,)
    after.shelf.add([record("1.7.9")])
    assert after.journal.again() == (late,)
    after.journal.seen(FrameKey("2.25.77"))
    assert after.drawing.annotations == (here, late, plane)


def test_what_is_not_to_be_remembered_is_written_only_for_what_is_in_the_cache():
    guest = Desk(remembers=False)
    guest.open()
    guest.drawing.do(Edit(None, line()))
    assert guest.file == {}
    assert not guest.journal.keeps
    guest.remembers = True  # the reader changed their mind: nothing of before is missing
    guest.drawing.do(Edit(None, line(2)))
    assert guest.journal.keeps
    assert len(guest.again().open()) == 2
    resident = Desk(remembers=False, in_cache=True)
    resident.open()
    resident.drawing.do(Edit(None, line()))
    assert resident.journal.keeps
    assert len(resident.again().open()) == 1
