"""All that a window remembers of reading: what was drawn, and what was seen."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from viewer.jobs.queue import JobQueue
from viewer.ui.intake import Intake
from viewer.ui.reading import Reading
from viewer.ui.seen.journal_room import NO_CACHE, READ_ONLY, JournalRoom
from viewer.ui.seen.leaving import Asking, may_leave
from viewer.ui.seen.ledger import Ledger
from viewer.ui.seen.seen_room import SeenRoom
from viewer.ui.settings.preferences import Preferences
from viewer.viewing.cabinet import Cabinet
from viewer.viewing.loader import Loader


class Memory:
    """Puts journal, what was seen, and the question before leaving together."""

    def __init__(
        self,
        queue: JobQueue,
        cabinet: Cabinet,
        preferences: Preferences,
        reading: Reading,
        intake: Intake,
        loader: Loader,
    ) -> None:
        """Without a cache of our own nothing is written; that is said when something is drawn."""
        store = cabinet.store
        self._preferences = preferences
        self._ledger: Ledger | None = None
        if store is not None and not store.read_only:
            self._ledger = Ledger(store, queue, lambda words: intake.say(words, stay=True), reading)
        why_not = NO_CACHE if store is None else READ_ONLY
        self.journal = JournalRoom(reading.room, intake, loader, self._ledger, self._remembers, why_not)
        self.seen = SeenRoom(reading, reading.furniture, intake, self._ledger, self._remembers)

    def _remembers(self) -> bool:
        return self._preferences.now.remember_opened

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return self.seen.table()

    def may_leave(self, window: QWidget, save: Callable[[], object]) -> bool:
        """Ask about what is not saved and what was not seen; tell whether the studies may be closed."""
        asking = Asking(self.journal, self.seen, save, self._asks_unseen, self._never_again)
        return may_leave(asking, window)

    def _asks_unseen(self) -> bool:
        return self._preferences.now.ask_unseen

    def _never_again(self) -> None:
        self._preferences.change(lambda now: replace(now, ask_unseen=False))

    def shut(self) -> None:
        """Write the rest: the program ends."""
        self.journal.shut()
        self.seen.shut()
        if self._ledger is not None:
            self._ledger.shut()
