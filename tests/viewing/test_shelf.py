"""The shelf: what was opened, by patient, study, series and stack, as it comes in."""

import random
from dataclasses import replace

import pytest
from made import record, series

from viewer.dicom.records import Refused, Skipped
from viewer.viewing.shelf import Shelf, StackKey

ONE, TWO = series(1), series(2)


def test_it_grows_stack_by_stack_and_tells_which_ones_changed():
    shelf = Shelf()
    (first,) = shelf.add([record("1.7.2", ONE)])
    assert [k.sop_instance_uid for k in first.keys] == ["1.7.2"]
    (grown,) = shelf.add([record("1.7.1", ONE), record("1.7.3", ONE)])
    assert [k.sop_instance_uid for k in grown.keys] == ["1.7.1", "1.7.2", "1.7.3"]
    assert {hung.series for hung in shelf.add([record("1.8.1", TWO)])} == {TWO}
    assert shelf.add([]) == []
    assert len(shelf) == 4


def test_what_cannot_be_used_is_kept_with_its_reason():
    shelf = Shelf()
    assert shelf.add([Refused("a", "cut off"), Skipped("b", "no DICOM")]) == []
    assert (shelf.refused, shelf.skipped) == ([Refused("a", "cut off")], [Skipped("b", "no DICOM")])
    assert len(shelf) == 0


def test_an_instance_comes_once_and_a_whole_one_takes_the_place_of_a_damaged_one():
    shelf = Shelf()
    damaged = replace(record("1.7.1"), note="cut off")
    shelf.add([damaged])
    assert shelf.add([replace(damaged, path="/other", note="also cut off")]) == []
    (hung,) = shelf.add([replace(damaged, path="/whole", note="")])
    assert [r.path for r in hung.stack.records] == ["/whole"]
    assert shelf.instance("1.7.1").path == "/whole"
    assert len(shelf) == 1


def test_the_order_of_arrival_does_not_matter():
    records = [record(f"1.7.{number}", ONE) for number in range(1, 9)]
    records += [record(f"1.8.{number}", TWO) for number in range(1, 5)]
    expected = None
    for seed in range(5):
        random.Random(seed).shuffle(records)  # noqa: S311  an order, no secret
        shelf = Shelf()
        for item in records:
            shelf.add([item])
        (patient,) = shelf.patients()
        found = [hung.keys for hung in shelf.study_stacks(patient.studies[0])]
        expected = expected or found
        assert found == expected


def test_a_key_finds_its_stack_and_an_old_key_nothing():
    shelf = Shelf()
    (one,) = shelf.add([record("1.7.1", ONE)])
    (two,) = shelf.add([record("1.8.1", TWO)])
    assert StackKey.parse(shelf.key_of(two).text) == shelf.key_of(two)
    assert shelf.find(shelf.key_of(one).text) == one
    assert shelf.find(shelf.key_of(two).text) == two
    assert shelf.find("9.0") is None
    assert shelf.find("0.7") is None
    assert shelf.find("0.-1") is None
    with pytest.raises(ValueError, match="invalid literal"):
        StackKey.parse("anything")


def test_two_patients_are_two_also_with_the_same_study_uid():
    shelf = Shelf()
    shelf.add([record("1.7.1", series(1, patient="One")), record("1.8.1", series(1, patient="Two"))])
    assert [patient.record.patient_name for patient in shelf.patients()] == ["One", "Two"]
    assert shelf.study_of(series(1, patient="Two")).record.patient.patient_name == "Two"
    assert shelf.study_of(series(1, patient="Three")) is None


def test_states_about_a_study_are_found_by_what_they_refer_to():
    shelf = Shelf()
    state = replace(record("1.9.1", TWO, rows=None), referenced_instance_uids=("1.7.1",))
    shelf.add([record("1.7.1", ONE), state])
    assert shelf.states_about("1.2.3") == [state]
    assert shelf.states_about("1.2.4") == []
