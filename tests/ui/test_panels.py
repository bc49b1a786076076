"""The panels of problems and measurements."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QListView, QListWidget, QPushButton, QToolButton

from viewer.ui.panels.measurement_panel import MeasurementPanel, MeasurementRow
from viewer.ui.panels.problem_panel import Problem, ProblemPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support .*")  # offscreen has no window manager

PROBLEMS = (
    Problem("/media/cd/患者/IM1", "The file is truncated: 12 of 24 bytes are there."),
    Problem("/media/cd/IM2\nx", "It is no DICOM file."),
)
ROWS = tuple(MeasurementRow(str(n), f"Length {n}.0 mm", f"Im {n}") for n in range(40))


@pytest.fixture
def problems(qtbot):
    made = ProblemPanel()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def measurements(qtbot):
    made = MeasurementPanel()
    qtbot.addWidget(made)
    made.resize(280, 300)
    made.show()
    return made


def test_problems_are_copied_a_line_each(problems, qtbot):
    problems.set_problems(PROBLEMS)
    qtbot.mouseClick(problems.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "/media/cd/患者/IM1\tThe file is truncated: 12 of 24 bytes are there.",
        "/media/cd/IM2 x\tIt is no DICOM file.",
    ]


def test_the_usual_key_copies_what_is_selected(problems, qtbot):
    problems.set_problems(PROBLEMS)
    shown = problems.findChild(QListView)
    shown.setCurrentIndex(shown.model().index(1, 0))
    qtbot.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "/media/cd/IM2 x\tIt is no DICOM file."


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "All files could be used"),
        (1, "1 file could not be used"),
        (1200, "1,200 files could not be used"),
    ],
)
def test_the_heading_counts(problems, count, words):
    problems.set_problems(PROBLEMS[:1] * count)
    assert problems.findChild(QLabel).text() == words


def test_more_problems_leave_the_selection(problems):
    problems.set_problems(PROBLEMS[:1])
    shown = problems.findChild(QListView)
    shown.setCurrentIndex(shown.model().index(0, 0))
    problems.set_problems(PROBLEMS)
    assert shown.currentIndex().row() == 0
    assert shown.model().rowCount() == 2


def test_a_measurement_is_gone_to_and_deleted_by_key(measurements, qtbot):
    measurements.set_rows(ROWS)
    measurements.select("3")
    shown = measurements.findChild(QListWidget)
    with qtbot.waitSignal(measurements.chosen, check_params_cb=lambda uid: uid == "3"):
        qtbot.keyClick(shown, Qt.Key.Key_Return)
    with qtbot.waitSignal(measurements.delete_wanted, check_params_cb=lambda uid: uid == "3"):
        qtbot.keyClick(shown, Qt.Key.Key_Delete)


def test_a_changed_list_keeps_the_selection_and_does_not_scroll_away(measurements):
    measurements.set_rows(ROWS)
    shown = measurements.findChild(QListWidget)
    measurements.select("20")
    shown.verticalScrollBar().setValue(300)
    measurements.set_rows((*ROWS[:5], *ROWS[6:], MeasurementRow("new", "Length 9 mm")))
    assert measurements.current == "20"
    assert shown.verticalScrollBar().value() == 300


def test_what_a_narrow_list_cuts_off_is_in_its_tool_tip(measurements):
    measurements.set_rows([MeasurementRow("1", "Text <b>a & b</b>", "Im 3/9", more="mean 4")])
    item = measurements.findChild(QListWidget).item(0)
    assert item.toolTip() == "Text &lt;b&gt;a &amp; b&lt;/b&gt;   Im 3/9<br>mean 4"


def texts(measurements):
    shown = measurements.findChild(QListWidget)
    return [shown.item(place).text() for place in range(shown.count())]


def counted(measurements, monkeypatch):
    """Return the list of rows that items are made for from now on."""
    made, make_row = [], measurements._row
    monkeypatch.setattr(measurements, "_row", lambda row: made.append(row.uid) or make_row(row))
    return made


@pytest.mark.parametrize(
    ("change", "fresh"),
    [
        (lambda rows: (*rows[:7], MeasurementRow("7", "Length 7.5 mm", "Im 7"), *rows[8:]), ["7"]),
        (lambda rows: (*rows, MeasurementRow("new", "Length 9 mm")), ["new"]),
        (lambda rows: (*rows[:5], MeasurementRow("new", "Length 9 mm"), *rows[5:]), ["new"]),
        (lambda rows: (*rows[:5], *rows[6:]), []),
        (lambda rows: rows, []),
    ],
    ids=["changed", "added", "added between", "removed", "told again"],
)
def test_items_are_made_for_the_rows_that_changed_alone(measurements, monkeypatch, change, fresh):
    measurements.set_rows(ROWS)
    made = counted(measurements, monkeypatch)
    rows = change(ROWS)
    measurements.set_rows(rows)
    assert made == fresh
    assert texts(measurements) == [f"{row.text}   {row.place}" for row in rows]


LISTED = st.lists(
    st.builds(
        MeasurementRow,
        st.sampled_from("abcdef"),
        st.sampled_from(["Length 1 mm", "Length 2 mm"]),
        group=st.sampled_from(["", "Series 1", "Series 2"]),
        more=st.sampled_from(["", "mean 4"]),
    ),
    max_size=9,
    unique_by=lambda row: row.uid,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(LISTED, LISTED)
def test_a_list_that_changed_is_the_list_that_is_made_at_once(measurements, before, after):
    measurements.set_rows(())
    measurements.set_rows(after)
    whole = texts(measurements)
    measurements.set_rows(before)
    measurements.select(before[0].uid if before else "")
    measurements.set_rows(after)
    assert texts(measurements) == whole
    kept = {row.uid for row in after} & {row.uid for row in before[:1]}
    assert measurements.current == "".join(kept)


def test_an_empty_list_says_what_to_do_and_offers_nothing(measurements):
    measurements.set_rows(())
    assert any(
        "Nothing is measured" in label.text()
        for label in measurements.findChildren(QLabel)
        if label.isVisible()
    )
    assert not any(button.isEnabled() for button in measurements.findChildren(QToolButton))


def test_selecting_does_not_go_there(measurements, qtbot):
    measurements.set_rows(ROWS)
    with qtbot.assertNotEmitted(measurements.chosen):
        measurements.select("7")
    assert measurements.current == "7"
    measurements.select("")
    assert measurements.current == ""
