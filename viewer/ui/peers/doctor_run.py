"""An examination of a peer on a thread of its own: it may wait for half a minute, and images must not."""

import contextlib
import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from viewer.network.examining.doctor import examine
from viewer.network.examining.doctor_report import Report, Step
from viewer.network.listener_settings import ListenerSettings
from viewer.network.peer import Peer
from viewer.network.services import Services
from viewer.ui.bridge import MainThread
from viewer.ui.peers.doctor_panel import DoctorPanel


@dataclass(frozen=True, slots=True)
class Asked:
    """What is examined."""

    peer: Peer
    services: Services
    listener: ListenerSettings
    may_move: bool = False  # one image may be sent here


class DoctorRun(QObject):
    """Tells of each step on the main thread. After `cancel` only the end is told."""

    stepped = Signal(object)  # Step
    ended = Signal(object)  # Report

    def __init__(self, asked: Asked, parent: QObject) -> None:
        super().__init__(parent)
        self._asked = asked
        self._main = MainThread(self)
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._work, name="network doctor", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Give it up: it ends within a moment, with what was found so far."""
        self._cancelled.set()

    def shut(self, patience: float = 2.0) -> None:
        """Give it up and wait until its thread has gone, or for so many seconds."""
        self.cancel()
        self.blockSignals(True)
        self._thread.join(patience)

    def _work(self) -> None:
        asked = self._asked
        report = examine(
            asked.peer,
            asked.services,
            self._step,
            self._cancelled.is_set,
            may_move=asked.may_move,
            listener=asked.listener,
        )
        self._tell(report)

    def _step(self, step: Step) -> None:
        with contextlib.suppress(RuntimeError):  # the window has gone
            self._main.post(lambda: self.stepped.emit(step))

    def _tell(self, report: Report) -> None:
        with contextlib.suppress(RuntimeError):
            self._main.post(lambda: self.ended.emit(report))


class Doctor(QObject):
    """Has one peer at a time examined, and shows it on a panel."""

    def __init__(self, panel: DoctorPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._panel = panel
        self._run: DoctorRun | None = None

    @property
    def busy(self) -> bool:
        """Tell whether a peer is being examined."""
        return self._run is not None

    def examine(self, asked: Asked) -> None:
        """Begin; what was under way is given up."""
        self.stop()
        self._panel.begin(asked.peer)
        run = self._run = DoctorRun(asked, self)
        run.stepped.connect(lambda step: self._step(run, step))
        run.ended.connect(lambda report: self._end(run, report))

    def stop(self) -> None:
        """Give it up; what was found so far stays in sight."""
        if self._run is not None:
            self._run.cancel()

    def shut(self) -> None:
        """Give it up without a word: the program ends."""
        run, self._run = self._run, None
        if run is not None:
            run.shut()

    def _step(self, run: DoctorRun, step: Step) -> None:
        if run is self._run:
            self._panel.take(step)

    def _end(self, run: DoctorRun, report: Report) -> None:
        if run is self._run:
            self._run = None
            self._panel.end(report)
        run.deleteLater()
