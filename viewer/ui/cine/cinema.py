"""Playing stacks in viewports, by the clock."""

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.dicom.image import Timing
from viewer.dicom.records import FrameKey
from viewer.dicom.stacks import StackKind
from viewer.ui.cine.cine_state import CineState
from viewer.viewing.cine import Schedule, Wish, acquired_at, acquired_rate, usual_rate
from viewer.viewing.desk import Desk
from viewer.viewing.film import Film, plan_of, plans_in_step, timing_of
from viewer.viewing.pane import Pane

LONGEST_WAIT = 0.040  # seconds between looks at the clock, so that the shown rate stays fresh
SLOWEST, FASTEST = 1 / 64, 64.0  # times the usual rate


class Cinema(QObject):
    """One film at a time, in one viewport or in several. `changed` tells of every frame, start and stop."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._film: Film | None = None
        self._leader = 0  # the viewport whose wishes hold for all that play
        self._wishes: dict[FrameKey, Wish] = {}  # by the first frame of the stack
        self._played: set[FrameKey] = set()  # stacks of single images that were played
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tick)

    # ---------------------------------------------------------------------------------------- what is shown
    @property
    def playing(self) -> bool:
        """Tell whether a film runs."""
        return self._film is not None

    @property
    def skipped(self) -> int:
        """Return how many frames came too late and were left out since the start."""
        return self._film.skipped if self._film else 0

    def wish(self, pane: Pane) -> Wish:
        """Return how the reader wants the stack of a pane to be played."""
        key = _name(pane)
        return self._wishes.get(key, Wish()) if key is not None else Wish()

    def plan(self, pane: Pane) -> Schedule:
        """Return when the images of a pane are shown: by the header, the reader, or an assumed rate."""
        return plan_of(pane, self.wish(pane))

    def is_film(self, pane: Pane) -> bool:
        """Tell whether the bar is of use: for what its header calls a film, and what was played as one."""
        film = pane.hung is not None and pane.hung.stack.kind is StackKind.MULTIFRAME
        return pane.count > 1 and pane.key is not None and (film or _name(pane) in self._played)

    def state(self) -> CineState:
        """Return what the bar shows of the active viewport."""
        pane, film = self._desk.pane, self._film
        plan, timing, count = self.plan(pane), timing_of(pane), max(pane.count, 1)
        acquired, frame = acquired_rate(timing, count), pane.index + 1
        here, total = _times(timing, count, frame)
        return CineState(
            playing=film is not None,
            frame=frame,
            frames=count,
            rate=plan.rate,
            mode="once" if plan.once else "sweep" if plan.sweep else "loop",
            first=plan.first,
            last=plan.last,
            usual=usual_rate(timing, count)[0],
            assumed=plan.assumed,
            source=plan.source,
            factor=plan.rate / acquired if acquired is not None else None,
            time=here,
            total=total,
            actual_rate=film.actual_rate(self._leader, time.monotonic()) if film is not None else None,
            skipped=self.skipped,
            behind=film is not None and film.behind,
            together=len(film.numbers) if film is not None else 1,
        )

    # ----------------------------------------------------------------------------------- playing and stopping
    def toggle(self) -> None:
        """Play the active pane from where it is, or pause."""
        pane = self._desk.pane
        if self.playing:
            self.stop()
        elif pane.count > 1 and pane.key is not None:
            plan, frame = self.plan(pane), pane.index + 1
            again = plan.once and frame >= plan.last
            self._leader = self._desk.active
            self._begin({self._leader: plan}, plan.first if again else frame)

    def toggle_together(self) -> None:
        """Play all stacks that are on the screen in step, from their beginnings, or pause."""
        if self.playing:
            self.stop()
            return
        self._leader = self._desk.active
        self._begin(_plans_in_step(self._desk, self.wish), None)

    def _begin(self, plans: dict[int, Schedule], frame: int | None) -> None:
        if plans:
            names = (_name(self._desk.panes[number]) for number in plans)
            self._played |= {name for name in names if name is not None}
            self._film = Film(self._desk, plans, time.monotonic(), frame)
            self._tick()

    def stop(self) -> None:
        """Pause at the frame that is shown."""
        self._timer.stop()
        if self._film is not None:
            self._film = None
            self.changed.emit()

    def to_first(self) -> None:
        """Stop, and show the first frame again (IHE BIR, cine tools)."""
        film = self._film
        self.stop()
        if film is not None:
            film.to_first()
        else:
            self._desk.go_to(self._desk.active, self.plan(self._desk.pane).first - 1)

    def forget(self) -> None:
        """Forget the wishes for stacks that hang no more."""
        hanging = {name for pane in self._desk.panes if (name := _name(pane)) is not None}
        self._wishes = {name: wish for name, wish in self._wishes.items() if name in hanging}
        self._played &= hanging

    # ---------------------------------------------------------------------------------------------- wishes
    def set_rate(self, rate: float | None) -> None:
        """Play at another rate, frames per second; None: at that of the header again."""
        pane = self._desk.pane
        usual = usual_rate(timing_of(pane), max(pane.count, 1))[0]
        self._wish(factor=None if rate is None else rate / usual)

    def multiply(self, by: float) -> None:
        """Play so many times as fast."""
        now = self.wish(self._desk.pane).factor or 1.0
        self._wish(factor=min(max(now * by, SLOWEST), FASTEST))

    def set_mode(self, mode: str) -> None:
        """Go on at the end in another way."""
        self._wish(mode=mode)

    def trim(self, first: int | None = None, last: int | None = None) -> None:
        """Begin or end what is played at a frame, from 1; the other end gives way where it must."""
        plan = self.plan(self._desk.pane)
        low, high = first or plan.first, last or plan.last
        if low > high:
            low, high = (low, self._desk.pane.count) if first is not None else (1, high)
        self._wish(first=low, last=high)

    def untrim(self) -> None:
        """Play the whole stack; with trims of its header, again from the header's to the header's."""
        pane = self._desk.pane
        header = plan_of(pane, Wish())
        chosen = self.wish(pane)
        if (header.first, header.last) == (self.plan(pane).first, self.plan(pane).last):
            self._wish(first=1, last=pane.count)
        elif chosen.first is not None or chosen.last is not None:
            self._wish(first=None, last=None)

    def _wish(self, **changes: object) -> None:
        name = _name(self._desk.pane)
        if name is not None:
            self._wishes[name] = replace(self.wish(self._desk.pane), **changes)  # type: ignore[arg-type]  # by their names
        film = self._film
        if film is not None:
            several = len(film.numbers) > 1
            active = {self._desk.active: self.plan(self._desk.pane)}
            film.change(_plans_in_step(self._desk, self.wish) if several else active, time.monotonic())
        self.changed.emit()

    # -------------------------------------------------------------------------------------------- the clock
    def _tick(self) -> None:
        film = self._film
        if film is None:
            return
        before = self._desk.pane.picture
        if not film.tick(time.monotonic()):
            self.stop()
            return
        wait = min(film.wait(time.monotonic()), LONGEST_WAIT)
        self._timer.start(max(1, int(wait * 1000)))
        if self._desk.pane.picture is before:  # who hears of another picture looks at the film too
            self.changed.emit()


def _plans_in_step(desk: Desk, wish: Callable[[Pane], Wish]) -> dict[int, Schedule]:
    """Return the schedules of all stacks on a desk, the active one leading; one for each box of tiles."""
    tiles = set(desk.box(desk.active)) - {desk.active}
    numbers = [number for number in dict.fromkeys((desk.active, *desk.leaders)) if number not in tiles]
    panes = {number: desk.panes[number] for number in numbers}
    films = {number: pane for number, pane in panes.items() if pane.count > 1 and pane.key is not None}
    if not films:
        return {}
    leader = next(iter(films))  # the active one where it is a film
    return plans_in_step(films, leader, wish(films[leader]))


def _times(timing: Timing, count: int, frame: int) -> tuple[float | None, float | None]:
    """Return the ms from the first frame to one, and those that all of them took; None when unknown."""
    start, here, end = (acquired_at(timing, count, number) for number in (1, frame, count))
    rate = acquired_rate(timing, count)
    if start is None or here is None or end is None or rate is None:
        return None, None
    return here - start, end - start + 1000 / rate


def _name(pane: Pane) -> FrameKey | None:
    return pane.hung.keys[0] if pane.hung is not None and pane.hung.keys else None
