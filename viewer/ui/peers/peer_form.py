"""The form of one peer: what it is called, where it is, who we are to it, and how images come."""

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from viewer.network.peer import Method
from viewer.ui import fonts, theme
from viewer.ui.peers import peer_draft
from viewer.ui.peers.peer_draft import Draft
from viewer.ui.peers.peer_fields import LABEL_WIDTH, Field, FileField, plain, secondary

METHODS = (
    (Method.AUTO, "the fastest that works"),
    (Method.WEB, "DICOMweb (WADO-RS)"),
    (Method.GET, "C-GET"),
    (Method.MOVE, "C-MOVE, to this computer's own port"),
)
MOST_ASSOCIATIONS, LONGEST_WAIT = 16, 600
PORT_LABEL, PORT_WIDTH = 28, 64  # logical pixels
LASTING = "Kept in the keyring of this system"
FLEETING = "Kept until the program ends: there is no keyring"
_TEXTS = (
    peer_draft.NAME, peer_draft.TITLE, peer_draft.HOST, peer_draft.PORT, peer_draft.CALLING, peer_draft.WEB,
    peer_draft.USER, peer_draft.AUTHORITIES, peer_draft.CERTIFICATE, peer_draft.KEY, peer_draft.TLS_NAME,
)  # fmt: skip


class PeerForm(QScrollArea):
    """Shows a draft and says at each letter what is wrong with it."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._others: tuple[str, ...] = ()
        self._told: set[str] = set()  # fields of which faults are said: those that somebody typed into
        self._loading = False
        self.fields = _fields()
        self.password = self.fields["password"]
        self.password.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.encrypted = QCheckBox("Secure the DICOM connection with TLS")
        self.may_send = QCheckBox("It may send images here without being asked")
        self.method = _choice()
        self.associations = _number(1, MOST_ASSOCIATIONS, "", "Associations at once")
        self.timeout = _number(1, LONGEST_WAIT, " s", "Seconds of silence until it is given up")
        self._secured = QWidget()
        self._lay_out()
        self._connect()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _lay_out(self) -> None:
        fields = self.fields
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        fields[peer_draft.HOST].add(fields[peer_draft.PORT])
        secured = QVBoxLayout(self._secured)
        secured.setContentsMargins(0, 0, 0, 0)
        secured.setSpacing(theme.GRID)
        for name in (peer_draft.AUTHORITIES, peer_draft.CERTIFICATE, peer_draft.KEY, peer_draft.TLS_NAME):
            secured.addWidget(fields[name])
        column.addWidget(fields[peer_draft.NAME])
        column.addWidget(fields[peer_draft.TITLE])
        column.addWidget(fields[peer_draft.HOST])
        column.addWidget(fields[peer_draft.CALLING])
        column.addWidget(_indented(self.encrypted))
        column.addWidget(self._secured)
        for name in (peer_draft.WEB, peer_draft.USER, "password"):
            column.addWidget(fields[name])
        column.addLayout(_row("Retrieve by", self.method))
        column.addLayout(_row("At once", self.associations, "associations"))
        column.addLayout(_row("Give up after", self.timeout, "of silence"))
        column.addWidget(_indented(self.may_send))
        column.addStretch(1)
        self.setWidget(page)

    def _connect(self) -> None:
        for name, field in self.fields.items():
            field.edited.connect(lambda name=name: self._edited(name))
        for box in (self.encrypted, self.may_send):
            box.toggled.connect(lambda _: self._edited(""))
        self.method.currentIndexChanged.connect(lambda _: self._edited(peer_draft.METHOD))
        for number in (self.associations, self.timeout):
            number.valueChanged.connect(lambda _: self._edited(""))
        self.encrypted.toggled.connect(self._secured.setVisible)

    # ------------------------------------------------------------------------------------------ the draft
    def load(self, draft: Draft, others: Collection[str]) -> None:
        """Show a draft; nothing is said to be wrong until somebody types. The password is never shown."""
        self._loading = True
        self._others, self._told = tuple(others), set()
        for name in _TEXTS:
            self.fields[name].text = getattr(draft, name)
        self.password.text = ""
        self.encrypted.setChecked(draft.encrypted)
        self._secured.setVisible(draft.encrypted)
        self.may_send.setChecked(draft.may_send)
        self.method.setCurrentIndex([method for method, _ in METHODS].index(draft.method))
        self.associations.setValue(draft.associations)
        self.timeout.setValue(round(draft.timeout))
        self._loading = False
        self._say()

    @property
    def draft(self) -> Draft:
        """Return what the form holds."""
        texts = {name: self.fields[name].text for name in _TEXTS}
        return Draft(
            **texts,
            encrypted=self.encrypted.isChecked(),
            method=METHODS[self.method.currentIndex()][0],
            associations=self.associations.value(),
            timeout=float(self.timeout.value()),
            may_send=self.may_send.isChecked(),
        )

    @property
    def faults(self) -> dict[str, str]:
        """Return what is wrong, whether it is said or not."""
        return peer_draft.faults(self.draft, self._others)

    def tell_all(self) -> bool:
        """Say everything that is wrong and go to the first of it; return whether something is."""
        found = self.faults
        self._told = set(found) | self._told
        self._say()
        first = next((name for name in self.fields if name in found), None)
        if first is not None:
            self.fields[first].line.setFocus()
            self.ensureWidgetVisible(self.fields[first])
        return bool(found)

    def set_lasting(self, *, lasting: bool) -> None:
        """Say where a password is kept."""
        self.password.set_hint(LASTING if lasting else FLEETING)

    def _edited(self, name: str) -> None:
        if self._loading:
            return
        self._told.add(name)
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        found = self.faults
        if peer_draft.METHOD in found:  # the field that would mend it says so
            other = (
                peer_draft.WEB if METHODS[self.method.currentIndex()][0] is Method.WEB else peer_draft.HOST
            )
            found.setdefault(other, found[peer_draft.METHOD])
        silent = peer_draft.HOST not in found or peer_draft.HOST not in self._told
        if peer_draft.PORT in self._told and peer_draft.PORT in found and silent:
            found[peer_draft.HOST] = found[peer_draft.PORT]  # the line below is that of both
        for name, field in self.fields.items():
            wrong = found.get(name, "")
            port = {peer_draft.PORT} & found.keys() if name == peer_draft.HOST else set()
            field.say(wrong if self._told & ({name, peer_draft.METHOD} | port) else "")


def _fields() -> dict[str, Field]:
    """Return the fields in the order of the tab key."""
    port = Field("Port", placeholder="104", label=PORT_LABEL)
    port.setFixedWidth(PORT_LABEL + theme.GAP + PORT_WIDTH)
    port.hide_line()
    return {
        peer_draft.NAME: Field("Name", "What you call it", placeholder="Radiology archive"),
        peer_draft.TITLE: Field("Its AE title", "At most 16 characters; case counts"),
        peer_draft.HOST: Field("Computer", "Its name or address"),
        peer_draft.PORT: port,
        peer_draft.CALLING: Field("Our AE title", "By which it knows this computer"),
        peer_draft.AUTHORITIES: FileField(
            "Authorities",
            "PEM file; empty for those that the system trusts",
            "Whose certificates are trusted",
        ),
        peer_draft.CERTIFICATE: FileField(
            "Our certificate", "PEM file, if it asks for one", "Our certificate"
        ),
        peer_draft.KEY: FileField("Its key", "PEM file without a password", "The key of our certificate"),
        peer_draft.TLS_NAME: Field("Certified name", "Only if its certificate has another name"),
        peer_draft.WEB: Field(
            "DICOMweb", "Only if it has one; https:// and the whole path", placeholder="https://…/dicom-web"
        ),
        peer_draft.USER: Field("User", "Only if it asks who we are"),
        "password": Field("Password", FLEETING),
    }


def _choice() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("Retrieve by")
    box.setMinimumHeight(theme.ROW)
    for _, words in METHODS:
        box.addItem(words)
    return box


def _number(least: int, most: int, unit: str, words: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setSuffix(unit)
    box.setAccessibleName(words)
    box.setMinimumHeight(theme.ROW)
    return box


def _row(words: str, *parts: QWidget | str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.GAP)
    label = plain(words)
    label.setFixedWidth(LABEL_WIDTH)
    row.addWidget(label)
    for part in parts:
        row.addWidget(secondary(plain(part, fonts.BODY)) if isinstance(part, str) else part)
    row.addStretch(1)
    return row


def _indented(box: QWidget) -> QWidget:
    """Return a box below the fields, not below their labels."""
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(LABEL_WIDTH + theme.GAP, 0, 0, 0)
    row.addWidget(box)
    row.addStretch(1)
    whole.setMinimumHeight(theme.ROW)
    return whole
