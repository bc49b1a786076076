"""The transfers in the window: the list in its two places, the sign in the bar, and what is said of them."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.jobs.transfer import TransferRow
from viewer.jobs.transfers import Transfers
from viewer.ui import icons, theme
from viewer.ui.furniture import Furniture
from viewer.ui.plain_text import tooltip
from viewer.ui.transfers import transfer_words
from viewer.ui.transfers.transfer_model import TransferModel
from viewer.ui.transfers.transfer_panel import TransferPanel
from viewer.ui.transfers.transfer_words import Deed
from viewer.viewing.remote import Remote

NOTHING = "Nothing can be fetched or sent: the study cache of this computer cannot be written."
FAULT = "That did not work: a fault of the program."
BELOW = 280  # logical pixels of the list below the studies, at first


class TransferRoom(QObject):
    """Shows what `Transfers` says, and has done what a reader wants; the database is left to job threads."""

    ended = Signal(object)  # TransferRow: one that ended, or stopped for a reason, while the window is open

    def __init__(self, queue: JobQueue, remote: Remote, furniture: Furniture, parent: QObject) -> None:
        super().__init__(parent)
        self._queue, self._remote, self._furniture = queue, remote, furniture
        self.model = TransferModel(self)
        self.panel = TransferPanel(self.model)
        self.below = TransferPanel(self.model, wide=True)
        self._known: dict[int, TransferRow] = {}
        self._unseen: dict[int, str] = {}  # sentences that nobody has looked at
        self._sign = ""
        self._furnish()
        remote.news.changed.append(self.refresh)
        self._begin()

    def _furnish(self) -> None:
        furniture = self._furniture
        furniture.panel.insertTab(1, self.panel, "Transfers")
        furniture.below.addWidget(self.below)
        furniture.below.setSizes([1000, BELOW])
        self.below.hide()
        furniture.moving.clicked.connect(self.toggle)
        for panel in (self.panel, self.below):
            panel.wanted.connect(self.do)
            panel.clear_wanted.connect(self.clear)
            panel.looked.connect(self._seen)
        self.panel.left.connect(furniture.grid.setFocus)
        self.below.left.connect(self._fold)

    @property
    def transfers(self) -> Transfers | None:
        """Return the transfers; None where nothing can be fetched."""
        return self._remote.transfers

    def _begin(self) -> None:
        """Show what goes on from last time, and what was found short then."""
        if self.transfers is None:
            return
        rows = self.transfers.rows()
        self._known = {row.id: row for row in rows}
        words = transfer_words.going_on(rows)
        if words:
            self._say(words)
        self.refresh()

    # ----------------------------------------------------------------------------------------------- seen
    def refresh(self) -> None:
        """Show what there is now."""
        if self.transfers is None:
            return
        rows = self.transfers.rows()
        before, self._known = self._known, {row.id: row for row in rows}
        for row in rows:
            was = before.get(row.id)
            if was is None or was.state is not row.state:
                self._turned(row)
        self._unseen = {number: words for number, words in self._unseen.items() if number in self._known}
        self.model.set_rows(rows)
        self._show_sign(transfer_words.summary(rows))

    def _turned(self, row: TransferRow) -> None:
        """Say what a person should know of a transfer whose state is another one."""
        self._unseen.pop(row.id, None)
        words = transfer_words.trouble(row)
        if words and not self._in_sight:
            self._unseen[row.id] = words
            self._say(words, row.id)
        if words or transfer_words.is_ended(row):
            self.ended.emit(row)

    def _say(self, words: str, number: int = 0) -> None:
        self._furniture.say(words, busy=False, answer="Show", answered=lambda: self.open(number))

    @property
    def unseen(self) -> tuple[str, ...]:
        """Return the sentences about what went wrong that nobody has looked at."""
        return tuple(self._unseen.values())

    @property
    def _in_sight(self) -> bool:
        return self.panel.isVisible() or self.below.isVisible()

    def _seen(self) -> None:
        for words in self._unseen.values():
            self._furniture.unsay(words)
        self._unseen.clear()
        self._show_sign(transfer_words.summary(self.model.rows))

    def _show_sign(self, words: str) -> None:
        sign = self._furniture.moving
        trouble = any(transfer_words.trouble(row) for row in self.model.rows)
        tip = "\n".join((words, *self._unseen.values(), "A click lists them (Ctrl+T)"))
        if (key := f"{trouble} {tip}") == self._sign:
            return
        self._sign = key
        colours = theme.colours_of(sign.palette())
        sign.setText(words)
        sign.setIcon(
            icons.icon("warning", colours.amber) if trouble else icons.icon("transfers", colours.text)
        )
        sign.setToolTip(tooltip(tip))
        sign.setAccessibleName(f"Transfers: {words}")
        sign.setVisible(bool(words))

    # --------------------------------------------------------------------------------------------- places
    def open(self, number: int = 0) -> None:
        """Show the list in the place that is in sight, at one transfer where it is named."""
        if self._furniture.browsing:
            self.below.show()
            self.below.come(number)
        else:
            self._furniture.panel.show()
            self._furniture.panel.setCurrentWidget(self.panel)
            self.panel.come(number)

    def toggle(self) -> None:
        """Show the list, or fold it away."""
        if self._furniture.browsing and self.below.isVisible():
            self._fold()
        elif not self._furniture.browsing and self.panel.isVisible():
            self._furniture.panel.hide()
            self._furniture.grid.setFocus()
        else:
            self.open()

    def _fold(self) -> None:
        self.below.hide()
        studies = self._furniture.below.widget(0)
        if studies is not None:
            studies.setFocus()

    # ---------------------------------------------------------------------------------------------- deeds
    def do(self, deed: Deed, number: int) -> None:
        """Have something done with a transfer."""
        transfers = self.transfers
        if transfers is None:
            return
        calls: dict[Deed, Callable[[int], None]] = {
            Deed.PAUSE: transfers.pause,
            Deed.RESUME: transfers.resume,
            Deed.RETRY: transfers.retry,
            Deed.FIRST: transfers.move_first,
            Deed.CANCEL: transfers.cancel,
            Deed.REMOVE: transfers.remove,
        }
        self._run(lambda _: calls[deed](number))

    def clear(self) -> None:
        """Take off the list what is complete or cancelled; what is short stays until somebody removes it."""
        transfers = self.transfers
        if transfers is None:
            return
        numbers = [row.id for row in self.model.rows if row.state in transfer_words.CLEARED]

        def work(_: Job) -> None:
            for number in numbers:
                transfers.remove(number)

        self._run(work)

    def _run(self, work: Callable[[Job], None]) -> None:
        self._queue.submit(
            work,
            priority=Priority.NEXT,
            done=lambda _: None,
            failed=lambda error: self._furniture.say(
                str(error) if isinstance(error, ViewerError) else FAULT, busy=False
            ),
        )

    @property
    def parting(self) -> str:
        """Return what is to be said when the window closes: what goes on at the next start."""
        return transfer_words.closing(self.transfers.rows()) if self.transfers is not None else ""
