"""Chooses pseudo-colours for the active picture, and reads their tables once they are wanted."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from viewer.dicom.palettes import TITLES, WELL_KNOWN, load
from viewer.errors import ViewerError
from viewer.jobs.queue import JobQueue, Priority
from viewer.rendering.pseudo_color import PseudoColor
from viewer.tools.commands import grey_only
from viewer.ui.actions.view_rows import GREY, NEXT_COLORS, PALETTE
from viewer.ui.reading import Reading

FAULT = "The colour tables cannot be read: a fault of the program."


class ColorRoom:
    """The deeds of pseudo-colours. Whoever sets `ViewportState.palette` gets its table read here."""

    def __init__(self, queue: JobQueue, reading: Reading, say: Callable[[str], None]) -> None:
        self._queue, self._reading, self._say = queue, reading, say
        self._asked = False
        reading.room.desk.listen(self._look)

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        named = {f"{PALETTE}{name}": partial(self.choose, name) for name in TITLES}
        return {NEXT_COLORS: self._next, GREY: partial(self.choose, ""), **named}

    def choose(self, name: str) -> None:
        """Show the active picture in the colours of a palette; "" is grey."""
        reason = grey_only(self._reading.room.desk.pane.state.image)
        if reason:
            self._say(reason)
        else:
            self._reading.view(lambda state: replace(state, palette=name))

    def _next(self) -> None:
        order = ["", *TITLES]
        now = self._reading.room.desk.pane.state.palette
        self.choose(order[(order.index(now) + 1) % len(order)] if now in order else "")

    def _look(self, number: int) -> None:
        """Have the tables read when a picture first wants one."""
        wanted = self._reading.room.desk.panes[number].state.palette
        if wanted and not self._asked:
            self._asked = True
            self._queue.submit(
                lambda _: {each.name: PseudoColor.of(each.name, load(each)) for each in WELL_KNOWN},
                priority=Priority.VISIBLE,
                done=self._take,
                failed=self._refuse,
            )

    def _take(self, colors: Mapping[str, PseudoColor]) -> None:
        self._reading.room.looks.colors = dict(colors)
        self._reading.refresh()

    def _refuse(self, error: Exception) -> None:
        self._say(str(error) if isinstance(error, ViewerError) else FAULT)
