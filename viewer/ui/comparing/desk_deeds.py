"""What the actions on several viewports do: links and lines here, layouts and other studies beside."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QWidget

from viewer.ui.actions.comparing_reasons import comparing_reasons
from viewer.ui.comparing.going import Going
from viewer.ui.comparing.laying import Laying
from viewer.ui.crossing import Reference
from viewer.ui.reading import Reading
from viewer.viewing.linking import Links, Scrolling, link_by_offset
from viewer.viewing.shelf import Shelf

Deed = Callable[[], None]
PATIENTS_APART = " Viewports of different patients are not linked."


class DeskDeeds:
    """Deeds by name. What cannot be done says why."""

    def __init__(
        self, window: QWidget, reading: Reading, shelf: Callable[[], Shelf], say: Callable[[str], None]
    ) -> None:
        self._reading, self._shelf, self._say = reading, shelf, say
        self._desk, self._crossing = reading.room.desk, reading.room.looks.crossing
        self.laying = Laying(window, reading)
        self.going = Going(window, reading, shelf, say)
        self._check: Callable[[str, bool], None] = lambda _name, _on: None
        self._ticked: dict[str, bool] = {}

    def attach(self, check: Callable[[str, bool], None]) -> None:
        """Tell `check` which actions are on, from now on."""
        self._check = check
        self._reading.signs.tick = self._tick  # a protocol, or another patient, changes them too
        self._tick()

    def table(self) -> Mapping[str, Deed]:
        """Return every deed by the name of its action."""
        deeds: dict[str, Deed] = {
            **self.laying.table(),
            **self.going.table(),
            "link": self._link,
            "unlink": partial(self._set, Links(Scrolling.OFF), "Each viewport goes by itself."),
            "link-offset": self._offset,
            "link-window": self._link_window,
            "link-zoom": self._link_zoom,
            "link-patients": self._link_patients,
            "reference-lines": partial(self._lines, Reference.ACTIVE),
            "reference-ends": partial(self._lines, Reference.ENDS),
        }
        return {name: partial(self._unless, name, deed) for name, deed in deeds.items()}

    def _unless(self, name: str, deed: Deed) -> None:
        reason = comparing_reasons(self._desk, self._shelf()).get(name)
        if reason:
            self._say(reason)
        else:
            deed()
            self._tick()

    def _tick(self) -> None:
        """Show what is on."""
        links, reference = self._desk.links, self._crossing.reference
        on = {
            "link-window": links.window,
            "link-zoom": links.zoom_pan,
            "link-patients": links.patients,
            "reference-lines": reference is not Reference.OFF,
            "reference-ends": reference is Reference.ENDS,
        }
        if on != self._ticked:
            self._ticked = on
            for name, checked in on.items():
                self._check(name, checked)

    def _set(self, links: Links, words: str) -> None:
        self._desk.link(links)
        apart = not links.patients and len(self._reading.signs.whose.people) > 1
        self._say(words + (PATIENTS_APART if apart and links.scroll is not Scrolling.OFF else ""))
        self._reading.refresh()

    def _link(self) -> None:
        links = self._desk.links
        scroll = Scrolling.POSITION if links.scroll is Scrolling.OFF else links.scroll
        self._set(
            replace(links, scroll=scroll, zoom_pan=True), "Linked: scroll, zoom and position go together."
        )

    def _offset(self) -> None:
        links = link_by_offset(self._desk.links, self._desk.panes, self._desk.tracks)
        self._set(links, "Linked by offset: the stacks keep the distance that they have now.")

    def _link_window(self) -> None:
        on = not self._desk.links.window
        words = "The window goes together." if on else "Each viewport has its own window."
        self._set(replace(self._desk.links, window=on), words)

    def _link_zoom(self) -> None:
        on = not self._desk.links.zoom_pan
        words = "Zoom and position go together." if on else "Each viewport has its own zoom and position."
        self._set(replace(self._desk.links, zoom_pan=on), words)

    def _link_patients(self) -> None:
        """Link different patients, by the distance that they have now; or end that."""
        links = replace(self._desk.links, patients=not self._desk.links.patients)
        if links.patients:
            links = link_by_offset(links, self._desk.panes, self._desk.tracks)
            self._set(links, "LINKED ACROSS PATIENTS, by the offset that they have now.")
        else:
            self._set(links, "Patients are not linked any more.")

    def _lines(self, wanted: Reference) -> None:
        now = self._crossing.reference
        on = now is Reference.OFF or (wanted is Reference.ENDS and now is not wanted)
        self._crossing.reference = wanted if on else Reference.OFF
        self._reading.refresh()
