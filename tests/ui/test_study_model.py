"""The model of the list of studies: pages, races and counts, with sources that are as slow as one likes."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from viewer.cache.study_list import ListedStudy, Order, SortBy, StudyFilter, StudyKey
from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.errors import ViewerError
from viewer.jobs.queue import JobQueue
from viewer.ui.bridge import MainThread
from viewer.ui.studies.study_model import STUDY, StudyModel
from viewer.ui.studies.study_table import StudyTable
from viewer.ui.study_words import images, is_short, moment, size, tip, troubles
from viewer.viewing.study_source import PAGE, Column, StudyPage

ALL = StudyFilter()
UP = Order(SortBy.PATIENT_NAME, descending=False)
DOWN = Order(SortBy.PATIENT_NAME, descending=True)


def listed(number, **changes):
    patient = PatientRecord(f"Name{number:05d}^A", f"ID{number}")
    made = ListedStudy(
        StudyKey(f"1.2.{number}", ("", f"ID{number}")), StudyRecord(f"1.2.{number}", patient), ("CT",),
        1, 10, 10, 1000, 0, None, "CD", 0.0, None, False, None, 0,  # noqa: FBT003  the order of the fields
    )  # fmt: skip
    return replace(made, **changes)


class Numbers:
    """Studies 0 .. count-1 by name; a text that is asked for keeps those whose number it divides."""

    name, columns, as_typed = "Numbers", tuple(Column), True

    def __init__(self, count):
        self.count = count
        self.asked = []
        self.gates = {}  # by (text, descending, offset): events to be waited for
        self.fails = ""

    def page(self, asked, order, offset, limit, _cancelled):
        self.asked.append((asked.text, order.descending, offset))
        gate = self.gates.get((asked.text, order.descending, offset))
        if gate is not None:
            gate.wait(20)
        if self.fails:
            raise ViewerError(self.fails)
        step = int(asked.text or 1)
        numbers = range(0, self.count, step)
        if order.descending:
            numbers = numbers[::-1]
        return StudyPage(len(numbers), offset, tuple(listed(n) for n in numbers[offset : offset + limit]))

    def modalities(self, _cancelled):
        return ("CT",)

    def records(self, _key, _cancelled):
        return []


@pytest.fixture
def queue(qapp):
    with JobQueue(MainThread(qapp).post) as made:
        yield made


@pytest.fixture
def asked(qtbot, queue):
    """Return a function that makes a model of so many studies, with its first answer."""

    def make(count, order=UP):
        source = Numbers(count)
        model = StudyModel(queue, source)
        model.ask(ALL, order)
        settle(qtbot, model)
        return model, source

    return make


def settle(qtbot, model):
    qtbot.waitUntil(lambda: not model.busy, timeout=20_000)


def number(model, row):
    study = model.pages.study(row)
    return None if study is None else int(study.record.study_instance_uid.rpartition(".")[2])


def test_five_thousand_studies_are_counted_and_only_one_page_is_read(asked):
    model, source = asked(5000)
    assert model.rowCount() == 5000
    assert source.asked == [("", False, 0)]
    assert number(model, PAGE - 1) == PAGE - 1
    assert model.pages.study(PAGE) is None
    assert model.data(model.index(PAGE, 0)) is None


def test_a_scroll_reads_the_pages_in_sight_once(qtbot, asked):
    model, source = asked(5000)
    model.want(3 * PAGE - 10, 3 * PAGE + 10)
    settle(qtbot, model)
    model.want(3 * PAGE - 5, 3 * PAGE + 15)
    settle(qtbot, model)
    assert sorted(source.asked[1:]) == [("", False, 2 * PAGE), ("", False, 3 * PAGE)]
    assert [number(model, row) for row in (3 * PAGE - 1, 3 * PAGE)] == [3 * PAGE - 1, 3 * PAGE]


def test_a_view_that_is_dragged_through_all_rows_asks_for_few_pages_and_ends_with_the_right_ones(
    qtbot, queue
):
    source = Numbers(5000)
    model = StudyModel(queue, source)
    table = StudyTable(model)
    qtbot.addWidget(table)
    table.resize(900, 600)
    table.show()
    model.ask(ALL, UP)
    settle(qtbot, model)
    bar = table.verticalScrollBar()
    for step in range(101):
        bar.setValue(bar.maximum() * step // 100)
    settle(qtbot, model)
    assert len(source.asked) <= 2 * 5000 // PAGE + 2
    assert number(model, 4999) == 4999
    bottom = table.rowAt(table.viewport().height() - 1)
    assert table.model().index(bottom, 0).data(Qt.ItemDataRole.DisplayRole) == "Name04999, A"


def test_while_a_new_answer_is_under_way_the_old_rows_stay_whole(qtbot, asked):
    model, source = asked(1000)
    gate = source.gates[("", True, 0)] = threading.Event()
    model.ask(ALL, DOWN)
    assert [number(model, row) for row in (0, 1, PAGE - 1)] == [0, 1, PAGE - 1]
    gate.set()
    settle(qtbot, model)
    assert [number(model, row) for row in (0, 1, PAGE - 1)] == [999, 998, 1000 - PAGE]


def test_slow_pages_of_an_earlier_question_never_come_into_a_later_answer(qtbot, asked):
    model, source = asked(3000)
    slow = source.gates[("", False, 2 * PAGE)] = threading.Event()
    model.want(2 * PAGE, 2 * PAGE + 20)  # it is being read when ...
    qtbot.waitUntil(lambda: ("", False, 2 * PAGE) in source.asked)
    model.ask(replace(ALL, text="3"), DOWN)  # ... the question changes
    settle(qtbot, model)
    slow.set()
    model.want(2 * PAGE, 2 * PAGE + 20)
    settle(qtbot, model)
    qtbot.wait(50)
    numbers = range(0, 3000, 3)[::-1]
    assert model.rowCount() == 1000
    for row in range(1000):
        assert number(model, row) in {None, numbers[row]}
    assert number(model, 2 * PAGE) == numbers[2 * PAGE]


def test_of_questions_asked_quickly_only_the_last_is_answered(qtbot, asked):
    model, source = asked(1000)
    answers = []
    model.answered.connect(lambda: answers.append(model.rowCount()))
    gates = [source.gates.setdefault((text, False, 0), threading.Event()) for text in ("2", "4")]
    for text in ("2", "4", "5"):
        model.ask(replace(ALL, text=text), UP)
    for gate in gates:
        gate.set()
    settle(qtbot, model)
    qtbot.wait(50)
    assert answers == [200]
    assert number(model, 1) == 5


def test_rows_that_changed_in_between_are_read_anew_and_not_mixed(qtbot, asked):
    model, source = asked(1000)
    source.count = 999
    model.want(PAGE, PAGE + 5)
    qtbot.waitUntil(lambda: model.rowCount() == 999)
    settle(qtbot, model)
    model.want(PAGE, PAGE + 5)
    settle(qtbot, model)
    assert all(number(model, row) in {None, row} for row in range(999))
    assert number(model, PAGE) == PAGE


def test_pages_out_of_sight_are_given_up_while_they_wait(qtbot, asked):
    model, source = asked(5000)
    gate = threading.Event()
    for page in range(1, 25):
        source.gates[("", False, page * PAGE)] = gate
    for page in range(1, 25):
        model.want(page * PAGE, page * PAGE + 10)
    gate.set()
    settle(qtbot, model)
    assert len(source.asked) <= 1 + 3 + 1  # the first, one for each thread, and the last
    assert number(model, 24 * PAGE) == 24 * PAGE


def test_a_source_that_fails_says_why_and_is_asked_again(qtbot, asked):
    model, source = asked(10)
    said = []
    model.failed.connect(said.append)
    source.fails = "The disk is gone."
    model.refresh()
    settle(qtbot, model)
    assert said == ["The disk is gone."]
    source.fails, source.count = "", 11
    model.refresh()
    settle(qtbot, model)
    assert model.rowCount() == 11


def test_a_long_choice_means_all_its_studies_also_those_that_are_read_later(qtbot, queue):
    model = StudyModel(queue, Numbers(1000))
    table = StudyTable(model)
    qtbot.addWidget(table)
    table.resize(900, 600)
    table.show()
    model.ask(ALL, UP)
    settle(qtbot, model)
    table.selectAll()
    assert table.choice.unread
    settle(qtbot, model)
    assert not table.choice.unread
    assert {key.study_instance_uid for key in table.choice.studies} == {f"1.2.{n}" for n in range(1000)}


def test_a_choice_survives_sorting_and_is_marked_where_its_row_is_now(qtbot, queue):
    model = StudyModel(queue, Numbers(300))
    table = StudyTable(model)
    qtbot.addWidget(table)
    table.show()
    model.ask(ALL, UP)
    settle(qtbot, model)
    table.choice.choose([StudyKey("1.2.7", ("", "ID7"))])
    model.ask(ALL, DOWN)
    settle(qtbot, model)
    assert not table.selectionModel().selectedRows()  # its page is not in sight
    model.want(280, 299)
    settle(qtbot, model)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [292]
    assert table.model().index(292, 0).data(STUDY).record.study_instance_uid == "1.2.7"


def test_of_another_question_nothing_stays_chosen_that_is_not_seen(qtbot, queue):
    model = StudyModel(queue, Numbers(300))
    table = StudyTable(model)
    qtbot.addWidget(table)
    table.show()
    model.ask(ALL, UP)
    settle(qtbot, model)
    table.choice.choose([StudyKey("1.2.7", ("", "ID7"))])
    model.ask(replace(ALL, text="2"), UP)
    settle(qtbot, model)
    assert [key.study_instance_uid for key in table.choice.studies] == ["1.2.0"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "10"),
        ({"instances": 1238, "expected_instances": 1240}, "1,238 of 1,240"),
        ({"instances": 1240, "expected_instances": 1240}, "1,240"),
        ({"instances": 5, "expected_instances": 3}, "5"),
        ({"instances": 10, "missing": 4}, "6 of 10"),
        ({"instances": 10, "missing": 4, "expected_instances": 12}, "6 of 12"),
    ],
)
def test_completeness_is_what_is_here_of_what_should_be(changes, words):
    study = listed(1, **changes)
    assert images(study)[0] == words
    assert is_short(study) == (" of " in words)


def test_what_is_wrong_is_said_in_words():
    study = listed(1, instances=10, missing=1, expected_instances=12, conflicts=2, patients=2)
    said = " ".join(troubles(study))
    assert "1 image has no whole file" in said
    assert "2 of 12 images that the sender has did not come" in said
    assert "2 more files have the UID" in said
    assert "Studies of 2 patients have this Study Instance UID" in said
    assert all(sentence in tip(study, Column.IMAGES) for sentence in troubles(study))


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (12_345_678, "12 MB"), (9_400_000_000, "9.4 GB")],
)
def test_sizes_have_figures_that_count(count, words):
    assert size(count) == words


def test_never_opened_is_a_dash():
    assert moment(None)[0] == "—"
