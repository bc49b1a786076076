"""The part of our own door's page that says how callers reach it: openly, or over TLS."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from viewer.network.peer import Tls
from viewer.ui import theme
from viewer.ui.peers.peer_fields import FileField

NO_CERTIFICATE = "TLS needs a certificate of ours; until then nothing is changed."
NO_AUTHORITIES = "Name whose certificates are trusted, or let callers come without one."


@dataclass(frozen=True, slots=True)
class Secured:
    """How callers reach us."""

    tls: Tls | None = None
    callers_certified: bool = True


def faults(found: Secured) -> dict[str, str]:
    """Return what is missing, by field."""
    if found.tls is None:
        return {}
    missing = {}
    if not found.tls.certificate:
        missing["certificate"] = NO_CERTIFICATE
    if found.callers_certified and not found.tls.authorities:
        missing["authorities"] = NO_AUTHORITIES
    return missing


class ListenerTls(QWidget):
    """Shows and changes it."""

    edited = Signal()  # something is typed
    changed = Signal()  # a hand has ended a change

    def __init__(self) -> None:
        super().__init__()
        self.on = QCheckBox("Receive over TLS only")
        self.certified = QCheckBox("Callers must show a certificate of these authorities")
        self.certified.setToolTip("Without it, callers are known by their AE title and address alone")
        self.fields = {
            "certificate": FileField("Our certificate", "PEM file, which callers check", "Our certificate"),
            "key": FileField(
                "Its key",
                "PEM file without a password; empty if it is in the file above",
                "The key of our certificate",
            ),
            "authorities": FileField(
                "Authorities", "PEM file: who has certified the callers", "Whose certificates are trusted"
            ),
        }
        self._name = ""  # of a certificate: it is of no use here, and stays as it is
        self._parts = QWidget()
        self._lay_out()
        self.on.toggled.connect(self._parts.setVisible)
        for box in (self.on, self.certified):
            box.toggled.connect(lambda _: self._boxed())
        for field in self.fields.values():
            field.edited.connect(self.edited)
            field.line.editingFinished.connect(self.changed)
            field.chosen.connect(self.changed)
        self._parts.setVisible(False)

    def _lay_out(self) -> None:
        inner = QVBoxLayout(self._parts)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.GRID)
        for field in self.fields.values():
            inner.addWidget(field)
        inner.addWidget(self.certified)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.on)
        column.addWidget(self._parts)
        for box in (self.on, self.certified):
            box.setMinimumHeight(theme.ROW)

    def load(self, found: Secured) -> None:
        """Show what is set, but for what somebody is typing."""
        tls = found.tls or Tls()
        self._name = tls.name
        for name, text in (
            ("certificate", tls.certificate),
            ("key", tls.key),
            ("authorities", tls.authorities),
        ):
            if not self.fields[name].line.hasFocus():
                self.fields[name].text = text
        self.certified.setChecked(found.callers_certified)
        self.on.setChecked(found.tls is not None)
        self._parts.setVisible(found.tls is not None)

    @property
    def secured(self) -> Secured:
        """Return what is shown."""
        texts = {name: field.text.strip() for name, field in self.fields.items()}
        tls = Tls(texts["authorities"], texts["certificate"], texts["key"], self._name)
        return Secured(tls if self.on.isChecked() else None, self.certified.isChecked())

    def check(self) -> bool:
        """Say what is missing; return whether nothing is."""
        missing = faults(self.secured)
        for name, field in self.fields.items():
            field.say(missing.get(name, ""))
        return not missing

    def _boxed(self) -> None:
        self.edited.emit()
        self.changed.emit()
