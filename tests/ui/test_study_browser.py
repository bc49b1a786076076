"""The study browser before a real window: keys and mouse, a real cache, real files."""

import shutil
import zipfile

import make
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window import LEFT, NO_KEYS, assert_seen, slices, written

from viewer.cache.arrivals import Arrival, Keep, Source
from viewer.cache.store import Store
from viewer.cache.verify import verify
from viewer.dicom.index import index_file
from viewer.ui.study_words import lines
from viewer.viewing.study_source import Column

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as opened:
        yield opened


def study(number, count=2, modality="CT", **attributes):
    """Return the series of a study that no other has."""
    named = {
        "StudyInstanceUID": f"{make.STUDY}.{number}",
        "SeriesInstanceUID": f"{make.STUDY}.{number}.1",
        "PatientID": f"P{number}",
        "PatientName": f"Patient{number}^Test",
        "StudyDate": f"2026010{number}",
        "StudyDescription": f"Study {number}",
        "Modality": modality,
    } | attributes
    datasets = slices(count)
    for place, dataset in enumerate(datasets):
        for name, value in named.items():
            setattr(dataset, name, value)
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = (
            f"{named['SeriesInstanceUID']}.{place + 1}"
        )
    return datasets


def fill(store, folder, *studies):
    """Link studies into a store, one folder each; return the datasets."""
    for number, datasets in enumerate(studies):
        where = written(datasets, folder / f"study{number}")
        records = [index_file(str(path)) for path in sorted(where.iterdir())]
        store.take([Arrival(record, Source("a folder", origin=True), Keep.LINK) for record in records])
    return studies


def rows(person):
    """Return the names in the list, from the top."""
    pages = person.window.studies.browser.model.pages
    return [lines(pages.study(row), Column.PATIENT)[0] for row in range(pages.total)]


def browser(person):
    return person.window.studies.browser


def show(person):
    person.key("Ctrl+B")
    assert person.window.furniture.browsing
    return person


def test_the_list_shows_the_newest_study_first_and_enter_opens_it_with_the_right_pixels(
    reader, store, tmp_path
):
    _, two = fill(store, tmp_path, study(1), study(2))
    person = show(reader(store=store))
    assert rows(person) == ["Patient2, Test", "Patient1, Test"]
    person.key("Return")
    assert not person.window.furniture.browsing
    assert person.pane.count == 2
    assert_seen(person, two[1])
    assert "Patient2" in person.window.furniture.strip.accessibleDescription()


def test_the_program_begins_with_the_list_where_there_are_studies_and_with_the_images_where_not(
    reader, store, tmp_path
):
    person = reader(store=store)
    person.window.studies.begin()
    person.settle()
    assert not person.window.furniture.browsing
    fill(store, tmp_path, study(1))
    second = reader(store=store)
    second.window.studies.begin()
    second.wait(lambda: second.window.furniture.browsing)
    second.settle()
    assert rows(second) == ["Patient1, Test"]


def test_esc_goes_back_to_the_images_and_the_keys_of_the_images_sleep_in_the_list(reader, store, tmp_path):
    fill(store, tmp_path, study(1))
    person = reader(written(slices(3), tmp_path / "open"), store=store)
    before = person.pane.state
    show(person)
    person.key("I", "Escape", "Escape")
    assert not person.window.furniture.browsing
    assert person.pane.state == before


def test_letters_typed_in_the_list_look_for_a_study_and_the_arrows_go_back_to_it(reader, store, tmp_path):
    fill(store, tmp_path, study(1), study(2), study(3))
    person = show(reader(store=store))
    QTest.keyClicks(browser(person).table, "patient2")
    person.wait(lambda: rows(person) == ["Patient2, Test"] and not browser(person).busy)
    assert browser(person).filter.search.text() == "patient2"
    person.key("Down")
    assert browser(person).table.hasFocus()
    person.key("Return")
    assert person.pane.hung.series.study.patient.patient_id == "P2"


@pytest.mark.parametrize("words", ["山田", "やまだ", "yamada taro", "P3", "study 3", "CT p3"])
def test_a_study_is_found_by_name_in_every_script_by_id_and_by_description(reader, store, tmp_path, words):
    fill(store, tmp_path, study(1), study(3, PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう",
                                          SpecificCharacterSet="ISO_IR 192"))  # fmt: skip
    person = show(reader(store=store))
    browser(person).filter.search.setText(words)
    person.wait(lambda: browser(person).model.pages.total == 1 and not browser(person).busy)
    assert rows(person) == ["Yamada, Tarou (山田 太郎, やまだ たろう)"]


def test_a_chip_shows_only_studies_with_its_modality_and_once_more_all(reader, store, tmp_path):
    fill(store, tmp_path, study(1), study(2, modality="MR"))
    person = show(reader(store=store))
    chip = browser(person).filter.kinds.chips["MR"]
    QTest.mouseClick(chip, LEFT)
    person.wait(lambda: rows(person) == ["Patient2, Test"] and not browser(person).busy)
    QTest.mouseClick(chip, LEFT)
    person.wait(lambda: browser(person).model.pages.total == 2)


def test_a_click_on_a_head_sorts_and_what_is_chosen_stays_chosen(reader, store, tmp_path):
    fill(store, tmp_path, study(1), study(2), study(3))
    person = show(reader(store=store))
    person.key("Down")
    (chosen,) = browser(person).chosen
    assert chosen.patient[1] == "P2"
    header = browser(person).table.header
    at = header.sectionViewportPosition(0) + 20
    QTest.mouseClick(header.viewport(), LEFT, NO_KEYS, header.viewport().rect().center().__class__(at, 10))
    person.wait(lambda: not browser(person).busy)
    assert rows(person) == ["Patient1, Test", "Patient2, Test", "Patient3, Test"]
    assert browser(person).chosen == (chosen,)
    assert browser(person).table.currentIndex().row() == 1


def test_del_puts_a_study_into_the_trash_undo_brings_it_back_and_emptying_asks(
    reader, store, tmp_path, monkeypatch
):
    fill(store, tmp_path, study(1), study(2))
    person = show(reader(store=store))
    person.key("Delete")
    person.wait(lambda: rows(person) == ["Patient1, Test"])
    assert person.said == "Deleted 1 study."
    QTest.mouseClick(person.window.furniture._answer, LEFT)
    person.wait(lambda: browser(person).model.pages.total == 2 and not browser(person).busy)
    assert [key.patient[1] for key in browser(person).chosen] == ["P2"]
    person.key("Delete")
    person.wait(lambda: browser(person).model.pages.total == 1)
    QTest.mouseClick(browser(person).filter.trash, LEFT)
    person.wait(lambda: rows(person) == ["Patient2, Test"] and not browser(person).busy)
    assert browser(person).trash_bar.isVisible()
    deeds = person.window.studies.deeds
    monkeypatch.setattr(deeds, "_confirm", lambda *_: True)
    QTest.mouseClick(browser(person).page._empty, LEFT)
    person.wait(lambda: browser(person).model.pages.total == 0 and not person.window.studies.chores.busy)
    assert person.said.startswith("Removed 1 study")
    assert (tmp_path / "study1" / "IM0000").exists()  # it was linked: the file is not ours


def test_what_was_deleted_is_not_chosen_any_more_and_ctrl_z_brings_it_back(reader, store, tmp_path):
    """What is shown beside the list, and what the next Delete means, is a study that is in the list."""
    fill(store, tmp_path, study(1), study(2), study(3))
    person = show(reader(store=store))

    def chosen() -> list[str]:
        person.wait(lambda: not browser(person).busy)
        shown = browser(person).series._shown
        assert browser(person).chosen == (() if shown is None else (shown,)), "what is seen beside the list"
        return [key.patient[1] for key in browser(person).chosen]

    person.key("Down")
    before = rows(person)
    person.key("Delete")
    person.wait(lambda: rows(person) == [before[0], before[2]])
    assert chosen() == [f"P{before[2][7]}"], "the one after it"
    person.key("Delete")
    person.wait(lambda: rows(person) == [before[0]])
    assert chosen() == [f"P{before[0][7]}"], "there is none after it"
    person.key("Ctrl+Z")
    person.wait(lambda: rows(person) == [before[0], before[2]])
    assert chosen() == [f"P{before[2][7]}"]
    person.key("Delete").wait(lambda: len(rows(person)) == 1)
    person.key("Delete")
    person.wait(lambda: rows(person) == [])
    assert chosen() == []
    assert browser(person).series._shown is None, "nothing of it is shown any more"


def test_shift_enter_opens_a_study_beside_the_one_that_is_open(reader, store, tmp_path):
    one, two = fill(store, tmp_path, study(1), study(2))
    person = show(reader(store=store))
    person.key("Return").key("Ctrl+B").key("Down").key("Shift+Return")
    ids = [pane.hung.series.study.patient.patient_id for pane in person.desk.panes]
    assert ids == ["P2", "P1"]
    assert person.desk.active == 1
    assert_seen(person, one[1], 1)
    assert_seen(person, two[1], 0)


def test_a_series_is_opened_first_by_double_click_in_the_list_of_series(reader, store, tmp_path):
    first, second = study(1), study(1, SeriesInstanceUID=f"{make.STUDY}.1.2", SeriesNumber=2)
    for dataset in second:
        dataset.PixelData = bytes(len(dataset.PixelData))
    fill(store, tmp_path, first, second)
    person = show(reader(store=store))
    rail = browser(person).series.rail
    index = rail.rail_model.index_of("1.0")
    rail.setCurrentIndex(index)
    rail.setFocus()
    person.key("Return")
    assert person.pane.hung.series.series_number == 2


def test_thumbnails_of_the_chosen_study_come_from_its_own_files_not_from_what_is_open(
    reader, store, tmp_path
):
    """The same UIDs with other pixels hang already: neither may show the other's."""
    fill(store, tmp_path, study(1))
    other = study(1)
    for dataset in other:
        dataset.PixelData = bytes(len(dataset.PixelData))
    person = reader(store=store)
    person.window.studies.remembering.on = False
    person.open(written(other, tmp_path / "other"))
    black = person.seen().max()
    show(person)
    picture = browser(person).series.rail.rail_model.index_of("0.0").data(Qt.ItemDataRole.DecorationRole)
    image = picture.toImage()
    assert image.pixelColor(image.rect().center()).lightness() > 0
    person.key("Escape")
    assert person.seen().max() == black


def test_what_was_opened_by_its_path_is_in_the_list_afterwards_linked_where_it_lies(reader, store, tmp_path):
    folder = written(study(4), tmp_path / "elsewhere")
    person = reader(folder, store=store)
    person.wait(lambda: not person.window.studies.chores.busy)
    show(person)
    assert rows(person) == ["Patient4, Test"]
    listed = browser(person).model.pages.study(0)
    assert (listed.instances, listed.source) == (2, "folder elsewhere")
    assert not any(path.is_file() for path in store.folder.objects.rglob("*"))


def test_what_was_opened_from_a_zip_is_copied_and_opens_when_the_zip_is_gone(reader, store, tmp_path):
    series = study(5)
    folder = written(series, tmp_path / "ct")
    with zipfile.ZipFile(tmp_path / "ct.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    shutil.rmtree(folder)
    person = reader(tmp_path / "ct.zip", store=store)
    person.wait(lambda: not person.window.studies.chores.busy)
    person.window.close_studies()
    (tmp_path / "ct.zip").unlink()
    show(person).key("Return")
    assert_seen(person, series[1])


def test_nothing_is_remembered_when_the_reader_does_not_want_it(reader, store, tmp_path):
    person = reader(store=store)
    person.window._dispatcher.run("remember")
    person.open(written(study(6), tmp_path / "ct"))
    show(person)
    assert rows(person) == []


def test_an_import_copies_says_what_came_and_the_open_study_grows_in_place(reader, store, tmp_path):
    series = study(7, count=4)
    fill(store, tmp_path, series[:2])
    person = show(reader(store=store)).key("Return")
    assert person.pane.count == 2
    written(series, tmp_path / "cd")
    person.window.studies.remembering.copy([str(tmp_path / "cd")])
    person.wait(lambda: person.pane.count == 4)
    person.wait(lambda: not person.window.studies.chores.busy)
    assert person.said == "2 images imported; 2 here already."


def test_a_study_with_a_lost_file_says_so_in_its_row_and_in_the_problems(reader, store, tmp_path):
    fill(store, tmp_path, study(8, count=3))
    (tmp_path / "study0" / "IM0001").unlink()
    verify(store)
    person = show(reader(store=store))
    listed = browser(person).model.pages.study(0)
    assert listed.missing == 1
    assert lines(listed, Column.IMAGES)[0] == "2 of 3"
    person.key("Return")
    assert person.pane.count == 2
    assert "IM0001" in person.window.furniture.problems.text


def test_the_main_thread_never_asks_the_database(reader, store, tmp_path, stay_off_the_disk):
    fill(store, tmp_path, study(1), study(2))
    person = reader(store=store)
    with stay_off_the_disk():
        show(person).key("Down", "Return")


def test_without_a_cache_the_list_says_why_and_everything_else_works(reader, tmp_path):
    person = reader(written(slices(3), tmp_path / "ct"))
    show(person)
    assert browser(person).table._words == "There is no study cache in this test."
    person.key("Escape")
    assert person.pane.count == 3


def test_an_export_copies_the_files_and_says_how_many_and_a_verification_that_they_are_whole(
    reader, store, tmp_path
):
    fill(store, tmp_path, study(1, count=3))
    person = show(reader(store=store))
    deeds = person.window.studies.deeds
    words = [action.text().partition("\t")[0] for action in deeds.menu().actions() if action.text()]
    assert {"Open", "Export …", "Send …", "Pin", "Show files", "Verify", "Delete"} <= set(words)
    (tmp_path / "out").mkdir()
    deeds.export_to(browser(person).chosen, str(tmp_path / "out"))
    person.wait(lambda: not person.window.studies.chores.busy)
    assert person.said.startswith("3 files")
    copies = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(copies) == 3 + 1
    assert tmp_path / "out" / "DICOMDIR" in copies
    deeds.verify()
    person.wait(lambda: not person.window.studies.chores.busy)
    assert person.said.startswith("3 files were checked; 3 are whole.")


def test_a_pinned_study_says_so_and_can_be_unpinned(reader, store, tmp_path):
    fill(store, tmp_path, study(1))
    person = show(reader(store=store))
    for pinned in (True, False):
        person.window.studies.deeds.pin(on=pinned)
        person.wait(lambda wanted=pinned: browser(person).model.pages.study(0).pinned is wanted)
