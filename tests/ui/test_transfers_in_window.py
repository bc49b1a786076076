"""The list of transfers and sending, before the real window: real peers, and one of ours that holds back."""

import threading
import time
from contextlib import contextmanager

import make
import pytest
from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from window import LEFT, NO_KEYS, slices, written

from viewer.cache.store import Store
from viewer.jobs.means import Means
from viewer.jobs.transfer import Kind, State
from viewer.jobs.transfers import Transfers
from viewer.network.peer import Peer
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.network.services import Services
from viewer.ui.bridge import MainThread
from viewer.ui.transfers.transfer_delegate import button_place, button_words
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.remote import News, Remote

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support .*"),
    # pynetdicom, the peer here, leaves sockets of aborted associations to the garbage collector
    pytest.mark.filterwarnings("ignore:Exception ignored:pytest.PytestUnraisableExceptionWarning"),
]

ROOT = f"{make.STUDY}.78"
PENDING = 0xFF00


def study(number, count=3):
    """Return the images of a study of ours, which no other test looks for."""
    datasets = slices(count)
    for place, dataset in enumerate(datasets):
        dataset.StudyInstanceUID = f"{ROOT}.{number}"
        dataset.SeriesInstanceUID = f"{ROOT}.{number}.1"
        dataset.PatientID, dataset.PatientName = f"MOVE{number}", "Moved^Test"
        uid = f"{ROOT}.{number}.1.{place + 1}"
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
    return datasets


class Withholding:
    """A peer that lists all, sends what it does not withhold, and each object only once its gate is open."""

    def __init__(self, datasets):
        self.datasets, self.withheld = datasets, set()
        self.gate = threading.Event()
        self.gate.set()

    def find(self, event):
        level = event.identifier.QueryRetrieveLevel
        for dataset in self.datasets if level == "IMAGE" else self.datasets[:1]:
            found = Dataset()
            found.QueryRetrieveLevel = level
            found.StudyInstanceUID = dataset.StudyInstanceUID
            if level != "STUDY":
                found.SeriesInstanceUID, found.Modality = dataset.SeriesInstanceUID, "CT"
            if level == "IMAGE":
                found.SOPInstanceUID, found.SOPClassUID = dataset.SOPInstanceUID, dataset.SOPClassUID
            yield PENDING, found

    def get(self, event):
        asked = event.identifier.get("SOPInstanceUID") or []
        uids = [asked] if isinstance(asked, str) else list(asked)
        found = [one for one in self.datasets if not uids or one.SOPInstanceUID in uids]
        found = [one for one in found if one.SOPInstanceUID not in self.withheld]
        yield len(found)
        for dataset in found:
            until = time.monotonic() + 10
            while not self.gate.wait(0.02) and time.monotonic() < until and not event.is_cancelled:
                pass
            yield PENDING, dataset

    @contextmanager
    def running(self):
        entity = AE("ODD")
        entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
        entity.add_supported_context(StudyRootQueryRetrieveInformationModelGet)
        entity.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
        handlers = [(evt.EVT_C_FIND, self.find), (evt.EVT_C_GET, self.get)]
        server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        try:
            yield Peer("Odd", "ODD", "127.0.0.1", server.server_address[1], timeout=10.0)
        finally:
            self.gate.set()
            server.shutdown()


@pytest.fixture
def odd():
    return Withholding(study(1, 4))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as opened:
        yield opened


@pytest.fixture
def seat(reader, store, decoders):
    """Return a function that seats a reader before peers, in the reading room."""
    made = []

    def sit(*peers, opened=()):
        bridge, news = MainThread(), News()
        neighbours = Neighbours(Services(), peers)
        means = Means(store, decoders, neighbours.services, lambda: neighbours.peers)
        transfers = Transfers(means, bridge.post, news.tell_changed, news.tell_arrived)
        made.append((bridge, transfers))
        remote = Remote(neighbours, transfers, news)
        return reader(*opened, store=store, size=(1280, 800), remote=remote)

    yield sit
    for _, transfers in made:
        transfers.close()


def room(person):
    return person.window.transfers


def fetch(person, number=1, peer="Odd"):
    return room(person).transfers.add_retrieve(peer, Wanted(f"{ROOT}.{number}"), f"Moved, Test  {number}")


def seen(person):
    """Return the states that the list shows, newest first."""
    return [row.state for row in room(person).model.rows]


def sign(person):
    button = person.window.furniture.moving
    return button.text() if button.isVisible() else ""


def open_list(person):
    person.key("Ctrl+T")
    return room(person).below if person.window.furniture.browsing else room(person).panel


def click_row(panel, place=0):
    """Click on the button in a row."""
    index = panel.list.model().index(place, 0)
    words = button_words(room_row(panel, place))
    at = button_place(panel.list.visualRect(index), panel.list.font(), words).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, NO_KEYS, at)


def room_row(panel, place=0):
    return panel.list.model().rows[place]


def test_a_fetch_is_listed_while_it_runs_and_the_sign_goes_when_it_is_complete(seat, odd):
    with odd.running() as peer:
        odd.gate.clear()
        person = seat(peer)
        fetch(person)
        person.wait(lambda: sign(person) == "1 transfer running")
        panel = open_list(person)
        assert panel.isVisible()
        assert panel.list.hasFocus()
        odd.gate.set()
        person.wait(lambda: seen(person) == [State.COMPLETE])
        assert sign(person) == ""
        row = room_row(panel)
        assert (row.done, row.total, row.kind) == (4, 4, Kind.RETRIEVE)
        assert "Complete" in panel.list.model().index(0, 0).data()


def test_a_short_fetch_says_so_until_it_is_looked_at_and_one_click_fetches_the_rest(seat, odd):
    odd.withheld = {odd.datasets[1].SOPInstanceUID}
    with odd.running() as peer:
        person = seat(peer)
        fetch(person)
        person.wait(lambda: seen(person) == [State.SHORT])
        assert sign(person) == "1 transfer short"
        assert "Moved, Test" in person.said
        assert "1 of 4 objects are missing" in person.said
        assert len(room(person).unseen) == 1
        QTest.mouseClick(person.window.furniture.moving, LEFT)
        panel = room(person).panel
        assert panel.isVisible()
        assert room(person).unseen == ()
        assert person.said == ""
        assert sign(person) == "1 transfer short"  # it is still short
        assert panel.list.current.state is State.SHORT
        panel.details.unfold.click()
        assert odd.datasets[1].SOPInstanceUID in panel.details.missing.toPlainText()
        panel.details.copy.click()
        assert odd.datasets[1].SOPInstanceUID in QGuiApplication.clipboard().text()
        odd.withheld = set()
        assert button_words(room_row(panel)) == "Fetch the rest"
        click_row(panel)
        person.wait(lambda: seen(person) == [State.COMPLETE])
        assert room_row(panel).done == 4
        assert sign(person) == ""


def test_keys_pause_resume_cancel_try_again_and_remove(seat, odd):
    with odd.running() as peer:
        odd.gate.clear()
        person = seat(peer)
        fetch(person)
        person.wait(lambda: seen(person) == [State.RUNNING])
        panel = open_list(person)
        person.key("Space")
        person.wait(lambda: seen(person) == [State.PAUSED])
        assert sign(person) == "1 transfer paused"
        person.key("Space")
        person.wait(lambda: seen(person) == [State.RUNNING])
        person.key("Del")
        person.wait(lambda: seen(person) == [State.CANCELLED])
        odd.gate.set()
        person.key("Return")
        person.wait(lambda: seen(person) == [State.COMPLETE])
        person.key("Del")
        person.wait(lambda: seen(person) == [])
        assert not panel.list.isVisible()


def test_what_is_selected_stays_so_and_one_that_waits_can_be_done_first(seat, odd):
    with odd.running() as peer:
        odd.gate.clear()
        person = seat(peer)
        for number in (1, 2, 3, 4):
            fetch(person, number)
        person.wait(lambda: len(seen(person)) == 4 and seen(person).count(State.RUNNING) == 2)
        panel = open_list(person)
        last = panel.list.current.id
        person.key("F")
        transfers = room(person).transfers
        person.wait(lambda: next(row.id for row in transfers.rows() if row.state is State.WAITING) == last)
        assert panel.list.current.id == last
        fetch(person, 5)
        person.wait(lambda: len(seen(person)) == 5)
        assert panel.list.current.id == last
        assert [row.id for row in room(person).model.rows] == sorted(
            (row.id for row in transfers.rows()), reverse=True
        )
        person.key("Down", "Up", "Up", "Del")
        person.wait(lambda: seen(person)[0] is State.CANCELLED)
        panel.clear.click()
        person.wait(lambda: len(seen(person)) == 4)


def test_the_list_folds_out_below_the_studies_and_esc_folds_it_away(seat, odd):
    odd.withheld = {odd.datasets[0].SOPInstanceUID}
    with odd.running() as peer:
        person = seat(peer)
        person.key("Ctrl+B")
        fetch(person)
        person.wait(lambda: sign(person) == "1 transfer short")
        panel = open_list(person)
        assert panel is room(person).below
        assert panel.isVisible()
        assert room(person).unseen == ()
        person.key("Escape")
        assert not panel.isVisible()
        assert person.window.furniture.browsing


def test_a_peer_that_is_away_fails_in_words_and_the_list_is_kept(seat, odd):
    with odd.running() as peer:
        away = peer
    person = seat(away)
    fetch(person)
    person.wait(lambda: seen(person) == [State.FAILED])
    assert sign(person) == "1 transfer failed"
    assert "Odd" in person.said
    panel = open_list(person)
    assert "Odd" in panel.details._words.text()
    panel.clear.click()
    person.settle()
    assert seen(person) == [State.FAILED]


def test_a_fetch_goes_on_at_the_next_start_and_closing_says_so(seat, odd):
    with odd.running() as peer:
        odd.gate.clear()
        person = seat(peer)
        told = []
        person.window.intake.told.connect(told.append)
        fetch(person)
        person.wait(lambda: seen(person) == [State.RUNNING])
        person.window.close()
        assert told == ["1 transfer goes on at the next start"]
        room(person).transfers.close()
        other = seat(peer)
        assert other.said == "1 transfer goes on from last time."
        assert sign(other) == "1 transfer running"
        odd.gate.set()
        other.wait(lambda: seen(other) == [State.COMPLETE])


# ----------------------------------------------------------------------------------------------- sending
def test_a_study_of_the_list_is_sent_to_the_peer_that_is_chosen(seat, orthanc, qrscp, tmp_path):
    datasets = study(6)
    folder = written(datasets, tmp_path / "files")
    person = seat(qrscp.peer, orthanc.peer, opened=(folder,))
    person.wait(lambda: not person.window.studies.chores.busy)
    person.key("Ctrl+B")
    studies = person.window.studies
    person.wait(lambda: studies.browser.model.pages.total == 1)
    person.key("Home")
    person.wait(lambda: len(studies.browser.chosen) == 1)
    send = next(one for one in studies.deeds.menu().actions() if one.text().startswith("Send"))
    assert send.isEnabled()
    send.trigger()
    person.wait(lambda: person.window.sends.dialog is not None)
    dialog = person.window.sends.dialog
    assert dialog.amount.text().startswith("3 images, ")
    assert "Moved" in dialog.title.text()
    dialog.peers.setCurrentIndex(1)
    dialog.send.click()
    person.wait(lambda: seen(person) == [State.COMPLETE])
    assert room(person).model.rows[0].kind is Kind.SEND
    assert room(person).model.rows[0].done == 3
    assert "Sent" in room(person).model.index(0, 0).data()
    found = orthanc.rest("POST", "/tools/lookup", datasets[0].SOPInstanceUID.encode())
    assert b"Instance" in found
    assert person.window.sends.last == orthanc.peer.name


def test_nothing_can_be_sent_without_a_peer_and_the_menu_says_why(seat, tmp_path):
    person = seat(opened=(written(study(7, 1), tmp_path / "files"),))
    send = next(one for one in person.window.studies.deeds.menu().actions() if one.text().startswith("Send"))
    assert not send.isEnabled()
    assert "No PACS" in send.toolTip()


def test_a_presentation_state_that_was_saved_is_sent_with_one_click(seat, orthanc, tmp_path):
    person = seat(orthanc.peer, opened=(written(study(8, 1), tmp_path / "files"),))
    person.key("Ctrl+S")
    answer = person.window.furniture._answer
    person.wait(lambda: answer.isVisible() and answer.text() == "Send …")
    answer.click()
    person.wait(lambda: person.window.sends.dialog is not None)
    assert person.window.sends.dialog.amount.text().startswith("1 presentation state, ")
    person.window.sends.dialog.send.click()
    person.wait(lambda: seen(person) == [State.COMPLETE])
    person.key("Ctrl+S")
    person.wait(lambda: answer.isVisible() and answer.text() == "Send to Orthanc")
    answer.click()
    person.wait(lambda: seen(person) == [State.COMPLETE, State.COMPLETE])


def test_the_list_opens_no_file_and_no_socket_on_the_main_thread(seat, odd, stay_off_the_disk):
    with odd.running() as peer:
        odd.gate.clear()
        person = seat(peer)
        open_list(person)
        with stay_off_the_disk():
            room(person)._run(lambda _: fetch(person))
            person.wait(lambda: seen(person) == [State.RUNNING])
            room(person).panel.come()
            person.key("Space")
            person.wait(lambda: seen(person) == [State.PAUSED])
            odd.gate.set()
            person.key("Return")
            person.wait(lambda: seen(person) == [State.COMPLETE])
