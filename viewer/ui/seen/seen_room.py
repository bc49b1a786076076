"""Watches which images are painted, and says in the rail how much of each series was seen."""

import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, QTimer

from viewer.cache import seen as rows
from viewer.cache.study_list import StudyKey
from viewer.dicom.records import FrameKey, StudyRecord
from viewer.dicom.tree import Study, series_key
from viewer.ui.furniture import Furniture
from viewer.ui.intake import Intake
from viewer.ui.reading import Reading
from viewer.ui.seen.ledger import Ledger
from viewer.viewing.attention import DWELL, Attention, Stopwatch, in_time, parts_in_sight
from viewer.viewing.journal import key_of
from viewer.viewing.pane import Hung
from viewer.viewing.seen import Seen, SeenFrames, Unseen, is_counted, newest
from viewer.viewing.shelf import Shelf

LONG_ENOUGH = round(DWELL * 1000) + 10  # ms after which what is still in sight was seen
REFRESH = 250  # ms between two strokes of the bars in the rail
KEEP = 2000  # ms between two writings
ALL_SEEN = "Every image of this study was seen."
NO_IMAGE = "There is no image here."


class SeenRoom(QObject):
    """Puts together what is painted, what is remembered of it, and the rail."""

    def __init__(
        self,
        reading: Reading,
        furniture: Furniture,
        intake: Intake,
        ledger: Ledger | None,
        remembers: Callable[[], bool],
    ) -> None:
        """Without a `ledger`, or where nothing is to be remembered, it is forgotten with the window."""
        super().__init__(reading)
        self._reading, self._furniture, self._intake = reading, furniture, intake
        self._ledger, self._remembers = ledger, remembers
        self.seen = Seen(lambda: intake.shelf)
        self._attention, self._stopwatch = Attention(), Stopwatch()
        self._stale: set[FrameKey] = set()  # whose bars are to be drawn anew
        self._shares: dict[str, tuple[int, int]] = {}  # by the row of the rail: seen, and of how many
        self._asked_about: set[StudyKey] = set()
        self._last: StudyRecord | None = None
        self._long_enough = _timer(self, LONG_ENOUGH, self._look)
        self._refreshing = _timer(self, REFRESH, self._refresh)
        self._keeping = _timer(self, KEEP, self.keep)
        furniture.rail.rail_model.watched = self.watched
        reading.painted.connect(self._painted)
        reading.room.desk.listen(self._hung)
        intake.ended.connect(self._ended)
        intake.cleared.connect(self._cleared)

    # ---------------------------------------------------------------------------------------- what is seen
    def _painted(self, number: int) -> None:
        """Take what a viewport shows now; it is asked at every paint, and does next to nothing then."""
        pane = self._furniture.grid.viewports[number].look.pane
        frame, parts, now = pane.key, 0, time.monotonic()
        if frame is not None and (pane.picture is None or pane.trouble or not pane.wants(pane.picture)):
            frame = None
        self._stopwatch.painted(number, frame, now)
        if frame is not None and frame in self.seen:
            frame = None
        if frame is not None:
            parts = parts_in_sight(pane.state)
            self._long_enough.start()
        found = self._attention.painted(number, frame, parts, now)
        if found is not None:
            self._take(found)

    def _look(self) -> None:
        """Take what is still in sight; while the list of studies or nothing of the window is, it is not."""
        now = time.monotonic()
        if not self._furniture.grid.isVisible() or self._furniture.grid.window().isMinimized():
            self._attention.left(now)
            self._stopwatch.left(now)
            return
        for frame in self._attention.passed(now):
            self._take(frame)

    def _take(self, frame: FrameKey) -> None:
        if self.seen.add(frame):
            self._touch({frame})

    def _touch(self, frames: set[FrameKey]) -> None:
        self._stale |= frames
        for timer in (self._refreshing, self._keeping):
            if not timer.isActive():
                timer.start()

    # ----------------------------------------------------------------------------------- what is remembered
    def _hung(self, number: int) -> None:
        hung = self._reading.room.desk.panes[number].hung
        if hung is not None and hung.series.study is not self._last:
            self._last = hung.series.study
            self._want(hung.series.study)

    def _want(self, study: StudyRecord) -> None:
        key = self.seen.wants(study)
        if key is not None and self._ledger is not None:
            self._ledger.read(
                lambda store: [SeenFrames.of(row) for row in rows.read(store, key)],
                lambda found: self._took(key, found),
            )

    def _took(self, key: StudyKey, found: Sequence[SeenFrames]) -> None:
        self.seen.take(key, found)
        self._show_all()

    def _ended(self) -> None:
        for study in _studies(self._intake.shelf):
            self._want(study.record)
        self._show_all()

    def keep(self) -> None:
        """Have written what was seen since the last time."""
        found = self.seen.changes()
        if self._ledger is not None and self._remembers():
            self._ledger.write_seen(found)

    def _cleared(self) -> None:
        self.keep()
        for timer in (self._long_enough, self._refreshing, self._keeping):
            timer.stop()
        self._attention.forget()
        self._stopwatch.forget()
        self._stale.clear()
        self._asked_about.clear()
        self._last = None
        self.seen.forget()
        self._shares.clear()
        self._furniture.rail.rail_model.set_shares({})

    def shut(self) -> None:
        """Write the rest: the program ends."""
        for timer in (self._long_enough, self._refreshing, self._keeping):
            timer.stop()
        self.keep()

    # ---------------------------------------------------------------------------------------- what is shown
    def _refresh(self) -> None:
        """Draw the bars of what changed."""
        shelf = self._intake.shelf
        records = [shelf.instance(frame.sop_instance_uid) for frame in self._stale]
        self._stale.clear()
        keys = dict.fromkeys(series_key(record) for record in records if record is not None)
        self._show([hung for key in keys for hung in shelf.stacks(key)])

    def _show_all(self) -> None:
        shelf = self._intake.shelf
        self._show([hung for study in _studies(shelf) for hung in shelf.study_stacks(study)])

    def _show(self, stacks: list[Hung]) -> None:
        shelf = self._intake.shelf
        self._shares |= {shelf.key_of(hung).text: (self.seen.count(hung), len(hung.keys)) for hung in stacks}
        self._furniture.rail.rail_model.set_shares(self._shares)

    def watched(self, key: str) -> str:
        """Return for how long the images of a row of the rail were in sight; "" for what was not."""
        hung = self._intake.shelf.find(key) if key in self._shares else None
        seconds = self._stopwatch.seconds(hung.keys, time.monotonic()) if hung is not None else 0.0
        return f"in sight for {in_time(seconds)}" if seconds >= DWELL else ""

    # ---------------------------------------------------------------------------------------- what is done
    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {"next-unseen": self.show_next, "mark-seen": self.mark}

    def show_next(self) -> None:
        """Show the next image of this study that was not seen."""
        desk = self._reading.room.desk
        hung = desk.pane.hung
        study = self._intake.shelf.study_of(hung.series) if hung is not None else None
        if hung is None or study is None:
            self._intake.say(NO_IMAGE)
            return
        stacks = [each for each in self._intake.shelf.study_stacks(study) if is_counted(each)]
        found = self.seen.next_unseen(stacks, desk.pane.key)
        if found is None:
            self._intake.say(ALL_SEEN)
        elif found[0].keys == hung.keys and hung.reformat is None:
            desk.go_to(desk.active, found[1])
        else:
            self._reading.hang(found[0], index=found[1])

    def mark(self) -> None:
        """Call the images of the active series seen, or take that back."""
        hung = self._reading.room.desk.pane.hung
        if hung is None:
            self._intake.say(NO_IMAGE)
            return
        marked = self.seen.toggle(hung)
        self._touch(set(hung.keys))
        self._refresh()
        if marked:
            self._intake.say("The series is marked as seen; the same again takes that back.")
        else:
            count = self.seen.count(hung)
            self._intake.say(f"No longer marked as seen: {count:,} of {len(hung.keys):,} images were.")

    # ---------------------------------------------------------------------------------------------- leaving
    def unseen(self) -> list[Unseen]:
        """Return what is to be asked about: of the newest study of each patient, and once for each."""
        now = time.monotonic()
        for frame in self._attention.passed(now):
            self._take(frame)
        latest = [newest(patient.studies) for patient in self._intake.shelf.patients()]
        by_key = {key_of(study.record): study for study in latest if study is not None}
        found = self.seen.unseen(study for key, study in by_key.items() if key not in self._asked_about)
        self._asked_about |= by_key.keys() if found else set()
        return found


def _timer(parent: QObject, milliseconds: int, call: Callable[[], object]) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(call)
    return timer


def _studies(shelf: Shelf) -> list[Study]:
    return [study for patient in shelf.patients() for study in patient.studies]
