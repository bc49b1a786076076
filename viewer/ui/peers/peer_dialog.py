"""Peers: the list, the form of one, the check of it, and our own door. It stays open beside the images."""

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.network.peer import Peer
from viewer.settings import Settings
from viewer.ui import theme
from viewer.ui.message import Message
from viewer.ui.peers.doctor_panel import DoctorPanel
from viewer.ui.peers.listener_page import ListenerPage
from viewer.ui.peers.peer_draft import Draft, draft_of, peer_of
from viewer.ui.peers.peer_form import PeerForm
from viewer.ui.peers.peer_list import PeerList

LIST_WIDTH, FORM_WIDTH, CHECK_WIDTH = 190, 420, 400


# Fusion draws the border of an empty box almost as dark as its ground.
BOXES = (
    "QCheckBox::indicator:unchecked {{ border: 1px solid {border}; border-radius: 3px; background: {ground};"
    " width: 13px; height: 13px; }}"
)


class PeerDialog(QDialog):
    """Shows settings and tells what a hand wants. What is typed stays until it is saved or reverted."""

    save_wanted = Signal(str, object, str)  # its name before, "" for a new one; the Peer; a password or ""
    delete_wanted = Signal(str)
    undo_wanted = Signal()
    check_wanted = Signal(object, str, bool)  # the Peer; a password or ""; whether an image may be sent here
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Peers")
        self.setModal(False)
        self._peers: tuple[Peer, ...] = ()
        self._drafts: dict[str, tuple[Draft, str]] = {}  # what is typed, with a password, by name
        self._current: str | None = None  # None for our own door
        self.rows = PeerList()
        self.form, self.doctor, self.listener = PeerForm(), DoctorPanel(), ListenerPage()
        self.add, self.delete = QPushButton("Add"), QPushButton("Delete")
        self.save, self.revert = QPushButton("Save"), QPushButton("Revert")
        self.undo = QPushButton("Undo")
        self.words = Message()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_settings(Settings())

    def _lay_out(self) -> None:
        for page in (self.listener, self._peer_page()):
            self._pages.addWidget(page)
        parts = _split(_column((self.rows, 1), (_line(self.add, self.delete), 0)), self._pages)
        parts.setStretchFactor(0, 0)
        parts.setSizes([LIST_WIDTH, FORM_WIDTH + CHECK_WIDTH])
        self.undo.hide()
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GAP)
        foot.setSpacing(theme.GAP)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.undo)
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(parts, 1)
        whole.addLayout(foot)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter in a field saves, and does nothing else
        self.save.setDefault(True)
        colours = theme.colours_of(self.palette())
        self.setStyleSheet(BOXES.format(border=colours.secondary, ground=colours.panel))

    def _peer_page(self) -> QWidget:
        parts = _split(_column((self.form, 1), (_line(self.save, self.revert), 0)), self.doctor)
        parts.setSizes([FORM_WIDTH, CHECK_WIDTH])
        return parts

    def _connect(self) -> None:
        self.rows.gone_to.connect(self._go)
        self.add.clicked.connect(self.begin_new)
        self.delete.clicked.connect(self._delete)
        self.save.clicked.connect(self._save)
        self.revert.clicked.connect(self._revert)
        self.undo.clicked.connect(self.undo_wanted)
        self.form.changed.connect(self._typed)
        self.doctor.wanted.connect(self._check)
        self.doctor.stop_wanted.connect(self.stop_wanted)

    # --------------------------------------------------------------------------------------- what is shown
    def show_settings(self, settings: Settings, *, select: str | None = None) -> None:
        """Show the peers; `select` one of them, else what was selected stays so."""
        self._peers = settings.peers
        known = {peer.name for peer in self._peers} | {""}
        self._drafts = {name: draft for name, draft in self._drafts.items() if name in known}
        self._current = self._current if select is None else select
        self._fill()
        self.listener.load(settings.listener, self._peers)

    def begin_new(self) -> None:
        """Begin another peer; one that was begun before is gone on with."""
        self._drafts.setdefault("", (Draft(), ""))
        self._current = ""
        self._fill()
        self.form.fields["name"].line.setFocus()

    def saved(self, before: str, name: str) -> None:
        """Take it that a peer was saved: nothing of it is unsaved any more."""
        self._drafts.pop(before, None)
        if self._current == before:
            self._current = name

    def say(self, words: str, *, undo: bool = False) -> None:
        """Say something, perhaps with a way back."""
        self.words.say(words, busy=False)
        self.undo.setVisible(undo)

    @property
    def current(self) -> str | None:
        """Return the name of the peer in the form, "" for a new one, None for our own door."""
        return self._current

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Return the peers with something that is typed and not saved, "" for a new one."""
        return tuple(self._drafts)

    def _fill(self) -> None:
        self.rows.fill(self._peers, self._drafts, self._current)

    def _go(self, name: str | None) -> None:
        """Show what a row is about."""
        before, self._current = self._current, name
        if before == "" != name and self._drafts.get("") == (Draft(), ""):
            del self._drafts[""]  # a new one into which nothing was typed
            QTimer.singleShot(0, self._fill)
        self._pages.setCurrentIndex(0 if name is None else 1)
        self.delete.setEnabled(name is not None)
        if name is not None:
            draft, password = self._drafts.get(name) or (self._stored, "")
            self.form.load(draft, [peer.name for peer in self._peers if peer.name != name])
            self.form.password.text = password
        if name != before:
            self.stop_wanted.emit()
            self.doctor.clear()
        self._light()

    @property
    def _stored(self) -> Draft:
        """Return what is saved of the current peer."""
        return next((draft_of(peer) for peer in self._peers if peer.name == self._current), Draft())

    def _light(self) -> None:
        """Let Save and Revert be pressed only while there is something to it."""
        unsaved = self._current is not None and self._current in self._drafts
        self.save.setEnabled(unsaved)
        self.revert.setEnabled(unsaved)

    # ---------------------------------------------------------------------------------- what a hand does
    def _typed(self) -> None:
        name = self._current
        if name is None:
            return
        draft, password = self.form.draft, self.form.password.text
        if name and draft == self._stored and not password:
            self._drafts.pop(name, None)
        else:
            self._drafts[name] = (draft, password)
        self.rows.mark(unsaved=name in self._drafts)
        self._light()

    def _save(self) -> None:
        if self._current is not None and not self.form.tell_all():
            self.save_wanted.emit(self._current, peer_of(self.form.draft), self.form.password.text)

    def _revert(self) -> None:
        """Put back what was saved; of a new peer nothing was."""
        if self._current is not None:
            self._drafts.pop(self._current, None)
            self._fill()

    def _delete(self) -> None:
        if self._current:
            self._drafts.pop(self._current, None)
            self.delete_wanted.emit(self._current)
        else:
            self._revert()

    def _check(self) -> None:
        draft = self.form.draft
        if not draft.name.strip():  # a check needs no name, a sentence does
            draft = replace(draft, name=draft.host.strip() or draft.web.strip())
            self.form.fields["name"].text = draft.name
            self._typed()
        if not self.form.tell_all():
            consent = self.doctor.consent.isChecked()
            self.check_wanted.emit(peer_of(draft), self.form.password.text, consent)

    def sizeHint(self) -> QSize:
        """Return the room of list, form and check."""
        return QSize(LIST_WIDTH + FORM_WIDTH + CHECK_WIDTH, 680)


def _split(*parts: QWidget) -> QSplitter:
    whole = QSplitter(Qt.Orientation.Horizontal)
    whole.setHandleWidth(2)
    for number, part in enumerate(parts):
        whole.addWidget(part)
        whole.setStretchFactor(number, 1)
    whole.setChildrenCollapsible(False)
    return whole


def _column(*parts: tuple[QWidget, int]) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part, stretch in parts:
        column.addWidget(part, stretch)
    return whole


def _line(*buttons: QPushButton) -> QWidget:
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
    row.setSpacing(theme.GAP)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return whole
