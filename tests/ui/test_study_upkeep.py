"""What the window does for the cache: remembering, importing, making room, verifying."""

from dataclasses import replace

import pytest
from test_study_browser import browser, fill, rows, show, study
from window import files, slices, written

from viewer.cache import trash
from viewer.cache.arrivals import Arrival, Source
from viewer.cache.eviction import Limits
from viewer.cache.store import Store
from viewer.cache.verify import verify
from viewer.dicom.index import index_file
from viewer.presentation.store import find_states

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as opened:
        yield opened


def idle(person):
    person.wait(lambda: not person.window.studies.chores.busy)
    return person


def test_a_verification_is_of_what_is_chosen(reader, store, tmp_path):
    fill(store, tmp_path, study(1, count=3), study(2, count=2))
    person = show(reader(store=store))
    person.window.studies.deeds.verify()
    idle(person)
    assert person.said == "2 files were checked; 2 are whole."
    person.window.studies.upkeep.verify()
    idle(person)
    assert person.said == "5 files were checked; 5 are whole."


def test_what_was_deleted_comes_back_when_it_is_opened_again(reader, store, tmp_path):
    fill(store, tmp_path, study(1))
    person = show(reader(store=store))
    trash.delete(store, browser(person).chosen)
    person.window.studies.show(on=False)
    person.open(tmp_path / "study0")
    idle(person)
    show(person)
    assert rows(person) == ["Patient1, Test"]


def test_files_dropped_on_the_list_are_imported_where_they_lie_and_not_opened(reader, store, tmp_path):
    folder = written(study(3), tmp_path / "ct")
    person = show(reader(store=store))
    assert person.drop(person.window, files(folder))
    idle(person)
    person.wait(lambda: rows(person) == ["Patient3, Test"])
    assert person.window.furniture.browsing
    assert person.said.startswith("2 images imported.")


def test_the_bar_below_the_list_says_how_full_the_cache_is(reader, store, tmp_path):
    fill(store, tmp_path, study(1))
    person = reader(store=store)
    person.window.studies.begin()
    person.wait(lambda: person.window.furniture.browsing)
    person.wait(lambda: person.window.furniture.room.text() != "")
    assert person.window.furniture.room.isVisible()
    assert person.window.furniture.room.text().startswith("0 bytes of ")
    words = [action.text() for action in person.window.furniture.room.menu().actions()]
    assert words == ["Make room now", "Verify everything", "Show the folder of the cache"]
    person.key("Escape")
    assert not person.window.furniture.room.isVisible()


def test_what_is_over_the_limit_goes_after_an_import_and_the_bar_says_so(
    reader, store, tmp_path, monkeypatch
):
    person = show(reader(store=store))
    upkeep = person.window.studies.upkeep
    monkeypatch.setattr(upkeep, "limits", lambda: Limits(1, 0, 0.0))
    folder = written(study(3), tmp_path / "ct")
    person.window.studies.remembering.copy([str(folder)])
    idle(person)
    assert person.said.startswith("2 images imported. ")
    assert "1 study stays because it is" in person.said  # a CD may be the only place where it is
    assert rows(person) == ["Patient3, Test"]


def test_a_full_disk_is_a_sentence_and_what_is_open_stays_open(reader, store, tmp_path, monkeypatch):
    person = reader(store=store)
    upkeep = person.window.studies.upkeep
    monkeypatch.setattr(upkeep, "limits", lambda: Limits(1 << 40, 1 << 60))
    show(person)
    person.window.studies.remembering.copy([str(written(study(3), tmp_path / "ct"))])
    idle(person)
    assert "0 images imported. The import was stopped: less than" in person.said
    assert "would be left on the disk of the study cache" in person.said


def test_whether_what_is_opened_is_remembered_is_a_setting(reader, store):
    person = reader(store=store)
    preferences = person.window.settings.preferences
    for wanted in (False, True):
        person.window._dispatcher.run("remember")
        assert preferences.now.remember_opened is wanted
        assert person.window.studies.remembering.on is wanted
    preferences.change(lambda now: replace(now, remember_opened=False))
    assert not person.window.studies.remembering.on
    assert not person.window._dispatcher.action("remember").isChecked()


def test_a_file_in_place_that_vanished_is_found_when_its_study_is_opened(reader, store, tmp_path):
    fill(store, tmp_path, study(8, count=3))
    (tmp_path / "study0" / "IM0001").unlink()
    person = show(reader(store=store)).key("Return")
    assert person.pane.count == 2
    assert "IM0001" in person.window.furniture.problems.text
    show(person)
    assert browser(person).model.pages.study(0).missing == 1


def test_a_saved_presentation_state_is_kept_with_its_study_and_found_once(reader, store, tmp_path):
    series = study(1, count=3)
    fill(store, tmp_path, series)
    person = show(reader(store=store)).key("Return")
    person.key("D")
    person.drag(person.point(10, 10), person.point(26, 16))
    person.key("S", "Ctrl+S")
    person.wait(lambda: person.said.startswith("Saved"))
    idle(person)
    uid = series[0].StudyInstanceUID
    assert len(find_states(uid)) == 1
    (drawn,) = person.drawings.annotations
    show(person)
    assert browser(person).model.pages.study(0).instances == 4
    assert verify(store).sound
    again = show(reader(store=store)).key("Return")
    again.window._dispatcher.run("apply-state")
    again.wait(lambda: again.said.startswith("Presentation state"))
    assert again.drawings.annotations == (drawn,)
    looks = again.window.reading.room.looks
    again.wait(lambda: looks.available.get(uid) == 1)


def test_an_import_of_files_is_offered_beside_that_of_a_folder(reader, store, tmp_path, monkeypatch):
    folder = written(slices(2), tmp_path / "ct")
    person = show(reader(store=store))
    chosen = [str(path) for path in sorted(folder.iterdir())]
    monkeypatch.setattr("viewer.ui.studies.remembering.QFileDialog.getOpenFileNames", lambda *_: (chosen, ""))
    person.window.studies.remembering._choose_files(person.window)
    idle(person)
    assert person.said.startswith("2 images imported.")


def test_after_a_bad_end_the_window_opens_first_and_then_looks_at_all_files(reader, tmp_path):
    root = tmp_path / "cache"
    with Store(root) as before:
        fill(before, tmp_path, study(1))
        copied = written(study(2), tmp_path / "other")
        before.take([Arrival(index_file(str(path)), Source("CD", origin=True)) for path in copied.iterdir()])
        lost = next(path for path in before.folder.objects.rglob("*") if path.is_file())
    lost.unlink()
    (root / "clean").unlink()
    with Store(root, look_later=True) as store:
        assert store.unlooked
        person = reader(store=store)
        person.window.studies.begin()
        idle(person)
        assert not store.unlooked
        show(person) if not person.window.furniture.browsing else person.settle()
        assert [browser(person).model.pages.study(row).missing for row in range(2)] == [1, 0]
