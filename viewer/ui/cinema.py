"""Playing a stack in a viewport, by the clock."""

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.dicom.image import Timing
from viewer.viewing.cine import Cine, Schedule, schedule
from viewer.viewing.desk import Desk
from viewer.viewing.pane import Pane

LONGEST_WAIT = 40  # ms between looks at the clock, so that the shown rate stays fresh
MULTIFRAME = "multiframe"  # the kind of stack whose header times its frames


class Cinema(QObject):
    """One film at a time. `changed` tells of every new frame, start and stop."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._cine: Cine | None = None
        self._number = 0
        self._hung: object = None
        self._rate: float | None = None
        self._mode: str | None = None  # a name of cine_bar.MODES; None: as the header wants it
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        """Tell whether a film runs."""
        return self._cine is not None

    @property
    def skipped(self) -> int:
        """Return how many frames came too late and were left out since the start."""
        return self._cine.skipped if self._cine else 0

    @property
    def actual_rate(self) -> float:
        """Return the frames per second of the last second; 0 while nothing plays."""
        return self._cine.actual_rate(time.monotonic()) if self._cine else 0.0

    def plan(self, pane: Pane) -> Schedule:
        """Return when the images of a pane are shown: by the header, the reader, or an assumed rate."""
        timing = Timing()
        if pane.picture is not None and pane.hung is not None and pane.hung.stack.kind == MULTIFRAME:
            timing = pane.picture.description.timing
        sweep = None if self._mode is None else self._mode == "sweep"
        return schedule(timing, max(pane.count, 1), rate=self._rate, sweep=sweep)

    def toggle(self) -> None:
        """Play the active pane, or stop."""
        if self.playing:
            self.stop()
        elif self._desk.pane.count > 1 and self._desk.pane.key is not None:
            self._number, self._hung = self._desk.active, self._desk.pane.hung
            self._cine = Cine(self.plan(self._desk.pane))
            self._cine.start(time.monotonic(), self._desk.pane.index + 1)
            self._tick()

    def stop(self) -> None:
        """Stop at the frame that is shown."""
        self._timer.stop()
        if self._cine is not None:
            self._cine = None
            self.changed.emit()

    def forget(self) -> None:
        """Take the header's rate and direction again: another stack is the active one."""
        self._rate, self._mode = None, None

    def set_rate(self, rate: float) -> None:
        """Play at another rate, frames per second."""
        self._rate = rate
        self._change()

    @property
    def mode(self) -> str:
        """Return how the film goes on at its end: "loop", "sweep" or "once"."""
        if self._mode is not None:
            return self._mode
        return "sweep" if self.plan(self._desk.pane).sweep else "loop"

    def set_mode(self, mode: str) -> None:
        """Go on at the end in another way."""
        self._mode = mode
        self._change()

    def _change(self) -> None:
        if self._cine is not None:
            self._cine.change(self.plan(self._desk.panes[self._number]), time.monotonic())
        self.changed.emit()

    def _tick(self) -> None:
        cine = self._cine
        if cine is None:
            return
        if self._number >= len(self._desk.panes) or self._desk.panes[self._number].hung != self._hung:
            self.stop()
            return
        now = time.monotonic()
        frame = cine.at(now)
        if self._mode == "once" and frame <= self._desk.panes[self._number].index:
            frame = cine.plan.last
            self._desk.go_to(self._number, frame - 1)
            self.stop()
            return
        if not self._desk.panes[self._number].loading:  # a late frame is skipped, requests do not pile up
            self._desk.go_to(self._number, frame - 1)
        self._timer.start(max(1, min(int(cine.until_next(now) * 1000), LONGEST_WAIT)))
        self.changed.emit()
