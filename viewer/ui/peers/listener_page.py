"""The page of our own door: whether it is open, who may call, and who has called."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from viewer.network.listener_settings import ListenerSettings
from viewer.network.listener_status import Call
from viewer.network.peer import Peer
from viewer.ui import fonts, theme
from viewer.ui.peers.listener_tls import ListenerTls, Secured
from viewer.ui.peers.peer_draft import port_fault, title_fault
from viewer.ui.peers.peer_fields import Field, amber, plain, secondary
from viewer.ui.plain_text import single_line
from viewer.viewing.own_door import Seen

MOST_CALLS = 12  # of the last ones that are shown
WHAT = (
    "While this is on, peers can send images here: what is asked for with C-MOVE and, from those that may,"
    " anything. Until a peer is ticked below, only programs on this computer can call."
)
NO_PEERS = "No peer is configured yet."
CLOSED = "Closed: nobody can send images here."
LOOPBACK = "127.0.0.1"


class ListenerPage(QScrollArea):
    """Shows the settings of the listener and what it does; what a hand changes holds at once."""

    changed = Signal(object)  # ListenerSettings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = ListenerSettings()
        self._loading = False
        self.on = QCheckBox("Receive images on this computer")
        self.on.setFont(fonts.sized(self.font(), fonts.STRONG, strong=True))
        self.title = Field("Our AE title", "Peers call us by it; case counts")
        self.port = Field(
            "Port", "11112 is the usual one; below 1024 a system may refuse", placeholder="11112"
        )
        self.tls = ListenerTls()
        self.state, self.fault = _wrapped(""), _wrapped("")
        self._peers_label = plain("Who may call", fonts.STRONG, strong=True)
        self._boxes: dict[str, QCheckBox] = {}
        self._peers, self._calls = QVBoxLayout(), QVBoxLayout()
        self._calls_label = plain("Last calls", fonts.STRONG, strong=True)
        self._lay_out()
        self.on.toggled.connect(lambda _: self._commit())
        for field in (self.title, self.port):
            field.edited.connect(self._check)
            field.line.editingFinished.connect(self._commit)
        self.tls.edited.connect(self._check)
        self.tls.changed.connect(self._commit)
        self.show_state(Seen())

    def _lay_out(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        column.setSpacing(theme.GAP)
        self._peers.setSpacing(theme.GRID)
        self._calls.setSpacing(theme.GRID)
        parts = (self.on, secondary(_wrapped(WHAT)), self.state, amber(self.fault), self.title, self.port)
        for part in (*parts, self.tls, self._peers_label):
            column.addWidget(part)
        column.addLayout(self._peers)
        column.addSpacing(theme.GAP)
        column.addWidget(self._calls_label)
        column.addLayout(self._calls)
        column.addStretch(1)
        page.setMaximumWidth(640)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page)

    # --------------------------------------------------------------------------------------- what is set
    def load(self, settings: ListenerSettings, peers: Sequence[Peer]) -> None:
        """Show what is set."""
        self._loading = True
        self._settings = settings
        self.on.setChecked(settings.enabled)
        if not self.title.line.hasFocus():
            self.title.text = settings.ae_title
        if not self.port.line.hasFocus():
            self.port.text = str(settings.port)
        self.tls.load(Secured(settings.tls, settings.callers_certified))
        self._list_peers(peers)
        self._check()
        self._loading = False

    @property
    def boxes(self) -> dict[str, QCheckBox]:
        """Return the box of each peer that may be let in, by its name."""
        return self._boxes

    def _list_peers(self, peers: Sequence[Peer]) -> None:
        callers = [peer for peer in peers if peer.host]
        if [*self._boxes] != [peer.name for peer in callers] or not callers:
            _empty(self._peers)
            self._boxes = {peer.name: self._box() for peer in callers}
            for box in self._boxes.values():
                self._peers.addWidget(box)
            if not callers:
                self._peers.addWidget(secondary(plain(NO_PEERS)))
        for peer in callers:
            box = self._boxes[peer.name]
            unasked = "; may send unasked" if peer.may_send else ""
            box.setText(
                single_line(f"{peer.name} ({peer.ae_title} at {peer.host}{unasked})").replace("&", "&&")
            )
            box.setAccessibleName(single_line(peer.name))
            box.setChecked(peer.name in self._settings.peers)

    def _box(self) -> QCheckBox:
        box = QCheckBox()
        box.setMinimumHeight(theme.ROW)
        box.toggled.connect(lambda _: self._commit())
        return box

    def _check(self) -> bool:
        """Say what is wrong; return whether nothing is."""
        self.title.say(title_fault(self.title.text, "Enter the AE title by which peers call this computer."))
        self.port.say(port_fault(self.port.text))
        return self.tls.check() and not (self.title.fault or self.port.fault)

    def _commit(self) -> None:
        """Tell what a hand changed, if it can be used."""
        if self._loading or not self._check():
            return
        kept = [name for name in self._settings.peers if name not in self._boxes]
        secured = self.tls.secured
        ticked = [name for name, box in self._boxes.items() if box.isChecked()]
        found = replace(
            self._settings,
            enabled=self.on.isChecked(),
            ae_title=self.title.text.strip(),
            port=int(self.port.text),
            peers=(*kept, *ticked),
            tls=secured.tls,
            callers_certified=secured.callers_certified,
        )
        if found != self._settings:
            self._settings = found
            self.changed.emit(found)

    # ------------------------------------------------------------------------------------- what it is doing
    def show_state(self, seen: Seen) -> None:
        """Show what the door is doing."""
        status = seen.status
        self.state.setText(state_words(seen))
        faults = [*([status.sentence] if status is not None and status.sentence else []), *seen.notices]
        self.fault.setText("\n".join(single_line(words) for words in faults))
        self.fault.setVisible(bool(faults))
        calls = status.calls if status is not None else ()
        _empty(self._calls)
        self._calls_label.setVisible(bool(calls))
        for call in reversed(calls[-MOST_CALLS:]):
            label = _wrapped(call_words(call))
            self._calls.addWidget(amber(label) if call.refused else secondary(label))


def state_words(seen: Seen) -> str:
    """Return in words what our door is doing."""
    status = seen.status
    if status is None or not status.listening:
        return CLOSED
    where = "for this computer only" if status.host == LOOPBACK else "for the peers that are ticked below"
    since = f" since {datetime.fromtimestamp(seen.since):%H:%M}" if seen.since else ""  # noqa: DTZ006  the reader's clock
    objects = "1 object" if status.received == 1 else f"{status.received:,} objects"
    refused = f", {status.refused:,} could not be kept" if status.refused else ""
    return f"Open{since} as {status.ae_title} on port {status.port}, {where}. {objects} received{refused}."


def call_words(call: Call) -> str:
    """Return a call in words."""
    when = f"{datetime.fromtimestamp(call.when):%H:%M:%S}"  # noqa: DTZ006  the reader's clock
    who = single_line(f"{call.caller or 'somebody'} at {call.address}")
    return (
        f"{when}  {who}: refused, {single_line(call.refused)}" if call.refused else f"{when}  {who}: let in"
    )


def _wrapped(words: str) -> QLabel:
    label = plain(words)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        taken = layout.takeAt(0)
        widget = taken.widget() if taken is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
