"""What was seen of a study: counted, marked, written, read, and asked about."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import record, series

from viewer.dicom.records import FrameKey
from viewer.viewing.journal import key_of
from viewer.viewing.seen import Seen, SeenFrames, is_counted, newest
from viewer.viewing.seen_text import frames_of, frames_text
from viewer.viewing.shelf import Shelf

UIDS = st.text(alphabet="0123456789.", min_size=1, max_size=20)
FRAMES = st.frozensets(st.builds(FrameKey, UIDS, st.integers(1, 40)), max_size=60)


@given(FRAMES)
def test_a_set_of_frames_comes_back_from_its_text(frames):
    assert frames_of(frames_text(frames)) == frames


def test_600_slices_are_a_few_kilobytes_and_a_film_is_a_line():
    slices = [FrameKey(f"1.2.840.113619.2.55.3.604688119.971.1246893020.{n}") for n in range(400, 1000)]
    assert len(frames_text(slices)) < 6 * 600 + 60
    assert len(frames_text(FrameKey("1.2.840.1", n) for n in range(1, 1201))) < 50


DAMAGED = (
    *("", "{", "null", "7", "[]", '["a",[7],{}]', "[" * 99_999),
    *('["a",[],{"b":[[1,9e99]]}]', '["a",[],{"b":[[0,5]]}]', '["a",[],{"b":[[1,100000000000]]}]'),
)


@pytest.mark.parametrize("text", DAMAGED)
def test_of_damage_nothing_is_seen(text):
    assert frames_of(text) == frozenset()


@pytest.fixture
def shelf():
    made = Shelf()
    made.add([record(f"1.7.{number}") for number in range(1, 6)])
    made.add([record(f"1.8.{number}", series(2)) for number in range(1, 4)])
    return made


@pytest.fixture
def seen(shelf):
    made = Seen(lambda: shelf)
    assert made.wants(series().study) == key_of(series().study)
    return made


def stacks(shelf):
    (patient,) = shelf.patients()
    return shelf.study_stacks(patient.studies[0])


def test_frames_are_counted_by_stack_once(seen, shelf):
    one, two = stacks(shelf)
    assert seen.add(FrameKey("1.7.2"))
    assert not seen.add(FrameKey("1.7.2"))
    assert not seen.add(FrameKey("9.9"))  # of nothing that is open
    assert (seen.count(one), seen.count(two)) == (1, 0)


def test_what_was_seen_is_written_by_series_and_there_again(seen, shelf):
    seen.add(FrameKey("1.7.2"))
    seen.add(FrameKey("1.8.3"))
    seen.toggle(stacks(shelf)[1])
    rows = seen.changes()
    assert [row.series_instance_uid for _, row in rows] == ["1.2.3.1", "1.2.3.2"]
    assert seen.changes() == []
    again = Seen(lambda: shelf)
    key = again.wants(series().study)
    assert again.wants(series().study) is None
    again.take(key, [SeenFrames.of(found.row) for _, found in rows])
    assert [again.count(hung) for hung in stacks(shelf)] == [1, 3]
    assert again.changes() == []
    assert not again.toggle(stacks(shelf)[1])  # the mark is taken back, what was displayed stays
    assert again.count(stacks(shelf)[1]) == 1


def test_an_answer_for_what_was_closed_is_dropped(seen, shelf):
    seen.add(FrameKey("1.7.2"))
    ((key, row),) = seen.changes()
    seen.forget()
    seen.take(key, [row])
    assert seen.count(stacks(shelf)[0]) == 0


def test_a_series_is_called_seen_and_that_is_taken_back(seen, shelf):
    one = stacks(shelf)[0]
    seen.add(one.keys[0])
    assert seen.toggle(one)
    assert seen.count(one) == 5
    assert not seen.toggle(one)
    assert seen.count(one) == 1
    for frame in one.keys:
        seen.add(frame)
    assert seen.toggle(one)  # nothing to take back
    assert seen.count(one) == 5


def test_the_next_unseen_image_is_behind_this_one_then_from_the_front(seen, shelf):
    one, two = stacks(shelf)
    assert seen.next_unseen([one, two], None) == (one, 0)
    for index in (0, 1, 4):
        seen.add(one.keys[index])
    assert seen.next_unseen([one, two], one.keys[1]) == (one, 2)
    assert seen.next_unseen([one, two], one.keys[3]) == (two, 0)
    assert seen.next_unseen([one, two], two.keys[2]) == (one, 2)
    seen.toggle(one)
    seen.toggle(two)
    assert seen.next_unseen([one, two], one.keys[3]) is None


def test_only_what_the_reader_began_to_look_at_is_asked_about(seen, shelf):
    (patient,) = shelf.patients()
    assert seen.unseen(patient.studies) == []
    seen.add(FrameKey("1.7.2"))
    assert [(one.count, one.of) for one in seen.unseen(patient.studies)] == [(4, 5), (3, 3)]
    for hung in stacks(shelf):
        seen.toggle(hung)
    assert seen.unseen(patient.studies) == []


def test_localizers_objects_and_what_is_made_of_images_are_not_asked_about(shelf):
    hung = stacks(shelf)[0]
    assert is_counted(hung)
    assert not is_counted(replace(hung, series=replace(hung.series, modality="SEG")))
    pdf = replace(hung.stack.records[0], sop_class_uid="1.2.840.10008.5.1.4.1.1.104.1")
    assert not is_counted(replace(hung, stack=replace(hung.stack, records=(pdf,))))
    scout = record("1.9.1", image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    shelf.add([scout])
    kinds = {is_counted(each) for each in stacks(shelf) if each.stack.records[0] is scout}
    assert kinds == {False}


def test_the_newest_study_is_read_the_others_are_priors(shelf):
    older = replace(series().study, study_instance_uid="1.2.4", study_date="20200101")
    shelf.add([record("1.6.1", replace(series(3), study=older))])
    (patient,) = shelf.patients()
    assert newest(patient.studies).record.study_date == "20260102"
    assert newest([]) is None


def test_the_text_is_json():
    assert json.loads(frames_text([FrameKey("1.2.1"), FrameKey("1.2.2", 3)])) == [
        "1.2.",
        ["1"],
        {"2": [[3, 3]]},
    ]
