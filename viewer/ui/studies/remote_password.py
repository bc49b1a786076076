"""The question for a password of a peer: asked on the main thread, for a thread that waits for the answer."""

import threading
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from viewer.dicom.text import printable
from viewer.network.peer import Peer
from viewer.ui import theme
from viewer.ui.bridge import MainThread

PATIENCE = 600.0  # s: whoever waits for the password gives up


class PasswordPrompt(QObject):
    """Asks one question at a time (viewer.network.credentials.Ask). A thread that is `quiet` asks none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._main = MainThread(self)
        self._one = threading.Lock()
        self._open: dict[tuple[str, str, str], _Question] = {}  # what waits for an answer
        self._told: set[tuple[str, str, str]] = set()  # what was answered before
        self._looking = threading.Lock()
        self._closed = threading.Event()
        self._quiet = threading.local()
        self.dialog: QDialog | None = None

    def hush(self) -> None:
        """Let this thread go without a password rather than ask: nobody waits for what it does."""
        self._quiet.on = True

    def ask(self, peer: Peer) -> str | None:
        """Return the password that the reader types, None for none; called from any but the main thread."""
        if getattr(self._quiet, "on", False) or threading.current_thread() is threading.main_thread():
            return None
        key = (peer.name, peer.user, peer.web)
        with self._looking:
            other = self._open.get(key)  # another thread wants the same password: one question is enough
            question = other or self._open.setdefault(key, _Question(peer, again=key in self._told))
        if other is not None:
            question.answered.wait(PATIENCE)
            return question.answer
        with self._one:
            if not self._closed.is_set():
                self._main.post(lambda: self._show(question))
                question.answered.wait(PATIENCE)
        with self._looking:
            del self._open[key]
            if question.answer is not None:
                self._told.add(key)
        question.answered.set()
        return question.answer

    def close(self) -> None:
        """Answer what is asked, and everything from now on, with no password: the program ends."""
        self._closed.set()
        if self.dialog is not None:
            self.dialog.reject()

    def _show(self, question: "_Question") -> None:
        if self._closed.is_set():
            question.answered.set()
            return
        dialog = self.dialog = _Dialog(question.peer, QApplication.activeWindow(), again=question.again)

        def done(code: int) -> None:
            if code == QDialog.DialogCode.Accepted:
                question.answer = dialog.line.text()
            dialog.line.clear()
            self.dialog = None
            dialog.deleteLater()
            question.answered.set()

        dialog.finished.connect(done)
        dialog.open()


@dataclass(slots=True)
class _Question:
    """What is asked, and the answer."""

    peer: Peer
    again: bool  # it was answered before, and that was refused
    answer: str | None = field(default=None, repr=False)
    answered: threading.Event = field(default_factory=threading.Event)


class _Dialog(QDialog):
    def __init__(self, peer: Peer, parent: QWidget | None, *, again: bool) -> None:
        super().__init__(parent)
        name = printable(peer.name)
        self.setWindowTitle(f"Password for {name}")
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName("Password")
        self.line.setMinimumWidth(280)
        refused = f"{name} does not take the password that was typed before. " if again else ""
        words = QLabel(f"{refused}{name} asks for the password of {printable(peer.user)}.")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setBuddy(self.line)
        note = QLabel("It is kept until the program ends.")
        note.setForegroundRole(note.palette().ColorRole.PlaceholderText)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(theme.GAP)
        for part in (words, self.line, note, buttons):
            column.addWidget(part)
