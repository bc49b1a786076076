"""Reports and other objects that are no images, opened from the rail into the side panel."""

import make
import pytest
from pydicom import Dataset, uid
from pydicom.uid import generate_uid
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from viewer.ui.panels.document_panel import NOTHING, DocumentPanel
from viewer.ui.rail.rail_model import SeriesNode

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]
MARKUP = "<b>bold</b> &amp; <img src='x'>"


def report(text: str, **attributes: object) -> Dataset:
    """Return a Basic Text SR of one item, in a series of its own."""
    dataset = make.ct()
    for keyword in ("PixelData", "Rows", "Columns", "PhotometricInterpretation"):
        delattr(dataset, keyword)
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = uid.BasicTextSRStorage
    dataset.Modality, dataset.SeriesInstanceUID = "SR", attributes.pop("series", generate_uid())
    concept, item = Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = "1", "99TEST", "Finding"
    item.ValueType, item.RelationshipType, item.TextValue = "TEXT", "CONTAINS", text
    item.ConceptNameCodeSequence = [concept]
    dataset.ValueType, dataset.ContentSequence = "CONTAINER", [item]
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def unshowable(person) -> list[str]:
    """Return the keys of the rows that are no images."""
    model = person.window.furniture.rail.rail_model
    waiting, keys = [QModelIndex()], []
    while waiting:
        parent = waiting.pop(0)
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            waiting.append(index)
            node = model.node(index)
            if isinstance(node, SeriesNode) and not node.displayable:
                keys.append(node.key)
    return keys


def double_click(person, key: str) -> None:
    rail = person.window.furniture.rail
    rail.doubleClicked.emit(rail.rail_model.index_of(key))
    person.settle()


def test_a_double_click_shows_what_a_report_says_and_whose_it_is(reader, tmp_path):
    make.write(report("No lesion."), tmp_path / "sr")
    person = reader(make.write(make.ct(), tmp_path / "ct"), tmp_path / "sr")
    (key,) = unshowable(person)
    double_click(person, key)
    panel = person.window.furniture.document
    assert panel.isVisible()
    assert "Finding: No lesion." in panel.text
    assert "Testperson, Tina  TEST-1  1970-02-03" in panel.text
    assert "Basic Text SR" in panel.text


def test_enter_does_the_same(reader, tmp_path, qtbot):
    person = reader(make.write(report("No lesion."), tmp_path / "sr"))
    rail = person.window.furniture.rail
    rail.select(unshowable(person)[0])
    qtbot.keyClick(rail, Qt.Key.Key_Return)
    person.settle()
    assert "No lesion." in person.window.furniture.document.text


def test_of_several_reports_of_a_series_one_is_chosen(reader, tmp_path):
    series = generate_uid()
    for number in (1, 2):
        make.write(
            report(f"Report {number}.", series=series, InstanceNumber=str(number)), tmp_path / f"sr{number}"
        )
    person = reader(tmp_path)
    double_click(person, unshowable(person)[0])
    panel = person.window.furniture.document
    first = panel.text
    panel.chosen.emit(1)
    person.settle()
    assert {"Report 1." in first, "Report 1." in panel.text} == {True, False}
    assert {"Report 2." in first, "Report 2." in panel.text} == {True, False}


def test_a_report_that_is_gone_has_its_reason(reader, tmp_path):
    path = make.write(report("No lesion."), tmp_path / "sr")
    person = reader(path)
    path.unlink()
    double_click(person, unshowable(person)[0])
    panel = person.window.furniture.document
    assert "It cannot be read" in panel.text
    assert "it cannot be opened: No such file or directory" in panel.text


def test_closing_the_studies_takes_the_report_away(reader, tmp_path):
    person = reader(make.write(report("No lesion."), tmp_path / "sr"))
    double_click(person, unshowable(person)[0])
    person.window.close_studies()
    assert person.window.furniture.document.text == NOTHING


def test_nothing_in_a_report_is_taken_for_markup(qtbot):
    panel = DocumentPanel()
    qtbot.addWidget(panel)
    panel.set_document(MARKUP, MARKUP, MARKUP)
    assert panel.text.splitlines() == [MARKUP] * 3
    edit = panel.findChild(QPlainTextEdit)
    assert edit.isReadOnly()
    assert edit.toPlainText() == MARKUP


def test_everything_is_copied_at_once(qtbot):
    panel = DocumentPanel()
    qtbot.addWidget(panel)
    panel.offer("Testperson, Tina", ["Basic Text SR"])
    panel.set_document("Report", "Basic Text SR", "Finding: none")
    qtbot.mouseClick(panel.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "Testperson, Tina\nReport\nBasic Text SR\nFinding: none"


def test_bir_B32_a_key_shows_the_report_of_the_study_that_is_seen(reader, tmp_path):
    make.write(report("No lesion."), tmp_path / "sr")
    make.write(report("Another study.", StudyInstanceUID=generate_uid()), tmp_path / "other")
    person = reader(make.write(make.ct(), tmp_path / "ct"), tmp_path / "sr", tmp_path / "other")
    person.key("R")
    panel = person.window.furniture.document
    assert panel.isVisible()
    assert "Finding: No lesion." in panel.text
    assert "Another study" not in panel.text
