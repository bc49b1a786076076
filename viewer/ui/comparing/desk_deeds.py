"""What the actions on several viewports do: layouts and tiles, links, lines, other studies and patients."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from viewer.dicom.records import SeriesRecord
from viewer.dicom.text import date, person_name
from viewer.dicom.tree import Patient, Study, patient_key
from viewer.ui.comparing_reasons import comparing_reasons
from viewer.ui.crossing import Reference
from viewer.ui.layout_picker import LayoutPicker
from viewer.ui.plain_text import single_line
from viewer.ui.reading import Reading
from viewer.viewing.layout import Layout, Shape
from viewer.viewing.linking import Links, Scrolling, link_by_offset
from viewer.viewing.persons import NAMELESS
from viewer.viewing.shelf import Shelf

Deed = Callable[[], None]
NO_FURTHER = "There is no further {}."
PATIENTS_APART = " Viewports of different patients are not linked."
MOST_MENU = 40  # patients in a menu


class DeskDeeds:
    """Deeds by name. What cannot be done says why."""

    def __init__(
        self, window: QWidget, reading: Reading, shelf: Callable[[], Shelf], say: Callable[[str], None]
    ) -> None:
        self._window, self._reading, self._shelf, self._say = window, reading, shelf, say
        self._desk, self._crossing = reading.room.desk, reading.room.looks.crossing
        self._picker = LayoutPicker(window)
        self._picker.chosen.connect(self._chosen)
        self._choose: Callable[[Shape], None] = self._arrange
        self._check: Callable[[str, bool], None] = lambda _name, _on: None
        self.menu: QMenu | None = None

    def attach(self, check: Callable[[str, bool], None]) -> None:
        """Tell `check` which actions are on, from now on."""
        self._check = check
        self._tick()

    def table(self) -> Mapping[str, Deed]:
        """Return every deed by the name of its action."""
        deeds: dict[str, Deed] = {
            "layout": self._pick_layout,
            "tiles": partial(self._pick_tiles, everywhere=False),
            "tiles-everywhere": partial(self._pick_tiles, everywhere=True),
            "next-page": partial(self._page, 1),
            "previous-page": partial(self._page, -1),
            "next-study": partial(self._study, 1),
            "previous-study": partial(self._study, -1),
            "next-patient": partial(self._patient, 1),
            "previous-patient": partial(self._patient, -1),
            "select-patient": self._select_patient,
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
        self._check("link-window", links.window)
        self._check("link-zoom", links.zoom_pan)
        self._check("link-patients", links.patients)
        self._check("reference-lines", reference is not Reference.OFF)
        self._check("reference-ends", reference is Reference.ENDS)

    # ----------------------------------------------------------------------------------------------- layouts
    def _pick_layout(self) -> None:
        self._choose = self._arrange
        layout = self._desk.layout
        self._open(*layout.grids[layout.window_of(self._desk.active)], "")

    def _pick_tiles(self, *, everywhere: bool) -> None:
        self._choose = self._tile_all if everywhere else self._tile
        shape = self._desk.layout.tiles[self._desk.layout.box_of(self._desk.active)]
        self._open(*shape, "Tiles in all viewports" if everywhere else "Tiles in this viewport")

    def _open(self, rows: int, columns: int, words: str) -> None:
        place: QPoint = self._reading.furniture.tools.place_of("layout")
        self._picker.open_at(place, rows, columns, words)

    def _chosen(self, rows: int, columns: int) -> None:
        self._reading.touched = True
        self._choose((rows, columns))

    def _arrange(self, shape: Shape) -> None:
        self._reading.arrange(*shape, self._desk.layout.window_of(self._desk.active))

    def _tile(self, shape: Shape) -> None:
        desk = self._desk
        self._lay(desk.layout.split(desk.layout.box_of(desk.active), shape))

    def _tile_all(self, shape: Shape) -> None:
        layout = self._desk.layout
        self._lay(replace(layout, tiles=tuple(shape for _ in layout.tiles)))

    def _lay(self, layout: Layout) -> None:
        """Take a layout; the box that was the active one stays it."""
        box = self._desk.layout.box_of(self._desk.active)
        self._reading.lay(layout)
        self._reading.activate(layout.boxes[box].start)

    # ------------------------------------------------------------------------------------- going from here
    def _page(self, by: int) -> None:
        self._reading.scroll(self._desk.active, by * len(self._desk.box(self._desk.active)))

    def _study(self, by: int) -> None:
        studies = [study for patient in self._shelf().patients() for study in patient.studies]
        here = self._here(studies)
        index = 0 if here is None else here + by
        if 0 <= index < len(studies):
            self._show(studies[index])
        else:
            self._say(NO_FURTHER.format("study"))

    def _patient(self, by: int) -> None:
        patients = self._shelf().patients()
        keys = [patient_key(patient.record) for patient in patients]
        hung = self._desk.pane.hung
        own = patient_key(hung.series.study.patient) if hung is not None else None
        index = keys.index(own) + by if own in keys else 0
        if 0 <= index < len(patients):
            self._meet(patients[index])
        else:
            self._say(NO_FURTHER.format("patient"))

    def _select_patient(self) -> None:
        """Offer everybody who is open."""
        menu = QMenu(self._window)
        for patient in self._shelf().patients()[:MOST_MENU]:
            record = patient.record
            facts = (
                person_name(record.patient_name) or NAMELESS,
                record.patient_id,
                date(record.patient_birth_date),
            )
            words = single_line("   ".join(fact for fact in facts if fact)).replace("&", "&&")
            menu.addAction(words).triggered.connect(lambda _=False, chosen=patient: self._meet(chosen))
        self.menu = menu
        strip = self._reading.furniture.strip
        menu.popup(strip.mapToGlobal(QPoint(0, strip.height())))

    def _meet(self, patient: Patient) -> None:
        """Show the newest study of a patient."""
        self._show(patient.studies[-1])

    def _show(self, study: Study) -> None:
        self._reading.touched = True
        self._reading.show_study(study, self._shelf().study_stacks(study))

    def _here(self, studies: list[Study]) -> int | None:
        hung = self._desk.pane.hung
        series: SeriesRecord | None = hung.series if hung is not None else None
        wanted = self._shelf().study_of(series) if series is not None else None
        records = [study.record for study in studies]
        return records.index(wanted.record) if wanted is not None and wanted.record in records else None

    # ------------------------------------------------------------------------------------------------- links
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
