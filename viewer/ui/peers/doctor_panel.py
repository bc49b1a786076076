"""The network doctor on the screen: one row for each step, filled in as it ends."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.network.examining.doctor import plan
from viewer.network.examining.doctor_report import Report, State, Step
from viewer.network.peer import Peer
from viewer.ui import fonts, icons, theme
from viewer.ui.peers.peer_fields import plain, secondary
from viewer.ui.plain_text import single_line

MARK = 16  # logical pixels
EMPTY = (
    "“Check this peer” tries one thing after the other: its name, the connection, who we are to each other, a"
    " test, a search, and how images can come. It says in words what fails and what to do.\n\nNothing is"
    " changed there."
)
CONSENT = "Have it send one image here (C-MOVE); it is kept"
NO_CONSENT = "Only while this computer receives images: see “This computer”"
_SYMBOLS = {State.OK: "check", State.FAILED: "close"}
_WORDS = {State.OK: "works", State.FAILED: "failed", State.SKIPPED: "not tried"}


class DoctorPanel(QWidget):
    """Shows what a check finds. Whoever owns it does the checking."""

    wanted = Signal()  # a check
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: Report | None = None
        self._running = False
        self._last = ""  # the sentence of the step before
        self._rows: dict[str, _Row] = {}
        self.check = QPushButton("Check this peer")
        self.check.clicked.connect(lambda: self.stop_wanted.emit() if self._running else self.wanted.emit())
        self.consent = QCheckBox(CONSENT)
        self.verdict = plain("", fonts.STRONG, strong=True)
        self.verdict.setWordWrap(True)
        self.copy = QPushButton("Copy report")
        self.copy.setToolTip("All steps as text, without passwords")
        self.copy.clicked.connect(lambda: self._copy("text"))
        self.admin = QPushButton("Copy text for its administrator")
        self.admin.setToolTip("What must be entered there: AE title, address and port of this computer")
        self.admin.clicked.connect(lambda: self._copy("admin"))
        self._lay_out()
        self.allow_consent(on=False)
        self.clear()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.check)
        head.addStretch(1)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, theme.GAP, 0)
        self._column.setSpacing(theme.GAP)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(page)
        self._scroll.setAccessibleName("Steps of the check")
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addWidget(self.admin)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, theme.GAP, 2 * theme.GAP)
        column.setSpacing(theme.GAP)
        column.addLayout(head)
        column.addWidget(self.consent)
        column.addWidget(self.verdict)
        column.addWidget(self._scroll, 1)
        column.addLayout(foot)

    # --------------------------------------------------------------------------------------- what is shown
    def allow_consent(self, *, on: bool) -> None:
        """Offer to have an image sent here, or say why not."""
        self.consent.setEnabled(on)
        self.consent.setChecked(self.consent.isChecked() and on)
        self.consent.setToolTip("" if on else NO_CONSENT)

    def clear(self) -> None:
        """Show what a check is."""
        self.report = None
        self._empty()
        hint = secondary(plain(EMPTY))
        hint.setWordWrap(True)
        hint.setObjectName("hint")
        self._column.insertWidget(0, hint)
        self.verdict.setText("")
        self._set_running(on=False)

    def begin(self, peer: Peer) -> None:
        """Show the steps that are to come."""
        self.report = None
        self._empty()
        for number, name in enumerate(plan(peer)):
            row = self._rows[name] = _Row(name)
            self._column.insertWidget(number, row)
        self.verdict.setText(f"Checking {single_line(peer.name)} …")
        self._set_running(on=True)
        self._mark_next()

    def take(self, step: Step) -> None:
        """Fill in a step."""
        row = self._rows.get(step.name)
        if row is not None:
            row.fill(step, repeated=step.state is State.SKIPPED and step.sentence == self._last)
            self._last = step.sentence
            self._mark_next()

    def end(self, report: Report) -> None:
        """Say how it ended; nothing, when somebody looks at another peer by now."""
        if not self._rows:
            return
        self.report = report
        failed = report.failed
        if failed is not None:
            more = sum(step.state is State.FAILED for step in report.steps) - 1
            others = f" and {'one other step' if more == 1 else f'{more} others'}" if more else ""
            self.verdict.setText(f"“{failed.name}”{others} failed.")
            self._scroll.ensureWidgetVisible(self._rows[failed.name])
        elif any(step.sentence.startswith("The check was stopped") for step in report.steps):
            self.verdict.setText("The check was stopped.")
        else:
            self.verdict.setText("It works." if report.works else "Nothing could be tried.")
        self.verdict.setAccessibleName(self.verdict.text())
        self._set_running(on=False)

    def _mark_next(self) -> None:
        waiting = [row for row in self._rows.values() if row.step is None]
        if waiting:
            waiting[0].run()

    def _empty(self) -> None:
        self._rows.clear()
        while self._column.count() > 1:
            taken = self._column.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _set_running(self, *, on: bool) -> None:
        self._running = on
        self.check.setText("Stop" if on else "Check this peer" if self.report is None else "Check again")
        for button in (self.copy, self.admin):
            button.setEnabled(self.report is not None)

    def _copy(self, what: str) -> None:
        if self.report is not None:
            QGuiApplication.clipboard().setText(getattr(self.report, what))


class _Row(QWidget):
    """One step: a mark, its name, how long it took, and its sentence below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.step: Step | None = None
        self._mark = QLabel()
        self._mark.setFixedSize(MARK, MARK)
        self._name = secondary(plain(name))
        self._took = secondary(plain("", fonts.SMALL))
        self._sentence = plain("")
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._status = secondary(plain("", fonts.SMALL))
        self._status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._status.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self._name, 1)
        head.addWidget(self._took)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addLayout(head)
        right.addWidget(self._sentence)
        right.addWidget(self._status)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GAP)
        whole.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(right, 1)
        for part in (self._sentence, self._status):
            part.hide()
        self.setAccessibleName(f"{name}: waiting")

    def run(self) -> None:
        """Show that it is being tried."""
        self._name.setPalette(QGuiApplication.palette())
        self._took.setText("…")
        self.setAccessibleName(f"{self._name.text()}: being tried")

    def fill(self, step: Step, *, repeated: bool = False) -> None:
        """Show how it ended; a sentence that is `repeated` from the step before is not shown again."""
        self.step = step
        colours = theme.colours_of(self.palette())
        failed, skipped = step.state is State.FAILED, step.state is State.SKIPPED
        colour = colours.red if failed else colours.accent
        if skipped:
            self._mark.setText("\N{EN DASH}")
        else:
            scale = self.devicePixelRatioF()
            self._mark.setPixmap(icons.pixmap(_SYMBOLS[step.state], colour, size=MARK, scale=scale))
        self._mark.setToolTip(_WORDS[step.state])
        took = "" if step.milliseconds is None else f"{step.milliseconds:,.0f} ms"
        self._took.setText("failed" if failed else "not tried" if skipped else took)
        if not skipped:
            self._name.setPalette(QGuiApplication.palette())
            self._name.setFont(fonts.sized(self.font(), fonts.BODY, strong=failed))
        self._sentence.setText(single_line(step.sentence))
        if skipped:
            for label in (self._mark, self._name, self._sentence):
                secondary(label)
        self._sentence.setVisible(not repeated)
        self._status.setText(single_line(step.status))
        self._status.setVisible(bool(step.status))
        self.setAccessibleName(f"{step.name}: {_WORDS[step.state]}. {single_line(step.sentence)}")
