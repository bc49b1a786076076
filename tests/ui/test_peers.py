"""Peers in the window: added, changed, deleted and brought back, checked step by step; and our own door."""

import time
from dataclasses import replace
from pathlib import Path

import pacs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from viewer import settings
from viewer.network.listener_status import Call, ListenerStatus
from viewer.network.listening.listener import Listener
from viewer.network.peer import Method, Peer, Tls
from viewer.network.services import Services
from viewer.paths import settings_file
from viewer.settings import Settings
from viewer.ui.peers import peer_draft
from viewer.ui.peers.listener_page import CLOSED, call_words, state_words
from viewer.ui.peers.listener_tls import NO_AUTHORITIES, NO_CERTIFICATE
from viewer.ui.peers.peer_book import with_back, with_saved, without
from viewer.ui.peers.peer_draft import Draft, draft_of, faults, peer_of
from viewer.viewing.neighbours import Neighbours
from viewer.viewing.own_door import OwnDoor, Seen
from viewer.viewing.remote import Remote

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]  # offscreen: no window manager

ARCHIVE = Peer("Archive", "ARCHIVE", "127.0.0.1", 1, timeout=2.0)
STATION = Peer(
    "山田病院", "YAMADA", "station.example", 11112, "US", Tls("/a", "/b", "/c", "n"), "anna", "https://x.example/w",
    Method.GET, 3, 20.0, may_send=True,
)  # fmt: skip


@pytest.fixture
def seat(reader):
    """Return a function that opens the peers of a new window, with some configured."""

    def open_peers(*peers: Peer, **options: object):
        settings.change(settings_file(), lambda now: replace(now, peers=peers))
        person = reader(**options)
        person.window.peers.open()
        person.wait(lambda: person.window.peers.settings.peers == peers)
        QApplication.processEvents()
        return person, person.window.peers, person.window.peers.dialog

    return open_peers


def on_disk() -> Settings:
    """Return what the file of the settings holds."""
    return settings.load(settings_file()).settings


def type_into(dialog, field: str, words: str) -> None:
    """Type over what stands in a field."""
    line = dialog.form.fields[field].line
    line.selectAll()
    QTest.keyClicks(line, words)


# -------------------------------------------------------------------------------------- what is typed
def test_a_peer_comes_through_the_form_as_it_was() -> None:
    for peer in (ARCHIVE, STATION, Peer("Web", web="https://pacs.example/dicom-web")):
        assert peer_of(draft_of(peer)) == peer
        assert not faults(draft_of(peer))


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": " "}, "name", "Give it a name by which you will know it."),
        ({"name": "oTHER"}, "name", "There is another peer of this name."),
        ({"ae_title": ""}, "ae_title", "Enter its AE title: whoever runs it knows it."),
        (
            {"ae_title": "A" * 17},
            "ae_title",
            "An AE title has at most 16 characters; these are 17.",
        ),
        (
            {"calling_ae_title": "ÄRZTE"},
            "calling_ae_title",
            "An AE title has letters without accents, digits and signs, and no backslash.",
        ),
        ({"host": ""}, "host", "Enter the name or the address of its computer."),
        ({"host": "pacs:104"}, "host", "The port goes into the field beside this one."),
        (
            {"host": "http://pacs"},
            "host",
            "Only the name or the address of the computer, without http:// and what follows.",
        ),
        ({"host": "my pacs"}, "host", "A name of a computer has no spaces."),
        ({"port": "0"}, "port", "A port is a number from 1 to 65535."),
        ({"port": "١٠٤"}, "port", "A port is a number from 1 to 65535."),
        ({"port": "9" * 5000}, "port", "A port is a number from 1 to 65535."),
        (
            {"web": "pacs.example"},
            "web",
            "An address begins with https:// and a computer, such as https://pacs.example/dicom-web.",
        ),
        ({"web": "http://pacs.example/w", "user": "a"}, "web", "A password is sent over https:// only."),
        ({"method": Method.WEB}, "method", "There is no DICOMweb address."),
        (
            {"encrypted": True, "key": "/k"},
            "key",
            "The certificate that this key belongs to is missing.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(change: dict, field: str, words: str) -> None:
    draft = replace(draft_of(ARCHIVE), **change)
    assert faults(draft, ["Other"]) == {field: words}


def test_an_address_of_ipv6_has_colons_and_a_peer_of_dicomweb_needs_no_ae_title() -> None:
    assert not faults(replace(draft_of(ARCHIVE), host="fe80::1"))
    assert not faults(Draft("Web", web="https://pacs.example", port="nonsense"))


# ------------------------------------------------------------------------------------ what is changed
def test_a_renamed_peer_keeps_its_place_and_its_right_to_call() -> None:
    now = Settings(peers=(ARCHIVE, STATION))
    now = replace(now, listener=replace(now.listener, peers=("Archive", "other")))
    changed = with_saved(now, "Archive", replace(ARCHIVE, name="Old archive"))
    assert [peer.name for peer in changed.peers] == ["Old archive", "山田病院"]
    assert changed.listener.peers == ("Old archive", "other")
    gone = without(changed, "Old archive")
    assert (gone.peers, gone.listener.peers) == ((STATION,), ("other",))
    back = with_back(gone, changed.peers[0], 0, may_call=True)
    assert back.peers == changed.peers
    assert set(back.listener.peers) == set(changed.listener.peers)


def test_who_may_send_may_call_and_nobody_takes_the_name_of_another() -> None:
    now = with_saved(Settings(), "", STATION)
    assert now.listener.peers == (STATION.name,)
    with pytest.raises(Exception, match="another peer called archive"):
        with_saved(with_saved(now, "", ARCHIVE), "山田病院", replace(STATION, name="archive"))
    with pytest.raises(Exception, match="by now"):
        with_back(now, STATION, 0, may_call=False)


# ----------------------------------------------------------------------------------------- the dialog
def test_the_first_peer_is_added_with_the_keyboard_alone(seat) -> None:
    person, room, dialog = seat()
    person.wait(lambda: dialog.rows.names == [None, ""])  # who opens an empty list comes to add one
    person.wait(lambda: dialog.focusWidget() is dialog.form.fields["name"].line)
    for words in ("Archive", "ARCHIVE", "127.0.0.1", "11112"):
        QTest.keyClicks(dialog.focusWidget(), words if words != "11112" else "")
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.form.fields["calling_ae_title"].line
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)  # Enter saves
    person.wait(lambda: len(on_disk().peers) == 1)
    assert on_disk().peers == (Peer("Archive", "ARCHIVE", "127.0.0.1", 104),)
    person.wait(lambda: dialog.current == "Archive")
    assert dialog.words.words == "Archive is saved."
    assert person.window.studies.remote.remote.neighbours.peers == room.settings.peers  # it is asked at once


def test_nothing_is_said_to_be_wrong_before_something_is_typed(seat) -> None:
    _, _, dialog = seat(ARCHIVE)
    dialog.begin_new()
    assert not any(field.fault for field in dialog.form.fields.values())
    type_into(dialog, "ae_title", "A" * 17)
    assert "at most 16" in dialog.form.fields["ae_title"].fault
    assert not dialog.form.fields["name"].fault
    type_into(dialog, "port", "x")
    assert "number from 1" in dialog.form.fields["host"].fault  # the line below is that of both
    dialog.save.click()
    assert "Give it a name" in dialog.form.fields["name"].fault
    assert on_disk().peers == (ARCHIVE,)
    type_into(dialog, "name", "archive")
    assert dialog.form.fields["name"].fault == "There is another peer of this name."


def test_what_is_typed_stays_while_somebody_looks_elsewhere_and_revert_puts_it_back(seat) -> None:
    person, room, dialog = seat(ARCHIVE, STATION)
    dialog.rows.go_to("Archive")
    type_into(dialog, "ae_title", "OTHER")
    assert dialog.rows.currentItem().text() == "Archive •"
    assert dialog.save.isEnabled()
    dialog.rows.go_to(STATION.name)
    assert dialog.form.draft == draft_of(STATION)
    assert not dialog.save.isEnabled()
    dialog.close()
    room.open("Archive")
    assert dialog.form.fields["ae_title"].text == "OTHER"
    dialog.revert.click()
    assert dialog.form.draft == draft_of(ARCHIVE)
    assert dialog.rows.currentItem().text() == "Archive"
    assert on_disk().peers == (ARCHIVE, STATION)
    person.settle()


def test_a_deleted_peer_is_brought_back_to_its_place(seat) -> None:
    person, _, dialog = seat(ARCHIVE, STATION)
    dialog.rows.go_to("Archive")
    dialog.delete.click()
    person.wait(lambda: on_disk().peers == (STATION,))
    person.wait(dialog.undo.isVisible)
    assert dialog.words.words == "Archive is deleted."
    assert dialog.current == STATION.name
    dialog.undo.click()
    person.wait(lambda: on_disk().peers == (ARCHIVE, STATION))
    person.wait(lambda: dialog.current == "Archive")
    assert not dialog.undo.isVisible()


def test_the_main_thread_stays_off_the_disk_while_a_peer_is_saved(seat, stay_off_the_disk) -> None:
    person, _, dialog = seat(ARCHIVE)
    dialog.rows.go_to("Archive")
    with stay_off_the_disk():
        type_into(dialog, "ae_title", "OTHER")
        dialog.save.click()
        person.wait(lambda: dialog.words.words == "Archive is saved.")
    assert on_disk().peers[0].ae_title == "OTHER"


def test_a_file_of_tls_that_cannot_be_used_is_named_and_nothing_is_saved(seat, tmp_path: Path) -> None:
    person, _, dialog = seat(ARCHIVE)
    dialog.rows.go_to("Archive")
    dialog.form.encrypted.click()
    type_into(dialog, "authorities", str(tmp_path / "gone.pem"))
    dialog.save.click()
    person.wait(lambda: "gone.pem cannot be read" in dialog.words.words)
    assert on_disk().peers == (ARCHIVE,)
    assert dialog.form.fields["authorities"].text.endswith("gone.pem")


def test_a_password_is_kept_out_of_the_file_and_of_the_form(seat) -> None:
    person, room, dialog = seat(ARCHIVE)
    dialog.rows.go_to("Archive")
    type_into(dialog, "user", "anna")
    type_into(dialog, "password", "sesame-4711")
    assert "until the program ends" in dialog.form.password.line.accessibleDescription()
    dialog.save.click()
    person.wait(lambda: on_disk().peers[0].user == "anna")
    person.wait(lambda: "its password is kept" in dialog.words.words)
    assert "sesame" not in settings_file().read_text()
    assert dialog.form.password.text == ""
    assert room.services.secrets.dimse(on_disk().peers[0]) == "sesame-4711"


def test_words_of_a_settings_file_are_plain_text(seat) -> None:
    evil = replace(ARCHIVE, name="<b>x</b>\u202e", host="<img src=x>")
    _, room, dialog = seat(evil)
    room.open_listener()
    for label in dialog.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
    assert dialog.rows.item(1).text() == "<b>x</b>"


# ------------------------------------------------------------------------------------------ the check
def test_a_check_fills_in_step_by_step_and_its_report_can_be_copied(seat) -> None:
    person, _, dialog = seat(ARCHIVE)
    dialog.rows.go_to("Archive")
    assert not dialog.doctor.copy.isEnabled()
    dialog.doctor.check.click()
    assert dialog.doctor.check.text() == "Stop"
    person.wait(lambda: dialog.doctor.report is not None)
    assert dialog.doctor.verdict.text() == "“Connection” failed."
    assert "nothing listens on that port" in dialog.doctor._rows["Connection"].accessibleName()
    dialog.doctor.copy.click()
    text = QGuiApplication.clipboard().text()
    assert "failed  Connection" in text
    assert "TCP: connection refused" in text
    dialog.doctor.admin.click()
    assert QGuiApplication.clipboard().text().startswith("To whoever runs Archive")
    dialog.rows.go_to(None)
    dialog.rows.go_to("Archive")
    assert dialog.doctor.report is None  # what was found of another form is not shown beside this one


def test_a_check_of_what_is_typed_needs_no_saving_and_a_running_one_is_stopped(seat) -> None:
    person, _, dialog = seat(replace(ARCHIVE, timeout=30.0))
    with pacs.socket.create_server(("127.0.0.1", 0)) as silent:
        dialog.rows.go_to("Archive")
        type_into(dialog, "port", str(silent.getsockname()[1]))
        dialog.doctor.check.click()
        person.wait(lambda: len([row for row in dialog.doctor._rows.values() if row.step]) >= 3)
        start = time.monotonic()
        dialog.doctor.check.click()
        person.wait(lambda: dialog.doctor.report is not None)
    assert time.monotonic() - start < 2
    assert dialog.doctor.verdict.text() == "The check was stopped."
    assert on_disk().peers[0].port == 1


def test_closing_the_window_ends_a_check(seat) -> None:
    person, room, dialog = seat(replace(ARCHIVE, timeout=30.0))
    with pacs.socket.create_server(("127.0.0.1", 0)) as silent:
        dialog.rows.go_to("Archive")
        type_into(dialog, "port", str(silent.getsockname()[1]))
        dialog.doctor.check.click()
        start = time.monotonic()
        room.shut()
    assert time.monotonic() - start < 2
    person.settle()


# ---------------------------------------------------------------------------------------- our own door
def test_our_own_door_opens_and_closes_with_its_box(seat, tmp_path: Path) -> None:
    made: list[Listener] = []

    def make_listener(config) -> Listener:
        made.append(Listener(replace(config, port=0), tmp_path, lambda several: [True] * len(several)))
        return made[-1]

    person, room, dialog = seat(ARCHIVE)
    room._door = OwnDoor(make_listener, 123_000_000)
    room.open_listener()
    page = dialog.listener
    assert page.state.text() == CLOSED
    page.on.click()
    person.wait(lambda: page.state.text().startswith("Open since"))
    assert "for this computer only" in page.state.text()
    assert dialog.doctor.consent.isEnabled()
    page.boxes["Archive"].click()
    person.wait(lambda: on_disk().listener.peers == ("Archive",))
    person.wait(lambda: len(made) == 2)
    assert made[-1].config.callers[0].name == "Archive"
    assert made[-1].config.floor_free_bytes == 123_000_000
    page.on.click()
    person.wait(lambda: page.state.text() == CLOSED)
    assert not on_disk().listener.enabled
    assert room._door.ae_title == ""
    room._door.shut()


def test_a_door_that_is_set_to_be_open_is_opened_when_the_window_begins(reader, tmp_path: Path) -> None:
    def enabled(now: Settings) -> Settings:
        return replace(
            now, peers=(ARCHIVE,), listener=replace(now.listener, enabled=True, peers=("Archive",))
        )

    settings.change(settings_file(), enabled)
    door = OwnDoor(
        lambda config: Listener(replace(config, port=0), tmp_path, lambda several: [True] * len(several))
    )
    person = reader(remote=Remote(Neighbours(Services()), door=door))
    person.wait(lambda: door.ae_title != "")
    opened = door.seen
    assert opened.status is not None
    assert opened.status.listening
    room = person.window.peers
    assert room.settings.listener.enabled
    room.begin()  # nothing is other: it stays open as it is
    person.settle()
    assert door.seen.since == opened.since
    door.shut()


def test_our_own_door_is_secured_with_the_files_that_are_named(
    seat, tmp_path: Path, certificates: pacs.Certificates
) -> None:
    made: list[Listener] = []

    def make_listener(config) -> Listener:
        made.append(Listener(replace(config, port=0), tmp_path, lambda several: [True] * len(several)))
        return made[-1]

    person, room, dialog = seat(ARCHIVE)
    room._door = OwnDoor(make_listener)
    room.open_listener()
    page, tls = dialog.listener, dialog.listener.tls
    assert not tls.fields["certificate"].isVisible()
    tls.on.click()
    assert tls.fields["certificate"].fault == NO_CERTIFICATE
    assert tls.fields["authorities"].fault == NO_AUTHORITIES
    person.settle()
    assert on_disk().listener.tls is None
    for field, name in (
        ("authorities", "authority.crt"),
        ("certificate", "server.crt"),
        ("key", "server.key"),
    ):
        QTest.keyClicks(tls.fields[field].line, certificates.path(name))
        QTest.keyClick(tls.fields[field].line, Qt.Key.Key_Return)
    ours = Tls(*(certificates.path(name) for name in ("authority.crt", "server.crt", "server.key")))
    person.wait(lambda: on_disk().listener.tls == ours)
    assert on_disk().listener.callers_certified
    page.on.click()
    person.wait(lambda: page.state.text().startswith("Open since"))
    assert made[-1].config.tls == ours
    tls.certified.click()
    person.wait(lambda: len(made) == 2)
    assert not made[-1].config.callers_certified
    tls.on.click()
    person.wait(lambda: len(made) == 3 and room._door.ae_title != "")
    assert made[-1].config.tls is None
    assert on_disk().listener.tls is None
    room._door.shut()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with pacs.socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        door = OwnDoor(lambda config: Listener(config, tmp_path, lambda several: [True] * len(several)))
        door.apply(replace(Settings().listener, enabled=True, port=port), ())
        assert str(port) in " ".join(door.seen.notices)
        assert door.ae_title == ""
        with door.watching("1.2", (), lambda _: None):
            pass
        door.shut()


def test_what_the_door_does_in_words() -> None:
    when = time.mktime((2026, 11, 22, 14, 3, 5, 0, 0, -1))
    status = ListenerStatus("US", "", 11112, received=1, refused=2)
    assert state_words(Seen(status, when)) == (
        "Open since 14:03 as US on port 11112, for the peers that are ticked below. 1 object received, 2"
        " could not be kept."
    )
    assert state_words(Seen(ListenerStatus("US", ""))) == CLOSED
    assert call_words(Call(when, "X", "10.0.0.1", "it is nobody")) == (
        "14:03:05  X at 10.0.0.1: refused, it is nobody"
    )
    assert call_words(Call(when, "", "10.0.0.1", "")) == "14:03:05  somebody at 10.0.0.1: let in"


def test_a_port_of_ours_that_is_no_port_changes_nothing(seat) -> None:
    person, room, dialog = seat()
    room.open_listener()
    dialog.listener.port.line.selectAll()
    QTest.keyClicks(dialog.listener.port.line, "70000")
    QTest.keyClick(dialog.listener.port.line, Qt.Key.Key_Tab)
    assert dialog.listener.port.fault == "A port is a number from 1 to 65535."
    person.settle()
    assert on_disk().listener.port == 11112


def test_menu_palette_and_keys_reach_both(reader) -> None:
    person = reader()
    person.key("Ctrl+Shift+P")
    assert person.window.peers.dialog.isVisible()
    person.window.peers.dialog.close()
    person.window._dispatcher.run("receive")
    person.wait(lambda: person.window.peers.dialog.current is None)
    assert person.window.peers.dialog.listener.isVisible()
    assert peer_draft.MOST_TITLE == 16  # PS3.5 6.2
