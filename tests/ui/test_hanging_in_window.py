"""Studies hung by protocols in the window, checked on the pixels that are on the screen."""

from dataclasses import replace

import make
import numpy as np
import pytest
from mammograms import HEIGHT, MARK, TISSUE, four_views, mammogram
from window import Reader, slices, written

from viewer.paths import settings_file
from viewer.viewing.spacing import mm_per_column

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]
VIEWS = [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")]  # as they hang, row by row


def is_grey(pixels: np.ndarray, stored: int) -> np.ndarray:
    """Return where a viewport shows a stored value in the window 0..4095, and no coloured or white text."""
    grey = stored / 4095 * 255
    return (np.abs(pixels.astype(float) - grey) <= 3).all(axis=2)


def assert_hung(person: Reader, number: int, side: str) -> float:
    """Check where chest wall and mark are on the screen; return the device pixels per mm of the tissue."""
    pixels = person.seen(number)
    tissue, mark = is_grey(pixels, TISSUE), is_grey(pixels, MARK)
    width = pixels.shape[1]
    across = np.flatnonzero(tissue.sum(axis=0) > 4)
    medial = slice(width - 6, width - 3) if side == "R" else slice(3, 6)
    lateral = slice(0, width // 4) if side == "R" else slice(3 * width // 4, width)
    assert tissue[:, medial].mean() > 0.2, "the chest wall is not in the middle of the screen"
    assert tissue[:, lateral].mean() < 0.05, "tissue lies at the outer edge"
    assert (width - 1 - across.max() if side == "R" else across.min()) <= 1, "not against the edge"
    rows = np.flatnonzero(tissue.any(axis=1))
    middle = (rows.min() + rows.max()) / 2
    assert np.flatnonzero(mark.sum(axis=1) > 10).mean() < middle, "upside down"
    at_wall = tissue[:, width - 8 if side == "R" else 8]
    down = np.flatnonzero(at_wall)
    return (down.max() - down.min() + 1) / HEIGHT


@pytest.fixture
def screening(reader, tmp_path) -> Reader:
    return reader(written(four_views(), tmp_path / "mg"), size=(1300, 900))


# ------------------------------------------------------------------------------------------ mammography
def test_A18_chest_walls_are_in_the_middle_however_the_pixels_are_stored(screening: Reader) -> None:
    assert len(screening.desk.panes) == 4
    for number, (side, view) in enumerate(VIEWS):
        assert screening.desk.panes[number].state.image.view.name == view
        assert screening.desk.panes[number].state.image.view.laterality == side
        assert_hung(screening, number, side)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("overturned", [False, True])
def test_A18_each_view_is_turned_once_and_only_as_far_as_need_be(
    reader, tmp_path, *, mirrored: bool, overturned: bool
) -> None:
    views = [mammogram(side, view, mirrored=mirrored, overturned=overturned) for side, view in VIEWS]
    person = reader(written(views, tmp_path / "mg"), size=(1300, 900))
    for number, (side, _) in enumerate(VIEWS):
        assert_hung(person, number, side)
        edges = person.viewport(number).look.overlay.edges
        assert edges[1][0] == {"R": "P", "L": "A"}[side]


def test_all_views_are_to_one_scale_whatever_the_detector_and_the_size_of_the_window(
    screening: Reader,
) -> None:
    for size in ((1300, 900), (1000, 1000)):
        screening.window.resize(*size)
        screening.settle()
        scales = [assert_hung(screening, number, side) for number, (side, _) in enumerate(VIEWS)]
        assert max(scales) - min(scales) <= 2 / HEIGHT  # a pixel at each end
        states = [pane.state for pane in screening.desk.panes]
        exact = {round(state.shown_zoom / mm_per_column(state.image), 9) for state in states}
        assert len(exact) == 1
        assert min(state.fit_zoom / state.shown_zoom for state in states) == pytest.approx(
            1
        )  # the largest fits


def test_one_view_alone_is_as_large_as_it_can_be_and_reset_returns_to_the_hanging(screening: Reader) -> None:
    before = screening.desk.pane.state
    screening.key("Return")
    alone = screening.desk.pane.state
    assert alone.shown_zoom == pytest.approx(alone.fit_zoom)
    screening.key("Return", "]", "Shift+H", "+", "N")
    assert screening.desk.pane.state != before
    screening.key("Esc")
    assert screening.desk.pane.state == before
    assert_hung(screening, 0, "R")


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"Laterality": "L"}, "not turned: Laterality contradicts itself: series L, image R"),
        ({"PatientOrientation": ["L", "F"]}, "not turned: Patient Orientation L\\F is that of no mammogram"),
        ({"PatientOrientation": []}, "not turned: Patient Orientation is not known"),
        ({"PatientOrientation": ["P", "F"]}, "not turned: View CC contradicts Patient Orientation P\\F"),
    ],
)
def test_A17_what_contradicts_itself_is_left_as_it_is_and_marked(
    reader, tmp_path, attributes: dict, words: str
) -> None:
    image = mammogram("R", "CC", mirrored=True)
    for keyword, value in attributes.items():
        setattr(image, keyword, value)
    person = reader(written([image, *four_views()[2:]], tmp_path / "mg"), size=(1300, 900))
    state = person.desk.panes[0].state
    assert (state.rotation, state.flipped, state.justify) == (0, False, 0)
    assert words in person.words(0)
    assert "not turned" not in person.words(1)


def test_padding_stays_black_when_a_mammogram_is_inverted_and_air_without_it_is_said(
    reader, tmp_path
) -> None:
    padded = mammogram("R", "CC", PixelPaddingValue=10)
    bare = mammogram("L", "CC")
    person = reader(written([padded, bare], tmp_path / "mg"), size=(1300, 900))
    person.desk.activate(0)
    person.key("N")
    person.desk.activate(1)
    person.key("N")
    assert is_grey(person.seen(0), 4095 - TISSUE).any()
    state = person.desk.panes[0].state
    x, y = (round(place) for place in state.to_screen(20, 20))
    assert person.seen(0)[y - 3 : y + 3, x - 3 : x + 3].max() == 0, "padding is not black"
    assert "background not black: the header names no pixel padding" not in person.words(0)
    assert "background not black: the header names no pixel padding" in person.words(1)


def test_stages_pair_the_views_and_those_of_the_study_before(reader, tmp_path) -> None:
    before = four_views(StudyInstanceUID=f"{make.STUDY}.77", StudyDate="20240101")
    person = reader(written([*before, *four_views()], tmp_path / "mg"), size=(1300, 900))
    assert {pane.hung.series.study.study_date for pane in person.desk.panes} == {"20260102"}
    seen = []
    for _ in range(4):
        person.key("Alt+PgDown")
        seen.append(
            [(pane.state.image.view.laterality + pane.state.image.view.name) for pane in person.desk.panes]
        )
    assert seen == [
        ["RCC", "LCC"],
        ["RMLO", "LMLO"],
        ["RCC", "LCC", "RCC", "LCC"],
        ["RMLO", "LMLO", "RMLO", "LMLO"],
    ]
    dates = [pane.hung.series.study.study_date for pane in person.desk.panes]
    assert dates == ["20260102", "20260102", "20240101", "20240101"]
    assert "MLO pair and prior (5 of 6)" in person.said
    person.key("Alt+PgDown")  # there are no other views
    assert "no further stage" in person.said
    person.key("Alt+PgUp")
    assert "CC pair and prior (4 of 6)" in person.said


def test_views_of_one_series_stay_apart_while_it_grows(reader, tmp_path) -> None:
    series = {"SeriesInstanceUID": f"{make.STUDY}.3"}
    views = [
        mammogram(side, view, InstanceNumber=str(n), **series) for n, (side, view) in enumerate(VIEWS, 1)
    ]
    person = reader(written(views[:3], tmp_path / "mg"), size=(1300, 900))
    assert [pane.count for pane in person.desk.panes] == [1, 1, 1, 0]
    person.window.reading.touched = True
    person.open(written(views[3:], tmp_path / "late"))
    assert [pane.count for pane in person.desk.panes] == [1, 1, 1, 0]
    assert len(person.desk.pane.hung.stack.records) == 4
    person.window.hanging.hang(person.window.hanging.in_force.protocol)
    person.settle()
    for number, (side, _) in enumerate(VIEWS[:3]):
        assert_hung(person, number, side)


def test_a_view_without_a_spacing_is_fitted_and_says_so(reader, tmp_path) -> None:
    bare = mammogram("R", "CC", ImagerPixelSpacing=None)
    person = reader(written([bare, mammogram("L", "CC")], tmp_path / "mg"), size=(1300, 900))
    assert "not to scale: the header names no spacing" in person.words(0)
    assert person.desk.panes[0].state.shown_zoom == person.desk.panes[0].state.fit_zoom


@pytest.mark.parametrize(
    "silent", [["ImageLaterality"], ["ImageLaterality", "ViewPosition", "ViewCodeSequence"]]
)
def test_mammograms_of_which_nobody_knows_the_side_are_seen_all_the_same(
    reader, tmp_path, silent: list[str]
) -> None:
    views = four_views()
    for image in views:
        for keyword in silent:
            delattr(image, keyword)
    person = reader(written(views[:1], tmp_path / "one"), size=(1300, 900))
    assert [pane.count for pane in person.desk.panes] == [1]
    person = reader(written(views, tmp_path / "mg"), size=(1300, 900))
    assert sorted(pane.hung.series.series_description for pane in person.desk.panes) == [
        "L CC", "L MLO", "R CC", "R MLO",
    ]  # fmt: skip


def test_a_view_for_which_a_stage_has_no_place_is_said_and_is_in_the_next_one(reader, tmp_path) -> None:
    views = four_views()
    del views[0].ImageLaterality  # the left MLO
    person = reader(written(views, tmp_path / "mg"), size=(1300, 900))
    assert [pane.count for pane in person.desk.panes] == [1, 1, 1, 0]
    assert person.said == "Mammogram: 1 image of this study fits no viewport here: see the next stages."
    person.key("Alt+PgDown", "Alt+PgDown", "Alt+PgDown")
    assert "Other views" in person.said
    assert [pane.hung.series.series_description for pane in person.desk.panes] == ["L MLO"]


def test_a_protocol_that_can_place_nothing_leaves_the_study_side_by_side(reader, tmp_path) -> None:
    folder = settings_file().parent / "hanging"
    folder.mkdir(parents=True)
    slot = '[[slot]]\nwhere = { description = ["nobody calls it so"] }'
    (folder / "mine.toml").write_text(f'name = "Mine"\nwhen = {{ modality = ["CT"] }}\nlayout = {{}}\n{slot}')
    person = reader(written(slices(5), tmp_path / "ct"))
    assert [pane.count for pane in person.desk.panes] == [5]
    assert person.window.hanging.in_force is None


# ------------------------------------------------------------------------------------------- others
def test_one_chest_hangs_in_two_windows_side_by_side(reader, tmp_path) -> None:
    person = reader(written(slices(5, BodyPartExamined="CHEST"), tmp_path / "ct"))
    windows = [(pane.state.voi.explanation, pane.hung.series) for pane in person.desk.panes]
    assert [name for name, _ in windows] == ["Lung", "Mediastinum"]
    assert windows[0][1] is windows[1][1]


def test_a_radiograph_is_not_turned_whatever_its_orientation(reader, tmp_path) -> None:
    image = make.cr_mono1(PatientOrientation=["R", "F"], ViewPosition="PA")
    person = reader(written([image], tmp_path / "cr"))
    assert person.window.hanging.in_force.protocol.name == "Chest radiograph with prior"
    assert (person.pane.state.rotation, person.pane.state.flipped) == (0, False)


def test_what_the_reader_touched_is_not_arranged_again(reader, tmp_path) -> None:
    person = reader()
    person.window.reading.hang_study, hang = (
        (lambda study: waiting.append(study) or True),
        (person.window.reading.hang_study),
    )
    waiting: list = []
    person.open(written(slices(5, BodyPartExamined="CHEST"), tmp_path / "ct"))
    person.window.hanging.reader.give_up()  # the protocols are not read yet
    hang(waiting[0])
    person.window.reading.scroll(0, 1)  # while the protocols are being read
    person.settle()
    assert len(person.desk.panes) == 1
    assert person.window.hanging.in_force is None


def test_nothing_of_one_study_leaks_to_the_next_patient(reader, tmp_path) -> None:
    """Pitfall 70: window, inversion, scale, edge, stage and protocol belong to one study."""
    person = reader(written(four_views(), tmp_path / "mg"), size=(1300, 900))
    person.key("Alt+PgDown", "N", "+", "]", "2")
    assert person.window.close_studies()
    person.settle()
    room = person.window.hanging
    assert (room.in_force, dict(room.reader.facts)) == (None, {})
    other = slices(3, PatientID="OTHER", PatientName="Other^Olaf", StudyInstanceUID=f"{make.STUDY}.5")
    person.open(written(other, tmp_path / "ct"))
    fresh = reader(tmp_path / "ct", size=(1300, 900))
    for pane, clean in zip(person.desk.panes, fresh.desk.panes, strict=True):
        assert replace(pane.state, image=None) == replace(clean.state, image=None)
    assert np.array_equal(person.seen(0), fresh.seen(0))
    person.key("Alt+PgDown")
    assert "No hanging protocol is in force" in person.said or "no further stage" in person.said


def test_a_fault_in_a_file_of_ones_own_is_said_and_the_others_work(reader, tmp_path) -> None:
    folder = settings_file().parent / "hanging"
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text('name = "x"\nwindwo = 3')
    (folder / "good.toml").write_text('name = "Mine"\nwhen = { modality = ["CT"] }\nlayout = { rows = 2 }')
    person = reader(written(slices(5), tmp_path / "ct"))
    assert "bad.toml: unknown key windwo" in person.said
    assert person.window.hanging.in_force.protocol.name == "Mine"
    assert (person.desk.layout.rows, person.desk.layout.columns) == (2, 1)


# --------------------------------------------------------------------------- choosing, saving, one's own
def menu_of(person: Reader, title: str = ""):
    """Return the actions of the list of protocols, or of one menu below it, by the first word of each."""
    person.key("Shift+G")
    person.wait(lambda: person.window.hangings.menu is not None and person.window.hangings.menu.isVisible())
    menu = person.window.hangings.menu
    if title:
        menu = next(action.menu() for action in menu.actions() if action.text() == title)
    return {action.text().split(" — ")[0]: action for action in menu.actions()}


def close_menu(person: Reader) -> None:
    person.window.hangings.menu.close()
    person.settle()


def own_files() -> list[str]:
    folder = settings_file().parent / "hanging"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_list_says_which_protocols_fit_and_why_and_hangs_the_chosen_one(reader, tmp_path) -> None:
    person = reader(written(slices(5, BodyPartExamined="CHEST"), tmp_path / "ct"))
    actions = menu_of(person)
    assert actions["CT chest"].isChecked()
    assert actions["CT chest"].text().endswith("body part CHEST or THORAX or LUNG*, kind volume")
    assert actions["Side by side"].text().endswith("for any study")
    others = [each.text() for each in actions["Other protocols"].menu().actions()]
    assert "MR — no series with modality MR" in others
    actions["Side by side"].trigger()
    close_menu(person)
    assert len(person.desk.panes) == 1
    assert person.pane.state.voi is None
    assert person.window.hanging.in_force.protocol.name == "Side by side"
    other = menu_of(person, "Other protocols")
    other["MR"].trigger()
    close_menu(person)
    assert person.said == "Nothing of this study fits into “MR”."


def test_what_is_seen_is_saved_as_a_protocol_and_hangs_the_next_study(reader, tmp_path) -> None:
    person = reader(written(slices(5, BodyPartExamined="ABDOMEN"), tmp_path / "a"))
    person.key("1")
    window = person.pane.state.voi.explanation
    person.window.reading.arrange(1, 2)
    person.window.reading.hang(person.desk.pane.hung, 1)
    person.key("Ctrl+Shift+G")
    form = person.window.hangings.form
    assert form.isVisible()
    assert form.summary.text().splitlines()[0] == f"1  CT axial Test series, {window}"
    form.save.click()
    assert form.complaint.text() == "Give the protocol a name."
    form.name.setText("Belly")
    form.checks["description"].setChecked(False)
    assert form.summary.text().splitlines()[0] == f"1  CT axial, {window}"
    person.key("Return")  # in the line of the name
    person.wait(lambda: own_files() == ["belly.toml"] and not form.isVisible())
    assert person.window.hanging.in_force.protocol.name == "Belly"
    assert "Saved “Belly” as belly.toml" in person.said
    assert not person.window.furniture.panel.isVisible()
    next_one = slices(
        5, BodyPartExamined="ABDOMEN", SeriesDescription="another", StudyInstanceUID="1.2.3", PatientID="B"
    )
    other = reader(written(next_one, tmp_path / "b"))
    assert len(other.desk.panes) == 2
    assert [pane.state.voi and pane.state.voi.explanation for pane in other.desk.panes] == [window, None]
    assert other.window.hanging.in_force.protocol.own


def test_escape_leaves_the_form_and_nothing_is_written(reader, tmp_path) -> None:
    person = reader(written(slices(5), tmp_path / "ct"))
    person.key("Ctrl+Shift+G")
    person.key("Esc")
    assert not person.window.hangings.form.isVisible()
    assert own_files() == []
    person.window.close_studies()
    person.key("Ctrl+Shift+G")
    assert person.said == "Nothing hangs here that a protocol could be made of."


def test_ones_own_protocols_are_renamed_deleted_and_brought_back(reader, tmp_path) -> None:
    folder = settings_file().parent / "hanging"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('name = "Mine & yours"\nwhen = { modality = ["CT"] }\nlayout = {}')
    (folder / "two.toml").write_text('name = "Two"\nlayout = {}')
    person = reader(written(slices(5), tmp_path / "ct"))
    deeds, hanging = person.window.hangings, person.window.hanging
    mine = menu_of(person, "My protocols")
    assert set(mine) == {"Mine && yours", "Two"}
    assert [each.text() for each in mine["Two"].menu().actions()] == ["Rename …", "Delete", "Edit as text …"]
    close_menu(person)
    own = {each.path.name: each for each in hanging.loaded.protocols if each.own}
    deeds.rename(own["mine.toml"], "two")
    assert person.said == "Another of your protocols is called “Two” already."
    deeds.rename(own["mine.toml"], "Ours")
    person.wait(lambda: 'name = "Ours"' in (folder / "mine.toml").read_text("utf-8"))
    deeds._delete(own["two.toml"])
    person.wait(lambda: own_files() == ["mine.toml"] and "Deleted" in person.said)
    person.window.furniture._take_answer()
    person.wait(lambda: own_files() == ["mine.toml", "two.toml"])
    person.settle()


def test_another_name_is_asked_for_in_the_side_panel(reader, tmp_path) -> None:
    folder = settings_file().parent / "hanging"
    folder.mkdir(parents=True)
    for name in ("Ours", "Two"):
        (folder / f"{name}.toml").write_text(f'name = "{name}"\nlayout = {{}}')
    person = reader(written(slices(5), tmp_path / "ct"))
    two = menu_of(person, "My protocols")["Two"].menu()
    next(each for each in two.actions() if each.text() == "Rename …").trigger()
    close_menu(person)
    form = person.window.hangings.form
    assert form.isVisible()
    assert (form.name.text(), form.summary.text(), form.checks) == ("Two", "", {})
    form.name.setText("ours")
    assert form.complaint.text() == "Another of your protocols is called “Ours” already."
    person.key("Return")
    assert form.isVisible()
    form.name.setText("Second")
    person.key("Return")
    person.wait(lambda: 'name = "Second"' in (folder / "Two.toml").read_text("utf-8"))
    person.wait(lambda: person.said == "Renamed “Two” to “Second”.")
    assert not form.isVisible()


def test_a_name_that_is_in_use_is_said_before_it_is_taken(reader, tmp_path) -> None:
    person = reader(written(slices(5), tmp_path / "ct"))
    person.key("Ctrl+Shift+G")
    form = person.window.hangings.form
    form.name.setText("ct chest")
    assert "program's" in form.complaint.text()
    form.name.setText("Another")
    assert form.complaint.text() == ""
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    (settings_file().parent / "hanging").write_text("in the way")
    form.save.click()
    person.wait(lambda: "cannot be written" in form.complaint.text())


def test_a_stage_links_viewports_and_shows_lines_for_as_long_as_it_is_there(reader, tmp_path) -> None:
    folder = settings_file().parent / "hanging"
    folder.mkdir(parents=True)
    stages = "[[stage]]\nlayout = {}\nlink = false\nreference_lines = true\n[[stage]]\nlayout = {}\n"
    (folder / "mine.toml").write_text(f'name = "Mine"\nwhen = {{ modality = ["CT"] }}\n{stages}')
    person = reader(written(slices(5), tmp_path / "ct"))
    crossing = person.window.reading.room.looks.crossing
    assert (person.desk.links.scroll, crossing.reference) == ("off", "active")
    person.key("Alt+PgDown")
    assert (person.desk.links.scroll, crossing.reference) == ("position", "off")


def test_protocols_are_read_and_written_off_the_main_thread(reader, tmp_path, stay_off_the_disk) -> None:
    person = reader(written(four_views(), tmp_path / "mg"), size=(1300, 900))
    with stay_off_the_disk():
        person.key("Alt+PgDown", "Ctrl+Shift+G")
        person.window.hangings.form.name.setText("Pair")
        person.window.hangings.form.save.click()
        person.wait(lambda: "Saved" in person.said)
        menu_of(person)
        close_menu(person)
    assert own_files() == ["pair.toml"]
