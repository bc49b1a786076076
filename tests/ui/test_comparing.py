"""Several viewports, studies and patients in the window with real files."""

from dataclasses import replace

import make
import numpy as np
import pytest
from pydicom.uid import generate_uid
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window import slices, written

from viewer.dicom.luts import Window
from viewer.ui import theme
from viewer.ui.crossing import ACTIVE_LINE, Reference
from viewer.viewing.arrangement import Placed
from viewer.viewing.linking import Scrolling

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

ROE = {"PatientName": "Roe^Richard", "PatientID": "R-2", "PatientBirthDate": "19480101"}


def sagittal(count, frame):
    """Return images across those of `slices`, 2 mm apart, in the same frame of reference."""
    series = slices(count, SeriesNumber="2", SeriesInstanceUID=generate_uid(), FrameOfReferenceUID=frame)
    for number, dataset in enumerate(series):
        dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        dataset.ImagePositionPatient = [-40.0 + 2 * number, -110.0, 70.0]
        dataset.PixelSpacing = [1.0, 1.0]
        dataset.SOPInstanceUID = generate_uid()
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return series


def study(count=7, up=0.0, **attributes):
    """Return a CT study of its own; all images are `up` mm higher."""
    given = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()} | attributes
    series = slices(count, **given)
    for dataset in series:
        x, y, z = dataset.ImagePositionPatient
        dataset.ImagePositionPatient = [x, y, z + up]
        dataset.SOPInstanceUID = generate_uid()
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return series


def stacks(person):
    shelf = person.window.intake.shelf
    return [
        hung
        for patient in shelf.patients()
        for found in patient.studies
        for hung in shelf.study_stacks(found)
    ]


def place(person, *placed, shape=None):
    person.window.reading.place(*(shape or (1, len(placed))), placed)
    person.settle()


def bar(person):
    return person.window.furniture.grid.warning


@pytest.fixture
def crossed(reader, tmp_path):
    """Return a reader of an axial and a sagittal series of one frame of reference, side by side."""
    axial = slices(9, SeriesNumber="1")
    frame = axial[0].FrameOfReferenceUID
    person = reader(written(axial, tmp_path / "a"), written(sagittal(30, frame), tmp_path / "b"))
    one, other = sorted(stacks(person), key=lambda hung: hung.series.series_number)
    place(person, Placed(one, 4), Placed(other, 12))
    return person


@pytest.fixture
def two_studies(reader, tmp_path):
    """Return a reader of a study and an earlier one of the same patient, in another frame of reference."""
    now = study(9, StudyDate="20260301")
    prior = study(11, 12.5, StudyDate="20240301", FrameOfReferenceUID=generate_uid())
    person = reader(written(now, tmp_path / "now"), written(prior, tmp_path / "prior"))
    earlier, later = sorted(stacks(person), key=lambda hung: hung.series.study.study_date)
    place(person, Placed(later, 2), Placed(earlier, 5))
    return person


@pytest.fixture
def two_patients(reader, tmp_path):
    person = reader(written(study(), tmp_path / "one"), written(study(**ROE), tmp_path / "two"))
    place(person, *(Placed(hung, 1) for hung in stacks(person)))
    return person


# ------------------------------------------------------------------------------------- when it is opened
def test_bir_B4_B8_a_study_opens_fit_with_the_first_viewport_and_the_scroll_tool(reader, tmp_path):
    person = reader(written(slices(5), tmp_path / "ct"))
    assert person.desk.active == 0
    assert person.window.reading.room.hands.tool == "scroll"
    assert person.pane.state.zoom is None
    assert person.number() == 3  # the middle of a volume
    assert "Tina" in person.words()
    rail = person.window.furniture.rail.rail_model
    assert rail.rowCount() == 1


def test_bir_B8_a_click_selects_a_viewport_and_with_the_select_tool_does_nothing_else(crossed):
    person = crossed
    person.key("V")
    before = [(pane.index, pane.state) for pane in person.desk.panes]
    person.drag((60, 60), (120, 140), number=1)
    assert person.desk.active == 1
    assert [(pane.index, pane.state) for pane in person.desk.panes] == before
    assert person.window.reading.room.hands.tool == "select"


def test_bir_B10_series_are_listed_with_date_modality_description_and_count(reader, tmp_path):
    datasets = study(3, StudyDate="20260301", SeriesDescription="Thin", StudyDescription="Chest")
    person = reader(written(datasets, tmp_path / "ct"))
    rail = person.window.furniture.rail.rail_model
    patient = rail.index(0, 0)
    found = rail.node(patient).studies[0]
    assert found.title == "2026-03-01  Chest"
    assert "3 files" in found.subtitle
    row = found.series[0]
    assert (row.title, row.count_text) == ("Thin", "3 images")
    assert "CT" in row.subtitle


# ----------------------------------------------------------------------------------- layouts and tiles
def test_bir_B7_tiles_are_chosen_for_one_viewport_or_for_all(two_studies):
    person = two_studies
    person.key("Alt+G")
    picker = QApplication.activePopupWidget()
    assert "Tiles in this viewport" in picker.accessibleDescription()
    for key in ("Down", "Right", "Return"):
        person.key(key)
    assert person.desk.layout.tiles == ((2, 2), (1, 1))
    assert [pane.index for pane in person.desk.panes] == [2, 3, 4, 5, 5]
    assert person.number(3) == 6
    widths = {person.viewport(number).width() for number in range(4)}
    assert max(widths) < person.viewport(4).width()
    person.wheel(1, number=2).settle()
    assert [pane.index for pane in person.desk.panes[:4]] == [3, 4, 5, 6]
    person.key("Shift+PgDown")
    assert [pane.index for pane in person.desk.panes[:4]] == [5, 6, 7, 8]  # the last page is full
    person.key("Ctrl+Alt+G", "Up", "Return")
    assert person.desk.layout.tiles == ((1, 2), (1, 2))
    person.key("Alt+G", "Left", "Return")
    assert person.desk.layout.tiles == ((1, 1), (1, 2))
    assert person.desk.panes[0].picture is not None


def test_a_double_click_shows_all_tiles_of_a_viewport_alone(two_studies, qtbot):
    person = two_studies
    person.key("Alt+G", "Right", "Return")
    qtbot.mouseDClick(person.viewport(1), Qt.MouseButton.LeftButton)
    assert [person.viewport(number).isVisible() for number in range(3)] == [True, True, False]
    qtbot.mouseDClick(person.viewport(1), Qt.MouseButton.LeftButton)
    assert person.viewport(2).isVisible()


# ------------------------------------------------------------------------------------------ two patients
def test_A25_two_patients_are_framed_in_their_colours_and_warned_of_everywhere(two_patients):
    person = two_patients
    assert bar(person).words == "TWO PATIENTS ON THE SCREEN \N{EM DASH} links between patients are off"
    assert bar(person).isVisible()
    assert len(bar(person).people) == 2
    assert any("Richard" in who and "R-2" in who for who in bar(person).people)
    looks = [person.viewport(number).look for number in (0, 1)]
    assert looks[0].hue != looks[1].hue
    for number, look in enumerate(looks):
        who = person.desk.panes[number].picture.description.text["PatientName"]
        assert f"PATIENT {number + 1} OF 2: {who}" in person.words(number)
        assert look.hue in theme.PATIENT_HUES
        frame = person.viewport(number).grab().toImage()
        edges = [(1, 200), (frame.width() - 2, 200), (200, 1), (200, frame.height() - 2)]
        assert {frame.pixelColor(x, y).name() for x, y in edges} == {look.hue}
    person.key("I", "I")  # also without any text on the pictures
    assert "PATIENT 2 OF 2" in person.words(1)


def test_the_warning_ends_with_the_second_patient(two_patients):
    person = two_patients
    person.window.reading.arrange(1, 1)
    assert not bar(person).isVisible()
    assert person.viewport().look.hue == ""
    assert "PATIENT 1" not in person.words()


def test_A25_patients_are_linked_only_by_an_act_of_their_own_and_that_is_shown(two_patients):
    person = two_patients
    person.key("L", "Down")
    assert [pane.index for pane in person.desk.panes] == [2, 1]
    person.key("Ctrl+Alt+L")
    assert bar(person).words.endswith("LINKED ACROSS PATIENTS")
    assert "ACROSS PATIENTS" in person.words(1)
    person.key("Down")
    assert [pane.index for pane in person.desk.panes] == [3, 2]
    person.window.reading.arrange(1, 1)  # the other one leaves: it is over
    assert not person.desk.links.patients


def test_one_patient_cannot_be_linked_across_patients(two_studies):
    two_studies.key("Ctrl+Alt+L")
    assert two_studies.said == "There is only one patient on the screen."
    assert not two_studies.desk.links.patients


def test_closing_everything_forgets_links_and_lines(two_studies):
    person = two_studies
    person.key("L", "Ctrl+L", "O")
    person.window.close_studies()
    assert person.desk.links.scroll is Scrolling.POSITION
    assert not person.desk.links.zoom_pan
    assert person.window.reading.room.looks.crossing.reference is Reference.OFF


# ------------------------------------------------------------------------------------------------- links
def test_an_offset_links_studies_and_is_said_on_the_pictures(two_studies):
    person = two_studies
    person.key("Down")
    assert [pane.index for pane in person.desk.panes] == [3, 5]  # another frame of reference
    person.key("Ctrl+L")
    assert "linked by offset, 17.5 mm" in person.words(1)
    assert "linked by offset" in person.words(0)
    person.key("Down", "Down")
    assert [pane.index for pane in person.desk.panes] == [5, 7]
    person.key("Shift+L", "Down")
    assert [pane.index for pane in person.desk.panes] == [6, 7]
    assert "linked" not in person.words(1)


def test_bir_B6_zoom_and_position_go_together_once_linked(two_studies):
    person = two_studies
    person.key("+")
    assert person.desk.panes[1].state.zoom is None
    person.key("L", "+")
    zooms = [pane.state.shown_zoom for pane in person.desk.panes]
    assert zooms[0] == pytest.approx(zooms[1])
    person.key("T")
    person.drag((100, 100), (140, 130))
    assert person.desk.panes[1].state.pan == person.desk.panes[0].state.pan != (0.0, 0.0)
    person.key("Shift+L", "+")
    assert person.desk.panes[1].state.shown_zoom == pytest.approx(zooms[1])


def test_the_window_goes_together_once_linked(two_studies):
    person = two_studies
    person.key("2")
    assert person.desk.panes[1].state.voi is None
    person.key("Ctrl+Shift+L", "1")
    assert person.desk.panes[1].state.voi == person.desk.panes[0].state.voi is not None


# --------------------------------------------------------------------------- reference lines, cross-hair
def test_bir_B22_reference_lines_are_off_at_first_and_o_shows_them(crossed):
    person = crossed
    assert person.viewport(1).look.lines == ()
    person.key("O")
    (line,) = person.viewport(1).look.lines
    axial, shown = (person.desk.panes[number].picture.description.plane for number in (0, 1))
    for x, y in line[:2]:  # both ends lie in the axial plane
        assert axial.distance(shown.to_patient(x, y)) == pytest.approx(0.0, abs=1e-6)
    assert person.viewport(0).look.lines == ()
    assert person.viewport(1).look.captions[0][1] == "Im 5"
    person.key("Down")
    assert person.viewport(1).look.captions[0][1] == "Im 6"
    assert person.viewport(1).look.lines[0] != line
    person.key("Alt+O")
    assert [words for _, words, _ in person.viewport(1).look.captions] == ["1", "9", "Im 6"]
    person.key("Tab")  # now the sagittal one is the active one
    assert person.viewport(1).look.lines == ()
    assert len(person.viewport(0).look.lines) >= 1
    person.key("Alt+O")
    assert person.viewport(0).look.lines == ()


def test_a_reference_line_has_a_dark_one_beneath_so_that_it_reads_on_bone(crossed):
    person = crossed
    pane = person.desk.panes[1]
    person.desk.put(1, replace(pane, state=replace(pane.state, voi=Window(-5000, 2))))  # all is white
    person.settle()
    before = person.seen(1).astype(int)
    state, viewport = person.desk.panes[1].state, person.viewport(1)
    viewport.set_look(replace(viewport.look, lines=(((10.0, 20.0), (50.0, 20.0), ACTIVE_LINE),)))
    after = person.seen(1).astype(int)
    x, y = (round(place) for place in state.to_screen(30, 20))
    strip, clear = after[y - 4 : y + 5, x], before[y - 4 : y + 5, x]
    assert (clear == 255).all()
    line = np.array([int(ACTIVE_LINE[i : i + 2], 16) for i in (1, 3, 5)])
    assert np.abs(strip - line).max(axis=1).min() < 60
    assert (strip.max(axis=1) < 160).any(), "no dark beneath it"
    assert (strip[[0, -1]] == 255).all()


def test_links_and_reference_lines_are_a_click_away_and_show_what_is_on(crossed):
    person = crossed
    tools, menu = person.window.furniture.tools, person.window._dispatcher
    assert not tools.action("reference-lines").isChecked()
    tools.action("reference-lines").trigger()
    assert person.window.reading.room.looks.crossing.reference is Reference.ACTIVE
    assert tools.action("reference-lines").isChecked()
    assert menu.action("reference-lines").isChecked()
    tools.action("link").trigger()
    assert person.desk.links.zoom_pan
    tools.action("unlink").trigger()
    assert person.desk.links.scroll is Scrolling.OFF
    person.window.reading.room.looks.crossing.reference = Reference.OFF  # as a hanging protocol does
    person.window.reading.refresh()
    assert not tools.action("reference-lines").isChecked()
    assert not menu.action("reference-lines").isChecked()


def test_what_was_drawn_can_be_undone_by_the_mouse_at_once(crossed):
    person = crossed
    tools = person.window.furniture.tools
    assert not tools.action("undo").isEnabled()
    person.window.reading.room.hands.tool = "length"
    person.drag((100, 200), (180, 230))
    assert tools.action("undo").isEnabled()
    tools.action("undo").trigger()
    assert person.drawings.annotations == ()
    assert tools.action("redo").isEnabled()


def test_A19_no_lines_and_no_points_between_two_frames_of_reference(two_studies):
    person = two_studies
    person.key("O", "J")
    person.drag((150, 150), (160, 160))
    assert person.viewport(1).look.lines == ()
    assert "no common frame of reference" in person.words(1)
    assert "no common frame of reference" in person.said
    assert person.desk.panes[1].index == 5


def test_bir_B23_a_click_with_the_crosshair_finds_the_point_in_every_viewport(crossed):
    person = crossed
    person.key("J")
    at = person.point(35.0, 20.0)
    person.press(at)
    person.release(at)
    person.settle()
    axial, sagittal = (pane.picture.description.plane for pane in person.desk.panes)
    image = person.desk.panes[0].state.to_image(*(round(value) for value in at))
    point = axial.to_patient(*image)
    places = [record.image_position_patient[0] for record in person.desk.panes[1].hung.stack.records]
    assert person.desk.panes[1].index == int(np.argmin(np.abs(np.array(places) - point[0])))
    cross = person.viewport(1).look.lines
    assert len(cross) == 4
    middle = np.mean([place for start, end, _ in cross for place in (start, end)], axis=0)
    assert np.allclose(middle, sagittal.to_image(point), atol=0.1)  # a hand aims at whole pixels
    assert person.desk.panes[0].index == 4  # where the hand is, stays
    person.key("Tab", "Down", "Down", "Down")
    assert person.viewport(1).look.lines == ()  # no image through the point any more
    person.key("S")
    assert person.viewport(0).look.lines == ()


def test_the_crosshair_says_where_an_image_has_no_place(reader, tmp_path):
    stored = (np.add.outer(np.arange(48), np.arange(64) * 2) + 900).astype("<u2")
    person = reader(make.write(make.cr_mono1(stored), tmp_path / "cr"))
    person.key("J")
    assert person.said == "This image does not say where it lies in the patient."


# ------------------------------------------------------------------------------------------- navigation
def test_bir_B11_studies_and_patients_are_reached_by_keys(reader, tmp_path):
    one, two = study(3, StudyDate="20240301"), study(4, StudyDate="20260301")
    person = reader(*(written(s, tmp_path / str(n)) for n, s in enumerate((one, two, study(5, **ROE)))))
    ends = {"PgDown": "There is no further {}.", "PgUp": "There is no further {}."}
    person.key("Ctrl+PgUp", "Ctrl+PgUp")
    seen = [person.pane.count]
    for _ in range(2):
        person.key("Ctrl+PgDown")
        seen.append(person.pane.count)
    assert sorted(seen) == [3, 4, 5]
    person.key("Ctrl+PgDown")
    assert person.said == ends["PgDown"].format("study")
    name = person.pane.hung.series.study.patient.patient_name
    person.key("Ctrl+Shift+PgUp")
    assert person.pane.hung.series.study.patient.patient_name != name
    person.key("Ctrl+Shift+PgUp")
    assert person.said == "There is no further patient."
    assert len(person.desk.panes) == 1  # one study at a time: nobody beside


def test_bir_B11_a_patient_is_selected_by_name(reader, tmp_path):
    person = reader(written(study(), tmp_path / "one"), written(study(**ROE), tmp_path / "two"))
    person.key("Ctrl+Alt+P")
    menu = person.window.comparing.deeds.going.menu
    roe = next(action for action in menu.actions() if "Richard" in action.text())
    assert "R-2" in roe.text()
    roe.trigger()
    menu.close()
    person.settle()
    assert person.pane.hung.series.study.patient.patient_id == "R-2"


@pytest.mark.parametrize("order", [1, -1])
def test_A06_scrolling_down_goes_one_way_however_the_files_are_numbered(reader, tmp_path, order):
    series = slices(6)
    for number, dataset in enumerate(series[::order]):
        dataset.InstanceNumber = str(number + 1)
    person = reader(written(series, tmp_path / "ct"))
    person.key("Home")
    heights = []
    for _ in range(6):
        heights.append(person.pane.picture.description.plane.position[2])
        person.wheel(1).settle()
    assert heights == sorted(heights)


def test_bir_B19_keys_wheel_and_hand_all_go_towards_the_head(reader, tmp_path):
    person = reader(written(slices(9)[::-1], tmp_path / "ct"))
    person.key("Home")
    go_on = (
        lambda: person.key("Down"),
        lambda: person.wheel(1).settle(),
        lambda: person.drag((100, 100), (100, 112)),
    )
    before = person.pane.picture.description.plane.position[2]
    for go in go_on:
        go()
        now = person.pane.picture.description.plane.position[2]
        assert now > before
        before = now


def test_A07_a_missing_slice_is_said_on_the_picture(reader, tmp_path):
    series = slices(8)
    del series[3]
    person = reader(written(series, tmp_path / "ct"))
    assert "gap after image 3" in person.words()


def test_A08_every_image_is_in_one_row_and_what_is_not_used_is_listed(reader, tmp_path):
    folder = written([*slices(6), *study(5, **ROE)], tmp_path / "all")
    copy = (folder / "IM0002").read_bytes()
    (folder / "TWICE").write_bytes(copy)
    person = reader(folder)
    rows = [
        row
        for patient in (person.window.furniture.rail.rail_model.node(
            person.window.furniture.rail.rail_model.index(number, 0)) for number in range(2))
        for found in patient.studies
        for row in found.series
    ]  # fmt: skip
    assert sum(int(row.count_text.split()[0]) for row in rows) == len(person.window.intake.shelf) == 11
    (unused,) = person.window.intake.shelf.unused
    assert unused.reason.startswith("the same image as ")
    panel, problems = person.window.furniture.panel, person.window.furniture.problems
    assert panel.tabText(panel.indexOf(problems)) == "Problems (1)"


def test_A26_what_is_hidden_is_announced(reader, tmp_path):
    dataset = make.ct()
    rows, columns = dataset.Rows, dataset.Columns
    dataset.add_new(0x60000010, "US", rows)
    dataset.add_new(0x60000011, "US", columns)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    dataset.add_new(0x60003000, "OW", np.packbits(np.eye(rows, columns, dtype=bool)).tobytes() + b"\0")
    person = reader(make.write(dataset, tmp_path / "ct"))
    assert "overlays hidden" not in person.words()
    person.key("Shift+O")
    assert "overlays hidden (Shift+O)" in person.words()
    person.key("I", "I")
    assert "text hidden (I)" in person.words()


@pytest.mark.parametrize(
    "attributes",
    [{"PixelSpacing": [0.8, 0.5]}, {"PixelSpacing": None, "PixelAspectRatio": [8, 5]}],
)
def test_C21_pixels_that_are_not_square_are_shown_in_their_shape(reader, tmp_path, attributes):
    dataset = make.sc(np.full((40, 60), 200, np.uint8))
    for keyword, value in attributes.items():
        if value is None:
            dataset.pop(keyword, None)
        else:
            setattr(dataset, keyword, value)
    person = reader(make.write(dataset, tmp_path / "sc"))
    state = person.pane.state
    left, top = state.to_screen(0, 0)
    right, bottom = state.to_screen(60, 40)
    assert (bottom - top) / (right - left) == pytest.approx(40 * 1.6 / 60)


# ------------------------------------------------------------------------------------- frames with places
@pytest.fixture
def frames_beside(reader, tmp_path):
    """Return a reader of five slices and an enhanced object of five frames in the same places."""
    enhanced = make.enhanced_ct(5, StudyInstanceUID=make.STUDY, SeriesNumber="2")
    groups = enhanced.PerFrameFunctionalGroupsSequence  # per frame, and not in the order of the frames
    places = [list(group.PlanePositionSequence[0].ImagePositionPatient) for group in groups]
    for group, place_of in zip(groups, [*places[2:], *places[:2]], strict=True):
        group.PlanePositionSequence[0].ImagePositionPatient = place_of
    folder = written(slices(5, SeriesNumber="1"), tmp_path / "a")
    person = reader(folder, make.write(enhanced, tmp_path / "enhanced"))
    found = {hung.stack.kind: hung for hung in stacks(person)}
    place(person, Placed(found["volume"], 0), Placed(found["multiframe"], 0))
    person.wait(lambda: person.desk.tracks.knows(found["multiframe"]))
    return person


def test_B23_frames_are_linked_by_the_place_that_each_one_has(frames_beside):
    person = frames_beside
    for index, frame in ((1, 4), (2, 0), (3, 1), (4, 2)):
        person.key("Down")
        assert [pane.index for pane in person.desk.panes] == [index, frame]
        heights = [pane.picture.description.plane.position[2] for pane in person.desk.panes]
        assert heights[0] == pytest.approx(heights[1])


def test_bir_B23_the_crosshair_finds_frames_too(frames_beside):
    person = frames_beside
    person.key("Shift+L", "J", "Down")
    at = person.point(30.0, 25.0)
    person.press(at)
    person.release(at)
    person.settle()
    assert [pane.index for pane in person.desk.panes] == [1, 4]
    assert len(person.viewport(1).look.lines) == 4
