import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QAbstractItemModelTester

from viewer.ui.rail.rail_model import SERIES_MIME, PatientNode, RailModel, SeriesNode, StudyNode
from viewer.ui.rail.series_rail import SeriesRail

pytestmark = [
    pytest.mark.usefixtures("qapp"),
    pytest.mark.qt_log_ignore("This plugin does not support .*"),  # offscreen has no window manager
]


def series(study, count):
    return tuple(SeriesNode(f"{study}.{n}", f"CT {n}", "Thorax", f"{n + 1} images") for n in range(count))


def study(key, count):
    return StudyNode(key, f"2026-11-22 {key}", "", series(key, count))


def patient(key, *studies):
    return PatientNode(key, (f"Name {key}", "ID 1"), "#7f9fc4", studies)


TREE = (patient("A", study("A1", 4), study("A2", 3)), patient("B", study("B1", 2)))


def keys(model: QAbstractItemModel, parent=QModelIndex()):  # noqa: B008  Qt's own default
    rows = (model.index(row, 0, parent) for row in range(model.rowCount(parent)))
    return [(model.node(index).key, keys(model, index)) for index in rows]


def expected(patients):
    return [(p.key, [(s.key, [(n.key, []) for n in s.series]) for s in p.studies]) for p in patients]


@pytest.fixture
def rail(qtbot):
    shown = SeriesRail()
    qtbot.addWidget(shown)
    shown.resize(260, 400)
    shown.show()
    return shown


def test_the_model_keeps_qts_rules_whatever_tree_follows():
    model = RailModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    trees = [
        (),
        TREE,
        TREE[::-1],
        (TREE[1],),
        (TREE[1], TREE[1]),
        (patient("C", study("C1", 1)), *TREE),
        (replace(TREE[0], studies=TREE[0].studies[::-1]),),
        (
            replace(
                TREE[0], studies=(replace(TREE[0].studies[0], series=series("A1", 4)[::-1] + series("N", 2)),)
            ),
        ),
        (),
    ]
    for tree in trees:
        model.set_tree(tree)
        assert keys(model) == expected(tree)


def test_an_index_that_outlived_its_row_finds_nothing():
    model = RailModel()
    model.set_tree(TREE)
    index = model.index_of("A1.0")
    model.set_tree(())
    assert model.node(index) is None
    assert model.data(index) is None


def test_words_are_spoken_with_their_marks():
    model = RailModel()
    model.set_tree(
        (
            patient(
                "A", StudyNode("S", "today", "", (SeriesNode("k", "SR", "Report", "1", displayable=False),))
            ),
        )
    )
    model.set_shares({"k": (3, 3)})
    spoken = model.data(model.index_of("k"), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "SR, Report, 1, seen, cannot be displayed"


def test_markup_from_a_file_is_shown_as_text():
    model = RailModel()
    node = SeriesNode("k", "<b>CT</b>", tooltip="<img src=x>")
    model.set_tree((patient("A", StudyNode("S", "today", "", (node,))),))
    assert model.data(model.index_of("k"), Qt.ItemDataRole.ToolTipRole) == "<p>&lt;img src=x&gt;</p>"


def test_a_displayable_series_is_dragged_by_its_key_and_nothing_else_is():
    model = RailModel()
    hidden = SeriesNode("sr", "SR", displayable=False)
    model.set_tree((patient("A", StudyNode("S", "today", "", (*series("S", 1), hidden))),))
    assert model.flags(model.index_of("S.0")) & Qt.ItemFlag.ItemIsDragEnabled
    assert not model.flags(model.index_of("sr")) & Qt.ItemFlag.ItemIsDragEnabled
    assert model.mimeData([model.index_of("S.0")]).data(SERIES_MIME).data() == b"S.0"


def test_more_series_leave_selection_place_and_pictures_as_they_were(rail, qtbot):
    rail.set_tree(TREE)
    rail.select("B1.1")
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    picture.fill(QColor("#808080"))
    rail.rail_model.set_thumbnail("B1.1", picture)
    qtbot.wait(1)
    assert rail.verticalScrollBar().value() > 0
    before = rail.visualRect(rail.rail_model.index_of("B1.1"))
    rail.set_tree((patient("0", study("01", 5)), patient("A", study("A0", 2), *TREE[0].studies), TREE[1]))
    qtbot.wait(1)
    after = rail.rail_model.index_of("B1.1")
    assert rail.visualRect(after) == before
    assert rail.currentIndex() == after
    assert after.data(Qt.ItemDataRole.DecorationRole) is not None


def test_at_the_top_the_top_stays(rail, qtbot):
    rail.set_tree(TREE)
    rail.set_tree((patient("0", study("01", 5)), *TREE))
    qtbot.wait(1)
    assert rail.verticalScrollBar().value() == 0


def test_a_folded_study_stays_folded(rail):
    rail.set_tree(TREE)
    folded = rail.rail_model.index_of("A1.0").parent()
    rail.collapse(folded)
    rail.set_tree((*TREE, patient("C", study("C1", 2))))
    assert not rail.isExpanded(rail.rail_model.index_of("A1.0").parent())
    assert rail.isExpanded(rail.rail_model.index_of("C1.0").parent())


def test_enter_and_double_click_open_a_series(rail, qtbot):
    rail.set_tree(TREE)
    rail.select("A1.0")
    with qtbot.waitSignal(rail.opened, check_params_cb=lambda key: key == "A1.0"):
        qtbot.keyClick(rail, Qt.Key.Key_Return)
    centre = rail.visualRect(rail.rail_model.index_of("A1.1")).center()
    qtbot.mouseClick(rail.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    with qtbot.waitSignal(rail.opened, check_params_cb=lambda key: key == "A1.1"):
        qtbot.mouseDClick(rail.viewport(), Qt.MouseButton.LeftButton, pos=centre)


def test_what_cannot_be_displayed_is_told_apart(rail, qtbot):
    rail.set_tree((patient("A", StudyNode("S", "today", "", (SeriesNode("sr", "SR", displayable=False),))),))
    rail.select("sr")
    with qtbot.waitSignal(rail.unshowable), qtbot.assertNotEmitted(rail.opened):
        qtbot.keyClick(rail, Qt.Key.Key_Return)


def test_a_click_on_a_heading_folds_it(rail, qtbot):
    rail.set_tree(TREE)
    heading = rail.rail_model.index(0, 0)
    qtbot.mouseClick(rail.viewport(), Qt.MouseButton.LeftButton, pos=rail.visualRect(heading).center())
    assert not rail.isExpanded(heading)


def test_pictures_are_asked_for_once_and_only_when_in_sight(rail, qtbot):
    wanted = []
    rail.thumbnail_wanted.connect(wanted.append)
    rail.set_tree((patient("A", study("A1", 50)),))
    qtbot.waitUntil(lambda: len(wanted) > 0)
    assert wanted == [f"A1.{n}" for n in range(len(wanted))]
    assert len(wanted) < 6
    rail.verticalScrollBar().setValue(rail.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: "A1.49" in wanted)
    rail.verticalScrollBar().setValue(0)
    qtbot.wait(20)
    assert len(wanted) == len(set(wanted))


def test_many_series_stay_quick(rail):
    tree = [patient(f"P{n}", study(f"S{n}", 29)) for n in range(9)]  # 261 series
    start = time.perf_counter()
    rail.set_tree(tree)
    rail.set_tree([*tree, patient("new", study("N", 3))])
    rail.grab()
    assert time.perf_counter() - start < 1.0  # typically 0.05 s; the machine may be busy


def test_a_picture_is_shown_whole_and_undistorted(rail):
    rail.set_tree((patient("A", study("A1", 1)),))
    wide = QImage(200, 100, QImage.Format.Format_RGB32)
    wide.fill(QColor("#ff0000"))
    rail.rail_model.set_thumbnail("A1.0", wide)
    shown = rail.viewport().grab().toImage()
    red = [
        (x, y)
        for x in range(shown.width())
        for y in range(shown.height())
        if shown.pixelColor(x, y).name() == "#ff0000"
    ]
    ratio = shown.devicePixelRatio()
    across = (max(x for x, _ in red) - min(x for x, _ in red) + 1) / ratio
    down = (max(y for _, y in red) - min(y for _, y in red) + 1) / ratio
    assert across == pytest.approx(96, abs=2)
    assert down == pytest.approx(48, abs=2)


def test_an_empty_rail_says_what_to_do(rail):
    rail.set_empty_words("Drop a folder here")
    image = rail.viewport().grab().toImage()
    middle = [image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(10, 60)]
    assert max(middle) > min(middle) + 60
    assert not rail.indexAt(QPoint(10, 10)).isValid()
