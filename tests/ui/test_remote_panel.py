"""The study browser with peers: real ones, ones that refuse, and a slow one of ours; keys and mouse."""

import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import make
import pytest
from pacs import HOST, free_ports
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window import LEFT, NO_KEYS, assert_seen, slices, written

from viewer.cache.store import Store
from viewer.jobs.means import Means
from viewer.jobs.transfers import Transfers
from viewer.network.peer import Peer
from viewer.network.services import Services
from viewer.ui.bridge import MainThread
from viewer.ui.study_words import lines
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.remote import News, Remote
from viewer.viewing.study_source import Column

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]

ROOT = f"{make.STUDY}.77"


def study(number, count=3, **attributes):
    """Return the images of a study of ours, which no other test looks for."""
    named = {
        "StudyInstanceUID": f"{ROOT}.{number}",
        "SeriesInstanceUID": f"{ROOT}.{number}.1",
        "PatientID": f"PANEL{number}",
        "PatientName": f"Panel{'_abcdefghi'[number]}^Test",
        "StudyDate": f"2026020{number}",
        "StudyDescription": f"Panel {number}",
        "AccessionNumber": f"ACC{number}",
        "SeriesDescription": f"Series of {number}",
        "Modality": "CT",
    } | attributes
    datasets = slices(count)
    for place, dataset in enumerate(datasets):
        for name, value in named.items():
            setattr(dataset, name, value)
        uid = f"{named['SeriesInstanceUID']}.{place + 1}"
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
    return datasets


@pytest.fixture(scope="module")
def held(tmp_path_factory, orthanc, qrscp):
    """Have two peers hold studies: 1 and 2 the one, 2 and 3 the other."""
    folder = tmp_path_factory.mktemp("held")
    studies = {number: study(number) for number in (1, 2, 3)}
    paths = {
        number: sorted(written(data, folder / str(number)).iterdir()) for number, data in studies.items()
    }
    orthanc.store([*paths[1], *paths[2]])
    qrscp.store([*paths[2], *paths[3]])
    return studies


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as opened:
        yield opened


@pytest.fixture
def seat(reader, store, decoders):
    """Return a function that seats a reader before peers."""
    made = []

    def sit(*peers, fetching=True, size=(1280, 800), kind=Neighbours):
        bridge, news = MainThread(), News()
        services = Services()
        neighbours = kind(services, peers)
        means = Means(store, decoders, services, lambda: neighbours.peers)
        transfers = Transfers(means, bridge.post, news.tell_changed, news.tell_arrived) if fetching else None
        made.append((bridge, transfers))
        person = reader(store=store, size=size, remote=Remote(neighbours, transfers, news))
        person.key("Ctrl+B")
        return person

    yield sit
    for _, transfers in made:
        if transfers is not None:
            transfers.close()


@pytest.fixture
def refusing():
    return Peer("Night PACS", "NIGHT", HOST, free_ports(1)[0], timeout=3.0)


def browser(person):
    return person.window.studies.browser


def remote(person):
    return browser(person).remote


def source(person, name):
    """Click on a source at the top."""
    names = [one.name for one in browser(person).sources]
    QTest.mouseClick(browser(person).head._buttons[names.index(name)], LEFT)
    person.settle()


def search(person, text):
    person.key("Ctrl+F")
    QTest.keyClicks(browser(person).filter.search, text)
    person.key("Return")
    person.wait(lambda: not remote(person).model.busy)
    person.settle()


def column(person, which=Column.PATIENT):
    return [lines(one, which)[0] for one in remote(person).model.found.rows]


@pytest.mark.usefixtures("held")
def test_a_peer_is_asked_with_enter_and_not_before(seat, orthanc):
    person = seat(orthanc.peer)
    source(person, "Orthanc")
    person.key("Ctrl+F")
    QTest.keyClicks(browser(person).filter.search, "panela")
    person.settle()
    assert column(person) == []
    assert remote(person).model.standings == ()
    person.key("Return")
    person.settle()
    assert column(person) == ["Panela, Test"]
    assert browser(person).head._words.text() == "1 study"
    assert column(person, Column.HERE) == ["not here"]
    assert browser(person).list.hasFocus()


@pytest.mark.usefixtures("held")
def test_an_empty_answer_says_on_whom_and_a_failure_never_looks_like_one(seat, orthanc, refusing):
    person = seat(orthanc.peer, refusing)
    source(person, "Orthanc")
    search(person, "nobodyofthatname")
    assert remote(person).table._words == "No study matches on Orthanc."
    source(person, "Night PACS")
    assert column(person) == []
    search(person, "x")
    assert "Night PACS" in remote(person).table._words
    assert "No study" not in remote(person).table._words
    assert browser(person).head._words.text() == "No answer"
    assert "Night PACS" in remote(person).notice.text()


@pytest.mark.usefixtures("held")
def test_several_peers_answer_in_one_list_and_one_that_fails_hides_no_other(seat, orthanc, qrscp, refusing):
    person = seat(orthanc.peer, qrscp.peer, refusing)
    source(person, "All")
    search(person, "panel")
    assert column(person) == ["Panelc, Test", "Panelb, Test", "Panela, Test"]
    assert column(person, Column.SOURCE) == ["dcmqrscp", "Orthanc, dcmqrscp", "Orthanc"] or column(
        person, Column.SOURCE
    ) == ["dcmqrscp", "dcmqrscp, Orthanc", "Orthanc"]
    assert "Night PACS" in remote(person).notice.text()
    assert browser(person).head._words.text() == "3 studies, incomplete"


def test_a_double_click_retrieves_and_the_first_image_is_on_the_screen(seat, held, orthanc):
    person = seat(orthanc.peer)
    source(person, "Orthanc")
    search(person, "ACC1")
    assert column(person) == ["Panela, Test"]
    table = remote(person).table
    place = table.visualRect(remote(person).model.index(0, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, NO_KEYS, place)
    QTest.mouseDClick(table.viewport(), LEFT, NO_KEYS, place)
    person.wait(lambda: not person.window.furniture.browsing)
    person.wait(lambda: person.pane.count == 3)
    person.settle()
    assert person.pane.hung.series.study.patient.patient_id == "PANEL1"
    assert_seen(person, held[1][person.number() - 1])
    person.key("Ctrl+B")
    person.wait(lambda: column(person, Column.HERE) == ["complete"])


@pytest.mark.usefixtures("held")
def test_what_is_complete_here_is_opened_without_asking_the_peer(seat, orthanc):
    person = seat(orthanc.peer)
    source(person, "Orthanc")
    search(person, "ACC2")
    QTest.mouseClick(remote(person).fetch_button, LEFT)
    person.wait(lambda: column(person, Column.HERE) == ["complete"])
    assert person.window.furniture.browsing
    before = person.window.studies.remote.remote.transfers.rows()
    person.key("Return")
    person.wait(lambda: not person.window.furniture.browsing and person.pane.count == 3)
    assert len(person.window.studies.remote.remote.transfers.rows()) == len(before) == 1


def test_a_study_that_is_chosen_lists_its_series_and_one_of_them_can_be_opened(seat, held, qrscp):
    person = seat(qrscp.peer)
    source(person, "dcmqrscp")
    search(person, "panelc")
    series = browser(person).remote_series
    person.wait(lambda: len(series._found) == 1 and not series.busy)
    assert series._found[0].series.series_instance_uid == f"{ROOT}.3.1"
    series.rail.setFocus()
    series.rail.select(series._found[0].series.series_instance_uid)
    person.key("Return")
    person.wait(lambda: not person.window.furniture.browsing and person.pane.count == 3)
    assert_seen(person, held[3][person.number() - 1])


class Gated(Neighbours):
    """Peers whose answer to the first question comes when a test opens the gate."""

    gate = threading.Event()

    def find(self, peer, query, on_match, cancelled, limit=500):  # noqa: ARG002  it comes late even so
        """Ask, and hold back what is found for "panelb"."""
        found = []
        whole = super().find(peer, query, found.append, lambda: False, limit)
        if query.patient_name == "panelb":
            self.gate.wait(20)
        for match in found:
            on_match(match)
        return whole


@pytest.mark.usefixtures("held")
def test_the_answer_to_an_old_question_never_appears_under_a_new_one(seat, orthanc):
    Gated.gate.clear()
    person = seat(orthanc.peer, kind=Gated)
    source(person, "Orthanc")
    field = browser(person).filter.search
    QTest.keyClicks(field, "panelb")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.qWait(100)
    assert remote(person).model.busy
    field.setText("panela")
    QTest.keyClick(field, Qt.Key.Key_Return)
    person.wait(lambda: column(person) == ["Panela, Test"])
    Gated.gate.set()
    person.settle()
    QTest.qWait(300)
    assert column(person) == ["Panela, Test"]


@contextmanager
def silent():
    """Yield a peer that takes calls and says nothing."""
    with socket.socket() as door:
        door.bind((HOST, 0))
        door.listen(8)
        yield Peer("Silent", "SILENT", HOST, door.getsockname()[1], timeout=20.0)


@pytest.mark.usefixtures("held")
def test_a_silent_peer_holds_up_no_other_and_stop_ends_the_waiting(seat, orthanc):
    with silent() as mute:
        person = seat(orthanc.peer, mute)
        QTest.mouseClick(browser(person).head._buttons[-1], LEFT)
        field = browser(person).filter.search
        QTest.keyClicks(field, "panelb")
        QTest.keyClick(field, Qt.Key.Key_Return)
        person.wait(lambda: column(person) == ["Panelb, Test"])
        assert "asking Silent" in browser(person).head._words.text()
        assert browser(person).filter.go.text() == "Stop"
        QTest.mouseClick(browser(person).filter.go, LEFT)
        assert not remote(person).model.busy
        assert column(person) == ["Panelb, Test"]
        assert remote(person).notice.text() == "Silent: stopped; there may be more."
        assert browser(person).head._words.text() == "1 study, incomplete"


def test_marks_say_who_answers_and_why_one_does_not(seat, orthanc, refusing):
    person = seat(orthanc.peer, refusing)
    marks = person.window.studies.remote.marks
    person.wait(lambda: None not in {marks.of(name).answers for name in ("Orthanc", "Night PACS")})
    assert marks.of("Orthanc").words.startswith("answers in ")
    assert marks.of("Night PACS").answers is False
    buttons = browser(person).head._buttons
    assert "answers in" in buttons[1].toolTip()
    assert "Night PACS" in buttons[2].toolTip()


@pytest.mark.usefixtures("held")
def test_priors_are_looked_for_by_id_on_all_peers_and_here(seat, orthanc, qrscp):
    person = seat(orthanc.peer, qrscp.peer)
    source(person, "Orthanc")
    search(person, "ACC2")
    QTest.mouseClick(remote(person).priors_button, LEFT)
    person.wait(lambda: bool(remote(person).model.standings) and not remote(person).model.busy)
    assert browser(person).source.name == "All"
    assert column(person) == ["Panelb, Test"]
    assert len(remote(person).model.found.rows[0].peers) == 2
    assert [one.name for one in remote(person).model.standings] == ["This computer", "Orthanc", "dcmqrscp"]


@pytest.mark.usefixtures("held")
def test_the_panel_opens_no_file_and_no_socket_on_the_main_thread(seat, orthanc, stay_off_the_disk):
    person = seat(orthanc.peer)
    with stay_off_the_disk():
        source(person, "Orthanc")
        search(person, "panela")
        person.key("Return")
        person.wait(lambda: not person.window.furniture.browsing and person.pane.count == 3)
        person.settle()


class Pausing(Neighbours):
    """A peer that says all it has, and goes on thinking until a test lets it."""

    gate = threading.Event()

    def find(self, peer, query, on_match, cancelled, limit=500):
        """Ask, and pause after the last match, looking now and then whether that is cancelled."""
        whole = super().find(peer, query, on_match, lambda: False, limit)
        while not self.gate.wait(0.05):
            if cancelled():
                break
        return whole


@pytest.mark.usefixtures("held")
def test_what_a_peer_has_said_is_not_held_back_while_it_pauses(seat, orthanc):
    Pausing.gate.clear()
    person = seat(orthanc.peer, kind=Pausing)
    source(person, "Orthanc")
    field = browser(person).filter.search
    QTest.keyClicks(field, "panel")
    QTest.keyClick(field, Qt.Key.Key_Return)
    person.wait(lambda: len(column(person)) == 2)
    assert remote(person).model.busy
    Pausing.gate.set()
    person.wait(lambda: not remote(person).model.busy)


@pytest.mark.usefixtures("held")
def test_a_peer_that_does_not_say_the_modality_is_named_when_one_was_asked_for(seat, qrscp):
    person = seat(qrscp.peer)
    source(person, "dcmqrscp")
    remote(person).ask(replace(browser(person).filter.asked, modalities=("MR",), patient_id="PANEL3"))
    person.wait(lambda: bool(remote(person).model.standings) and not remote(person).model.busy)
    assert column(person) == ["Panelc, Test"]
    assert "does not say of 1 study which modality" in remote(person).notice.text()


@pytest.mark.usefixtures("held")
def test_that_there_are_more_than_are_listed_is_said(seat, orthanc, monkeypatch):
    monkeypatch.setattr("viewer.viewing.remote_search.LIMIT", 1)
    person = seat(orthanc.peer)
    source(person, "Orthanc")
    search(person, "panel")
    assert len(column(person)) == 1
    assert remote(person).notice.text() == "Orthanc: the first study; it has more, ask for less."
    monkeypatch.undo()
    search(person, "panel")
    assert len(column(person)) == 2
    assert remote(person).notice.text() == ""
